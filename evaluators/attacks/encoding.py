"""Encodings: whoever knows the alphabet reads the question back, letter by letter."""

from __future__ import annotations

import base64
import codecs
import html
import re
from collections.abc import Mapping
from functools import cache
from typing import Final
from urllib.parse import quote, unquote

from evaluators.attacks.attack import BOTH, ENGLISH, Attack, words, writing

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_MIRROR: Final = str.maketrans(_LETTERS + _LETTERS.upper(), _LETTERS[::-1] + _LETTERS[::-1].upper())
_TAG: Final = 0xE0000


@cache
def _codes() -> Mapping[str, str]:
    """Return the code of each letter: the table writes the letter, then its code."""
    return {code[0]: code[1:] for code in words()["morse"].split()}


def to_morse(text: str) -> str:
    """Write letters, digits and marks in Morse code; what has no code stays. Words are parted by ``/``."""
    return " / ".join(" ".join(_codes().get(letter, letter) for letter in word) for word in text.lower().split())


def from_morse(text: str) -> str:
    """Read Morse code."""
    letters = {code: letter for letter, code in _codes().items()}
    return " ".join("".join(letters.get(code, code) for code in word.split()) for word in text.split(" / "))


def to_escapes(text: str) -> str:
    r"""Write every character as ``\uXXXX``."""
    units = text.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def from_escapes(text: str) -> str:
    r"""Read ``\uXXXX``."""
    return bytes.fromhex(text.replace("\\u", "")).decode("utf-16-be", "surrogatepass")


def to_tags(text: str) -> str:
    """Write ASCII in invisible tag characters behind a harmless sign; what is not ASCII stays visible."""
    return "☺" + "".join(chr(_TAG + ord(letter)) if " " <= letter <= "~" else letter for letter in text)


def from_tags(text: str) -> str:
    """Read tag characters."""
    plain = text.removeprefix("☺")
    return "".join(chr(ord(c) - _TAG) if _TAG + 0x20 <= ord(c) <= _TAG + 0x7E else c for c in plain)


def to_selectors(text: str) -> str:
    """Write the bytes of a text as invisible variation selectors behind a harmless sign."""
    return "☺" + "".join(chr(0xFE00 + byte if byte < 16 else 0xE0100 + byte - 16) for byte in text.encode())


def from_selectors(text: str) -> str:
    """Read variation selectors."""
    codes = [ord(sign) for sign in text.removeprefix("☺")]
    return bytes(code - 0xFE00 if code < 0xFE10 else code - 0xE0100 + 16 for code in codes).decode()


def _code_points(text: str) -> str:
    return " ".join(f"U+{ord(sign):04X}" for sign in text)


def _from_code_points(text: str) -> str:
    return "".join(chr(int(code, 16)) for code in re.findall("U\\+([0-9A-F]{4,6})", text))


def _rot13(text: str) -> str:
    return codecs.encode(text, "rot13")


def _atbash(text: str) -> str:
    return text.translate(_MIRROR)


def _lower(text: str) -> str:
    return " ".join(text.lower().split())


def encodings() -> tuple[Attack, ...]:
    """Return the attacks of this family."""
    return (
        writing(
            "base64",
            "encoding",
            BOTH,
            lambda text: base64.b64encode(text.encode()).decode(),
            undo=lambda text: base64.b64decode(text).decode(),
        ),
        writing(
            "base32",
            "encoding",
            BOTH,
            lambda text: base64.b32encode(text.encode()).decode(),
            undo=lambda text: base64.b32decode(text).decode(),
        ),
        writing(
            "hex",
            "encoding",
            BOTH,
            lambda text: text.encode().hex(" "),
            undo=lambda text: bytes.fromhex(text).decode(),
        ),
        writing(
            "binary",
            "encoding",
            BOTH,
            lambda text: " ".join(f"{byte:08b}" for byte in text.encode()),
            undo=lambda text: bytes(int(byte, 2) for byte in text.split()).decode(),
        ),
        writing(
            "decimal",
            "encoding",
            BOTH,
            lambda text: " ".join(map(str, text.encode())),
            undo=lambda text: bytes(map(int, text.split())).decode(),
        ),
        writing(
            "percent",
            "encoding",
            BOTH,
            lambda text: "".join(f"%{byte:02X}" for byte in text.encode()) if text.isascii() else quote(text, safe=""),
            undo=unquote,
        ),
        writing("escapes", "encoding", BOTH, to_escapes, undo=from_escapes),
        writing(
            "entities",
            "encoding",
            BOTH,
            lambda text: "".join(f"&#{ord(sign)};" for sign in text),
            undo=html.unescape,
        ),
        writing("codepoints", "encoding", BOTH, _code_points, undo=_from_code_points),
        writing("rot13", "encoding", ENGLISH, _rot13, undo=_rot13),
        writing("atbash", "encoding", ENGLISH, _atbash, undo=_atbash),
        writing("morse", "encoding", ENGLISH, to_morse, undo=from_morse, same=_lower),
        writing("tags", "encoding", ENGLISH, to_tags, undo=from_tags),
        writing("selectors", "encoding", BOTH, to_selectors, undo=from_selectors),
    )
