"""Turns what people agreed on into labels, bank rows and training files, each with a manifest that names nobody."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from evaluators.review.consensus import Agreed, consensus
from evaluators.review.decisions import Minutes, finished
from evaluators.review.draw import text_digest
from evaluators.review.figures import independent, reliability
from evaluators.review.folder import replace_file
from evaluators.review.item import STANDARD, Behind, Item, Shown
from evaluators.review.rubric import Conditions, Rubric, met
from evaluators.scorers.refusal import REFUSED
from gateway.answers.bank import Bank
from gateway.answers.entry import Entry
from gateway.answers.read import read_bank
from gateway.answers.yaml_file import write_yaml
from gateway.document import suggest
from gateway.errors import ConfigError, Where
from gateway.text import is_chinese

FORMAT: Final = 1
_LONGEST_QUESTION, _LONGEST_ANSWER = 500, 8000
"""What an entry of a bank may hold."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be written.

    Attributes:
        form: ``labels``, ``bank``, ``alpaca``, ``sharegpt`` or ``dpo``.
        metric: For labels, whose yes they are.
        least: How many people must stand behind a value or an order.
        risky: Whether only questions with a risk, or that are to be declined, are learned from.
        chance: For labels, whether only rows drawn by chance are written: what is measured on them stands for the run.
    """

    form: str
    metric: str
    least: int
    risky: bool
    chance: bool


@dataclass(slots=True)
class _Writing:
    """What goes into a file, and what was left out, by reason."""

    minutes: Minutes
    wanted: Wanted
    agreed: Mapping[str, Agreed]
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def rubric(self) -> Rubric:
        return self.minutes.review.rubric

    def items(self) -> Iterator[tuple[Item, Behind, Agreed]]:
        review = self.minutes.review
        for item in review.items:
            yield item, review.behind[item.id], self.agreed[item.id]

    def good(self, agreed: Agreed, answer: Shown) -> bool:
        """Whether enough people call an answer good."""
        return met(agreed.values(answer.id, self.wanted.least), self.rubric.good) is True

    def out(self, reason: str) -> None:
        self.left_out[reason] += 1


def write(path: Path, minutes: Minutes, wanted: Wanted, *, day: str) -> dict[str, Any]:
    """Write a file and its manifest beside it, and return the manifest.

    Raises:
        ConfigError: The metric is none of the rubric's, or the file cannot be written.
    """
    review = minutes.review
    writing = _Writing(minutes, wanted, consensus(review, minutes.assignment, minutes.decisions))
    rows = list(_FORMS[wanted.form](writing))
    if wanted.form == "bank":
        text = _bank_text(rows, path)
    elif wanted.form in ("alpaca", "sharegpt"):
        text = json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
    else:
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    voices = independent(review, minutes.assignment, minutes.decisions)
    manifest = {
        "format": FORMAT,
        "to": wanted.form,
        "made": day,
        "rows": len(rows),
        "left_out": dict(sorted(writing.left_out.items())),
        "sha256": text_digest(text),
        "review": review.facts.id,
        "review_digest": review.digest,
        "rubric": review.rubric.name,
        "rubric_digest": review.rubric.digest,
        "data_digests": sorted({run.data_digest for run in review.facts.runs}),
        "reviewers": len({person for _, person in finished(minutes.decisions, review)}),
        "least": wanted.least,
        "texts": "as they were" if review.facts.raw else "de-identified",
        "agreement": [
            {"field": one.field, "alpha": one.alpha, "interval": one.interval, "n": one.n}
            for one in reliability(voices, review, review.facts.seed)
        ],
        **({"metric": wanted.metric, "by_chance_only": wanted.chance} if wanted.form == "labels" else {}),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text)
        told = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
        replace_file(path.with_name(f"{path.name}.manifest.json"), told)
    except OSError as error:
        raise ConfigError(f"cannot write the file: {error.strerror}", Where(str(path)), "check --out") from None
    return manifest


# --- Labels --------------------------------------------------------------------------------------


def _labels(writing: _Writing) -> Iterator[dict[str, Any]]:
    claim = _claim(writing.rubric, writing.wanted.metric)
    for item, behind, agreed in writing.items():
        for answer in item.answers:
            yes = met(agreed.values(answer.id, writing.wanted.least), claim)
            if writing.wanted.chance and behind.drawn != "random":
                writing.out("not_drawn_by_chance")
            elif yes is None or not _settled(agreed, answer, claim, writing.wanted.least):
                writing.out("not_settled")
            else:
                row = _label(item, behind, answer, yes=yes)
                if writing.wanted.metric == REFUSED.name:
                    row.pop("should", None)  # this metric is of rows that expect nothing
                yield row


def _settled(agreed: Agreed, answer: Shown, claim: Conditions, least: int) -> bool:
    """Whether people came to a value of every field of a claim: a label that is false needs them too."""
    return claim.keys() <= agreed.values(answer.id, least).keys()


def _claim(rubric: Rubric, metric: str) -> Conditions:
    if metric not in rubric.against:
        hint = suggest(metric, rubric.against) or f"name one with --metric: {', '.join(rubric.against)}"
        raise ConfigError(f"the rubric does not say what the yes of {metric!r} means", hint=hint)
    return rubric.against[metric]


def _label(item: Item, behind: Behind, answer: Shown, *, yes: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": f"{behind.row[:150]}#{answer.id}",
        "question": item.question,
        "lang": item.lang,
        "answer": answer.text,
        "label": yes,
    }
    if item.system:
        row["system"] = item.system
    if item.contexts:
        row["contexts"] = [{"id": str(at), "text": text} for at, text in enumerate(item.contexts, 1) if text]
    row.update({name: said for name, said in (("risk", behind.risk), ("should", behind.should)) if said})
    standard = _standard(item, behind)
    if standard:
        row["reference"] = standard
    return row


def _standard(item: Item, behind: Behind) -> str:
    """Return the standard answer as it was shown; empty if there was none."""
    for answer in item.answers:
        if any(origin.source == STANDARD for origin in behind.answers[answer.id]):
            return answer.text
    return ""


# --- What is learned from ------------------------------------------------------------------------


def _learned(writing: _Writing) -> Iterator[tuple[Item, Behind, Shown]]:
    """Yield each question that one may learn from, with the best of the answers that people call good."""
    for item, behind, agreed in writing.items():
        if writing.wanted.risky and not behind.risk and behind.should != "refuse":
            writing.out("harmless_question")
            continue
        good = [answer for answer in item.answers if answer.text.strip() and writing.good(agreed, answer)]
        if not good:
            judged = any(agreed.values(answer.id, writing.wanted.least) for answer in item.answers)
            writing.out("no_answer_is_good" if judged else "not_agreed")
            continue
        yield item, behind, best(good, agreed, behind, writing.wanted.least)


def best(good: list[Shown], agreed: Agreed, behind: Behind, least: int) -> Shown:
    """Return the answer that stands above the most others in people's order; on a tie the standard answer."""
    ids = {answer.id for answer in good}
    above: Counter[str] = Counter()
    for better, worse, votes in agreed.orders:
        if votes >= least and {better, worse} <= ids:
            above[better] += 1
            above[worse] -= 1
    standard = {id for id in ids if any(origin.source == STANDARD for origin in behind.answers[id])}
    return min(good, key=lambda answer: (-above[answer.id], answer.id not in standard, answer.id))


def _prompt(item: Item, writing: _Writing) -> str | None:
    """Return what a model would be asked, with its passages; None where that cannot be said in one message."""
    if item.turns:
        writing.out("earlier_turns_have_no_answer")
        return None
    if item.tool:
        writing.out("needs_a_tool_result")
        return None
    return item.question


def _alpaca(writing: _Writing) -> Iterator[dict[str, Any]]:
    for item, _, answer in _learned(writing):
        asked = _prompt(item, writing)
        if asked is not None:
            row = {"instruction": asked, "input": "\n\n".join(item.contexts), "output": answer.text}
            yield {**row, "system": item.system} if item.system else row


def _sharegpt(writing: _Writing) -> Iterator[dict[str, Any]]:
    for item, _, answer in _learned(writing):
        asked = _prompt(item, writing)
        if asked is not None:
            human = "\n\n".join([asked, *item.contexts])
            said = [{"from": "human", "value": human}, {"from": "gpt", "value": answer.text}]
            yield {"conversations": said, **({"system": item.system} if item.system else {})}


def _dpo(writing: _Writing) -> Iterator[dict[str, Any]]:
    """Yield preferences: nobody placed the rejected above the chosen, and the chosen is good by itself."""
    least = writing.wanted.least
    for item, _, agreed in writing.items():
        pairs = len(item.answers) * (len(item.answers) - 1) // 2
        if not pairs:
            writing.out("one_answer_alone")
            continue
        if agreed.people < least:
            writing.left_out["too_few_people"] += pairs
            continue
        writing.left_out["tied_or_not_agreed"] += pairs - len(agreed.orders)
        asked = _prompt(item, writing) if agreed.orders else None
        if asked is None:
            continue
        for better, worse, votes in agreed.orders:
            chosen, rejected = item.answer(better), item.answer(worse)
            if chosen is None or rejected is None or not chosen.text.strip() or not rejected.text.strip():
                writing.out("empty_text")
            elif votes < least:
                writing.out("too_few_people")
            elif not writing.good(agreed, chosen):
                writing.out("chosen_is_not_good")
            elif chosen.text.strip() == rejected.text.strip():
                writing.out("same_text")
            else:
                row = {"prompt": "\n\n".join([asked, *item.contexts]), "chosen": chosen.text, "rejected": rejected.text}
                yield {**row, "system": item.system} if item.system else row
    writing.left_out += Counter()  # takes what is zero away


def _bank(writing: _Writing) -> Iterator[Entry]:
    """Yield drafts: somebody approves them before they answer anybody."""
    seen: set[str] = set()
    for item, behind, answer in _learned(writing):
        question = item.plain or item.question
        origins = behind.answers[answer.id]
        if item.turns or item.contexts or item.tool:
            writing.out("rests_on_more_than_the_question")
        elif any(origin.repetition == -2 for origin in origins):
            writing.out("is_in_the_bank_already")
        elif any(origin.digest != text_digest(answer.text) for origin in origins):
            writing.out("personal_data_is_hidden_in_it")
        elif len(question) > _LONGEST_QUESTION or len(answer.text) > _LONGEST_ANSWER:
            writing.out("too_long_for_a_bank")
        elif question in seen:
            writing.out("question_is_there_already")
        else:
            seen.add(question)
            zh, en = (answer.text, "") if is_chinese(answer.text) else ("", answer.text)
            risks = (behind.risk,) if behind.risk else ()
            yield Entry(id=f"review-{item.id}", questions=(question,), zh=zh, en=en, risks=risks)


def _bank_text(entries: list[Entry], path: Path) -> str:
    text = write_yaml(Bank("", tuple(entries)))
    read_bank(text.encode(), f"{path.stem}.yaml")  # what is written can be read
    return text


_FORMS: Final[Mapping[str, Callable[[_Writing], Iterator[Any]]]] = {
    "labels": _labels,
    "bank": _bank,
    "alpaca": _alpaca,
    "sharegpt": _sharegpt,
    "dpo": _dpo,
}
FORMS: Final = tuple(_FORMS)
