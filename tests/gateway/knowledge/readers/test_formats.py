"""Documents of every format are read alike; what cannot be read says what it is and what to do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.papers import MARKDOWN, bomb, book, pdf, word

from gateway.errors import KnowledgeError
from gateway.knowledge.readers import formats
from gateway.knowledge.readers.formats import READERS, read_document

HTML = """\
<html><head><title>售后 政策</title><style>p {color: red}</style></head><body><nav>首页</nav>
<h1>退货</h1><p>七天内可以<b>退货</b>。</p><script>alert(1)</script>
<h2>价格</h2><table><tr><th>商品</th><th>价格</th></tr><tr><td>茶</td><td>30 元</td></tr></table></body></html>
"""


def sections(name: str, data: bytes) -> list[tuple[str, tuple[str, ...], str]]:
    return [(section.text, section.headings, section.place) for section in read_document(name, data).sections]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.exe", b"MZ", "nobody reads files of this kind"),
        ("a", b"text", "nobody reads"),
        ("a.txt", b"%PDF-1.7", "rename it"),
        ("a.pdf", b"PK\x03\x04", "rename it"),
        ("a.doc.docx", b"\xd0\xcf\x11\xe0", "save it as .docx"),
        ("a.txt", b"", "holds no text"),
        ("a.txt", b"\xff\xff\xff\x00", "neither UTF-8 nor GB18030"),
        ("a.txt", b"a\x00b", "neither UTF-8 nor GB18030"),
        ("a.docx", b"PK\x03\x04 broken", "damaged"),
        ("a.docx", bomb(), "zip bomb"),
        ("a.xlsx", bomb(), "zip bomb"),
        ("a.xlsx", word(), "damaged"),
        ("a.docx", book([["a"]]), "damaged"),
        ("a.pdf", b"%PDF-1.7 broken", "damaged"),
        ("a.pdf", pdf(["", ""]), "2 pages has a text layer"),
        ("a.pdf", pdf(["x"], password="secret"), "encrypted"),
        ("a.xlsx", book([["only", "a head"]]), "holds no text"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(name: str, data: bytes, message: str) -> None:
    with pytest.raises(KnowledgeError, match=message) as told:
        read_document(name, data)
    assert str(told.value).startswith(name)


def test_what_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "MOST_BYTES", 10)
    with pytest.raises(KnowledgeError, match="split the document"):
        read_document("a.txt", b"0123456789 ")


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(sorted(READERS)), data=st.binary(max_size=200), cut=st.integers(0, 3000))
def test_rubbish_and_torn_files_are_named_errors_or_text(name: str, data: bytes, cut: int) -> None:
    whole = {".docx": _WORD, ".xlsx": _BOOK, ".pdf": _PDF}.get(name, MARKDOWN.encode())
    for bad in (data, whole[:cut], whole[:cut] + data + whole[cut:]):
        try:
            document = read_document(f"a{name}", bad)
        except KnowledgeError as error:
            assert str(error).startswith(f"a{name}: ")  # noqa: PT017
        else:
            assert all(section.text.strip() for section in document.sections)


_WORD, _BOOK, _PDF = word(), book([["a", "b"], [1, 2]]), pdf(["hello"])
