"""Passages are worth what a judge finds in them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.judged import ZH, judged, script

from evaluators.sample import Passage
from evaluators.scorers.judged.passages import average_precision


def test_metrics_about_passages_alone_do_not_mind_a_refusal():
    assert judged("context_relevance", lambda path, body: '{"rating": 2}', text="抱歉，无法回答。")[0].value == 1.0


def test_passages_that_repeat_the_question_hold_nothing_and_nobody_is_asked():
    sample = replace(ZH, contexts=(Passage("p", "能退货吗？"),))
    cell, asked = judged("context_relevance", lambda path, body: "{}", sample=sample)
    assert (cell.value, asked) == (0.0, [])


@pytest.mark.parametrize(
    ("hits", "value"),
    [
        ([], 0.0),
        ([0, 0], 0.0),
        ([1], 1.0),
        ([0, 1], 0.5),
        ([1, 0, 1], (1 + 2 / 3) / 2),
        ([0, 0, 1], 1 / 3),
        ([1, 1], 1.0),
    ],
)
def test_the_precision_at_the_rank_of_each_hit_is_averaged(hits, value):
    assert average_precision([bool(one) for one in hits]) == pytest.approx(value)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), max_size=12))
def test_an_average_precision_lies_between_nought_and_one_and_no_order_is_better_than_the_best(hits):
    value = average_precision(hits)
    assert 0 <= value <= average_precision(sorted(hits, reverse=True)) <= 1


@pytest.mark.parametrize(("first", "second", "value"), [(0, 0, 0.0), (2, 2, 1.0), (0, 2, 0.5), (1, 2, 0.75)])
def test_two_ratings_are_brought_to_one(first, second, value):
    cell, asked = judged("response_groundedness", script(f'{{"rating": {first}}}', f'{{"rating": {second}}}'))
    assert (cell.value, len(asked)) == (value, 2)
    assert asked[0] != asked[1]  # in other words


def test_sentences_of_the_reference_are_ours_and_those_that_are_missing_are_named():
    said = json.dumps({"classifications": [{"id": 2, "attributed": 0}, {"id": 1, "attributed": 1}]})
    sample = replace(ZH, reference="七天内可以退货。Shipping is free of charge.")
    cell, _ = judged("context_recall", script(said), sample=sample)
    assert cell.value == 0.5
    assert cell.detail["not_in_passages"] == ["Shipping is free of charge."]


def test_entities_are_the_same_whatever_their_width_case_and_spaces():
    said = script('{"entities": ["Ａcme  Corp", "上海", ""]}', '{"entities": ["acme corp"]}')
    cell, _ = judged("context_entity_recall", said)
    assert (cell.value, cell.detail["missing"]) == (0.5, ["上海"])
