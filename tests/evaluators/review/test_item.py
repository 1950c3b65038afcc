"""People see an item, and not what stands behind it."""

from dataclasses import fields

import pytest

from evaluators.review.item import Behind, Item, Origin, Shown

ITEM = Item("i1", "问", "zh", (Shown("a1", "甲"), Shown("a2", "b")))


@pytest.mark.parametrize(("id", "text"), [("a1", "甲"), ("a2", "b"), ("a3", None), ("", None)])
def test_an_answer_is_found_by_its_id_or_not_at_all(id, text):
    found = ITEM.answer(id)
    assert (found.text if found else None) == text


def test_what_people_see_has_no_place_for_what_they_must_not_see():
    hidden = {field.name for field in fields(Origin)} | {field.name for field in fields(Behind)}
    shown = {field.name for field in fields(Item)} | {field.name for field in fields(Shown)}
    assert shown & hidden == {"answers"}  # of Behind: their origins, by id
