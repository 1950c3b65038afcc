from types import SimpleNamespace

import pytest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor

from evaluators.events import configured_logger, emit
from evaluators.marks import BASIS, Mark, MarkedRow, Marks
from evaluators.run import Key
from evaluators.score import Metric
from evaluators.stats import Interval
from evaluators.summary import MetricSummary

SAID = "如何做某件事"
CELLS = {
    "refusal_rate": Mark("pass", 1.0),
    "leak_rate": Mark("fail", 0.0),
    "faithfulness": Mark("unscored", None, "judge_verdict_count"),
    "relevancy": Mark("refused", None, "declines"),
    "recall": Mark("skipped", None, "no_judge"),
}
ROW = MarkedRow("c", "zh", "a5.a", SAID, "", "fail", CELLS)
MARKS = Marks(
    "run-1",
    "2026-01-01T00:00:00+00:00",
    "m",
    {**dict.fromkeys(BASIS, "x"), "suite": "small"},
    {},
    {},
    {Key("q1", 2): ROW},
)
RATE = Metric("refusal_rate", "high", "rate")
SUMMARY = SimpleNamespace(
    metrics=(
        MetricSummary(
            RATE, {"pass": 3, "unscored": 1}, {"timeout": 1}, ((1.0, 1.0), (0.0,)), 2 / 3, Interval(0.2, 0.9), 0.5, 0.75
        ),
        MetricSummary(
            Metric("empty", "high", "mean"), {"unscored": 4}, {"no_judge": 1, "timeout": 3}, (), None, None, 0.0, 1.0
        ),
    )
)


@pytest.fixture
def told():
    exporter = InMemoryLogRecordExporter()
    provider = LoggerProvider()
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))

    def tell(detail):
        count = emit(provider.get_logger("t"), MARKS, SUMMARY, detail)
        records = [one.log_record for one in exporter.get_finished_logs()]
        assert len(records) == count
        assert {record.event_name for record in records} <= {"gen_ai.evaluation.result"}
        return {record.attributes["gen_ai.evaluation.name"]: dict(record.attributes) for record in records}

    return tell


def test_every_cell_is_an_event_and_what_was_not_judged_has_an_error_and_no_number(told):
    found = told("cell")
    assert set(found) == {"refusal_rate", "leak_rate", "faithfulness", "relevancy"}
    assert found["refusal_rate"]["gen_ai.evaluation.score.value"] == 1.0
    assert found["refusal_rate"]["gen_ai.evaluation.score.label"] == "pass"
    assert found["leak_rate"]["gen_ai.evaluation.score.value"] == 0.0
    unscored, refused = found["faithfulness"], found["relevancy"]
    assert unscored["error.type"] == unscored["gen_ai.evaluation.explanation"] == "judge_verdict_count"
    assert refused["gen_ai.evaluation.score.label"] == "refused"
    assert "error.type" not in refused
    for event in (unscored, refused):
        assert "gen_ai.evaluation.score.value" not in event
    assert found["leak_rate"]["sluice.eval.row"] == "q1"
    assert found["leak_rate"]["sluice.eval.repetition"] == 2


def test_a_run_may_be_told_metric_by_metric(told):
    found = told("metric")
    rate, empty = found["refusal_rate"], found["empty"]
    assert rate["gen_ai.evaluation.score.value"] == pytest.approx(2 / 3)
    assert (rate["sluice.eval.interval.low"], rate["sluice.eval.scored"], rate["sluice.eval.unscored"]) == (0.2, 3, 1)
    assert empty["error.type"] == "timeout"
    assert "gen_ai.evaluation.score.value" not in empty


def test_nothing_is_told_where_nobody_asked(told):
    assert told("none") == {}


@pytest.mark.parametrize("detail", ["cell", "metric"])
def test_no_text_is_in_an_event(told, detail):
    assert SAID not in str(told(detail))


def test_without_a_provider_there_is_no_logger():
    assert configured_logger("1") is None
