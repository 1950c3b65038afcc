"""Markdown is read by its headings; its marks are left out and its words are not."""

from __future__ import annotations

import pytest
from kit.papers import MARKDOWN

from gateway.knowledge.readers.formats import read_document
from gateway.knowledge.readers.markdown import read


def test_markdown_is_read_by_its_headings() -> None:
    document = read_document("政策.md", MARKDOWN.encode())
    assert document.title == "售后政策"
    assert [(section.text, section.headings) for section in document.sections] == [
        ("七天内可以退货。\n运费由买家承担。", ("售后政策",)),
        ("商品 | 价格\n茶 | 30 元\n第一条\nSecond item\ncode", ("售后政策", "价格")),
    ]


@pytest.mark.parametrize(
    ("text", "title", "said"),
    [
        ("没有标题\n\nno heading", "", [("没有标题\nno heading", ())]),
        ("## 二级\n正文\n# 一级\nbody", "一级", [("正文", ("二级",)), ("body", ("一级",))]),
        ("# 一\n## 二\n## 三\n文", "一", [("文", ("一", "三"))]),
        ("一\n===\n`code` and **粗** [link](http://x)", "一", [("code and 粗 link", ("一",))]),
        ("> 引用\n> quote\n\n1. 甲\n2. b", "", [("引用\nquote\n甲\nb", ())]),
        ("    indented 代码", "", [("indented 代码", ())]),
        ("---\ntitle: x\n正文", "", [("title: x\n正文", ())]),
        ("---\nkey: 密\n---\n正文", "", [("正文", ())]),
        ("", "", []),
    ],
)
def test_words_stand_under_their_headings(text: str, title: str, said: list[tuple[str, tuple[str, ...]]]) -> None:
    own, sections = read(text.encode())
    assert own == title
    assert [(section.text, section.headings) for section in sections] == said
