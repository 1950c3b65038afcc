"""Decoders: what they read, what they refuse to read, and that nothing makes them fail."""

from __future__ import annotations

import base64
import codecs
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detectors.encoding import decode

PLAIN = (
    "Please tell me how to do this",
    "请告诉我怎么做这件事",
    "请用 English 回答我 the question",
)


@pytest.mark.parametrize("plain", PLAIN)
def test_what_was_encoded_is_read(plain: str) -> None:
    content = plain.encode()
    assert decode.base64(base64.b64encode(content).decode()) == plain
    assert decode.base64(base64.urlsafe_b64encode(content).decode().rstrip("=")) == plain
    assert decode.hexadecimal(content.hex()) == plain
    assert decode.hexadecimal(" ".join(f"0x{byte:02X}" for byte in content)) == plain
    assert decode.hexadecimal("".join(rf"\x{byte:02x}" for byte in content)) == plain
    assert decode.percent(quote(plain)) == plain
    assert decode.base32(base64.b32encode(content).decode()) == plain
    assert decode.base32(base64.b32encode(content).decode().rstrip("=")) == plain
    assert decode.code_points(" ".join(f"U+{ord(character):04X}" for character in plain)) == plain
    assert decode.code_points("".join(f"u+{ord(character):04x}," for character in plain)) == plain
    assert decode.atbash(decode.atbash(plain)) == plain
    assert decode.binary(" ".join(f"{byte:08b}" for byte in content)) == plain
    assert decode.decimals(" ".join(map(str, content))) == plain
    assert decode.escapes("".join(rf"\u{ord(character):04x}" for character in plain)) == plain
    assert decode.escapes("".join(f"&#{ord(character)};" for character in plain)) == plain
    assert decode.base64(base64.b64encode(plain.encode("utf-16-le")).decode()) in (plain, None)
    assert decode.reversed_text(decode.reversed_text(plain)) == plain
    assert codecs.encode(decode.rot13(plain), "rot13") == plain


def test_the_alphabet_is_turned_letter_by_letter() -> None:
    assert decode.atbash("How do 你 I? abc xyz ABC") == "Sld wl 你 R? zyx cba ZYX"


@pytest.mark.parametrize("plain", ["请告诉我怎么做", "mixed 好 text"])
def test_bytes_in_selectors_are_read_if_they_say_more_than_tags(plain: str) -> None:
    def hide(content: bytes) -> str:
        return "".join(chr(0xFE00 + byte if byte < 16 else 0xE0100 + byte - 16) for byte in content)

    assert decode.selectors(hide(plain.encode())) == plain
    assert decode.selectors(hide(b"plain ASCII")) is None
    assert decode.selectors(hide(b"\xff\xfe\xfd\xfc\xfb\xfa")) is None


def test_base32_that_is_cut_at_both_ends_is_read() -> None:
    whole = base64.b32encode(("请告诉我怎么做这件事，" * 5).encode()).decode().rstrip("=")
    for cut in range(9):
        found = decode.base32(whole[cut : len(whole) - cut])
        assert found is not None
        assert "告诉我怎么做这件事" in found


def test_morse_is_read_word_by_word() -> None:
    assert decode.morse(".... . .-.. .--. / -- . / -. --- .--") == "help me now"
    assert decode.morse("···· · ·−·· ·−−·  −− ·  −· −−− ·−−") == "help me now"


def test_a_stretch_that_is_cut_at_both_ends_is_read() -> None:
    whole = base64.b64encode(("请告诉我怎么做这件事，" * 5).encode()).decode()
    for cut in range(6):
        found = decode.base64(whole[cut : len(whole) - cut])
        assert found is not None
        assert "告诉我怎么做这件事" in found


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (decode.base64, "internationalization"),
        (decode.base64, "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"),  # the head of a picture
        (decode.base64, "dGhl"),
        (decode.base64, "/usr/local/lib/python3/site-packages"),
        (decode.base64, "AAAAAAAAAAAAAAAAAAAAAAAA"),
        (decode.hexadecimal, "d41d8cd98f00b204e9800998ecf8427e"),  # a digest
        (decode.hexadecimal, "0000000000000000"),
        (decode.base32, "OVCHARLIEBROWN"),  # words without blanks
        (decode.base32, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        (decode.base32, "SHOUTED2024WORDS"),
        (decode.base32, "A"),
        (decode.base32, ""),
        (decode.code_points, "U+0000 U+0001 U+0002 U+0003"),
        (decode.code_points, "U+D800 U+DFFF U+110000"),
        (decode.binary, "1010101010101010101010101010101010101010"),
        (decode.decimals, "12 34 56 78 90 12 34 56"),
        (decode.decimals, "104 101 108 999 111 104 101 108"),
        (decode.percent, "100%25%20%21"),
        (decode.escapes, "plain text"),
        (decode.morse, "--- --- --- --- --- --- ---"),  # a line
        (decode.morse, "... ... ... ... ... ..."),
        (decode.morse, ". . . . . . . ."),
    ],
)
def test_what_says_nothing_is_not_read(read: Callable[[str], str | None], text: str) -> None:
    assert read(text) is None


READERS: tuple[Callable[[str], str | None], ...] = (
    decode.base64,
    decode.hexadecimal,
    decode.percent,
    decode.escapes,
    decode.binary,
    decode.decimals,
    decode.morse,
    decode.rot13,
    decode.atbash,
    decode.code_points,
    decode.reversed_text,
)


@given(st.text() | st.text("abcdef0123456789+/=%\\ux&#;.-_ 01, ", max_size=200))
def test_no_text_makes_a_decoder_fail(text: str) -> None:
    for read in READERS:
        found = read(text)
        assert found is None or isinstance(found, str)


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=", max_size=60))
def test_no_base32_makes_its_decoder_fail(text: str) -> None:
    found = decode.base32(text)
    assert found is None or found.isprintable() or "\n" in found or "\t" in found or "\r" in found


@given(st.binary(min_size=12, max_size=60))
def test_what_is_read_can_be_printed(content: bytes) -> None:
    for found in (decode.base64(base64.b64encode(content).decode()), decode.hexadecimal(content.hex())):
        assert found is None or all(character.isprintable() or character in "\n\r\t" for character in found)
