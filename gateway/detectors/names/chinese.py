"""Chinese names of people in running text: how names are built, and what stands around them.

A name is found or not by itself and at most four characters before and three behind it, on nothing
else; so it does not matter where a text was cut.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp
from typing import Final, NamedTuple

BEFORE: Final = 4
AFTER: Final = 3
LONGEST: Final = 4
PAIRS: Final = 1 << 19
TRIPLES: Final = 1 << 18
NEIGHBOURS: Final = 65521
_START: Final = "\n"
_COLONS: Final = frozenset(":= \t|")
_COLON_CODES: Final = frozenset(map(ord, _COLONS))
_EDGE: Final = _START * AFTER
# 王总, 李工, 张某: somebody is spoken of, but not by name.
_ADDRESSED: Final = frozenset("总工某导队董处局哥姐叔姨爷奶婶伯嫂氏家")
_STEP: Final = 1000003
# The same places with smaller numbers, which are faster: what is left over after whole rounds of the table.
_STEP_LEFT: Final = _STEP % NEIGHBOURS
_BEFORE, _BEHIND = 7 * _STEP % NEIGHBOURS, 14 * _STEP % NEIGHBOURS
_LEFT, _RIGHT, _FARTHER, _INTO, _OUT, _BEGUN, _ALONE, _GIVEN = (
    kind * _STEP * _STEP % NEIGHBOURS for kind in (3, 5, 6, 7, 8, 9, 10, 11)
)
# Neighbours have never said more than this for a name (log odds), and 0.3 is the least that is reported.
_HOPELESS: Final = -5.5
_REMEMBERED: Final = 8192
"""Of so many beginnings of names it is remembered what they come to."""
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
        neighbours: and of its own characters in pairs and of what stands beside, by hash,
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

    def plain_heads(self) -> re.Pattern[str]:
        """Return a pattern for where a name with a surname of one character may begin."""
        surnames = re.escape("".join(sorted(self.surnames)))
        return re.compile(f"[{surnames}](?=[{re.escape(''.join(sorted({*self.first, *self.single})))}])")

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
        for feature in inside(text, candidate):
            total += self.neighbours[feature]
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


Codes = memoryview
"""The code points of a text, between as many line ends as anybody looks beyond it."""


def codes_of(text: str) -> Codes:
    """Return the code points of a text: looked up faster than its characters."""
    return memoryview(f"{_EDGE}{text}{_EDGE}".encode("utf-32-le", "surrogatepass")).cast("I")


class Scorer:
    """Says of a place what ``candidates`` and ``score`` say, both at once, and leaves out what is hopeless.

    Most of what may be a name is none by its own characters, and the same characters come again and again.

    Args:
        names: What is known of names.
    """

    __slots__ = ("_begin", "_common", "_compound", "_dense", "_names", "_near", "_single", "_steps", "own")

    def __init__(self, names: ChineseNames) -> None:
        self._names = names
        # What the surname by itself comes to.
        self._begin = {one: names.bias + names.dense[0] * weight for one, weight in names.surnames.items()}
        self._compound = names.bias + names.dense[0] * 3.0 + names.dense[10]
        self._single = {one: weight for one, weight in names.single.items() if one not in _ADDRESSED}
        self._common = {ord(one): often for one, often in names.common.items()}
        self._dense = names.dense[7:10]
        # There are few steps: small numbers of them are at hand sooner than the weights themselves.
        self._steps = tuple(sorted(set(names.neighbours)))
        number = {weight: at for at, weight in enumerate(self._steps)}
        self._near: Sequence[int] = [number[weight] for weight in names.neighbours]
        if len(self._steps) <= 256:
            self._near = bytes(self._near)
        self.own = lru_cache(_REMEMBERED)(self._own)

    def at(self, text: str, start: int, codes: Codes | None = None) -> list[tuple[int, int, float]]:
        """Return where the given name of each candidate at a place begins and ends, and how sure it is a name.

        Where a surname of two characters fits, hopeless ones are among them: what they end with may tell of others.

        Args:
            text: The text.
            start: The place.
            codes: Its code points, for who asks of many places.
        """
        codes = codes or codes_of(text)
        if text[start : start + 2] not in COMPOUND:
            return self._beside(codes, start, 1, self.own(text[start : start + 3]))
        told = self._beside(codes, start, 2, self._given(text[start + 1 : start + 4], self._compound))
        if text[start] in self._begin:
            told += self._beside(codes, start, 1, self._given(text[start : start + 3], self._begin[text[start]]))
        return told

    def _own(self, characters: str) -> tuple[tuple[int, float], ...]:
        """Return how long the given names are that follow a surname of one character, and what they come to.

        Args:
            characters: The surname and the two after it, as far as there are any.
        """
        begin = self._begin.get(characters[:1])
        if begin is None:
            return ()
        return tuple(one for one in self._given(characters, begin) if one[1] >= _HOPELESS)

    def _given(self, characters: str, begin: float) -> list[tuple[int, float]]:
        """Return how long the given names are that follow the first of three characters, and what they come to."""
        names, weights, steps, near = self._names, self._names.dense, self._steps, self._near
        head, tail = characters[1:2], characters[2:3]
        first, last, single = names.first.get(head), names.last.get(tail), self._single.get(head)
        found: list[tuple[int, float]] = []
        if first is not None and last is not None:
            total = begin + (
                weights[2] * (first + last) + weights[4] * names.pairs[pair(characters[0], head)] + weights[11]
            )
            total += weights[5] * names.pairs[pair(head, tail)]
            total += weights[6] * names.triples[triple(characters[0], head, tail)]
            for feature in inside(characters, Candidate(0, 1, 3)):
                total += steps[near[feature]]
            found.append((2, total))
        if single is not None:
            total = begin + (weights[1] * single + weights[3] * names.pairs[pair(characters[0], head)])
            for feature in inside(characters, Candidate(0, 1, 2)):
                total += steps[near[feature]]
            found.append((1, total))
        return found

    def _beside(
        self, codes: Codes, start: int, surname: int, found: Sequence[tuple[int, float]]
    ) -> list[tuple[int, int, float]]:
        """Add what stands beside.

        Args:
            codes: The code points of the text.
            start: Where a surname begins,
            surname: and how long it is.
            found: How long each given name is that follows, and what its characters come to.
        """
        if not found:
            return []
        pairs, steps, near, common = self._names.pairs, self._steps, self._near, self._common.get
        before, behind, after = self._dense
        left3, left2, left, first = codes[start : start + 4]
        clings = 0.0
        seen = pairs[(left * 31337 + first) % PAIRS]
        if seen:
            clings = max(0.0, seen * 0.35 - 0.5 * (common(left, 0.0) + common(first, 0.0)) + 6.0)
        leading = steps[near[(left2 * _STEP_LEFT + left + _LEFT) % NEIGHBOURS]]
        into = steps[near[(left * _STEP_LEFT + first + _INTO) % NEIGHBOURS]]
        label = 0
        if left in _COLON_CODES and start > 2:
            label = ((4 * _STEP + left3) * _STEP + left2) % NEIGHBOURS
        labelled = steps[near[label]]
        given, last = start + surname, len(codes) - 2 * AFTER - 1
        told: list[tuple[int, int, float]] = []
        for length, total in found:
            end = given + length
            if total < _HOPELESS:
                told.append((given, end, 0.0))
                continue
            tail, right, right2, right3 = codes[end + 2 : end + 6]
            more = 0.0
            run = tail * 31337 + right
            seen = pairs[run % PAIRS]
            if seen:
                more = max(0.0, seen * 0.35 - 0.5 * (common(tail, 0.0) + common(right, 0.0)) + 6.0)
            total += before * clings + behind * more  # noqa: PLW2901
            if end < last:
                total += after * self._names.triples[(run * 7919 + right2) % TRIPLES]  # noqa: PLW2901
            # In the order of ``beside``: sums of the same numbers in another order are not always the same.
            total += steps[near[2 * surname + length]]  # noqa: PLW2901
            total += steps[near[(left * 7 + _BEFORE + length) % NEIGHBOURS]]  # noqa: PLW2901
            total += steps[near[(right * 7 + _BEHIND + length) % NEIGHBOURS]]  # noqa: PLW2901
            total += leading  # noqa: PLW2901
            total += steps[near[(right * _STEP_LEFT + right2 + _RIGHT) % NEIGHBOURS]]  # noqa: PLW2901
            total += steps[near[(right2 * _STEP_LEFT + right3 + _FARTHER) % NEIGHBOURS]]  # noqa: PLW2901
            total += labelled  # noqa: PLW2901
            total += into  # noqa: PLW2901
            total += steps[near[(tail * _STEP_LEFT + right + _OUT) % NEIGHBOURS]]  # noqa: PLW2901
            told.append((given, end, 1.0 / (1.0 + exp(-max(-30.0, min(30.0, total))))))
        return told


def pair(a: str, b: str) -> int:
    """Return the place of two characters in the table of pairs."""
    return (ord(a) * 31337 + ord(b)) % PAIRS


def triple(a: str, b: str, c: str) -> int:
    """Return the place of three characters in the table of triples."""
    return ((ord(a) * 31337 + ord(b)) * 7919 + ord(c)) % TRIPLES


def inside(text: str, candidate: Candidate) -> tuple[int, ...]:
    """Return what a candidate's own characters are next to each other, as places in a table of weights."""
    _, given, end = candidate
    first, head = ord(text[given - 1]), ord(text[given])
    if end - given == 1:
        return ((first * _STEP_LEFT + head + _ALONE) % NEIGHBOURS,)
    return (
        (first * _STEP_LEFT + head + _BEGUN) % NEIGHBOURS,
        (head * _STEP_LEFT + ord(text[end - 1]) + _GIVEN) % NEIGHBOURS,
    )


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
        ((7 * _STEP + before) * _STEP + ord(text[start])) % NEIGHBOURS,
        ((8 * _STEP + ord(text[end - 1])) * _STEP + after) % NEIGHBOURS,
    )
