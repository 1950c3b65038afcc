"""The index names every suite, and what it shows is text."""

from benchmarks.evaluation.page import index
from benchmarks.evaluation.plan import Entry
from benchmarks.evaluation.runs import Result
from benchmarks.evaluation.table import Reached

ENTRY = Entry("risk/starter", ("refusal_rate", "no_such_metric"))


METRIC = {"name": "refusal_rate", "value": 0.5, "low": 0.25, "high": 0.75, "n": 8}


def result(way="gateway", code=0, ruling="pass", answered=8, metrics=(METRIC,), limit=None):
    gates = [{"gate": {"metric": "refusal_rate"}, "ruling": ruling}]
    report = {"answered": answered, "asked": 8, "metrics": list(metrics), "gates": gates}
    return Result(ENTRY, way, code, report, None, "", limit)


def test_a_page_names_every_suite_and_escapes_what_it_shows(tmp_path):
    page = index([result("direct"), result()], Reached(0, 0), tmp_path)
    assert "risk/starter" in page
    assert "0.50 (0.25–0.75)" in page
    assert "<script" not in page
