"""Asks a judge carefully: within a budget, not too often at once, not when it keeps failing, and not twice the same.

A judge that cannot judge raises; it never says that all is well. What it said of a text is
remembered by digest, never with the text.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeVar

from gateway.detectors.judges.patience import Care, Patience
from gateway.errors import DetectorError, JudgeTooLong, JudgeUnasked
from gateway.ports import Judge, Outside, PartlyJudgedError, Scan
from gateway.text import TextView, unescaped
from gateway.verdict import Finding

BEHIND: Final = 2_000
"""How many characters of what stands before a text a judge is shown as context."""

_T = TypeVar("_T")
_MOST_PIECES: Final = 64
_PIECE_END: Final = re.compile(r"[。！？!?\n]|\.\s")


class Asked(NamedTuple):
    """What a judge is asked about.

    Attributes:
        text: What is to be judged.
        before: What stands before it in the same text: context.
        question: For an answer, the question that it answers; may be empty.
        answer: Whether it is (a part of) an answer.
    """

    text: str
    before: str = ""
    question: str = ""
    answer: bool = False


class Opinion(NamedTuple):
    """A risk that a judge sees in all of a text, and how sure it is, in (0, 1]."""

    risk: str
    score: float


Opinions = tuple[Opinion, ...]
Ask = Callable[[Asked], Awaitable[Opinions]]
"""Ask once; raises ``DetectorError`` if no verdict came of it."""


CARE: Final[Mapping[str, Any]] = {
    "timeout": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 120,
        "description": "seconds that a verdict may take; 3 if left out",
    },
    "at_once": {
        "type": "integer",
        "minimum": 1,
        "maximum": 1024,
        "description": "how many questions may be under way at once; 16 if left out",
    },
    "remember": {
        "type": "integer",
        "minimum": 0,
        "maximum": 1_000_000,
        "description": "how many verdicts to remember, by digest; 10000 if left out",
    },
    "breaker": {
        "type": "object",
        "properties": {
            "failures": {
                "type": "integer",
                "minimum": 1,
                "maximum": 1000,
                "description": "so many failures in a row and nobody asks for a while; 5 if left out",
            },
            "seconds": {
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": 3600,
                "description": "for so long nobody asks, then one probe decides; 30 if left out",
            },
        },
        "description": "when to leave a judge that fails alone: breaker: {failures: 5, seconds: 30}",
    },
    "longest": {
        "type": "integer",
        "minimum": 100,
        "maximum": 200_000,
        "description": "characters to ask about at once; longer texts are asked about in pieces",
    },
}
"""The options of every judge about care, as JSON Schema."""


_USUAL: Final = Care()


def care_of(options: Mapping[str, Any], longest: int = _USUAL.longest) -> Care:
    """Return how carefully to ask, as the options of a policy say.

    Args:
        options: What the policy says; checked against ``CARE``.
        longest: The most characters that this kind of judge takes, if the options do not say.
    """
    breaker = options.get("breaker", {})
    return Care(
        timeout=float(options.get("timeout", _USUAL.timeout)),
        at_once=options.get("at_once", _USUAL.at_once),
        remember=options.get("remember", _USUAL.remember),
        failures=breaker.get("failures", _USUAL.failures),
        seconds=float(breaker.get("seconds", _USUAL.seconds)),
        longest=options.get("longest", longest),
    )


def careful(name: str, ask: Ask, care: Care, outside: Outside) -> Judge:
    """Return a judge that asks carefully, or one that asks nobody where nobody may be asked.

    Args:
        name: What metrics call it: its kind and model, no text.
        ask: Asks once.
        care: How carefully.
        outside: Counts, and tells the time.
    """
    return Careful(name, ask, care, outside) if outside.asks else _unasked


async def together(questions: Iterable[Coroutine[Any, Any, _T]]) -> list[_T]:
    """Ask several questions at once; where one fails, the others are given up and its error is raised."""
    waiting = list(questions)
    if len(waiting) == 1:
        return [await waiting[0]]
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(question) for question in waiting]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


async def _unasked(view: TextView) -> Scan:
    del view
    raise JudgeUnasked("judges are not asked where policies are only checked")


class Careful:
    """A judge. See ``careful``."""

    def __init__(self, name: str, ask: Ask, care: Care, outside: Outside) -> None:
        self._name, self._ask, self._care = name, ask, care
        self._patience: Patience[Opinions] = Patience(name, care, outside)

    async def __call__(self, view: TextView) -> Scan:
        """Judge what stands from ``view.start`` on, as one text; raises ``DetectorError``."""
        pieces = list(_pieces(view, self._care.longest))
        if len(pieces) > _MOST_PIECES:
            self._patience.count("too_long")
            raise JudgeTooLong(f"more than {_MOST_PIECES * self._care.longest} characters")
        asked = [_asked(view, start, end) for start, end in pieces]
        told = await asyncio.gather(*(self._opinions(one) for one in asked), return_exceptions=True)
        failed: list[DetectorError] = []
        for one in told:
            if isinstance(one, DetectorError):
                failed.append(one)
            elif isinstance(one, BaseException):
                raise one
        findings = tuple(
            Finding(start, end, risk, score, self._name)
            for (start, end), seen in zip(pieces, told, strict=True)
            if not isinstance(seen, BaseException)
            for risk, score in seen
        )
        if failed:
            raise PartlyJudgedError(failed[0], findings) if findings else failed[0]
        return Scan(findings, len(view.text))

    async def _opinions(self, asked: Asked) -> Opinions:
        return await self._patience(_digest(asked), lambda: self._ask(asked))


def _asked(view: TextView, start: int, end: int) -> Asked:
    text, before = view.text[start:end], (view.before + view.text[:start])[-BEHIND:]
    if view.escaped:
        text, before = unescaped(text), unescaped(before)
    return Asked(_readable(text), _readable(before), _readable(view.question), view.answer)


def _readable(text: str) -> str:
    """Put a mark in place of half a surrogate pair: no server takes one, and it may not keep a text from a judge."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _pieces(view: TextView, longest: int) -> Iterator[tuple[int, int]]:
    """Cut a text that is too long to be asked about, at the last end of a sentence that fits."""
    start, size = view.start, len(view.text)
    while size - start > longest:
        ends = [end.end() for end in _PIECE_END.finditer(view.text, start + longest // 2, start + longest)]
        cut = ends[-1] if ends else start + longest
        yield start, cut
        start = cut
    yield start, size


def _digest(asked: Asked) -> bytes:
    digest = hashlib.blake2b(digest_size=32, person=b"answer" if asked.answer else b"question")
    for part in (asked.question, asked.before, asked.text):
        data = part.encode()
        digest.update(len(data).to_bytes(8))
        digest.update(data)
    return digest.digest()
