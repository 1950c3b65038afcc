"""OpenAI moderations, answered by our own detectors.

https://platform.openai.com/docs/api-reference/moderations

A category is flagged where a rule for users' words that refuses, answers or hands over fires on one of its risks.
Risks that OpenAI has no category for have one under the name of their group (``attack``, ``a1`` … ``a5``), so that
what is flagged always says why. Beside OpenAI's fields each result has ``sluice``: every risk with its score, the
rule that decided, what could not be judged. Pictures cannot: that is said, and they never count as harmless.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from gateway.errors import RequestError
from gateway.exchange import Path, Question, Slot, dotted
from gateway.verdict import Verdict, silences
from gateway.wire.body import parse
from gateway.wire.chat import error_object
from gateway.wire.reading import wrong

MODEL: Final = "sluice-moderation"
_CATEGORIES: Final[Mapping[str, tuple[str, ...]]] = {
    "harassment": ("abuse",),
    "harassment/threatening": (),
    "hate": ("a2.i", "hate"),
    "hate/threatening": (),
    "illicit": ("a1.h", "dangerous", "fraud"),
    "illicit/violent": (),
    "self-harm": ("a4.a", "self_harm"),
    "self-harm/intent": (),
    "self-harm/instructions": (),
    "sexual": ("sexual",),
    "sexual/minors": (),
    "violence": ("violence",),
    "violence/graphic": (),
}
"""OpenAI's categories and the risks that mean the same. Our detectors do not tell the finer ones apart: those are
never flagged, and their wider ones are."""
_OF_RISK: Final = {risk: name for name, risks in _CATEGORIES.items() for risk in risks}
UNJUDGED: Final = "unjudged"
"""The category of what could not be judged, where the policy refuses that."""


class Moderations:
    """The wire format of ``POST /v1/moderations``.

    Args:
        most_inputs: Requests with more inputs are refused (400 ``too_many_inputs``).
    """

    name = "moderations"

    def __init__(self, most_inputs: int = 4096) -> None:
        self._most_inputs = most_inputs

    def read(self, raw: bytes) -> Question:
        """Parse and check a request; raises ``RequestError`` with what and where."""
        body = parse(raw)
        model = body.get("model")
        if not isinstance(model, str | None):
            raise wrong("model", "a string", model)
        given = body.get("input")
        slots: list[Slot] = []
        unread: list[str] = []
        if isinstance(given, str):
            slots.append(Slot(("input",), "user", "content", given))
        elif isinstance(given, list) and given:
            if len(given) > self._most_inputs:
                text = f"input holds {len(given)} inputs; at most {self._most_inputs} are taken."
                raise RequestError(text, code="too_many_inputs", param="input")
            parts = isinstance(given[0], dict)
            for number, item in enumerate(given):
                at: Path = ("input", number)
                if parts:
                    self._part(at, item, slots, unread)
                elif isinstance(item, str):
                    slots.append(Slot(at, "user", "content", item))
                else:
                    raise wrong(dotted(at), "a string, like those before it", item)
        else:
            raise wrong("input", "a string or a non-empty array", given)
        return Question(
            dialect=self.name,
            raw=raw,
            body=body,
            model=model or MODEL,
            stream=False,
            slots=tuple(slots),
            unread=tuple(unread),
            plain=False,
        )

    def _part(self, at: Path, item: object, slots: list[Slot], unread: list[str]) -> None:
        if not isinstance(item, dict):
            raise wrong(dotted(at), "an object, like those before it", item)
        if item.get("type") != "text":
            unread.append(dotted(at))
        elif isinstance(item.get("text"), str):
            slots.append(Slot((*at, "text"), "user", "content", item["text"], joined=bool(slots)))
        else:
            raise wrong(dotted((*at, "text")), "a string", item.get("text"))

    def inputs(self, question: Question) -> Sequence[tuple[Sequence[Slot], Sequence[str]]]:
        """Return for each input its texts, and the paths of what nobody can read."""
        given = question.body["input"]
        if isinstance(given, str) or isinstance(given[0], dict):
            return [(question.slots, question.unread)]
        return [([slot], ()) for slot in question.slots]

    def answer(self, verdicts: Sequence[Verdict], question: Question, *, id: str) -> bytes:
        """Write the verdicts, one for each input."""
        results = [_result(verdict) for verdict in verdicts]
        return orjson.dumps({"id": f"modr-{id}", "model": question.model, "results": results})

    def error(self, status: int, code: str, message: str, *, param: str | None, extra: Mapping[str, Any]) -> bytes:
        """Write an error in OpenAI's envelope."""
        return orjson.dumps({"error": error_object(status, code, message, param=param), **extra})


def _result(verdict: Verdict) -> dict[str, Any]:
    flags = dict.fromkeys(_CATEGORIES, False)
    scores = dict.fromkeys(_CATEGORIES, 0.0)
    for risk, score in verdict.scores.items():
        for name in _named(risk):
            scores[name] = max(scores.get(name, 0.0), round(score, 6))
            flags.setdefault(name, False)
    for hit in verdict.hits:
        if silences(hit.action):
            failed = not hit.slot or hit.risk == UNJUDGED  # a detector that failed, or a part that nobody reads
            for name in (UNJUDGED,) if failed else _named(hit.risk):
                flags[name] = True
                scores[name] = max(scores.get(name, 0.0), 1.0 if failed else round(hit.score, 6))
    own = {"risks": verdict.scores, "rule": verdict.rule, "action": verdict.action}
    return {
        "flagged": any(flags.values()),
        "categories": flags,
        "category_scores": scores,
        "category_applied_input_types": {name: ["text"] for name in flags},
        "sluice": {**own, "errors": verdict.errors, "unjudged": verdict.unjudged},
    }


def _named(risk: str) -> Iterator[str]:
    """Yield the category of a risk: OpenAI's, or that of its own group. Personal data has none: it is no offence."""
    if risk in _OF_RISK:
        yield _OF_RISK[risk]
    elif not risk.startswith(("pii.", "secret.")):
        yield risk.partition(".")[0]
