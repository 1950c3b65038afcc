"""Reads what is spelled in disguise, for the others to judge: ``use: spelling``.

Words that sound or look like others (``昨药``, ``火乍药``), syllables (``zha yao``), Bopomofo, digits for letters
(``b0mb``), gaps in words (``b o m b``) and letters out of order become what they stand for. Only texts that are
there as a whole are read so: questions, documents, what tools have read. A stretch is looked at closely only if
its spelling is odd; what is read is judged, and means nothing by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from gateway.detectors import apart
from gateway.detectors.spelling.chinese import Read, is_one_by_one, one_by_one, reading
from gateway.detectors.spelling.english import undone
from gateway.detectors.spelling.regions import regions
from gateway.detectors.spelling.table import Letters, Words
from gateway.glyphs.bopomofo import syllables
from gateway.ports import BuiltDetector, Derived, DetectorSpec, Loader, Piece
from gateway.text import CANONICAL, TextView

NAME: Final = "spelling"
RISK: Final = "attack.encoding"
WINDOW: Final = 512
"""So many characters are read as one text."""
MOST: Final = 1_000
"""So many odd characters of a text are read at most, and so many characters together in one go."""
# Lines of one character each are one line.
_LINE: Final = re.compile(rf"(?:[^\n]\n){{3,{WINDOW // 2}}}[^\n]?(?![^\n])|[^\n]{{1,{WINDOW}}}")
_SPELLED: Final = re.compile("[a-zü\u3105-\u3129]")  # without a letter, digits and signs stand for nothing
_GAIN, _PLAIN = 6.0, -8.0
_REMEMBERED: Final = 64
"""Stretches whose reading is remembered, and lines; each is short."""


class Spellings:
    """Derives what a text says from how it is spelled.

    Args:
        letters: Chinese characters.
        words: English words.
    """

    __slots__ = ("_bopomofo", "_letters", "_line", "_read", "_words")

    def __init__(self, letters: Letters, words: Words) -> None:
        self._letters, self._words = letters, words
        self._bopomofo: Mapping[str, str] = syllables()
        # What was read is looked through once more: most of its stretches are those of the text before.
        self._read = lru_cache(_REMEMBERED)(self._read_stretch)
        # And what was said over several turns is read with every turn that follows.
        self._line = lru_cache(_REMEMBERED)(self._changes)

    def __call__(self, view: TextView) -> Derived:
        """Return the stretches that say something else, each with the line it stands in."""
        if not view.final or view.answer:
            return Derived((), len(view.text))
        folded = view.seen(CANONICAL)
        left = MOST
        pieces: list[Piece] = []
        for line in _LINE.finditer(folded.text, folded.start):
            changes, left = self._line(line.group(), left)
            if changes:
                first, last = line.start() + changes[0][0], line.start() + changes[-1][1]
                pieces.append(Piece(*folded.span(first, last), _with(line.group(), changes), NAME, coded=False))
            if left <= 0:
                break
        return Derived(tuple(pieces), len(view.text))

    def _changes(self, line: str, left: int) -> tuple[tuple[tuple[int, int, str], ...], int]:
        """Return what of a line stands for what, and how many odd characters may be read after it."""
        spelled = _SPELLED.search(line) is not None
        english = list(undone(self._words, line)) if spelled else []
        changes = [(one.start, one.end, one.text) for one in english if one.sure]
        changes += apart.chinese(line)
        left -= sum(end - start for start, end, _ in changes)
        for region in regions(self._letters, self._words, line, spelled=spelled):
            if left <= 0:
                break
            if not _free(changes, region.first, region.last):
                continue
            end = min(region.end, region.start + left)
            left -= end - region.start
            first = region.first - region.start
            found = self._read(line[region.start : end], first, region.last - region.start, region.spoken)
            if found is not None and _free(changes, region.start, end):
                changes.append((region.start, end, found))
        weak = [(one.start, one.end, one.text) for one in english if not one.sure]
        changes += [one for one in weak if _free(changes, one[0], one[1])]
        return tuple(sorted(changes)), left

    def _read_stretch(self, stretch: str, first: int, last: int, spoken: bool) -> str | None:
        last = min(last, len(stretch))
        if not spoken and is_one_by_one(self._letters, stretch, first, last):
            read = one_by_one(self._letters, stretch, first, last, _GAIN)
            return read.text if read is not None and read.changed else None
        read = reading(self._letters, stretch, first, last, self._bopomofo)
        if read is None or not read.changed:
            return None
        if spoken:
            return read.text if read.chance >= _PLAIN * (len(read.text) + 1) else None
        return read.text if self._gained(read, stretch) >= _GAIN else None

    def _gained(self, read: Read, stretch: str) -> float:
        """Return how much likelier a reading is than what stands there, in nats."""
        return read.chance - float(self._letters.chances(stretch).sum())


def _free(changes: Sequence[tuple[int, int, str]], first: int, last: int) -> bool:
    """Whether nothing between two places is read already."""
    return not changes or all(last <= start or end <= first for start, end, _ in changes)


def _with(line: str, changes: Sequence[tuple[int, int, str]]) -> str:
    return "".join(_parts(line, changes))


def _parts(line: str, changes: Sequence[tuple[int, int, str]]) -> Iterator[str]:
    at = 0
    for start, end, text in changes:
        yield line[at:start]
        yield text
        at = end
    yield line[at:]


def _build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
    del options, load
    # Only a policy that reads spellings pays for the table.
    from gateway.detectors.spelling.table import shipped  # noqa: PLC0415

    letters, words, version = shipped()
    return BuiltDetector(frozenset({RISK}), f"3-{version}", derive=Spellings(letters, words))


SPEC: Final = DetectorSpec(
    name=NAME,
    summary="Reads Chinese and English in disguise (sounds, look-alikes, parts, leetspeak) for the others to judge.",
    risks=frozenset({RISK}),
    scope="whole",
    build=_build,
)
