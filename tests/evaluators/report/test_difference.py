"""Two runs side by side say the same as lines, as Markdown and as values."""

import json
from dataclasses import replace

import pytest

from evaluators.compare import compare
from evaluators.report.difference import data, lines, markdown, missing, why_missing


def test_two_runs_are_told_as_lines_markdown_and_values_that_agree(found):
    values = json.loads(json.dumps(data(found), allow_nan=False))
    (one,) = [metric for metric in values["metrics"] if metric["name"] == "refusal_rate"]
    assert (one["before"], one["now"]) == (1.0, pytest.approx(1 / 3))
    assert one["gain"] == pytest.approx(-2 / 3)
    assert (one["fell"], one["rose"], one["pairs"]) == (8, 0, 12)
    assert [flip["row"] for flip in values["flips"]] == [str(at) for at in range(8)]
    text = "\n".join(lines(found))
    for words in ("-0.667", found.now.id, found.baseline.id, "rows in both 12"):
        assert words in text
        assert words in markdown(found)


def test_a_run_against_itself_neither_falls_nor_rises(found):
    same = data(compare(found.now, found.now, 1))
    assert same["flips"] == same["differing"] == []
    assert all(one["gain"] == 0 and one["p"] == 1.0 for one in same["metrics"])


def test_cells_that_only_one_run_has_are_counted_and_not_compared(found):
    one = found.differences[0]
    lacking = replace(one, only_before={"unscored": 2, "fail": 1}, only_now={})
    assert missing(lacking) == "3 / 0"
    assert why_missing(lacking.only_before) == "fail × 1, unscored × 2"
    assert why_missing({}) == ""
