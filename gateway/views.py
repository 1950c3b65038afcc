"""The layers that views are made of: each goes character by character, so no cut changes what is seen.

A layer is laid over folded text (``gateway.text.fold``) or over another layer; ``simplified+latin``
names a view of two. What a layer does to a character never depends on its neighbours. So a view of a
text that was cut is the view of the whole, cut at the same place, and nothing of it is ever open.

- ``canonical``: the two that follow, in one go
- ``simplified``: traditional and regional characters become simplified ones, one to one
- ``latin``: letters that look like Latin ones (Cyrillic, Greek, with marks, in boxes), one to one
- ``leet``: digits and signs that stand for letters (``h4ck``, ``p@$$``), one to one
- ``strokes``: as ``leet``, and ``l`` is ``i`` as well: one stroke may be either (``ki11``, ``f1nd``), one to one
- ``digits``: whatever stands for a digit (``一``, ``壹``, ``①``, ``⑴``, ``٣``), one to one
- ``joined``: everything that is no letter and no digit falls out (``赌-博``, ``d.a.n``)
- ``pinyin``: Chinese characters become their toneless syllables (``赌博`` and ``dubo``: ``dubo``)
- ``umlaut``: ``v``, as which ü is typed in syllables, becomes ``u``, as which it is written, one to one
- ``homophone``: Chinese characters become the first of their syllable, one to one (``堵伯`` as ``赌博``)
- ``split``: Chinese characters become their components (``贝者博`` as ``赌博``)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple, overload

from gateway.glyphs import glyphs, read

_LEET: Final = dict(zip("01345789@$!|+€£", "oieastbgasiltel", strict=True))
_STROKES: Final = {one: "i" if to == "l" else to for one, to in {**_LEET, "l": "l"}.items()}
_DROPPED: Final = re.compile(r"[\W_]+")
_HAN: Final = "\u3400-\u9fff"
_BASIC: Final = "\uffff"
_FEW: Final = 16
_SHORT: Final = 64


class Laid(NamedTuple):
    """A text under a layer.

    Attributes:
        text: What is seen.
        places: For each character its index in the text below; None if nothing moved. Counted at the
            first use.
    """

    text: str
    places: Sequence[int] | None


Layer = Callable[[str], Laid]


def over(upper: Sequence[int], lower: Sequence[int]) -> Sequence[int]:
    """Return the places of a layer in the text below the layer that it was laid over."""
    return _Places(_laid_over, (upper, lower))


def _laid_over(both: tuple[Sequence[int], Sequence[int]]) -> list[int]:
    upper, lower = both
    return [lower[place] for place in upper]


def layer(name: str) -> Layer:
    """Return a layer by its name; raises ``ValueError`` for one that does not exist."""
    make = _LAYERS.get(name)
    if make is None:
        raise ValueError(f"unknown layer {name!r}; there are: {', '.join(_LAYERS)}")
    return make()


def layers() -> tuple[str, ...]:
    """Return the names of all layers."""
    return tuple(_LAYERS)


def _swap(table: Mapping[str, str]) -> Layer:
    """Return a layer that puts one character in place of another."""
    find, get = _any_of(table).search, table.get

    def swap(text: str) -> Laid:
        at = 0
        for _ in range(_FEW):
            found = find(text, at)
            if found is None:
                return Laid(text, None)
            character, at = found.group(), found.end()
            text = text.replace(character, get(character, character))
        return Laid("".join(map(get, text, text)), None)

    return swap


def _any_of(characters: Mapping[str, str]) -> re.Pattern[str]:
    """Return a pattern that finds one of the characters; of those beyond the basic plane, one like them."""
    basic = re.escape("".join(character for character in characters if character <= _BASIC))
    beyond = sorted(character for character in characters if character > _BASIC)
    # Singly, each character of a text would be compared with each of them.
    return re.compile(f"[{basic}{f'{beyond[0]}-{beyond[-1]}' if beyond else ''}]")


def _expand(table: Mapping[str, str]) -> Layer:
    """Return a layer that puts several characters in place of one."""
    changes, get = re.compile(f"[{_HAN}]"), table.get

    def expand(text: str) -> Laid:
        if not changes.search(text):
            return Laid(text, None)
        pieces = list(map(get, text, text))
        return Laid("".join(pieces), _Places(_expanded, pieces))

    return expand


def _expanded(pieces: Sequence[str]) -> list[int]:
    return [at for at, piece in enumerate(pieces) for _ in piece]


def _join(text: str) -> Laid:
    joined = _DROPPED.sub("", text) if len(text) <= _SHORT else _without_signs(text)
    if len(joined) == len(text):
        return Laid(text, None)
    return Laid(joined, _Places(_kept, text))


def _without_signs(text: str) -> str:
    """Return a long text without its signs: it holds many, but few kinds of them."""
    at = 0
    for _ in range(_FEW):
        found = _DROPPED.search(text, at)
        if found is None:
            return text
        text, at = text.replace(text[found.start()], ""), found.start()
    return "".join(_DROPPED.split(text))


def _kept(text: str) -> list[int]:
    places: list[int] = []
    at = 0
    for gap in _DROPPED.finditer(text):
        places += range(at, gap.start())
        at = gap.end()
    places += range(at, len(text))
    return places


class _Places(Sequence[int]):
    """Counts where characters come from only once somebody asks: most texts hold nothing to look up."""

    __slots__ = ("_count", "_of", "_places")

    def __init__(self, count: Callable[[Any], list[int]], of: Any) -> None:
        self._count: Callable[[Any], list[int]] = count
        self._of = of
        self._places: list[int] | None = None

    def _all(self) -> list[int]:
        if self._places is None:
            self._places = self._count(self._of)
        return self._places

    def __len__(self) -> int:
        return len(self._all())

    @overload
    def __getitem__(self, at: int) -> int: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[int]: ...
    def __getitem__(self, at: int | slice) -> int | Sequence[int]:
        return self._all()[at]


def _first_of_each_syllable() -> Mapping[str, str]:
    first: dict[str, str] = {}
    return {character: first.setdefault(said, character) for character, said in glyphs("pinyin").items()}


_LAYERS: Final[Mapping[str, Callable[[], Layer]]] = {
    "canonical": cache(lambda: _swap({**read("simplified"), **read("latin")})),
    "simplified": cache(lambda: _swap(glyphs("simplified"))),
    "latin": cache(lambda: _swap(glyphs("latin"))),
    "leet": cache(lambda: _swap(_LEET)),
    "strokes": cache(lambda: _swap(_STROKES)),
    "digits": cache(lambda: _swap(glyphs("digits"))),
    "joined": lambda: _join,
    "pinyin": cache(lambda: _expand(glyphs("pinyin"))),
    "umlaut": cache(lambda: _swap({"v": "u"})),
    "homophone": cache(lambda: _swap(_first_of_each_syllable())),
    "split": cache(lambda: _expand(glyphs("split"))),
}
