"""What a client has of a response is what every copy says, and numbers run on without a gap.

Mutants killed: an end with the upstream's text; an event after a gap of numbers; a terminal with half a call.
"""

from __future__ import annotations

import weakref
from typing import Any

import orjson

from gateway.exchange import Channel, Delta, Usage
from gateway.wire.responses import Responses
from gateway.wire.responses_parts import SINGLE, TEXT, Form, Item, Part, Step
from gateway.wire.responses_writer import ResponseWriter


def begun() -> ResponseWriter:
    writer = ResponseWriter(Responses().read(b'{"model": "up", "input": "?"}'), "up")
    writer.begin(Step(b"", {"type": "response.created", "response": {"id": "r", "output": []}}, does="begin"))
    return writer


def heard(raw: bytes) -> list[dict[str, Any]]:
    return [orjson.loads(event.partition(b"data: ")[2]) for event in raw.split(b"\n\n") if event]


def part_of(form: Form, type: str, item: Item) -> Part:
    part = item.parts[form.section, 0] = Part(weakref.ref(item), form, type, 0, Channel(0, form.kind, 1))
    return part


def starting(kind: str, form: Form, type: str, writer: ResponseWriter) -> tuple[Item, Part, bytes]:
    """The item, which whoever reads an answer holds; its part; and what the client has got."""
    item = Item(kind, 0, {"type": kind, "id": "i", "name": "f"})
    part = part_of(form, type, item)
    opening = Step(b"", {"type": "response.output_item.added", "item": item.data}, does="item", item=item)
    return item, part, b"".join(writer.step(opening, [], changed=False))


def test_an_item_begins_with_its_first_word_that_may_leave() -> None:
    writer = begun()
    _item, part, nothing = starting("message", TEXT, "output_text", writer)
    assert nothing == b""
    said = heard(b"".join(writer.held(part, [Delta(part.channel, "好"), Delta(Channel(0, "reasoning", 9), "other")])))
    assert [event["type"] for event in said] == ["response.output_item.added", "response.output_text.delta"]
    assert [event["sequence_number"] for event in said] == [1, 2]
    assert part.text == "好"


def test_the_terminal_has_what_the_client_has() -> None:
    writer = begun()
    _item, part, _ = starting("message", TEXT, "output_text", writer)
    list(writer.held(part, [Delta(part.channel, "好")]))
    list(writer.leave())
    lied = {"id": "r", "output": [{"type": "message", "content": [{"type": "output_text", "text": "坏"}]}]}
    (end,) = heard(writer.terminal({"type": "response.completed", "response": lied}))
    assert end["response"]["output"][0]["content"][0]["text"] == "好"
    assert "坏" not in str(end)
    assert writer.over
    assert writer.answer == end["response"]


def test_half_a_call_is_no_part_of_the_output() -> None:
    writer = begun()
    _item, part, _ = starting("function_call", SINGLE["function_call"], "function_call", writer)
    list(writer.held(part, [Delta(part.channel, '{"half')]))
    list(writer.leave(incomplete=True))
    (end,) = heard(writer.end_own(Usage(1, 1), filtered=True))
    assert (end["type"], end["response"]["output"]) == ("response.incomplete", [])


def test_words_of_ours_join_the_open_text_or_have_an_item_of_their_own() -> None:
    writer = begun()
    _item, part, _ = starting("message", TEXT, "output_text", writer)
    list(writer.held(part, [Delta(part.channel, "好")]))
    assert [event["type"] for event in heard(b"".join(writer.speak("！")))] == ["response.output_text.delta"]
    assert part.text == "好！"
    alone = heard(b"".join(begun().speak("！")))
    assert [event["type"].rpartition(".")[2] for event in alone] == ["added", "added", "delta"]


def test_a_response_that_broke_off_is_nothing_to_go_on_from() -> None:
    writer = begun()
    (end,) = heard(writer.fail("upstream_broke", "It broke.", id="x"))
    assert (end["type"], end["response"]["sluice"]["code"]) == ("response.failed", "upstream_broke")
    assert writer.answer is None
