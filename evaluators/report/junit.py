"""The report as JUnit XML, for build servers: a test case for each gate, and for each row that fails, up to a cap.

It agrees with the exit code: where the gates pass, rows that fail are within what the gates allow, and are shown as
skipped; and what could not be judged is an error, never a pass. It holds ids and numbers, no text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, fromstring, indent, tostring

from evaluators.gate import GateResult
from evaluators.run import Run
from evaluators.sample import Response
from evaluators.score import Score, outcome
from evaluators.summary import RowSummary, Summary

MOST_ROWS: Final = 200
"""So many rows get a test case; how many more fail is said."""

_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_GRAVE: Final = ("fail", "unscored")


def junit(run: Run, summary: Summary, gates: Sequence[GateResult], code: int) -> str:
    """Return the report of a run as JUnit XML."""
    root = Element("testsuites")
    root.append(junit_suite(run, summary, gates, code))
    return junit_text(root)


def junit_text(root: Element) -> str:
    """Write a ``testsuites`` element, its totals summed up."""
    suites = list(root)
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.set("time", f"{sum(float(suite.get('time', '0')) for suite in suites):.3f}")
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, "unicode") + "\n"


def junit_joined(texts: Sequence[str], broken: Mapping[str, str]) -> str:
    """Return several runs' JUnit XML as one; a suite that could not be run is one error.

    Args:
        texts: What ``junit`` wrote.
        broken: By suite, why it could not be run.
    """
    root = Element("testsuites")
    for text in texts:
        root.extend(fromstring(text))  # noqa: S314 - our own file
    for name, why in broken.items():
        suite = SubElement(
            root, "testsuite", name=clean(name), tests="1", failures="0", errors="1", skipped="0", time="0"
        )
        case = SubElement(suite, "testcase", classname=clean(name), name="run", time="0")
        SubElement(case, "error", type="not_run", message=clean(why))
    return junit_text(root)


def junit_suite(run: Run, summary: Summary, gates: Sequence[GateResult], code: int) -> Element:
    """Return one run as a ``testsuite`` element."""
    manifest = run.manifest
    cases = [*map(_gate_case, gates), *_row_cases(summary, passed=code == 0)]
    grave = [row for row in summary.rows if row.outcome in _GRAVE]
    for case in cases:
        case.set("classname", clean(manifest.suite + case.get("classname", "")))
    suite = Element("testsuite", name=clean(manifest.suite), id=clean(manifest.id), timestamp=manifest.started[:19])
    suite.set("tests", str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in cases)))
    seconds = sum(row.answer.seconds for row in summary.rows if isinstance(row.answer, Response))
    suite.set("time", f"{seconds:.3f}")
    properties = SubElement(suite, "properties")
    facts = {
        "run": manifest.id,
        "exit_code": code,
        "answered": f"{summary.answered} of {summary.asked}",
        "data_digest": manifest.data_digest,
        "suite_digest": manifest.suite_digest,
        "seed": manifest.seed,
        "policies": ", ".join(summary.policies),
        "models": ", ".join(summary.models),
        "rows_not_listed": max(0, len(grave) - MOST_ROWS),
    }
    for name, value in facts.items():
        SubElement(properties, "property", name=name, value=clean(str(value)))
    suite.extend(cases)
    return suite


def clean(text: str) -> str:
    """Leave out what XML 1.0 cannot hold."""
    return _NO_XML.sub("\ufffd", text)


def _gate_case(result: GateResult) -> Element:
    gate = result.gate
    what = f"{gate.metric} {gate.side.replace('_', ' ')} {gate.mark:g}" if gate else "unscored cells of all metrics"
    case = Element("testcase", classname=".gates", name=clean(what), time="0")
    if result.ruling != "pass":
        numbers = f"value {_number(result.value)}, bound {_number(result.bound)}, n {result.n}"
        said = f"{result.ruling}: {result.reason}; {numbers}"
        SubElement(case, "failure" if result.ruling == "fail" else "error", type=result.reason, message=said)
    return case


def _row_cases(summary: Summary, *, passed: bool) -> Iterator[Element]:
    for row in [row for row in summary.rows if row.outcome in _GRAVE][:MOST_ROWS]:
        case = Element(
            "testcase", classname=".rows", name=clean(f"{row.sample.id} #{row.repetition + 1}"), time=_seconds(row)
        )
        why = clean("; ".join(_why(row)))
        if passed:
            SubElement(case, "skipped", message=f"{row.outcome}, within what the gates allow: {why}")
        else:
            SubElement(case, "failure" if row.outcome == "fail" else "error", type=row.outcome, message=why)
        yield case


def _why(row: RowSummary) -> Iterator[str]:
    for name, cell in row.cells.items():
        if outcome(cell) in _GRAVE:
            yield f"{name} {cell.value:.3f}" if isinstance(cell, Score) else f"{name} unscored: {cell.reason}"


def _seconds(row: RowSummary) -> str:
    return f"{row.answer.seconds:.3f}" if isinstance(row.answer, Response) else "0"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"
