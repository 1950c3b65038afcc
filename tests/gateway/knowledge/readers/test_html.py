"""A page is read by its headings, without what nobody sees of it."""

from __future__ import annotations

import pytest

from gateway.errors import KnowledgeError
from gateway.knowledge.readers.formats import read_document
from gateway.knowledge.readers.html import read

HTML = """\
<html><head><title>售后 政策</title><style>p {color: red}</style></head><body><nav>首页</nav>
<h1>退货</h1><p>七天内可以<b>退货</b>。</p><script>alert(1)</script>
<h2>价格</h2><table><tr><th>商品</th><th>价格</th></tr><tr><td>茶</td><td>30 元</td></tr></table></body></html>
"""


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_html_is_read_without_its_scripts(encoding: str) -> None:
    page = HTML.replace("<title>", f"<meta charset={'gbk' if encoding == 'gb18030' else 'utf-8'}><title>")
    document = read_document("p.html", page.encode(encoding))
    assert document.title == "售后 政策"
    assert [(section.text, section.headings) for section in document.sections] == [
        ("七天内可以退货。", ("退货",)),
        ("商品 | 价格\n茶 | 30 元", ("退货", "价格")),
    ]


@pytest.mark.parametrize(
    ("page", "title", "said"),
    [
        ("<p>一</p><p>two<br>三</p>", "", [("一\ntwo\n三", ())]),
        ("<title>页</title><svg><title>icon</title></svg><p>文", "页", [("文", ())]),
        ("<h1>头 head</h1><div>a<h3>小</h3>b</div>", "头 head", [("a", ("头 head",)), ("b", ("头 head", "小"))]),
        ("<nav>首页<ul><li>a</li></ul></nav><p>正文</p><script>x='<p>no</p>'</script>", "", [("正文", ())]),
        ("<template><nav>no</template>yes", "", [("yes", ())]),
        ("</nav></script>文", "", [("文", ())]),
        ("<table><tr><td>甲</td><td>b</td></tr><tr><td>丙</td></tr></table>", "", [("甲 | b\n丙", ())]),
        ("&lt;标签&gt; &amp; &#20013;", "", [("<标签> & 中", ())]),
        ("<h2></h2><p>under nothing</p>", "", [("under nothing", ())]),
        ("<p>torn", "", [("torn", ())]),
        ("", "", []),
    ],
)
def test_words_stand_under_their_headings(page: str, title: str, said: list[tuple[str, tuple[str, ...]]]) -> None:
    own, sections = read(page.encode())
    assert own == title
    assert [(section.text, section.headings) for section in sections] == said


def test_a_page_that_says_it_is_gbk_is_read_as_that_whatever_is_broken_in_it() -> None:
    page = b'<meta charset="GB2312"><p>' + "中文".encode("gbk") + b"\xff</p>"
    assert read(page)[1][0].text.startswith("中文")
    with pytest.raises(KnowledgeError, match="save it as UTF-8"):
        read(page.replace(b"GB2312", b"utf-8") + b"\xff")
