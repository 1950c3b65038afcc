"""Every word of a report is there in both languages."""

import pytest

from evaluators.report.words import Labels, labels, percent, points
from evaluators.score import OUTCOMES


def test_the_words_name_every_outcome_and_every_reason_of_the_gates():
    words = labels().words
    assert set(OUTCOMES) < set(words)
    for name, word in words.items():
        forms = word.values() if name in ("reasons", "meanings") else [word]
        assert all(set(form) == {"zh", "en"} for form in forms)


def test_a_word_is_said_in_both_languages_and_is_text():
    said = Labels({"a": {"zh": "<甲>", "en": "A & B"}, "reasons": {}, "meanings": {}})
    assert said("a") == '<span class="w" lang="zh">&lt;甲&gt;</span><span class="w" lang="en">A &amp; B</span>'
    assert said.plain("a") == "&lt;甲&gt; · A &amp; B"
    with pytest.raises(KeyError):
        said("missing")


def test_a_reason_without_words_is_shown_as_it_is_and_a_metric_without_a_meaning_has_none():
    said = Labels({"reasons": {"x": {"zh": "因", "en": "why"}}, "meanings": {"leak_rate": {"zh": "漏", "en": "leak"}}})
    assert "因" in said.reason("x")
    assert said.reason("<y>") == "<code>&lt;y&gt;</code>"
    assert said.meaning("leak_rate") == said.meaning("leak_rate:gateway") == said.meaning("leak_rate@2")
    assert said.meaning("other") == ""


@pytest.mark.parametrize(
    ("value", "share", "difference"),
    [(None, "–", "–"), (0.0, "0.0 %", "+0.0"), (0.1234, "12.3 %", "+12.3"), (1.0, "100.0 %", "+100.0")],
)
def test_numbers_are_written_for_people_and_a_missing_one_is_no_number(value, share, difference):
    assert (percent(value), points(value)) == (share, difference)
    assert value is None or points(-value - 0.01).startswith("-")
