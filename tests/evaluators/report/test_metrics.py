"""A rate stands beside its interval, and beside what it is once its judge is corrected for."""

from kit.pages import Page

from evaluators.report.page import page

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


def test_a_rate_stands_beside_what_it_is_once_its_judge_is_corrected_for(built):
    read = Page(page(*built, judges=[JUDGE]))
    assert "12.3 % (5.0 % – 20.0 %)" in read.text
    assert [a.get("class") for _, a in read.tags].count("ring") == 1
    assert "ffffffffffff" in read.text
    hopeless = Page(page(*built, judges=[{**JUDGE, "corrected": None}]))
    assert "cannot be corrected" in hopeless.text
