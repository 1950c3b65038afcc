"""A sealed thought goes back word for word or not at all, and its seal tells nobody what was hidden.

Mutants killed: a seal that fits other words; a seal of another vendor taken for ours; one left on words that changed.
"""

from __future__ import annotations

from typing import Any

import pytest

from gateway.wire.chat_said import Thought
from gateway.wire.responses_seals import drop_broken_seal, sealed, unsealed


def item(seal: Any, *texts: str) -> dict[str, Any]:
    return {"type": "reasoning", "encrypted_content": seal, "content": [{"text": text} for text in texts]}


@pytest.mark.parametrize("text", ["想", "think: twice", "想 think 🎈", ""])
@pytest.mark.parametrize("seal", ["S", "a:b:c", "EqQB=="])
def test_a_thought_comes_back_as_it_was(text: str, seal: str) -> None:
    came = unsealed(item(sealed(Thought(text, seal)), text))
    assert came == [{"type": "thinking", "thinking": text, "signature": seal}]


def test_what_a_vendor_hides_comes_back_unread() -> None:
    assert unsealed(item(sealed(Thought("", "xyz", hidden=True)))) == [{"type": "redacted_thinking", "data": "xyz"}]


@pytest.mark.parametrize(
    "changed",
    [
        item(sealed(Thought("想", "S")), "想**"),
        item(sealed(Thought("想", "S")), "想", "想"),
        item(sealed(Thought("想", "S"))),
        item("gAAAA", "想"),
        item(None, "想"),
        item(7, "想"),
        {"type": "reasoning", "content": None},
    ],
)
def test_a_thought_that_changed_or_has_no_seal_of_ours_stays_away(changed: dict[str, Any]) -> None:
    assert unsealed(changed) == []


def test_a_seal_says_none_of_the_words() -> None:
    assert "13812345678" not in sealed(Thought("号码13812345678", "S"))


def test_a_seal_of_ours_is_taken_off_words_that_changed_and_no_other() -> None:
    ours, theirs = item(sealed(Thought("号码1381", "S")), "号码****"), item("gAAAA", "****")
    same = item(sealed(Thought("想", "S")), "想")
    for one in (ours, theirs, same):
        drop_broken_seal(one)
    assert ["encrypted_content" in one for one in (ours, theirs, same)] == [False, True, True]
