"""Answers are taken apart into statements, and each has its verdict or the row has none."""

from __future__ import annotations

import pytest
from kit.judged import STATEMENTS, judged, script, verdicts

from evaluators.score import Unscored


def test_faithfulness_is_the_share_of_supported_statements():
    cell, asked = judged("faithfulness", script(STATEMENTS, verdicts(1, 0)))
    assert (cell.value, cell.passed, len(asked)) == (0.5, False, 2)
    assert [one["reason"] for one in cell.detail["statements"]] == ["supported", "unsupported"]


def test_verdicts_count_under_their_numbers_in_any_order():
    cell, _ = judged("faithfulness", script(STATEMENTS, verdicts(0, 1, ids=(2, 1))))
    assert [one["reason"] for one in cell.detail["statements"]] == ["supported", "unsupported"]


@pytest.mark.parametrize("empty", ['{"statements": []}', '{"statements": [" ", ""]}'])
def test_an_answer_without_statements_has_a_state_of_its_own(empty):
    for name, more in (("faithfulness", {}), ("noise_sensitivity", {}), ("answer_correctness", {"weights": (1, 0)})):
        assert judged(name, lambda path, body: empty, **more)[0] == Unscored("no_statements")
