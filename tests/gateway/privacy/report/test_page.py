"""The page holds what was found, in the order of the standard, in both languages, and runs nothing foreign."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from gateway.privacy.assess import Context, assess
from gateway.privacy.report.page import page
from gateway.privacy.table import Table

HOSTILE = "<script>alert(1)</script>"


def made(**columns: list[str]) -> str:
    table = Table(tuple(columns), tuple(tuple(cells) for cells in columns.values()))
    assessment = assess(table, Context(), scan=lambda _: (), find=lambda _: (), roles={})
    return page(assessment, "客户.csv", "ab" * 32, "2026-01-31 12:00 +0800")


@pytest.mark.parametrize(
    ("columns", "level"),
    [
        ({"姓名": ["张三"] * 60, "性别": ["男", "女"] * 30}, 1),
        ({"性别": ["男", "女"], "诊断": ["感冒", "胃炎"]}, 2),
        ({"性别": ["男", "女"] * 30}, 3),
        ({"销量": ["1"]}, 4),
    ],
)
def test_every_level_has_its_page(columns: dict[str, list[str]], level: int) -> None:
    text = made(**columns)
    assert f'<div class="mark l{level}">{level}</div>' in text
    assert "<!--" not in text.replace("<!doctype", "")
    clauses = re.findall(r"<h2>.*?（(6\.\d)", text)
    assert clauses == ["6.1", "6.2", "6.3", "6.4", "6.5", "6.6"]


def test_both_languages_are_there_and_tags_are_closed() -> None:
    text = made(姓名=["张三"], 年龄=["20"])
    assert text.count('class="w" lang="zh"') == text.count('class="w" lang="en"') > 30

    class Balance(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag not in ("meta", "rect"):
                self.open.append(tag)

        def handle_endtag(self, tag: str) -> None:
            if tag != "rect":
                assert self.open.pop() == tag

    balance = Balance()
    balance.feed(text)
    assert balance.open == []


def test_what_a_table_says_runs_nowhere() -> None:
    text = made(**{HOSTILE: ["x"], "性别": ["男"]})
    assert HOSTILE not in text
    assert "&lt;script&gt;" in text
