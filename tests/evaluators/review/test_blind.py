from collections import Counter

import pytest
from kit.reviewing import review

from evaluators.review.blind import blind_id, hidden, hider, in_order
from evaluators.review.item import Item, Shown

SIX = Item("q1", "问题？", "zh", tuple(Shown(f"a{at}", f"t{at}") for at in range(6)))


def test_orders_differ_between_people_and_items_and_stay_the_same_for_one():
    assert in_order(SIX, "王芳", 1) == in_order(SIX, "王芳", 1)
    orders = {in_order(SIX, f"p{at}", 1) for at in range(20)}
    assert len(orders) > 15
    assert in_order(SIX, "王芳", 1) != in_order(SIX, "王芳", 2)


def test_no_source_stands_first_more_often_than_others():
    first = Counter(in_order(SIX, f"p{at}", 1)[0].id for at in range(600))
    assert 60 < min(first.values()) <= max(first.values()) < 145


def test_ids_are_not_in_the_order_of_sources(tmp_path):
    made = review(tmp_path / "r")
    orders = {
        tuple(origins[0].source for _, origins in sorted(behind.answers.items())) for behind in made.behind.values()
    }
    assert len(orders) > 1
    assert blind_id("a", 1, "x") != blind_id("a", 2, "x")
    assert blind_id("a", 1, "x", "y") != blind_id("a", 1, "xy")


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("请拨打 13800138000 联系", "13800138000"),
        ("write to wang.fang@example.com please", "wang.fang@example.com"),
        ("身份证 11010519491231002X 已登记 thanks", "11010519491231002X"),
    ],
)
def test_personal_data_is_hidden_everywhere(text, gone):
    item = Item("q1", text, "zh", (Shown("a1", text), Shown("a2", "无 none")), text, (text,), text, text, (text,))
    found = hidden(item, hider())
    assert gone not in str(found)
    assert len(found.question) == len(text)
    assert found.answers[1].text == "无 none"
    assert found.id == "q1"
