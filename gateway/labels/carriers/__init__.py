"""One file a format; which carrier a file has shows in its first bytes, for text formats also in its name."""

from __future__ import annotations

from typing import Final

from gateway.labels.carrier import Carrier
from gateway.labels.carriers.answer import Answer
from gateway.labels.carriers.flac import Flac
from gateway.labels.carriers.gif import Gif
from gateway.labels.carriers.html import Html
from gateway.labels.carriers.jpeg import Jpeg
from gateway.labels.carriers.markdown import Markdown
from gateway.labels.carriers.mkv import Mkv
from gateway.labels.carriers.mp3 import Mp3
from gateway.labels.carriers.mp4 import Mp4
from gateway.labels.carriers.ogg import Ogg
from gateway.labels.carriers.ooxml import Ooxml
from gateway.labels.carriers.pdf import Pdf
from gateway.labels.carriers.png import Png
from gateway.labels.carriers.tiff import Tiff
from gateway.labels.carriers.wav import Wav
from gateway.labels.carriers.webp import Webp

CARRIERS: Final[tuple[Carrier, ...]] = (
    Png(),
    Jpeg(),
    Webp(),
    Gif(),
    Tiff(),
    Pdf(),
    Ooxml(),
    Wav(),
    Flac(),
    Ogg(),
    Mkv(),
    Mp4(),
    Mp3(),
    Html(),
    Markdown(),
    Answer(),
)
"""Every carrier; binary formats first, because they are sure of themselves."""

FORMS: Final[tuple[Carrier, ...]] = (Png("text"), Jpeg("exif"))
"""The second place that a guide allows for a format."""

TEXTS: Final = ("html", "markdown", "json")
"""Formats without a signature: here the name decides, if it says anything."""


def carrier_of(head: bytes, suffix: str = "") -> Carrier | None:
    """Return the carrier of a file, or None where no place for a label is known.

    Args:
        head: The file's first ``carrier.HEAD`` bytes.
        suffix: How its name ends, with the dot, lower case.
    """
    for carrier in CARRIERS:
        if carrier.name not in TEXTS and carrier.sniff(head):
            return carrier
    named = next((carrier for carrier in CARRIERS if carrier.name in TEXTS and suffix in carrier.suffixes), None)
    if named is not None:
        return named
    if any(suffix in carrier.suffixes for carrier in CARRIERS):
        return None  # it is named like a binary format, but is not of it
    return next((carrier for carrier in CARRIERS if carrier.name in TEXTS and carrier.sniff(head)), None)


def form_of(carrier: Carrier, form: str) -> Carrier | None:
    """Return the carrier that writes to the place called ``form``, or None where the format has no such place."""
    if not form or getattr(carrier, "form", "") == form:
        return carrier
    return next((one for one in FORMS if one.name == carrier.name and getattr(one, "form", "") == form), None)
