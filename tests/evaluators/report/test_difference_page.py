"""A page about two runs shows what fell first, and no text of theirs as markup."""

import re
from dataclasses import replace

from kit.pages import Page

from evaluators.report.difference_page import difference_page, flips
from evaluators.report.words import labels


def test_the_page_shows_both_runs_every_metric_and_every_row_that_changed_sides(found):
    page = Page(difference_page(found))
    for words in (found.now.id, found.baseline.id, "refusal_rate", "-66.7"):
        assert words in page.text
    rows = re.findall(r"<th scope='row'><code>([0-9]+)</code>", flips(found, labels()))
    assert rows == [str(at) for at in range(8)]


def test_rows_that_fell_stand_before_those_that_rose(found):
    fell, rose = found.flips[0], found.flips[1]._replace(before=found.flips[1].now, now=found.flips[1].before)
    shown = flips(replace(found, flips=(rose, fell)), labels())
    assert shown.index(f"<code>{fell.key.row}</code>") < shown.index(f"<code>{rose.key.row}</code>")


def test_only_so_many_are_listed_and_how_many_more_there_are_is_said(found, monkeypatch):
    monkeypatch.setattr("evaluators.report.difference_page.MOST_FLIPS", 3)
    shown = flips(found, labels())
    assert shown.count("<tr><th scope='row'>") == 3
    assert shown.endswith(": 5</p>")


def test_ids_and_names_are_text(found):
    nasty = replace(found, differing=("<b>data</b>",), now=replace(found.now, id="<i>run", target="<u>who"))
    page = difference_page(nasty)
    for part in ("<b>data", "<i>run", "<u>who"):
        assert part not in page
        assert part.replace("<", "&lt;").replace(">", "&gt;") in page
