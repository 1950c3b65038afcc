"""Finds orders to the machine in what is otherwise data: pages, mails, what tools brought.

A sentence that bids the reader do something else is lost among a hundred that do not; so each is judged apart by the
risk model, and those of which its n-grams say most are read once more, each by itself and with the sentence beside it.
Only texts that are there as a whole are looked through. Made for what nobody asks: a question is all order, and is
judged as a whole.
"""

from __future__ import annotations

import heapq
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gateway.detectors.risk_names import HEADS, VIEW
from gateway.ports import BuiltDetector, DetectorSpec, Loader, Scan
from gateway.text import TextView
from gateway.verdict import Finding

if TYPE_CHECKING:
    from gateway.detectors.risk_model import RiskModel

NAME: Final = "orders"
RISK: Final = "attack.indirect"
FLOOR: Final = 0.5
"""Lower scores are not reported."""
LONGEST: Final = 256
"""Characters of a sentence; a longer one is cut."""
_SHORTEST: Final = 6
_CLOSEST: Final = 2
"""So many sentences of a text are read once more."""
_LEAST: Final = 0.25
"""Sentences that are less of an order by their n-grams are not."""
_BLOCK: Final = 16_384
"""Characters whose n-grams are counted in one go."""
_HEAD: Final = "attack"
# A sentence ends with its sign, with its line, with a tag, or with what stands between values in JSON, which is no part
# of it: to those who count words, brackets and quotes look like the frame of an attack.
_END: Final = re.compile(r"([。！？；!?;\n>]|\.(?=\s)|(?=<))|\"\s{0,2}[,:}\]][\s}\],]{0,4}\"?|[{\[,:]\s{0,2}\"")


class _Read(NamedTuple):
    """A stretch of a folded text that was read by itself.

    Attributes:
        chance: How likely it is an order.
        start: Where it begins,
        end: exclusive.
    """

    chance: float
    start: int
    end: int


class Orders:
    """A detector of orders in data.

    Args:
        model: Judges sentences.
    """

    __slots__ = ("_model",)

    def __init__(self, model: RiskModel) -> None:
        self._model = model

    def __call__(self, view: TextView) -> Scan:
        """Scan a view."""
        size = len(view.text)
        if not view.final or view.answer:
            return Scan((), size)
        folded = view.seen(VIEW)
        found = list(sentences(folded.text, folded.start))
        closest = heapq.nlargest(_CLOSEST, self._likely(folded.text, found))
        # Of stretches that say the same the shorter one shows better where it stands.
        read = (self._read(folded.text, stretch) for _, at in closest for stretch in _around(found, at))
        best = max(read, default=None, key=lambda one: (one.chance, one.start - one.end))
        if best is None or best.chance < FLOOR:
            return Scan((), size)
        return Scan((Finding(*folded.span(best.start, best.end), RISK, round(best.chance, 4), NAME),), size)

    def _likely(self, text: str, found: Sequence[tuple[int, int]]) -> Iterator[tuple[float, int]]:
        """Yield which sentences may be an order by their n-grams, and how likely; a block of text in one go."""
        at = 0
        while at < len(found):
            begin = found[at][0]
            last = bisect_right(found, (begin + _BLOCK - LONGEST,), at + 1)
            starts, ends = zip(*found[at:last], strict=True)
            part = text[begin : ends[-1]]
            chances = self._model.of_parts(part, [one - begin for one in starts], [one - begin for one in ends], _HEAD)
            yield from ((chance, at + line) for line, chance in enumerate(chances.tolist()) if chance >= _LEAST)
            at = last

    def _read(self, text: str, found: Sequence[tuple[int, int]]) -> _Read:
        stretch = " ".join(text[start:end] for start, end in found)
        chances = self._model.looked_again(stretch, self._model.judge(stretch))
        return _Read(float(chances[0, HEADS.index(_HEAD)]), found[0][0], found[-1][1])


def _around(found: Sequence[tuple[int, int]], at: int) -> Iterator[Sequence[tuple[int, int]]]:
    """Yield a sentence by itself, with the one before it, and with the one behind it."""
    for first, last in ((at, at), (at - 1, at), (at, at + 1)):
        if first >= 0 and last < len(found):
            yield found[first : last + 1]


def sentences(text: str, start: int = 0) -> Iterator[tuple[int, int]]:
    """Yield where the sentences of a folded text begin and end, in order; too short ones are left out.

    Args:
        text: The text.
        start: What stands before is left out.
    """
    for match in _END.finditer(text, start):
        yield from _cut(start, match.end() if match[1] is not None else match.start())
        start = match.end()
    yield from _cut(start, len(text))


def _cut(start: int, end: int) -> Iterator[tuple[int, int]]:
    for begin in range(start, end, LONGEST):
        if min(end, begin + LONGEST) - begin >= _SHORTEST:
            yield begin, min(end, begin + LONGEST)


def _build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
    del options, load
    # Only a policy that uses the model pays for numpy and the weights.
    from gateway.detectors.risk_files import shipped  # noqa: PLC0415

    model, digest = shipped()
    return BuiltDetector(frozenset({RISK}), f"1-{digest[:16]}", Orders(model), prepare=model.prepare, derived=False)


SPEC: Final = DetectorSpec(
    name=NAME,
    summary="Finds orders to the machine in pages, mails and what tools brought, sentence by sentence.",
    risks=frozenset({RISK}),
    scope="whole",
    build=_build,
)
