"""Draws the words of a label as a mask whose letters have at least the height that was asked for.

The font is the one that ships with Sluice: it holds what labels are made of. Words beyond it need an
installed CJK font, and where there is none the error says which characters are missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gateway.errors import LabelError

if TYPE_CHECKING:
    from PIL import Image, ImageFont

SHIPPED: Final = Path(__file__).parent / "fonts" / "SluiceLabelSans-Bold.otf"
"""A subset of Noto Sans CJK under the SIL Open Font License, see ``fonts/OFL.txt``."""

INSTALLED: Final = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)
"""Where operating systems keep a font with Chinese characters."""

_MOST_LINES: Final = 8
_LATIN: Final = re.compile("[A-Za-z0-9]")
_HAN: Final = re.compile("[\u3400-\u9fff]")
_WIDE: Final = "\u3000-\u303f\u3400-\u9fff\uff00-\uffef"
_WORDS: Final = re.compile(rf"\s+|[{_WIDE}]+|[^\s{_WIDE}-]+-?|-")
_UNITS: Final = re.compile(rf"\s+|[{_WIDE}]|[^\s{_WIDE}-]+-?|-")
_UNKNOWN: Final = "\U0010fffe"
"""A character that no font has: what it is drawn as tells which others a font lacks."""


def letter(words: str, height: int, room: tuple[int, int], fonts: Sequence[str] = ()) -> Image.Image:
    """Return the words as a mask (mode ``L``), in as few lines as fit.

    Args:
        words: The label.
        height: Pixels that a letter has at least: a Han character, and a Latin capital where there are
            Latin letters.
        room: Width and height in pixels that there are.
        fonts: Files of fonts to use before the one that ships.

    Raises:
        LabelError: The words do not fit, or no font has all of their characters.
    """
    from PIL import Image, ImageDraw  # noqa: PLC0415 - importing the gateway must stay light

    font = _sized(font_file(words, fonts), words, height)
    lines = _lines(words, font, room[0])
    if not lines:
        raise _too_small(f"{room[0]} pixels are too narrow for the label in letters of {height} pixels")
    gap = ceil(height * 0.35)
    boxes = [font.getbbox(line, anchor="ls") for line in lines]
    above, below = ceil(max(-box[1] for box in boxes)), ceil(max(box[3] for box in boxes))
    step = above + below + gap
    size = ceil(max(box[2] - box[0] for box in boxes)), step * len(lines) - gap
    if size[1] > room[1]:
        raise _too_small(f"the label needs {size[0]}×{size[1]} pixels and there are {room[0]}×{room[1]}")
    mask = Image.new("L", size, 0)
    draw = ImageDraw.Draw(mask)
    for number, (line, box) in enumerate(zip(lines, boxes, strict=True)):
        left = (size[0] - (box[2] - box[0])) / 2 - box[0]
        draw.text((left, above + number * step), line, fill=255, font=font, anchor="ls")
    return mask


def _too_small(what: str) -> LabelError:
    return LabelError(f"{what} — write a shorter label, or label the interface that shows it")


def font_file(words: str, fonts: Sequence[str] = ()) -> str:
    """Return the first font that has every character of ``words``; raises ``LabelError`` if none has."""
    wanted = sorted(set(words) - set(" \t"))
    lacking: list[str] = []
    for file in (*fonts, str(SHIPPED), *INSTALLED):
        if not Path(file).is_file():
            if file in fonts:
                raise LabelError(f"there is no font {file} — name a TrueType or OpenType file")
            continue
        missing = list(_missing(file, wanted))
        if not missing:
            return file
        lacking = lacking or missing
    what = f"no font has the characters {''.join(lacking)}"
    raise LabelError(f"{what} — install a CJK font (Debian: fonts-noto-cjk), or use other words")


def _missing(file: str, characters: Sequence[str]) -> Iterator[str]:
    font = _open(file, 24)
    unknown = bytes(font.getmask(_UNKNOWN))
    for character in characters:
        if not character.strip():
            continue
        if bytes(font.getmask(character)) in (unknown, b""):
            yield character


def _open(file: str, size: int) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont  # noqa: PLC0415

    try:
        return ImageFont.truetype(file, size, layout_engine=ImageFont.Layout.BASIC)
    except OSError:
        raise LabelError(f"{file} is no font that can be read — name a TrueType or OpenType file") from None


def _sized(file: str, words: str, height: int) -> ImageFont.FreeTypeFont:
    """Return the font in the smallest size in which its letters have the height."""
    samples = ["A"] if _LATIN.search(words) else []
    samples += ["生"] if _HAN.search(words) or not samples else []
    size = max(1, height)
    while True:
        font = _open(file, size)
        tall = min(_height(font, sample) for sample in samples)
        if tall >= height:
            return font
        size += max(1, int((height - tall) * 0.9))


def _height(font: ImageFont.FreeTypeFont, character: str) -> int:
    """Return how many rows of a character are more ink than ground: what is hardly grey is no height."""
    mask = font.getmask(character)
    width, rows = mask.size
    inked = [row for row in range(rows) if max(mask[row * width + x] for x in range(width)) > 127] if width else []
    return inked[-1] - inked[0] + 1 if inked else 0


def _lines(words: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Break words into as few lines as fit, of about the same length; no lines if they do not fit."""
    # Chinese is kept together where that fits, else it may be broken between any two characters.
    units = _WORDS.findall(words.strip())
    lines = _greedy(units, font, width)
    if not lines:
        units = _UNITS.findall(words.strip())
        lines = _greedy(units, font, width)
    if not 1 < len(lines) <= _MOST_LINES:
        return lines if len(lines) == 1 else []
    low, high = width // 2, width
    while low < high:
        middle = (low + high) // 2
        tried = _greedy(units, font, middle)
        if tried and len(tried) == len(lines):
            high, lines = middle, tried
        else:
            low = middle + 1
    return lines


def _greedy(units: Sequence[str], font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines = [""]
    for unit in units:
        if font.getlength((lines[-1] + unit).strip()) <= width:
            lines[-1] += unit
        elif font.getlength(unit) > width:
            return []
        elif unit.strip():
            lines.append(unit)
    # What parts the words is not needed where the line ends.
    return [bare for line in lines if (bare := line.strip(" ·|/—–") or line.strip())]
