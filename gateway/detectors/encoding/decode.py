"""Turns encoded text into what it says, or into nothing: what comes out is something a person could read.

Every function takes a stretch that has the right shape and returns its plain text, or None. None of
them raises, none of them takes more time than the stretch is long.
"""

from __future__ import annotations

import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote_to_bytes

_LEAST: Final = 6
_LETTERS: Final = re.compile(r"[^\W\d_]")
_DIGITS: Final = re.compile("[0-9]")
_VOWELS: Final = re.compile("[aeiouyAEIOUY]")
_HAN: Final = re.compile("[\u3400-\u9fff]")
_ODD: Final = re.compile(r"[^\w\s.,;:!?'\"()\-，。；：！？、“”‘’（）《》…/@#&%+=*<>{}\[\]]")
_AGAIN: Final = re.compile("[A-Za-z0-9+/_-]{12,}={0,2}")
_MORSE_CODE: Final = (
    "a.- b-... c-.-. d-.. e. f..-. g--. h.... i.. j.--- k-.- l.-.. m-- n-. o--- p.--. q--.- r.-. s... t- u..- v...- "
    "w.-- x-..- y-.-- z--.. 0----- 1.---- 2..--- 3...-- 4....- 5..... 6-.... 7--... 8---.. 9----. ,--..-- ?..--.. "
    "!-.-.-- /-..-. ..-.-.- '.----. @.--.-. :---... =-...-"
)
_MORSE: Final = {word[1:]: word[0] for word in _MORSE_CODE.split()}
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz"
_MIRROR: Final = str.maketrans(_ALPHABET + _ALPHABET.upper(), _ALPHABET[::-1] + _ALPHABET[::-1].upper())
_DIGITS32: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHIJKLMNOPQRSTUV")
_WORDS: Final = 24
_CODES: Final = 0x110000
_STROKES: Final = str.maketrans("·•−–—_", "..----")


def readable(text: str) -> bool:
    """Whether a person could have written ``text``: printable, mostly letters, with what words have.

    What was encoded twice counts too: bytes at random are hardly ever all of Base64's alphabet.
    """
    size = len(text)
    if _AGAIN.fullmatch(text):
        return True
    if size < _LEAST and len(_HAN.findall(text)) < 2:
        return False
    if not all(character.isprintable() or character in "\n\r\t" for character in text):
        return False
    letters = len(_LETTERS.findall(text))
    if (
        letters < 0.2 * size
        or letters + len(_DIGITS.findall(text)) < 0.5 * size
        or len(_ODD.findall(text)) > 0.1 * size
    ):
        return False
    if _HAN.search(text):
        return True
    latin = sum(character < "\u0250" for character in text)
    # Words of Latin letters have vowels, and are told apart by spaces.
    return latin < size / 2 or (len(_VOWELS.findall(text)) >= 0.15 * letters and (size < 24 or " " in text))


def base64(text: str) -> str | None:
    """Decode Base64, in the usual or the URL alphabet, with or without padding; any of four alignments."""
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    for shift in range(4):
        part = plain[shift:]
        part = part[: len(part) - (len(part) % 4 == 1)]
        try:
            content = binascii.a2b_base64(part + "=" * (-len(part) % 4))
        except (binascii.Error, ValueError):
            continue
        found = _read(content)
        if found is not None:
            return found
    return None


def base32(text: str) -> str | None:
    """Decode Base32, with or without padding; any of eight alignments."""
    text = text.replace("=", "")
    if len(text) < _WORDS and not _DIGITS.search(text):  # a word, or some without the blanks between
        return None
    plain = text.translate(_DIGITS32)
    for shift in range(8):
        bits = (len(plain) - shift) * 5
        content = (int(plain[shift:] or "0", 32) >> bits % 8).to_bytes(bits // 8 if bits > 0 else 1, "big")
        found = _read(content)
        if found is not None:
            return found
    return None


def hexadecimal(text: str) -> str | None:
    """Decode pairs of hexadecimal digits, with whatever stands between them."""
    digits = re.sub(r"0[xX]|\\x|[^0-9a-fA-F]", "", text)
    return _read(bytes.fromhex(digits[: len(digits) // 2 * 2]))


def percent(text: str) -> str | None:
    """Decode percent signs as in addresses, and plus signs as spaces."""
    return _read(unquote_to_bytes(text.replace("+", " ")))


def escapes(text: str) -> str | None:
    r"""Decode ``\u0041``, ``\x41``, ``&#65;`` and ``&#x41;`` in a text."""
    # Halves of a pair are put together by going through UTF-16.
    plain = re.sub(r"\\u\{?([0-9a-fA-F]{4})\}?|\\x([0-9a-fA-F]{2})", lambda m: chr(int(m[1] or m[2], 16)), text)
    plain = html.unescape(plain).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return plain if plain != text and readable(plain) else None


def code_points(text: str) -> str | None:
    """Decode numbers of characters as Unicode writes them, such as ``U+0041``."""
    codes = [int(code, 16) for code in re.findall(r"[uU]\+([0-9a-fA-F]{4,6})", text)]
    plain = "".join(chr(code) for code in codes if code < _CODES and not 0xD800 <= code < 0xE000)
    return plain if readable(plain) else None


def binary(text: str) -> str | None:
    """Decode groups of eight binary digits."""
    digits = re.sub("[^01]", "", text)
    return _read(bytes(int(digits[at : at + 8], 2) for at in range(0, len(digits) - 7, 8)))


def decimals(text: str) -> str | None:
    """Decode numbers of characters, such as ``104 101 108``."""
    numbers = [int(number) for number in re.findall("[0-9]+", text)]
    return _read(bytes(numbers)) if all(number < 256 for number in numbers) else None


def morse(text: str) -> str | None:
    """Decode dots and dashes; slashes, or more than one space, part words."""
    words = re.split(r"[/|\n]|\s{2,}", text.translate(_STROKES))
    said: list[str] = []
    unknown = known = 0
    for word in words:
        letters = [_MORSE.get(code, "") for code in word.split()]
        known += len(letters) - letters.count("")
        unknown += letters.count("")
        said.append("".join(letters))
    plain = " ".join(filter(None, said))
    if unknown > 0.1 * known or len(set(plain)) < 5:
        return None
    return plain if len(plain) >= _LEAST and _VOWELS.search(plain) else None


def selectors(text: str) -> str | None:
    """Decode variation selectors, each of which stands for a byte; None if they say ASCII alone, as tags do."""
    codes = map(ord, text)
    content = bytes(code - 0xFE00 if code < 0xFE10 else code - 0xE0100 + 16 for code in codes)
    return None if content.isascii() else _read(content)


def atbash(text: str) -> str:
    """Turn every Latin letter to the one that stands as far from the other end of the alphabet."""
    return text.translate(_MIRROR)


def rot13(text: str) -> str:
    """Turn every Latin letter by thirteen."""
    return codecs.encode(text, "rot13")


def reversed_text(text: str) -> str:
    """Return ``text`` from its end to its beginning; what marks a character stays with it."""
    clusters: list[str] = []
    for character in text:
        if clusters and unicodedata.combining(character):
            clusters[-1] += character
        else:
            clusters.append(character)
    return "".join(reversed(clusters))


def _read(content: bytes) -> str | None:
    """Decode UTF-8 that may be cut off at both ends, or UTF-16; None if nobody could read it."""
    for text in _texts(content):
        if readable(text):
            return text
    return None


def _texts(content: bytes) -> Iterable[str]:
    if content[:32].count(0) >= len(content[:32]) // 3 > 0:
        yield from (content[: len(content) // 2 * 2].decode(code, "replace") for code in ("utf-16-le", "utf-16-be"))
        return
    first = 0
    while first < min(3, len(content)) and content[first] & 0xC0 == 0x80:
        first += 1
    for last in range(4):
        try:
            yield content[first : len(content) - last].decode()
            return
        except UnicodeDecodeError as error:
            if first + error.start < len(content) - 4:
                return
