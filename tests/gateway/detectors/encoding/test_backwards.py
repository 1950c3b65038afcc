"""Words from the last to the first: read where a text ends as a question begins."""

from __future__ import annotations

import pytest

from gateway.detectors.encoding.backwards import backwards


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("house my paint I do How", "How do I paint my house"),
        ("house a paint to how", "how to paint a house"),
        ("tea about poem a Write", "Write a poem about tea"),
        ("tea like people do Why", "Why do people like tea"),
        ("龙井茶 make I can How", "How can I make 龙井茶"),
        ("Restore it first.\n\nhouse my paint I do How\n", "How do I paint my house"),
    ],
)
def test_a_question_is_read_from_its_end(text: str, said: str) -> None:
    [piece] = backwards(text)
    assert (piece.text, piece.coded) == (said, False)
    assert text[piece.start : piece.end] == " ".join(reversed(said.split(" ")))


@pytest.mark.parametrize(
    "text",
    [
        "Run as fast as you can",
        "That is the house that is what it is",
        "I know that this is why",
        "put paint on the list",
        "How do I paint my house",
        "Show me how",
        "我想知道 how",
        "如何粉刷房子",
        "how",
        "",
        "x " * 1000 + "I do How",
    ],
)
def test_what_ends_as_sentences_end_is_not(text: str) -> None:
    assert list(backwards(text)) == []
