"""Markdown says what the page says, without a word of text."""

from dataclasses import replace

from evaluators.compare import compare
from evaluators.marks import marks
from evaluators.report.markdown import markdown

JUDGE = {
    "metric": "leak_rate",
    "passport": "f" * 64,
    "measured": "2026-01-01",
    "kappa": 0.8,
    "labelled": 120,
    "sensitivity": 0.9,
    "specificity": 0.95,
    "corrected": 0.123,
    "corrected_interval": [0.05, 0.2],
}


def test_markdown_says_the_same_without_a_word_of_text(built):
    run, summary, gates, code = built
    now = marks(run, summary)
    text = markdown(run, summary, gates, code, judges=[JUDGE], comparison=compare(now, now, 1))
    for words in ("exit 4", "leak_rate", "faithfulness_lexical", "0.123", "d" * 64, "Against the baseline", "`bad` #1"):
        assert words in text
    assert "保修" not in text.replace(run.suite.summary["zh"], "")
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in tables)


def test_a_name_cannot_break_out_of_its_cell(built):
    run, summary, gates, code = built
    nasty = replace(run, suite=replace(run.suite, name="a|b\n# c `d`"))
    text = markdown(nasty, summary, gates, code)
    assert text.splitlines()[0].startswith("# a\\|b # c 'd': ")


def test_a_run_without_gates_has_not_passed_any(built):
    run, summary, *_ = built
    assert "no gates (exit 0)" in markdown(run, summary, (), 0)


def test_only_so_many_rows_are_listed_and_how_many_more_there_are_is_said(built, monkeypatch):
    monkeypatch.setattr("evaluators.report.markdown.MOST_ROWS", 1)
    run, summary, gates, code = built
    text = markdown(run, summary, gates, code)
    grave = sum(row.outcome in ("fail", "unscored") for row in summary.rows)
    assert f"- and {grave - 1} more; report.html shows them all" in text
