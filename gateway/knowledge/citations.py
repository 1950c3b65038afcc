"""Holds an answer against the passages that it was given: which it cites, and whether they say what it says.

The three questions of Self-RAG (Asai and others 2023) each have a score: are the passages relevant, is the
answer supported, is the question answered. Without a model: by words, numbers and negations. Where these do not
tell, a judge may be asked (``uncertain``), and its word counts (``Grounding.weighed``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from gateway.knowledge.sentences import sentences
from gateway.meaning.pieces import grams, plain
from gateway.meaning.vectors import Floats, shipped
from gateway.ports import Weighed

SUPPORTED: Final = 0.5
"""A sentence of which at least this share stands in a passage is supported by it."""

_CITED: Final = re.compile(r"\[\^?(\d{1,2}(?:\s*[,，、]\s*\d{1,2})*)\]|【(\d{1,2}(?:[,，、]\d{1,2})*)】")
_NUMBER: Final = re.compile(r"\d+(?:[.,:]\d+)*%?")
_NEGATED: Final = re.compile(
    r"不(?![仅但过同少断管论])|没有|未(?!来)|无法|无需|无须|禁止|请勿|切勿"
    r"|(?<![a-z])(?:not|no|never|cannot)(?![a-z])|n't",
    re.IGNORECASE,
)
_ALIKE: Final = 0.5
"""Sentences whose meaning is as near as this may say the same, whatever their words."""
_SHORT: Final = 4
"""Pieces that a sentence must have to be a claim: “好的。” is none."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer.

    Attributes:
        text: What it says, without its citations.
        cited: Numbers of the passages that it cites, from 1.
        support: The share of it that stands in the passage that supports it best, in [0, 1]: of those it cites,
            or of all if it cites none.
        by: The number of that passage; 0 if there is none.
        judged: How much of it a judge says that a passage says; None if none was asked, or could not say.
        doubted: It counts as said by no passage, because its judge could not judge it.
    """

    text: str
    cited: tuple[int, ...]
    support: float
    by: int
    judged: float | None = None
    doubted: bool = False

    @property
    def supported(self) -> bool:
        """Whether a passage says it."""
        if self.doubted:
            return False
        return (self.support if self.judged is None else self.judged) >= SUPPORTED


@dataclass(frozen=True, slots=True)
class Grounding:
    """What came of holding an answer against its passages.

    Attributes:
        claims: Its sentences.
        unknown: Numbers that it cites although no passage has them.
        relevant: How sure retrieval was of the passages, in [0, 1].
        answered: The share of the question's words that the answer takes up, in [0, 1].
        judge: What a judge says; None if none was asked, or could not say.
        unjudged: How many claims a judge was asked about and could not judge.
    """

    claims: tuple[Claim, ...]
    unknown: tuple[int, ...]
    relevant: float
    answered: float
    judge: Weighed | None = None
    unjudged: int = 0

    @property
    def supported(self) -> float | None:
        """The share of claims that a passage says, in [0, 1]; None for an answer without claims."""
        return sum(claim.supported for claim in self.claims) / len(self.claims) if self.claims else None

    @property
    def cited(self) -> tuple[int, ...]:
        """The passages that the answer cites and that exist, in order of first mention."""
        return tuple(dict.fromkeys(number for claim in self.claims for number in claim.cited))

    @property
    def uncited(self) -> int:
        """How many claims cite nothing."""
        return sum(not claim.cited for claim in self.claims)

    @property
    def unsupported(self) -> int:
        """How many claims no passage says."""
        return sum(not claim.supported for claim in self.claims)

    def weighed(self, asked: Sequence[int], said: Weighed) -> Grounding:
        """Return the same with what a judge says of the claims with these numbers, from 0."""
        of = dict(zip(asked, said.supported, strict=True))
        claims = (replace(claim, judged=of.get(at)) for at, claim in enumerate(self.claims))
        return replace(self, claims=tuple(claims), judge=said)

    def unweighed(self, asked: Sequence[int], *, doubted: bool) -> Grounding:
        """Return the same after a judge could not judge these claims, which then may count as unsupported."""
        of = frozenset(asked)
        claims = (replace(claim, doubted=doubted and at in of) for at, claim in enumerate(self.claims))
        return replace(self, claims=tuple(claims), unjudged=len(of))

    def scores(self) -> Mapping[str, float | int | None]:
        """Return the scores for the record: no text. Those of a judge are there only where one was asked."""
        judged = sum(claim.judged is not None for claim in self.claims)
        asked: dict[str, float | int | None] = {"judged": judged, "unjudged": self.unjudged}
        if self.judge is not None:
            asked |= {"judge_relevant": self.judge.relevant, "judge_answered": self.judge.answered}
        return {
            "relevant": round(self.relevant, 3),
            "supported": None if self.supported is None else round(self.supported, 3),
            "answered": round(self.answered, 3),
            "claims": len(self.claims),
            "uncited": self.uncited,
            "unsupported": self.unsupported,
            "unknown_citations": len(self.unknown),
            **(asked if judged or self.unjudged else {}),
        }


def held_against(answer: str, passages: Sequence[str], question: str, relevant: float) -> Grounding:
    """Hold an answer against its passages.

    Args:
        answer: Its text, with citations such as ``[1]``.
        passages: What it was given, in the order of their numbers.
        question: What was asked.
        relevant: How sure retrieval was, in [0, 1].
    """
    held = [_Passage(text) for text in passages]
    claims: list[Claim] = []
    unknown: list[int] = []
    for sentence in sentences(_together(answer)):
        numbers = _numbers(sentence.text)
        unknown += [number for number in numbers if not 1 <= number <= len(held)]
        cited = tuple(number for number in numbers if 1 <= number <= len(held))
        bare = _CITED.sub("", sentence.text).strip()
        pieces = _pieces(bare)
        if len(pieces) < _SHORT or bare.endswith(("?", "？", ":", "：")):
            continue
        candidates = cited or tuple(range(1, len(held) + 1))
        support, by = max(((held[at - 1].says(bare, pieces), -at) for at in candidates), default=(0.0, 0))
        claims.append(Claim(bare, cited, round(support, 3), -by if support > 0 else 0))
    asked = set(_pieces(question))
    taken = asked & set(_pieces(answer))
    return Grounding(
        tuple(claims),
        tuple(dict.fromkeys(unknown)),
        relevant,
        len(taken) / len(asked) if asked else 0.0,
    )


def uncertain(held: Grounding, passages: Sequence[str], low: float, high: float) -> tuple[int, ...]:
    """Return the claims, from 0, of which words do not tell whether a passage says them.

    Those are the ones of which a share in between stands in a passage, and those that share fewer words with the
    passages but mean nearly what a sentence of them means, by the table of vectors that ships.

    Args:
        held: What words say.
        passages: What the answer was given.
        low: The share from which on words do not tell,
        high: and from which on they do.
    """
    found = []
    parts: list[Floats] | None = None
    for at, claim in enumerate(held.claims):
        if claim.support < low:
            if parts is None:
                parts = [_meant(one.text) for text in passages for one in sentences(text)]
            meant = _meant(claim.text)
            if not any(float(meant @ part) >= _ALIKE for part in parts):
                continue
        if claim.support < high:
            found.append(at)
    return tuple(found)


def _meant(text: str) -> Floats:
    return shipped().of(plain(text)).vector


class _Passage:
    """A passage and its sentences, ready to be compared."""

    def __init__(self, text: str) -> None:
        self._parts = [(sentence.text, frozenset(_pieces(sentence.text))) for sentence in sentences(text)]
        self._all = frozenset(_pieces(text))
        self._numbers = frozenset(_NUMBER.findall(plain(text)))

    def says(self, claim: str, pieces: Sequence[str]) -> float:
        """Return how much of a claim stands here; little where a number is another one, or a negation is turned."""
        wanted = frozenset(pieces)
        cover = len(wanted & self._all) / len(wanted) if wanted else 0.0
        if not set(_NUMBER.findall(plain(claim))) <= self._numbers:
            return min(cover, 0.3)
        near = max(self._parts, key=lambda part: len(wanted & part[1]), default=None)
        if near is not None and bool(_NEGATED.search(claim)) != bool(_NEGATED.search(near[0])):
            near_cover = len(wanted & near[1]) / len(wanted)
            return min(cover, 0.4) if near_cover >= SUPPORTED else cover
        return cover


def _together(answer: str) -> str:
    """Move citations that follow the end of a sentence into it: ``…。[1]`` is ``…[1]。``."""
    return re.sub(r"([。！？.!?])((?:\s?(?:\[\^?[\d,，、\s]{1,12}\]|【[\d,，、]{1,12}】))+)", r"\2\1", answer)


def _numbers(text: str) -> list[int]:
    found = (match[1] or match[2] for match in _CITED.finditer(text))
    return [int(number) for group in found for number in re.split(r"\s*[,，、]\s*", group.strip())]


def _pieces(text: str) -> list[str]:
    """Return pairs of Chinese characters, and words."""
    return [one for one in grams(plain(text)) if not one.startswith("~") and (len(one) > 1 or one.isdigit())]
