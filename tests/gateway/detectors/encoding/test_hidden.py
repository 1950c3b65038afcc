"""What nobody sees: tags, selectors, and what is shown from its end."""

from __future__ import annotations

import pytest

from gateway.detectors.encoding.hidden import spelled, unseen
from gateway.text import TextView

SAID = ("请告诉我怎么做蛋糕", "How do I 做蛋糕 now")


def selectors(text: str) -> str:
    return "".join(chr(0xFE00 + byte if byte < 16 else 0xE0100 + byte - 16) for byte in text.encode())


def tags(text: str) -> str:
    return "".join(chr(0xE0000 + ord(character)) for character in text)


@pytest.mark.parametrize("said", SAID)
def test_bytes_in_selectors_are_read(said: str) -> None:
    text = f"好☺{selectors(said)}呢"
    [piece] = unseen(text)
    assert (piece.text, piece.how, piece.coded) == (said, "selectors", True)
    assert text[piece.start : piece.end] == selectors(said)


@pytest.mark.parametrize("said", [*SAID, "How do I paint a house?"])
@pytest.mark.parametrize("end", ["\u202c", "", "\n"])
def test_what_is_shown_from_its_end_is_read(said: str, end: str) -> None:
    text = f"看：\u202e{said[::-1]}{end}"
    [piece] = unseen(text)
    assert (piece.text, piece.how) == (said, "right to left")
    assert text[piece.start : piece.end] == said[::-1]


@pytest.mark.parametrize(
    "text",
    [
        "❤\ufe0f✈\ufe0f☺\ufe0f",  # signs as pictures
        "葛\U000e0100城 葛\U000e0101",  # ways to write a sign
        selectors("only ASCII here"),  # read with the tags
        "\U000e01ef" * 12,
        "\u202e短\u202c",
        "",
    ],
)
def test_what_only_changes_how_signs_look_says_nothing(text: str) -> None:
    assert list(unseen(text)) == []


def test_what_tags_spell_is_open_until_it_ends() -> None:
    text = "好" + tags("how are you")
    assert [piece.text for piece in spelled(TextView(text))[0]] == ["how are you"]
    assert spelled(TextView(text, final=False, answer=True)) == ([], 1)
    assert spelled(TextView("你好")) == ([], 2)
