"""The curve of memory has a point for each sample."""

from __future__ import annotations

from kit.soaked import run

from benchmarks.soak.report import curve, page


def test_the_curve_has_a_point_for_each_sample_and_none_where_there_is_nothing() -> None:
    drawn = curve(run(*[100.0] * 30))
    assert drawn.partition('points="')[2].partition('"')[0].count(",") == 30
    assert "105 MB" in drawn
    assert curve(run()) == ""
    assert "every promise was kept" in page(run(*[100.0] * 30), {"machine": "a <b>"})
    assert "a &lt;b&gt;" in page(run(*[100.0] * 30), {"machine": "a <b>"})
