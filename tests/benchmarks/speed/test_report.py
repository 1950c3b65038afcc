"""The report has every row, and the document every round."""

import json

from kit.speed import measured

from benchmarks.speed.report import document, noise, report, verdicts
from benchmarks.speed.targets import targets


def test_a_report_has_every_row_and_the_document_every_round():
    rows = measured()
    shown = report(rows) + verdicts(targets(rows)) + noise(rows)
    assert all(name in shown for name in ("(a) direct", "(c) gateway, policy empty", "(d) gateway, policy base"))
    assert "nginx" not in shown
    line = next(line for line in shown.splitlines() if "messages · (d)" in line)
    assert [cell.strip() for cell in line.split("│")[2:4]] == ["2", "0.25"]
    assert json.loads(json.dumps(document(rows, targets(rows), {})))["rows"]["base"]["rps_32"] == [300.0]
