"""A judge model with a rubric: yes or no, or one to five; asked several times, or about a pair in both orders.

What the judge answers is taken only in the shape that was asked for. ``unsure``, prose and failures are unscored.
Who the judge is stands in ``versions``: the hash of model, parameters, words and shape, for its passport.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.resources import files
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from evaluators.passport import identity
from evaluators.sample import Response, Sample
from evaluators.score import Cell, Metric, Score, Skipped, Unscored
from evaluators.scorers.judge import JudgeError, JudgeModel
from evaluators.scorers.spec import Cells, Judge, Options, Scorer, ScorerSpec, Surroundings
from gateway.document import read_document

_HOLE: Final = re.compile(r"\{(criterion|question|answer|first|second)\}")
Form = Literal["yes_no", "five", "pair"]


class Verdict(BaseModel):
    """What a judge says of one answer."""

    model_config = ConfigDict(extra="ignore", strict=True)

    verdict: Literal["yes", "no", "unsure"]
    why: str = ""


class Mark(BaseModel):
    """What a judge gives an answer."""

    model_config = ConfigDict(extra="ignore", strict=True)

    score: int = Field(ge=1, le=5)
    why: str = ""


class Preference(BaseModel):
    """Which of two answers a judge prefers."""

    model_config = ConfigDict(extra="ignore", strict=True)

    better: Literal["first", "second", "tie"]
    why: str = ""


class Criterion(BaseModel):
    """What is judged, in Chinese and English."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    zh: str = Field(min_length=1, description="in Chinese")
    en: str = Field(min_length=1, description="in English")


class RubricOptions(Options):
    """Options of the scorer ``rubric``.

    Attributes:
        metric: The metric's name.
        criterion: What is to hold for an answer.
        form: ``yes_no``; ``five`` for marks from 1 to 5; ``pair`` to compare the answer with the row's reference,
            asked in both orders.
        better: Whether a yes is wanted (``high``) or not.
        pass_at: From which value on a row passes (up to which, where low is better).
        repeat: How often each thing is asked; the majority counts, or the mean of marks.
        parameters: Further fields of the judge's request; with ``repeat`` give a temperature above 0.
        timeout_s: Seconds for one question to the judge.
    """

    metric: str = Field(default="rubric", pattern=r"^[a-z][a-z0-9_]{0,63}$")
    criterion: Criterion
    form: Form = "yes_no"
    better: Literal["high", "low"] = "high"
    pass_at: float = Field(default=0.5, ge=0, le=1)
    repeat: int = Field(default=1, ge=1, le=15)
    parameters: dict[str, Any] = Field(default_factory=dict)
    timeout_s: float = Field(default=120.0, gt=0)


SHAPES: Final[Mapping[Form, type[BaseModel]]] = {"yes_no": Verdict, "five": Mark, "pair": Preference}


def prompts(form: Form) -> Mapping[str, str]:
    """Return the words of a form, in Chinese and English."""
    raw = files("evaluators.scorers").joinpath("judging.yaml").read_text("utf-8")
    found: Mapping[str, str] = read_document(raw, "judging.yaml").value[form]
    return found


def fill(template: str, holes: Mapping[str, str]) -> str:
    """Fill a template in once."""
    return _HOLE.sub(lambda hole: holes.get(hole[1], hole[0]), template)


def judge_identity(options: RubricOptions, model: str) -> str:
    """Return who the judge is."""
    said = {spoken: fill(text, {"criterion": getattr(options.criterion, spoken)}) for spoken, text in
            prompts(options.form).items()}  # fmt: skip
    parameters = {**options.parameters, "repeat": options.repeat}
    return identity(model, parameters, said["zh"] + "\n\n" + said["en"], SHAPES[options.form].model_json_schema())


def majority(verdicts: Sequence[str]) -> str | None:
    """Return what more than half of them say, or None."""
    word, count = Counter(verdicts).most_common(1)[0]
    return word if 2 * count > len(verdicts) else None


def settle_yes_no(verdicts: Sequence[str]) -> float | None:
    """Return 1 for yes, 0 for no; None where the majority is unsure or there is none."""
    return {"yes": 1.0, "no": 0.0}.get(majority(verdicts) or "unsure")


def settle_pair(straight: Sequence[str], swapped: Sequence[str]) -> tuple[float | None, bool]:
    """Return how the answer fares against the reference (1, 0.5, 0), and whether the judge changed with the order.

    Args:
        straight: Verdicts with the answer first.
        swapped: Verdicts with the answer second.
    """
    one, other = majority(straight), majority(swapped)
    if one is None or other is None:
        return None, False
    first, second = ({"first": 1.0, "second": 0.0, "tie": 0.5}[one], {"first": 0.0, "second": 1.0, "tie": 0.5}[other])
    if first == second:
        return first, False
    return 0.5, abs(first - second) == 1.0


class _Asker:
    """Asks one judge model about rows."""

    def __init__(self, models: Sequence[JudgeModel], options: RubricOptions, words: Mapping[str, str]) -> None:
        self._models, self._options, self._words = models, options, words

    async def __call__(self, sample: Sample, response: Response) -> Cells:
        if not response.text.strip():
            return {self._options.metric: Unscored("empty_answer")}
        try:
            return {self._options.metric: await self._cell(sample, response.text)}
        except JudgeError as error:
            return {self._options.metric: Unscored(error.code)}

    async def _cell(self, sample: Sample, answer: str) -> Cell:
        spoken: Literal["zh", "en"] = "en" if sample.lang == "en" else "zh"
        holes = {
            "criterion": getattr(self._options.criterion, spoken),
            "question": sample.plain or sample.question,
            "answer": answer,
        }
        if self._options.form == "pair":
            return await self._pair(spoken, holes, answer, sample.reference or "")
        prompt = fill(self._words[spoken], holes)
        if self._options.form == "five":
            marks = [(await model.ask(prompt, Mark)).score for model in self._models]
            return self._score((sum(marks) / len(marks) - 1) / 4, {"marks": marks})
        said = [await model.ask(prompt, Verdict) for model in self._models]
        votes = [one.verdict for one in said]
        value = settle_yes_no(votes)
        if value is None:
            return Unscored("judge_unsure", {"votes": votes})
        return self._score(value, {"votes": votes, "why": said[0].why})

    async def _pair(self, spoken: str, holes: Mapping[str, str], answer: str, other: str) -> Cell:
        orders = []
        for first, second in ((answer, other), (other, answer)):
            prompt = fill(self._words[spoken], {**holes, "first": first, "second": second})
            orders.append([(await model.ask(prompt, Preference)).better for model in self._models])
        value, moved = settle_pair(*orders)
        detail = {"answer_first": orders[0], "answer_second": orders[1], "moved_with_order": moved}
        return Unscored("judge_unsure", detail) if value is None else self._score(value, detail)

    def _score(self, value: float, detail: Mapping[str, Any]) -> Score:
        high = self._options.better == "high"
        return Score(value, value >= self._options.pass_at if high else value <= 1 - self._options.pass_at, detail)


def build(options: RubricOptions, surroundings: Surroundings) -> Scorer:
    """Make the scorer; without a judge its cells are skipped, and say why."""
    kind: Literal["rate", "mean"] = "rate" if options.form == "yes_no" else "mean"
    metrics = (Metric(options.metric, options.better, kind, options.criterion.en),)

    def applies(sample: Sample) -> tuple[str, ...]:
        return (options.metric,) if options.form != "pair" or sample.reference else ()

    address = surroundings.judge
    if address is None:

        def skip(sample: Sample, response: Response) -> Cells:
            return dict.fromkeys(applies(sample), Skipped("no_judge"))

        return Scorer("rubric", metrics, applies, score=skip)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Judge]:
        from evaluators.endpoint import open_endpoint  # noqa: PLC0415 - aiohttp only where something is asked

        words = prompts(options.form)
        async with AsyncExitStack() as stack:
            endpoint = await stack.enter_async_context(
                open_endpoint(address.url, key=address.key, seconds=options.timeout_s, attempts=4)
            )
            more = [{"seed": number} for number in range(options.repeat)] if options.repeat > 1 else [{}]
            models = [JudgeModel(endpoint, address.model, {**options.parameters, **one}) for one in more]
            ask = _Asker(models, options, words)

            async def judge(sample: Sample, response: Response) -> Cells:
                return await ask(sample, response) if applies(sample) else {}

            yield judge

    versions = {"judge": address.model, "passport": judge_identity(options, address.model)}
    return Scorer("rubric", metrics, applies, judge=opened, versions=versions, calls=options.repeat)


SPEC: Final = ScorerSpec("rubric", "a judge model with a rubric, for one answer or for a pair", RubricOptions, build)
