"""Every dialect reads alike whose turn it is, what types fit, and which texts stand in definitions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from kit.fuzz import quick, trees

from gateway.errors import RequestError
from gateway.exchange import Path
from gateway.wire.reading import DEFINER, ID, Speaker, check_boolean, check_integer, strings, turn_start, wrong

WORDS = frozenset({"type", "description", "enum", "properties"})


@pytest.mark.parametrize(
    ("roles", "start"),
    [
        ("", 0),
        ("u", 0),
        ("su", 0),
        ("uau", 2),
        ("uauu", 2),
        ("uaut", 2),
        ("ua", 0),  # a prefill belongs to the turn
        ("uaua", 2),
        ("uauaa", 2),
        ("a", 0),
        ("au", 1),
        ("u?", 0),
    ],
)
def test_a_turn_begins_after_the_last_answer_that_somebody_answered(roles: str, start: int) -> None:
    names = {"u": "user", "a": "assistant", "s": "system", "t": "tool"}
    messages = [{"role": names[letter]} if letter in names else "no message" for letter in roles]
    assert turn_start(messages) == start


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("说明", [((), "definition", "说明")]),
        ("", []),
        (5, []),
        (None, []),
        ({"type": "string", "description": "城市 city"}, [
            (("type",), "definition", "string"), (("description",), "definition", "城市 city")]),
        ({"properties": {"密": {"enum": ["甲", "b"]}}}, [
            (("properties", 0), "name", "密"),
            (("properties", "密", "enum", 0), "definition", "甲"),
            (("properties", "密", "enum", 1), "definition", "b")]),
        ([["深"], {"x": 1}], [((0, 0), "definition", "深"), ((1, 0), "name", "x")]),
    ],
)  # fmt: skip
def test_every_string_below_a_definition_is_found_with_the_keys_that_somebody_chose(
    value: object, found: list[tuple[Path, str, str]]
) -> None:
    slots = list(strings((), value, DEFINER, WORDS))
    assert [(slot.path, slot.kind, slot.text) for slot in slots] == found
    assert all((slot.role, slot.current) == ("system", True) for slot in slots)


@settings(parent=quick, max_examples=25)
@given(trees)
def test_no_string_and_no_key_of_a_tree_is_missed(tree: Any) -> None:
    def said(item: Any) -> list[str]:
        if isinstance(item, dict):
            return [*item, *(text for inner in item.values() for text in said(inner))]
        if isinstance(item, list):
            return [text for inner in item for text in said(inner)]
        return [item] if isinstance(item, str) and item else []

    slots = list(strings(("at",), tree, Speaker("user", False), frozenset()))
    assert sorted(slot.text for slot in slots) == sorted(said(tree))
    assert all(slot.path[0] == "at" and not slot.current for slot in slots)


def test_a_definition_without_end_is_read_without_recursion() -> None:
    deep: Any = "底"
    for _ in range(5000):
        deep = [deep]
    assert [slot.text for slot in strings((), deep, DEFINER, WORDS)] == ["底"]


@pytest.mark.parametrize("value", [None, True, False])
def test_a_boolean_may_be_absent(value: object) -> None:
    check_boolean("stream", value)


@pytest.mark.parametrize(
    ("value", "got"),
    [("true", "a string"), (1, "a number"), (0, "a number"), ([], "an empty one"), ({"密": 1}, "an object")],
)
def test_what_is_no_boolean_is_told_without_itself(value: object, got: str) -> None:
    with pytest.raises(RequestError, match=rf"^stream must be a boolean, got {got}\.$") as error:
        check_boolean("stream", value)
    assert (error.value.code, error.value.param) == ("invalid_type", "stream")


@pytest.mark.parametrize("value", [None, 1, 9])
def test_an_integer_within_its_range_or_none_fits(value: object) -> None:
    check_integer("n", value, 1, 9)


@pytest.mark.parametrize(
    ("value", "code"),
    [(0, "out_of_range"), (10, "out_of_range"), (10**400, "out_of_range")]
    + [(wrong_, "invalid_type") for wrong_ in (True, 1.0, "1", [1], {})],
)
def test_any_other_integer_is_told(value: object, code: str) -> None:
    with pytest.raises(RequestError, match=r"^n must be ") as error:
        check_integer("n", value, 1, 9)
    assert (error.value.code, error.value.param) == (code, "n")


@pytest.mark.parametrize(
    ("got", "said"),
    [(None, "nothing"), ("", "an empty one"), ([], "an empty one"), ("密语", "a string"), (1.5, "a number")],
)
def test_a_message_says_what_kind_of_thing_stood_there_and_never_what(got: object, said: str) -> None:
    assert str(wrong("a.b", "an array", got)) == f"a.b must be an array, got {said}."


@pytest.mark.parametrize(
    ("text", "fits"), [("call_1-x:~", True), ("", True), ("有字", False), ("a b", False), ("a\n", False)]
)
def test_an_id_has_no_room_for_words(text: str, fits: bool) -> None:
    assert bool(ID.fullmatch(text)) is fits
