"""The numbers of a run are there for programs."""

import json

import pytest

from evaluators.report.data import report


def test_the_numbers_are_there_for_programs(built):
    run, summary, gates, code = built
    data = json.loads(json.dumps(report(run, summary, gates, code), allow_nan=False))
    metrics = {metric["name"]: metric for metric in data["metrics"]}
    faithful = metrics["faithfulness_lexical"]
    assert faithful["counts"] == {"pass": 1, "fail": 2, "refused": 1, "unscored": 2, "skipped": 0}
    assert faithful["n"] == 3
    assert faithful["value"] == pytest.approx(1 / 3)
    assert (faithful["worst"], faithful["best"]) == (pytest.approx(1 / 5), pytest.approx(3 / 5))
    leaks = metrics["leak_rate"]
    assert (leaks["worst"], leaks["best"]) == (pytest.approx(2 / 6), 0.0)
    assert metrics["ragas_faithfulness"]["value"] is None
    assert metrics["ragas_faithfulness"]["counts"]["skipped"] == 4
    assert [gate["ruling"] for gate in data["gates"]] == ["unscored", "pass", "unscored"]
    assert data["exit_code"] == 4
    assert (data["answered"], data["asked"]) == (4, 6)
