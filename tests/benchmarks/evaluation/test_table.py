import json

import pytest

from benchmarks.evaluation.plan import Entry
from benchmarks.evaluation.runs import Result
from benchmarks.evaluation.table import Reached, exit_code, figure, reached, table

ENTRY = Entry("risk/starter", ("refusal_rate", "no_such_metric"))
METRIC = {"name": "refusal_rate", "value": 0.5, "low": 0.25, "high": 0.75, "n": 8}


def result(way="gateway", code=0, ruling="pass", answered=8, metrics=(METRIC,), limit=None):
    gates = [{"gate": {"metric": "refusal_rate"}, "ruling": ruling}]
    report = {"answered": answered, "asked": 8, "metrics": list(metrics), "gates": gates}
    return Result(ENTRY, way, code, report, None, "", limit)


def test_a_metric_stands_beside_itself_with_n_and_interval():
    text = table([result("direct", metrics=[{**METRIC, "value": None, "n": 0}]), result()], Reached(0, 0))
    line = next(line for line in text.splitlines() if "refusal" in line and "risk" in line)
    assert line.split("refusal", 1)[1].split() == ["–", "0.50", "(0.25–0.75)", "0/8"]
    assert "通过 passed 1, 未过 failed 0" in text


def test_what_was_not_judged_is_a_dash_and_never_a_number():
    assert figure(None) == figure({"value": None}) == "–"


def test_what_is_missing_is_said():
    text = table([result(answered=7, limit=5)], Reached(1, 4))
    assert "not whole: risk/starter 经网关 gateway (7/8, exit 0)" in text
    assert "only the first rows were asked: risk/starter (5)" in text
    assert "1 of 4 of the user's own values reached the model" in text


@pytest.mark.parametrize(
    ("results", "gates", "code"),
    [
        ([result()], False, 0),
        ([result(ruling="fail", code=1)], False, 0),
        ([result(ruling="fail", code=1)], True, 1),
        ([result("direct", ruling="fail", code=1), result()], True, 0),
        ([result(ruling="review", code=3)], True, 3),
        ([result(answered=7)], False, 4),
        ([result(code=4, ruling="unscored")], False, 4),
        ([Result(ENTRY, "direct", 2, {}, None, "", None)], False, 4),
    ],
)
def test_what_is_not_whole_is_never_well_and_gates_decide_where_they_are_asked_to(results, gates, code):
    assert exit_code(results, gates=gates) == code


def test_values_that_reached_the_model_are_counted(tmp_path):
    data, seen = tmp_path / "data.jsonl", tmp_path / "seen.jsonl"
    rows = [{"allowed": ["13900139011", "a@example.com"]}, {"allowed": ["13800138000"]}]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert reached(seen, data, None) == Reached(0, 0)
    seen.write_text(json.dumps("拨打13900139011，另 b@example.com") + "\n")
    assert reached(seen, data, None) == Reached(1, 3)
    assert reached(seen, data, 1) == Reached(1, 2)
