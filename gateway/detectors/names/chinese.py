"""Chinese names of people in running text: how names are built, and what stands around them.

A name is found or not by itself and at most four characters before and three behind it, on nothing
else; so it does not matter where a text was cut.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Final, NamedTuple

BEFORE: Final = 4
AFTER: Final = 3
LONGEST: Final = 4
PAIRS: Final = 1 << 19
TRIPLES: Final = 1 << 18
NEIGHBOURS: Final = 32749
_START: Final = "\n"
_COLONS: Final = frozenset(":= \t|")
# 王总, 李工, 张某: somebody is spoken of, but not by name.
_ADDRESSED: Final = frozenset("总工某导队董处局哥姐叔姨爷奶婶伯嫂氏家")
_STEP: Final = 1000003
# Neighbours have never said more than this for a name (log odds), and 0.3 is the least that is reported.
_HOPELESS: Final = -5.5
COMPOUND: Final = frozenset(
    [
        "欧阳",
        "上官",
        "司马",
        "诸葛",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "长孙",
        "宇文",
        "司徒",
        "夏侯",
        "东方",
        "端木",
        "独孤",
        "南宫",
        "轩辕",
        "完颜",
        "呼延",
        "澹台",
        "公冶",
        "濮阳",
        "淳于",
        "单于",
        "太史",
        "申屠",
        "公羊",
        "赫连",
        "钟离",
        "闻人",
        "鲜于",
        "闾丘",
        "亓官",
        "司寇",
        "仲孙",
        "西门",
        "拓跋",
        "百里",
        "东郭",
        "左丘",
        "梁丘",
        "谷梁",
        "段干",
        "第五",
        "微生",
        "公西",
        "漆雕",
        "乐正",
        "宰父",
        "巫马",
        "公良",
    ]
)


class Candidate(NamedTuple):
    """A stretch of text that may be a name: where it begins, where the given name does, where it ends."""

    start: int
    given: int
    end: int


@dataclass(frozen=True, slots=True)
class ChineseNames:
    """What is known of Chinese names: weights, no list.

    Attributes:
        surnames: For a character how much it looks like a surname (log odds against running text),
        first, last, single: and how much like the first or second character of a given name, or all of one.
        pairs: For two characters, by hash, how often running text has them (in steps of half a bit),
        triples: and for three of which the first can be a surname.
        dense: The weights of those figures, by name,
        neighbours: and of what stands beside, by hash,
        bias: and where the line is.
        common: How often running text has a character (natural logarithm).
    """

    surnames: Mapping[str, float]
    first: Mapping[str, float]
    last: Mapping[str, float]
    single: Mapping[str, float]
    pairs: bytes
    triples: bytes
    common: Mapping[str, float]
    dense: tuple[float, ...]
    neighbours: Sequence[float]
    bias: float

    def heads(self) -> re.Pattern[str]:
        """Return a pattern for where a name may begin."""
        surnames = re.escape("".join(sorted(self.surnames)))
        given = re.escape("".join(sorted({*self.first, *self.single})))
        compound = "|".join(sorted(COMPOUND))
        return re.compile(f"[{surnames}](?=[{given}])|(?:{compound})(?=[{given}])")

    def maybe_heads(self) -> re.Pattern[str]:
        """Return a pattern for the two characters that a name may begin with: a look quicker than ``heads``."""
        begins = "".join(sorted({*self.surnames, *(name[0] for name in COMPOUND)}))
        follows = "".join(sorted({*self.first, *self.single, *(name[1] for name in COMPOUND)}))
        return re.compile(f"[{re.escape(begins)}](?=[{re.escape(follows)}])")

    def candidates(self, text: str, start: int) -> list[Candidate]:
        """Return what may be a name at a place."""
        found: list[Candidate] = []
        if text[start : start + 2] in COMPOUND:
            self._given(text, start, start + 2, found)
        if text[start : start + 1] in self.surnames:
            self._given(text, start, start + 1, found)
        return found

    def _given(self, text: str, start: int, given: int, found: list[Candidate]) -> None:
        """Add the names whose given names begin at a place."""
        head = text[given : given + 1]
        if head in self.first and text[given + 1 : given + 2] in self.last:
            found.append(Candidate(start, given, given + 2))
        if head in self.single and head not in _ADDRESSED:
            found.append(Candidate(start, given, given + 1))

    def score(self, text: str, candidate: Candidate) -> float:
        """Say how sure it is that a candidate is a name, in (0, 1); 0 for what no neighbours could make one."""
        start, given, end = candidate
        first, head, tail = text[start], text[given], text[end - 1]
        weights, pairs = self.dense, self.pairs
        compound = given - start == 2
        total = self.bias + weights[0] * (3.0 if compound else self.surnames[first])
        if compound:
            total += weights[10]
        left, middle = ord(text[given - 1]), ord(head)
        # The places of ``pair`` and ``triple``, without calling them: most candidates end here.
        seen = pairs[(left * 31337 + middle) % PAIRS]
        if end - given == 1:
            total += weights[1] * self.single[head] + weights[3] * seen
        else:
            right = ord(tail)
            total += weights[2] * (self.first[head] + self.last[tail]) + weights[4] * seen + weights[11]
            total += weights[5] * pairs[(middle * 31337 + right) % PAIRS]
            total += weights[6] * self.triples[((left * 31337 + middle) * 7919 + right) % TRIPLES]
        if total < _HOPELESS:
            return 0.0
        size = len(text)
        before = text[start - 1] if start else _START
        after = text[end] if end < size else _START
        total += weights[7] * self._cling(before, first) + weights[8] * self._cling(tail, after)
        if end + 1 < size:
            total += weights[9] * self.triples[((ord(tail) * 31337 + ord(after)) * 7919 + ord(text[end + 1])) % TRIPLES]
        for feature in beside(text, candidate):
            total += self.neighbours[feature]
        return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, total))))

    def figures(self, text: str, candidate: Candidate) -> tuple[float, ...]:
        """Return what is known of a candidate's own characters, and how they cling to those beside it."""
        start, given, end = candidate
        surname = 3.0 if given - start == 2 else self.surnames[text[start]]
        head, tail = text[given], text[end - 1]
        one = self.single[head] if end - given == 1 else 0.0
        two = self.first[head] + self.last[tail] if end - given == 2 else 0.0
        before = text[start - 1] if start else _START
        after = text[end] if end < len(text) else _START
        whole = self.triples[triple(text[given - 1], head, tail)] if end - given == 2 else 0
        return (
            surname,
            one,
            two,
            self.pairs[pair(text[given - 1], head)] if end - given == 1 else 0.0,
            self.pairs[pair(text[given - 1], head)] if end - given == 2 else 0.0,
            self.pairs[pair(head, tail)] if end - given == 2 else 0.0,
            whole,
            self._cling(before, text[start]),
            self._cling(tail, after),
            self.triples[triple(tail, after, text[end + 1])] if end + 1 < len(text) else 0.0,
            1.0 if given - start == 2 else 0.0,
            1.0 if end - given == 2 else 0.0,
        )

    def _cling(self, left: str, right: str) -> float:
        """How much more often two characters stand together than by chance."""
        seen = self.pairs[(ord(left) * 31337 + ord(right)) % PAIRS]
        if not seen:
            return 0.0
        common = self.common.get
        more = seen * 0.35 - 0.5 * (common(left, 0.0) + common(right, 0.0)) + 6.0
        return max(0.0, more)


def pair(a: str, b: str) -> int:
    """Return the place of two characters in the table of pairs."""
    return (ord(a) * 31337 + ord(b)) % PAIRS


def triple(a: str, b: str, c: str) -> int:
    """Return the place of three characters in the table of triples."""
    return ((ord(a) * 31337 + ord(b)) * 7919 + ord(c)) % TRIPLES


def beside(text: str, candidate: Candidate) -> tuple[int, ...]:
    """Return what stands beside a candidate, as places in a table of weights."""
    start, given, end = candidate
    size = len(text)
    before = ord(text[start - 1]) if start else 10
    before2 = ord(text[start - 2]) if start > 1 else 10
    after = ord(text[end]) if end < size else 10
    after2 = ord(text[end + 1]) if end + 1 < size else 10
    after3 = ord(text[end + 2]) if end + 2 < size else 10
    form = 2 * (given - start) + end - given
    label = 0
    if start > 2 and text[start - 1] in _COLONS:
        label = (4 * _STEP + ord(text[start - 3])) * _STEP + before2
    return (
        form,
        ((1 * _STEP + before) * 7 + (end - given)) % NEIGHBOURS,
        ((2 * _STEP + after) * 7 + (end - given)) % NEIGHBOURS,
        ((3 * _STEP + before2) * _STEP + before) % NEIGHBOURS,
        ((5 * _STEP + after) * _STEP + after2) % NEIGHBOURS,
        ((6 * _STEP + after2) * _STEP + after3) % NEIGHBOURS,
        label % NEIGHBOURS,
    )
