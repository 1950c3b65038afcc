"""What a teacher says of Chinese sentences that nobody marked: how likely each candidate in them is a name.

The teacher (``training/tagger.py``) reads the characters that may belong to a name one by one, and what stands between
them as it is used to.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from math import exp, log1p
from typing import Final, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from gateway.detectors.names.chinese import Candidate, ChineseNames, Scorer, codes_of
from gateway.text import fold

Label = Literal["none", "first", "more"]
"""Whether a word begins a name or goes on with one."""
LABELS: Final[tuple[Label, ...]] = get_args(Label)
UNKNOWN: Final = -100
"""Stands for the label of a word of which nothing is known."""
Span = tuple[int, int]

_ENDS: Final = re.compile("(?<=[。！？!?；;])|\n")
_SHORTEST, _LONGEST = 6, 80
_HAN: Final = re.compile("[\u4e00-\u9fff]{3}")
_TITLED: Final = re.compile(
    ".(?:先生|女士|小姐|老师|同学|同志|教授|医生|护士|会计|律师|经理|主任|院长|局长|科长|校长|警官|法官|师傅|阿姨|大妈|公公|某)"
)


class Line(NamedTuple):
    """A sentence as the teacher reads it.

    Attributes:
        text: The sentence.
        begins: Where its words begin.
        candidates: What may be a name in it, and how sure that seems without a teacher.
    """

    text: str
    begins: tuple[int, ...]
    candidates: tuple[tuple[Candidate, float], ...]

    @property
    def surest(self) -> float:
        """How sure it seems that somebody is named."""
        return max((sure for _, sure in self.candidates), default=0.0)

    def words(self) -> list[str]:
        """Return its words: characters of candidates, and what stands between them."""
        ends = [*self.begins[1:], len(self.text)]
        return [self.text[begin:end] for begin, end in zip(self.begins, ends, strict=True)]


class Lines:
    """Makes lines of sentences.

    Attributes:
        names: What is known of names without a teacher.

    Args:
        names: The same.
    """

    def __init__(self, names: ChineseNames) -> None:
        self.names, self._scorer, self._heads = names, Scorer(names), names.heads()

    def __call__(self, text: str, marked: Collection[Span] = ()) -> Line:
        """Return a sentence as a line.

        Args:
            text: The sentence, folded.
            marked: What else is read character by character.
        """
        codes = codes_of(text)
        found: list[tuple[Candidate, float]] = []
        for head in self._heads.finditer(text):
            start = head.start()
            told = self._scorer.at(text, start, codes)
            found += [(Candidate(start, given, end), sure) for given, end, sure in told if sure > 0]
        spans = [*((candidate.start, candidate.end) for candidate, _ in found), *marked]
        alone = {at for start, end in spans for at in range(start, end)}
        begins = (at for at in range(len(text)) if not at or at in alone or at - 1 in alone)
        return Line(text, tuple(begins), tuple(found))


def labels_of(line: Line, marked: Collection[Span], doubted: Collection[Span] = ()) -> list[int]:
    """Return the number of the label of each word.

    Args:
        line: The sentence.
        marked: The names in it.
        doubted: What may be a name that nobody marked.
    """
    at = {begin: word for word, begin in enumerate(line.begins)}
    labels = [LABELS.index("none")] * len(line.begins)
    for start, end in doubted:
        for place in range(start, end):
            labels[at[place]] = UNKNOWN
    for start, end in marked:
        for place in range(start, end):
            labels[at[place]] = LABELS.index("more" if place > start else "first")
    return labels


def likely(line: Line, said: NDArray[np.floating], candidate: Candidate) -> float:
    """Return how likely exactly a candidate is a name.

    Args:
        line: The sentence.
        said: How likely each label is for each of its words, as logarithms; (words, labels).
        candidate: One of its candidates.
    """
    at = line.begins.index(candidate.start)
    end = at + candidate.end - candidate.start
    first, more = LABELS.index("first"), LABELS.index("more")
    total = float(said[at, first]) + sum(float(said[place, more]) for place in range(at + 1, end))
    if end < len(said):
        total += log1p(-min(0.999, exp(said[end, more])))
    return min(1.0, exp(total))


def is_titled(said: str) -> bool:
    """Whether somebody is spoken of by a surname and a title: 王先生, 李某."""
    return _TITLED.match(said) is not None


def sentences(texts: Iterable[str]) -> Iterator[str]:
    """Yield the Chinese sentences of texts, folded, each once."""
    seen: set[str] = set()
    for text in texts:
        for cut in _ENDS.split(text):
            one = fold(cut.strip())
            if _SHORTEST <= len(one) <= _LONGEST and one not in seen and _HAN.search(one):
                seen.add(one)
                yield one
