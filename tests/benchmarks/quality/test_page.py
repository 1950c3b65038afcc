"""The page shows every table, as Markdown and as one file of HTML in which nothing is markup that was not meant."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.quality.page import _across, markdown, page, tables
from benchmarks.quality.tables import Harmless, Line
from training.by_set import Answers
from training.measure import Estimate

HALF = Estimate(0.5, 0.4, 0.6)


def line(detector: str = "risk", source: str = "<b>set", risk: str = "harm") -> Line:
    return Line(detector, risk, source, "zh", 1234, Estimate(0.9, 0.8, 1.0), (HALF,) * 3, 0.75, 0.6, 0.1)


FOUND: dict[str, Any] = {
    "date": "2026-01-01",
    "command": "make quality DATA=<folder>",
    "load": "0.1",
    "lines": [line(), line("words", "plain", "attack")],
    "harmless": [Harmless("s", "benign", "en", 10, HALF)],
    "answers": [Answers("s", "zh", 7, HALF, 0, None, None)],
    "disguised": [("spaced", 4, 3, 2, 1, 8, 0)],
    "personal": [{"source": "p", "type": "name", "n": 4, "found": 3, "told": 0, "right": 0}],
    "timings": [("risk", 12.4, 1000.0, 3.0)],
    "footprint": {"seconds": 0.5, "megabytes": 120.4},
}


def test_every_table_has_rows_as_wide_as_its_head() -> None:
    for title, _, heads, rows in tables(FOUND):
        assert rows, title
        assert {len(row) for row in rows} == {len(heads)}, title


def test_markdown_and_html_show_every_cell_and_html_no_markup_of_a_name() -> None:
    text, drawn = markdown(FOUND), page(FOUND)
    for words in ("1,234", "1,000", "120", "spaced", "0.750"):
        assert words in text
        assert words in drawn
    assert "<b>set" not in drawn
    assert "&lt;b&gt;set" in drawn
    assert "http" not in drawn


def test_what_was_said_of_nothing_is_a_dash_and_no_number() -> None:
    for name in ("Personal data", "Answers"):
        (row,) = next(rows for title, _, _, rows in tables(FOUND) if title == name)
        assert row[-1] == "—"


def test_only_the_risk_model_is_drawn() -> None:
    assert page(FOUND).count("<circle") == 1


@pytest.mark.parametrize(("value", "at"), [(0.4, 240.0), (0.0, 240.0), (0.7, 490.0), (1.0, 740.0)])
def test_a_value_stands_where_the_axis_says(value: float, at: float) -> None:
    assert _across(value) == at
