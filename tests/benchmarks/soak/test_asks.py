"""The same seed asks the same, and every kind of question comes up."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.soak.asks import DIALECTS, FORBIDDEN, PRIVATE, ask, filling
from benchmarks.soak.scripts import HANGS, SCRIPTS, SHARES


def test_the_same_seed_asks_the_same_and_another_one_something_else() -> None:
    assert ask(1, 5, 7, lasts=3.0) == ask(1, 5, 7, lasts=3.0)
    assert ask(1, 5, 7, lasts=3.0) != ask(2, 5, 7, lasts=3.0)
    assert ask(1, 5, 7, lasts=3.0).text != ask(1, 5, 8, lasts=3.0).text


def test_every_kind_of_question_comes_up_and_no_two_have_one_user() -> None:
    asked = [ask(1, client, turn, lasts=5.0) for client in range(50) for turn in range(20)]
    assert len({one.user for one in asked}) == len(asked)
    assert set(Counter(one.dialect for one in asked)) == set(DIALECTS)
    assert set(Counter(one.model for one in asked)) == set(SCRIPTS)
    shares = {
        "streamed": sum(one.stream for one in asked),
        "leaving": sum(one.leaves is not None for one in asked),
        "refused": sum(one.forbidden for one in asked),
        "personal": sum(bool(one.private) for one in asked),
    }
    assert shares == pytest.approx({"streamed": 850, "leaving": 184, "refused": 80, "personal": 200}, rel=0.4)
    assert all(one.leaves is not None for one in asked if one.model == HANGS)
    assert all(0 <= one.leaves <= 5.0 for one in asked if one.leaves is not None)
    assert sum(SHARES) == 100


def test_what_is_said_of_a_question_is_in_its_body_and_its_user_too() -> None:
    for one in (ask(1, client, turn, lasts=5.0) for client in range(20) for turn in range(20)):
        body = str(one.body("resp_0"))
        assert one.user in body
        assert (FORBIDDEN in body) is one.forbidden
        assert (PRIVATE in body) is bool(one.private)
        assert ("resp_0" in body) is (one.dialect == "responses" and one.goes_on)


def test_what_fills_the_memory_has_no_turn_twice() -> None:
    turns = [text for number in range(4) for _, text in filling(1, number).history]
    assert len(turns) == len(set(turns)) == 1000
