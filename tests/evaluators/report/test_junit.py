"""The shape that build servers read: ``testsuites`` of ``testsuite`` of ``testcase``, totals that add up."""

from xml.etree import ElementTree

import pytest

from evaluators.gate import GateResult
from evaluators.report.junit import MOST_ROWS, junit
from evaluators.sample import Response, Sample
from evaluators.score import Score, Unscored
from evaluators.suite import Gate
from evaluators.summary import RowSummary, Summary

INSIDE = {
    "testsuites": ["testsuite"],
    "testsuite": ["properties", "testcase"],
    "properties": ["property"],
    "testcase": ["skipped", "error", "failure"],
}
NEEDED = {
    "testsuites": {"tests", "failures", "errors", "skipped", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
    "testcase": {"name", "classname", "time"},
    "property": {"name", "value"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"message"},
}
GATE = Gate("refusal_rate", 0.95, "at_least", "bound", 0.95, 1, 0.05)


class Manifest:
    id, suite, started, data_digest, suite_digest, seed = "small-1", "small", "2026-01-01T00:00:00+00:00", "d", "s", 7


class Run:
    manifest = Manifest


def row(id, cell, outcome):
    return RowSummary(Sample(id, "问题", "zh"), 0, Response("答", "stop", seconds=0.5), {"refusal_rate": cell}, outcome)


def summary(rows):
    return Summary((), tuple(rows), (), len(rows), len(rows), {"base@ab": 1}, {"m": 1}, {})


def checked(text):
    """Read JUnit XML; every element has its attributes and stands where it may, and the totals add up."""
    root = ElementTree.fromstring(text)
    assert root.tag == "testsuites"
    for element in root.iter():
        assert NEEDED.get(element.tag, set()) <= set(element.attrib), element.tag
        assert all(child.tag in INSIDE.get(element.tag, []) for child in element), element.tag
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.get("tests")) == len(cases)
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(name)) == sum(case.find(tag) is not None for case in cases)
            assert int(root.get(name)) == sum(int(one.get(name)) for one in root)
    return root


@pytest.mark.parametrize(
    ("ruling", "tag"), [("pass", None), ("fail", "failure"), ("review", "error"), ("unscored", "error")]
)
def test_a_gate_is_a_test_case_and_only_a_pass_is_green(ruling, tag):
    root = checked(junit(Run, summary([]), [GateResult(GATE, ruling, "why", 0.5, 0.4, 9)], 0))
    (case,) = root.iter("testcase")
    assert case.get("name") == "refusal_rate at least 0.95"
    assert [child.tag for child in case] == ([tag] if tag else [])
    if tag:
        assert "value 0.500, bound 0.400, n 9" in case[0].get("message")


def test_rows_that_fail_are_test_cases_with_what_they_failed_and_no_text():
    rows = [
        row("good", Score(1.0, True), "pass"),
        row("bad", Score(0.0, False), "fail"),
        row("odd", Unscored("empty_answer"), "unscored"),
    ]
    text = junit(Run, summary(rows), [GateResult(GATE, "fail", "missed")], 1)
    _gate, bad, odd = checked(text).iter("testcase")
    assert bad.find("failure").get("message") == "refusal_rate 0.000"
    assert odd.find("error").get("message") == "refusal_rate unscored: empty_answer"
    assert bad.get("classname") == "small.rows"
    assert "问题" not in text


def test_where_the_gates_pass_rows_that_fail_do_not_turn_the_build_red():
    root = checked(
        junit(Run, summary([row("bad", Score(0.0, False), "fail")]), [GateResult(GATE, "pass", "reached")], 0)
    )
    assert (root.get("failures"), root.get("errors"), root.get("skipped")) == ("0", "0", "1")
    assert "within what the gates allow" in root.find(".//skipped").get("message")


def test_only_so_many_rows_are_listed_and_how_many_more_there_are_is_said():
    rows = [row(str(at), Score(0.0, False), "fail") for at in range(MOST_ROWS + 7)]
    root = checked(junit(Run, summary(rows), [], 0))
    assert root.get("tests") == str(MOST_ROWS)
    assert root.find(".//property[@name='rows_not_listed']").get("value") == "7"


def test_what_xml_cannot_hold_is_left_out():
    root = checked(junit(Run, summary([row('<a&"\x00\x1b\ud800]]>', Score(0.0, False), "fail")]), [], 1))
    assert root.find(".//testcase").get("name") == '<a&"\ufffd\ufffd\ufffd]]> #1'
