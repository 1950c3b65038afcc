"""The frozen things that travel: paths, slots, what the user asked."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from kit.path import assistant, question
from kit.records import FULL

from gateway.exchange import ANYONE, Exchange, Question, Slot, dotted


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ((), ""),
        (("model",), "model"),
        (("messages", 3, "content"), "messages[3].content"),
        (("messages", 0, "content", 2, "text"), "messages[0].content[2].text"),
        (("tools", 0), "tools[0]"),
    ],
)
def test_a_path_is_written_as_a_person_would(path: Any, written: str) -> None:
    assert dotted(path) == written


@pytest.mark.parametrize("key", ["张三", "a b", "x" * 1000, "a.b", "'"])
def test_a_key_that_may_be_text_is_not_shown(key: str) -> None:
    assert dotted(("tools", 0, key)) == "tools[0].?"


@pytest.mark.parametrize(
    ("messages", "asked"),
    [
        (["一"], "一"),
        (["一", assistant("答"), "二"], "二"),
        (["一", "二"], "一\n二"),
        ([{"role": "system", "content": "规则"}, "问"], "问"),
        (["问", assistant("答"), {"role": "tool", "content": "果", "tool_call_id": "1"}], "问"),
        ([{"role": "user", "content": [{"type": "text", "text": "甲"}, {"type": "text", "text": "乙"}]}], "甲\n乙"),
        ([{"role": "system", "content": "只有规则"}], ""),
        (["问", {"role": "user", "name": "张三", "content": "再问"}], "问\n再问"),
    ],
)
def test_what_was_asked_is_what_the_user_last_said(messages: Any, asked: str) -> None:
    assert question(*messages).asked == asked


def test_slots_stand_for_the_current_turn_unless_said_otherwise() -> None:
    slot = Slot(("messages", 0, "content"), "user", "content", "你好")
    assert (slot.current, slot.joined, slot.quoted) == (True, False, False)


@pytest.mark.parametrize(
    "thing", [question("你好"), ANYONE, FULL, Exchange("1", 0.0, "", "", ANYONE, question("你好"))]
)
def test_nothing_that_travels_can_be_changed(thing: Any) -> None:
    for field in dataclasses.fields(thing):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(thing, field.name, None)


def test_a_question_of_nobody_asks_nothing() -> None:
    assert Question("chat", b"", {}, "m", False, ()).asked == ""
