"""The events of a response have one order, whatever the server left out, and contradictions are refused.

Mutants killed: a text that only its end says; a part that begins twice; a number that is another item's.
"""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import UpstreamBroke
from gateway.wire.responses_events import EventReader

CREATED = {"type": "response.created", "response": {"id": "r", "output": []}}
MESSAGE = {"type": "response.output_item.added", "item": {"type": "message", "id": "m", "content": []}}
CALL = {"type": "response.output_item.added", "item": {"type": "function_call", "name": "f"}}
TEXT = {"type": "response.output_text.delta", "delta": "你"}


def read(*events: dict[str, Any]) -> list[tuple[str, list[str]]]:
    reader = EventReader("up")
    steps = [step for event in events for step in reader.read(b"", event, event["type"])]
    return [(step.does, [delta.text for delta in step.deltas]) for step in steps]


def completed(*items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "response.completed", "response": {"id": "r", "output": list(items)}}


def test_a_part_that_nobody_began_and_nobody_ended_begins_and_ends() -> None:
    assert read(CREATED, MESSAGE, TEXT, completed()) == [
        ("begin", []), ("item", []), ("part", []), ("piece", ["你"]),
        ("text-end", []), ("part-end", []), ("item-end", []), ("end", []),
    ]  # fmt: skip


def test_what_only_an_end_says_is_a_piece_before_it() -> None:
    done = {"type": "response.output_text.done", "text": "你好"}
    assert read(CREATED, MESSAGE, TEXT, done)[3:] == [("piece", ["你"]), ("piece", ["好"]), ("text-end", [])]


def test_what_only_the_terminal_says_is_all_said() -> None:
    item = {"type": "message", "content": [{"type": "output_text", "text": "好"}]}
    said = read(CREATED, completed(item))
    assert [does for does, _ in said] == ["begin", "item", "part", "piece", "text-end", "part-end", "item-end", "end"]
    assert said[3][1] == ["好"]


@pytest.mark.parametrize(
    "events",
    [
        [{"type": "ping"}],
        [CREATED, CREATED],
        [CREATED, {"type": "error", "message": "x"}],
        [CREATED, TEXT],
        [CREATED, MESSAGE, {**TEXT, "output_index": 1}],
        [CREATED, MESSAGE, {**TEXT, "content_index": 4}],
        [CREATED, MESSAGE, {**TEXT, "delta": 1}],
        [CREATED, CALL, TEXT],
        [CREATED, CALL, {"type": "response.output_item.done", "item": {"type": "message"}}],
        [CREATED, {"type": "response.output_item.added", "item": {"content": "x"}}],
        [CREATED, {"type": "response.completed", "response": {"output": "x"}}],
    ],
)
def test_events_that_contradict_each_other_broke(events: list[dict[str, Any]]) -> None:
    with pytest.raises(UpstreamBroke):
        read(*events)
