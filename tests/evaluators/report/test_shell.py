"""A page is one file that reaches nothing else, and no text in it is markup."""

import json

import pytest

from evaluators.report.shell import Section, embedded, shell
from evaluators.report.words import labels

NASTY = '</script><img src=x onerror="alert(1)">\u2028'


@pytest.mark.parametrize("value", [NASTY, "<!--", "</SCRIPT >", "中文 <b>"])
def test_no_text_in_the_data_can_end_the_element_that_holds_it(value):
    written = embedded({"question": value})
    assert "<" not in written
    assert "\u2028" not in written
    assert json.loads(written) == {"question": value}


def test_what_is_no_number_is_never_written():
    with pytest.raises(ValueError, match="JSON"):
        embedded({"value": float("nan")})


def test_a_section_without_a_body_is_left_out_and_a_title_is_text():
    words = labels()
    page = shell(
        words, "<t>", "night_title", head="<p>h</p>", sections=[Section("trend", ""), Section("nights", "<i>"), ""]
    )
    assert 'id="s-nights"' in page
    assert 'id="s-trend"' not in page
    assert "<title>&lt;t&gt; · Sluice</title>" in page
    assert 'id="data"' not in page
    assert 'id="data"' in shell(words, "t", "night_title", head="", sections=[], data={})


def test_a_page_reaches_nothing_else():
    page = shell(labels(), "t", "night_title", head="", sections=[])
    assert "default-src 'none'" in page
    assert "http://" not in page
    assert "https://" not in page
