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
    assert decode.binary(" ".join(f"{byte:08b}" for byte in content)) == plain
    assert decode.decimals(" ".join(map(str, content))) == plain
    assert decode.escapes("".join(rf"\u{ord(character):04x}" for character in plain)) == plain
    assert decode.escapes("".join(f"&#{ord(character)};" for character in plain)) == plain
    assert decode.base64(base64.b64encode(plain.encode("utf-16-le")).decode()) in (plain, None)
    assert decode.reversed_text(decode.reversed_text(plain)) == plain
    assert codecs.encode(decode.rot13(plain), "rot13") == plain


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
    decode.reversed_text,
)


@given(st.text() | st.text("abcdef0123456789+/=%\\ux&#;.-_ 01, ", max_size=200))
def test_no_text_makes_a_decoder_fail(text: str) -> None:
    for read in READERS:
        found = read(text)
        assert found is None or isinstance(found, str)


@given(st.binary(min_size=12, max_size=60))
def test_what_is_read_can_be_printed(content: bytes) -> None:
    for found in (decode.base64(base64.b64encode(content).decode()), decode.hexadecimal(content.hex())):
        assert found is None or all(character.isprintable() or character in "\n\r\t" for character in found)
