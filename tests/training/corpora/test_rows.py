"""Rows say what is known of a text, and what is not: a set that does not tell of a risk denies none."""

from __future__ import annotations

import pytest

from training.corpora.rows import ALL, TOXIC, Maker, Row, harmful

MAKE = Maker("a", "zh")


def test_a_request_to_refuse_is_harmful_whatever_else_it_is() -> None:
    assert harmful() == {"harm"}
    assert harmful(["fraud"]) == {"harm", "fraud"}


@pytest.mark.parametrize(
    ("row", "kind", "risks", "unknown"),
    [
        (MAKE.refuse(" x "), "must_refuse", {"harm"}, ALL),
        (MAKE.refuse(" x ", ["fraud"]), "must_refuse", {"harm", "fraud"}, TOXIC),
        (MAKE.comment(" x ", ["abuse"]), "comment", {"abuse"}, ALL),
        (MAKE.comment(" x ", ["abuse"], unknown=["hate"]), "comment", {"abuse"}, {"hate"}),
        (MAKE.comment(" x ", []), "comment", frozenset(), frozenset()),
        (MAKE.attack(" x ", ["fraud"]), "attack", {"attack", "fraud"}, ALL),
        (MAKE.answer(" q ", " x ", True), "answer", {"harm"}, frozenset()),
        (MAKE.answer(" q ", " x ", False), "answer", frozenset(), frozenset()),
    ],
)
def test_a_row_says_what_it_shows_and_what_is_not_known(
    row: Row, kind: str, risks: frozenset[str], unknown: frozenset[str]
) -> None:
    assert (row.text, row.source, row.language, row.weight) == ("x", "a", "zh", 1.0)
    assert (row.kind, row.risks, row.unknown) == (kind, risks, unknown)
    assert row.question == ("q" if kind == "answer" else "")


def test_of_harmless_texts_each_is_taken_once_and_the_same_ones_where_there_are_too_many() -> None:
    assert [row.text for row in MAKE.benign(["x", " x ", "", None, 3, "y"])] == ["x", "y"]
    many = [str(number) for number in range(100)]
    drawn = [row.text for row in MAKE.benign(many, 10)]
    assert len(set(drawn)) == 10
    assert drawn == [row.text for row in MAKE.benign(many, 10)]
    assert drawn != [row.text for row in Maker("b", "zh").benign(many, 10)]
