"""Tables of characters that stand for others: traditional forms, look-alikes, digits, readings, components.

Generated from published data by ``training/glyphs.py``; ``SOURCES.md`` beside this file says from which,
and under what licence. A table is read when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from gateway.packaged import packaged_text

Name = Literal["simplified", "latin", "digits", "pinyin", "tones", "split"]


@cache
def glyphs(name: Name) -> Mapping[str, str]:
    """Return a table as ``read`` does, and keep it: for those who look things up again and again."""
    return read(name)


def read(name: Name) -> dict[str, str]:
    """Read a table; whoever makes another thing of it lets go of some megabytes with it.

    - ``simplified``: the simplified form of a traditional or regional character
    - ``latin``: the small Latin letter that a letter of another script, or with marks, looks like
    - ``digits``: the digit that a character of any script stands for, Chinese numerals included
    - ``pinyin``: the commonest reading of a Chinese character, without tone, ü as v
    - ``tones``: the tone of that reading, 1 to 4, or 5 for the light one
    - ``split``: the components of a Chinese character, left to right, taken apart as far as they go

    Raises:
        ConfigError: The table is damaged.
    """
    lines = packaged_text(f"glyphs/{name}.txt").splitlines()
    return {one: to for to, _, ones in (line.partition(" ") for line in lines) for one in ones}
