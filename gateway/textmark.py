"""A mark in text that nobody sees: the id of the content in characters that have no width.

It is 29 characters: a word joiner, then variation selectors that stand for one byte each, the same way as
C2PA writes manifests into text, but with a magic and a keyed check of its own. It survives copying,
quoting and most editors; it does not survive retyping, translation, a screenshot, or anything that drops
such characters. Filters that look for hidden characters let a mark through only where its check is right.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final, NamedTuple

TOKENS: Final = 200
"""Text of so many tokens or more is marked (EU Code of Practice on AI-generated content)."""

AGAIN: Final = 400
"""Tokens from one mark to the next: a part that is copied has one of its own."""

JOINER: Final = "\u2060"
LENGTH: Final = 29

_MAGIC: Final = b"SM1"
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID: Final = 17
_CHECK: Final = 8
_BYTES_A_TOKEN: Final = 3
_FENCE: Final = "```"
_SELECTORS: Final = "".join(chr(0xFE00 + n) if n < 16 else chr(0xE0100 + n - 16) for n in range(256))
_BYTES: Final = {character: number for number, character in enumerate(_SELECTORS)}
_HEAD: Final = JOINER + "".join(_SELECTORS[byte] for byte in _MAGIC)


class Mark(NamedTuple):
    """A mark that was found.

    Attributes:
        start: Its first character.
        end: Just after its last.
        content_id: The id, or ``sha256:`` and 32 hex digits of one that is no 26 characters.
    """

    start: int
    end: int
    content_id: str


def mark(content_id: str, key: bytes = b"") -> str:
    """Return the characters that mark a text.

    Args:
        content_id: The id of the content: 26 characters as the gateway gives them; of another id its digest.
        key: Who does not have it cannot write a mark that is taken for one of ours.
    """
    body = _MAGIC + _packed(content_id)
    return JOINER + "".join(_SELECTORS[byte] for byte in body + _check(body, key))


def marks(text: str, key: bytes = b"") -> list[Mark]:
    """Return every mark of a text whose check is right."""
    found: list[Mark] = []
    at = text.find(_HEAD)
    while at >= 0:
        codes = [_BYTES.get(character, -1) for character in text[at + 1 : at + LENGTH]]
        if len(codes) == LENGTH - 1 and min(codes) >= 0:
            raw = bytes(codes)
            body, check = raw[:-_CHECK], raw[-_CHECK:]
            if hmac.compare_digest(check, _check(body, key)):
                found.append(Mark(at, at + LENGTH, _unpacked(body[len(_MAGIC) :])))
        at = text.find(_HEAD, at + 1)
    return found


def without(text: str, key: bytes = b"") -> str:
    """Return a text without its marks; other hidden characters stay where they are, for whoever looks for them."""
    for found in reversed(marks(text, key)):
        text = text[: found.start] + text[found.end :]
    return text


class Marker:
    """Puts marks into one answer on its way out: after sentences, never into code, however the answer is cut.

    Args:
        mark: The characters.
    """

    __slots__ = ("_bytes", "_code", "_due", "_fenced", "_head", "_last", "_mark")

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._bytes = 0
        self._due = TOKENS * _BYTES_A_TOKEN
        self._last = ""
        self._head = ""
        self._fenced = False
        self._code = False

    def push(self, text: str) -> str:
        """Take the next piece; return it with the marks that are due in it."""
        pieces: list[str] = []
        start = 0
        for at, character in enumerate(text):
            if self._bytes >= self._due and self._ends_sentence(character):
                pieces += text[start:at], self._mark
                start = at
                self._due = self._bytes + AGAIN * _BYTES_A_TOKEN
            self._see(character)
        pieces.append(text[start:])
        return "".join(pieces)

    def end(self) -> str:
        """Return the mark that follows the whole answer; empty if it is too short for one, or ends with code."""
        if self._bytes < TOKENS * _BYTES_A_TOKEN or self._fenced or self._last == "`":
            return ""
        return self._mark

    def _ends_sentence(self, following: str) -> bool:
        if self._fenced or self._code:
            return False
        return self._last in "。！？" or (self._last in ".!?" and following.isspace())

    def _see(self, character: str) -> None:
        self._bytes += 1 if character < "\x80" else 2 if character < "\u0800" else 3 if character < "\U00010000" else 4
        if character == "\n":
            self._head, self._code = "", False
        elif len(self._head) < len(_FENCE) and not (character == " " and not self._head):
            self._head += character
            if self._head == _FENCE:
                self._fenced, self._code = not self._fenced, False
                self._last = character
                return
        if character == "`" and not self._fenced and not self._head.startswith("``"):
            self._code = not self._code
        if not character.isspace() or character == "\n":
            self._last = character


def _check(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key or b"sluice", b"text mark" + body, hashlib.sha256)[:_CHECK]


def _packed(content_id: str) -> bytes:
    if len(content_id) == 26 and all(character in _ALPHABET for character in content_id):
        value = 0
        for character in content_id:
            value = value << 5 | _ALPHABET.index(character)
        return value.to_bytes(_ID)
    return b"\xff" + hashlib.sha256(content_id.encode()).digest()[: _ID - 1]


def _unpacked(body: bytes) -> str:
    if body[0] == 0xFF:
        return f"sha256:{body[1:].hex()}"
    value = int.from_bytes(body)
    return "".join(_ALPHABET[value >> at & 31] for at in range(125, -5, -5))
