"""Failures are mapped by risk and metric, by the rows that were scored."""

from kit.pages import Page

from evaluators.report.page import page


def test_failures_are_mapped_by_risk_and_metric(built):
    read = Page(page(*built))
    cells = [a["title"] for tag, a in read.tags if tag == "td" and "95 %" in str(a.get("title"))]
    assert any(title.startswith("1 / 1;") for title in cells)
    assert "风险热图" in read.text
