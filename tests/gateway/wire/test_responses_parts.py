"""Items hold their parts, and parts know what the client has of them; no circle of them outlives an answer."""

from __future__ import annotations

import gc
import weakref

import pytest

from gateway.exchange import Channel
from gateway.wire.responses_parts import ADDED, ENDED, OWN, PARTS, SECTIONS, SINGLE, TEXT, Form, Item, Part


def part(item: Item, index: int = 0, form: Form = TEXT) -> Part:
    made = Part(weakref.ref(item), form, "output_text", index, Channel(0, form.kind, 1 + index))
    item.parts[form.section, index] = made
    return made


@pytest.mark.parametrize(
    ("data", "name"),
    [({"id": "msg_1"}, "msg_1"), ({}, "item_3"), ({"id": ""}, "item_3"), ({"id": None}, "item_3"), ({"id": 5}, "5")],
)
def test_an_item_without_an_id_gets_one(data: dict[str, object], name: str) -> None:
    assert Item("message", 3, data).id == name


def test_a_section_has_its_parts_and_no_others() -> None:
    item = Item("reasoning", 0, {})
    first, summary, second = part(item), part(item, 0, PARTS["summary", "summary_text"]), part(item, 1)
    assert item.section("content") == [first, second]
    assert item.section("summary") == [summary]
    assert item.section("arguments") == []


def test_a_part_is_what_the_client_has_of_it_not_what_was_heard() -> None:
    made = part(Item("message", 0, {}))
    made.heard += ["密", "语"]
    made.sent += ["你", "好 you"]
    assert made.text == "你好 you"


def test_a_part_knows_its_item_and_tells_when_that_is_gone() -> None:
    item = Item("message", 0, {})
    made = part(item)
    assert made.item is item
    del item
    with pytest.raises(ReferenceError, match="outlived"):
        _ = made.item


def test_an_item_and_its_parts_are_gone_without_the_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        item = Item("message", 0, {})
        seen = weakref.ref(item)
        part(item)
        del item
        assert seen() is None
    finally:
        gc.enable()


def test_parts_are_told_apart_by_themselves_and_not_by_what_they_say() -> None:
    item = Item("message", 0, {})
    assert part(item) != part(item)


@pytest.mark.parametrize("form", [*PARTS.values(), *SINGLE.values()], ids=lambda form: form.event)
def test_every_kind_of_part_has_its_events_and_a_channel_of_its_own(form: Form) -> None:
    assert form.event.startswith("response.")
    assert bool(form.number) == (form.section in ADDED) == (form.section in ENDED)
    assert Channel(0, form.kind, 1) != OWN


def test_sections_of_items_are_those_in_which_parts_stand() -> None:
    assert {section for sections in SECTIONS.values() for section in sections} == {section for section, _ in PARTS}
