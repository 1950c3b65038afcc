"""The label of an API answer: the JSON field ``aigc`` and a response header; our convention.

Article 5 and Annex E speak of the metadata of files; an answer over an API is none. Both places hold the seven
elements just as a file would, so that whoever makes a file of the answer has the label at hand.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import BinaryIO, Final

from gateway.labels.carrier import Field, Reading, refuse
from gateway.labels.carriers.markdown import decoded
from gateway.labels.metadata import HEADER, NAME, AigcLabel
from gateway.labels.rules import Confidence, is_like_a_label

FIELD: Final = "aigc"

_SPACE: Final = re.compile(r"[ \t\r\n]*")


def from_header(value: str) -> Field:
    """Return the label of a response header."""
    return Field(f"header {HEADER}", HEADER, value)


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON answer that was kept as a file; the place is our convention."""

    name: str = "json"
    suffixes: tuple[str, ...] = (".json",)
    guide: str = "our convention"
    confidence: Confidence = "L"
    place: str = "top-level member aigc"

    def sniff(self, head: bytes) -> bool:
        """Whether it begins like a JSON object."""
        return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"

    def read(self, source: BinaryIO) -> Reading:
        """Look at the members of the outermost object."""
        try:
            members = _members(decoded(source))
        except (ValueError, RecursionError) as error:
            return Reading(faults=(f"the file is no JSON object ({type(error).__name__})",))
        fields = []
        for _, _, key, text in members:
            value = json.loads(text)
            inner = value if isinstance(value, str) else text
            if NAME in key.upper() or is_like_a_label(inner):
                # The convention writes the field in lower case; the standard's rule on names is for files.
                fields.append(Field("member", NAME if key == FIELD else key, inner, key in (FIELD, NAME)))
        return Reading(tuple(fields))

    def write(self, source: BinaryIO, target: BinaryIO, label: AigcLabel) -> None:
        """Put the member first; all other bytes stay as they are."""
        try:
            text = decoded(source)
            members = _members(text)
        except (ValueError, RecursionError):
            raise refuse("the file is no JSON object") from None
        kept = [one for one in members if not (NAME in one[2].upper() or is_like_a_label(one[3]))]
        start = text.index("{") + 1
        mine = f'"{FIELD}":{json.dumps(label.elements(), separators=(",", ":"), ensure_ascii=False)}'
        if len(kept) == len(members):
            rest = text[start:]
        else:
            last = text.rindex("}")
            rest = ",".join(text[a:b] for a, b, _, _ in kept) + text[last:]
        target.write((text[:start] + mine + ("," if kept else "") + rest).encode())


def _members(text: str) -> list[tuple[int, int, str, str]]:
    """Return the members of the outermost object: where each begins and ends, its key, its value's text."""
    decoder = json.JSONDecoder()
    place = text.startswith("\ufeff") + 0
    place = _space(text, place)
    if text[place : place + 1] != "{":
        raise ValueError
    members = []
    place = _space(text, place + 1)
    if text[place : place + 1] == "}":
        place += 1
    else:
        while True:
            start = place
            key, place = decoder.raw_decode(text, place)
            place = _space(text, place)
            if not isinstance(key, str) or text[place : place + 1] != ":":
                raise ValueError
            begin = _space(text, place + 1)
            _, place = decoder.raw_decode(text, begin)
            members.append((start, place, key, text[begin:place]))
            place = _space(text, place)
            mark = text[place : place + 1]
            if mark == "}":
                place += 1
                break
            if mark != ",":
                raise ValueError
            place = _space(text, place + 1)
    if text[place:].strip(" \t\r\n"):
        raise ValueError
    return members


def _space(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place
