"""Two runs are compared by command: by folder or by id, for people and for programs."""

import json

import pytest
from kit.evaluated import ask, sluice_eval


def test_two_runs_are_compared_by_folder_or_by_id(tmp_path, two):
    first, second = two
    by_folder = sluice_eval("diff", first, second, "--format", "json")
    by_id = sluice_eval("diff", first.name, second.name, "--format", "json")
    assert by_folder.exit_code == by_id.exit_code == 0, by_id.output
    found = json.loads(by_id.output)
    assert {**found, "now": 0, "baseline": 0} == {**json.loads(by_folder.output), "now": 0, "baseline": 0}
    metric = next(one for one in found["metrics"] if one["name"] == "refusal_rate")
    assert (metric["before"], metric["now"], metric["fell"], metric["rose"]) == (1, pytest.approx(1 / 3), 8, 0)
    assert metric["p"] == pytest.approx(2 / 2**8)
    assert {flip["row"] for flip in found["flips"]} == {str(i) for i in range(8)}
    assert found["changed"]["model"] == {"before": "m", "now": "n"}


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_a_comparison_can_be_read(tmp_path, two, form):
    result = sluice_eval("diff", *two, "--format", form, "-o", tmp_path / "diff")
    assert result.exit_code == 0, result.output
    assert result.output == ""
    text = (tmp_path / "diff").read_text()
    for word in ("refusal_rate", two[0].name, two[1].name, "66.7" if form == "html" else "-0.667", "0.008"):
        assert word in text
    assert ("问题" in text) is False


def test_runs_that_cannot_be_compared_are_refused_with_what_differs(tmp_path, two):
    _, other = ask(tmp_path, "other", rows=11)
    result = sluice_eval("diff", two[0], other.name)
    assert result.exit_code == 2
    assert "suite: small in the baseline, other now" in result.output
    assert "data: " in result.output
    assert sluice_eval("diff", two[0], other.name, "--anyway").exit_code == 0
