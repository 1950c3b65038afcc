"""Values come back however the model wrote what stands for them, and however the text was cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.pipeline.holdback import HoldBack
from gateway.privacy.restoring import Restoring, restored
from gateway.text import TextView

LIVE = {
    "潘俊": "张伟",
    "潘先生": "张先生",
    "15416894155": "13812345678",
    "154-1689-4155": "138-1234-5678",
    "tx6r3@example.org": "zhang@x.cn",
    "Alex Harris": "John Smith",
    "Alex": "John",
    "429499195406184464": "11010519491231002X",
}


@pytest.mark.parametrize(
    ("said", "back"),
    [
        ("潘俊您好", "张伟您好"),
        ("潘 俊、潘·俊、**潘俊**", "张伟、张伟、**张伟**"),
        ("潘先生", "张先生"),
        ("请拨打15416894155。", "请拨打13812345678。"),
        ("154 1689 4155", "13812345678"),
        ("154-1689-4155", "138-1234-5678"),
        ("１５４１６８９４１５５", "13812345678"),
        ("1541689\u200b4155", "13812345678"),
        ("TX6R3@EXAMPLE.ORG", "zhang@x.cn"),
        ("`tx6r3@example.org`", "`zhang@x.cn`"),
        ("alex harris and ALEX HARRIS", "John Smith and John Smith"),
        ("Alex\nHarris", "John Smith"),
        ("Dear Alex, hi", "Dear John, hi"),
        ("Alexander", "Alexander"),
        ("Alex Harrison", "John Harrison"),
        ("815416894155", "815416894155"),
        ("154168941556", "154168941556"),
        ("潘俊潘俊", "张伟张伟"),
        ("nothing here 没有", "nothing here 没有"),
        ("", ""),
    ],
)
def test_a_value_comes_back_however_it_was_written(said: str, back: str) -> None:
    assert restored(said, LIVE) == back


def test_without_anything_live_nothing_changes() -> None:
    assert restored("潘俊", {}) == "潘俊"


def streamed(pieces: list[str], live: dict[str, str]) -> tuple[str, int]:
    """Restore a stream; return the text and the most characters that were ever held back."""
    restoring, hold, out, held = Restoring(live), HoldBack(), "", 0
    given = 0
    left = 0
    for piece in [*pieces, None]:
        view = hold.close() if piece is None else hold.push(piece)
        given += len(piece or "")
        settled = hold.settle(view, [restoring(view)])
        left += len(settled.text)
        held = max(held, given - left)
        at = 0
        for finding in settled.findings:
            out += settled.text[at : finding.start] + restoring.value(settled.text[finding.start : finding.end])
            at = finding.end
        out += settled.text[at:]
    return out, held


WORDS = st.sampled_from(
    [*LIVE, "潘", "俊", "先生", "154", "1689", "4155", "alex", "Harris", " ", "-", "，", "a", "9", "@", "*"]
)


@given(st.lists(WORDS, max_size=8).map("".join), st.data())
def test_however_the_text_was_cut_the_same_comes_back(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert streamed(pieces, LIVE)[0] == restored(text, LIVE)
    assert streamed(list(text), LIVE)[0] == restored(text, LIVE)


def test_no_more_is_held_than_the_longest_replacement() -> None:
    text = "今天天气很好，潘俊说他的号码是15416894155，邮箱是tx6r3@example.org，再联系。" * 3
    _, held = streamed(list(text), LIVE)
    assert held <= max(map(len, LIVE))


def test_text_in_json_escapes_is_seen() -> None:
    view = TextView('{"name": "\\u6f58\\u4fca", "n": "154\\u002d16894155"}', escaped=True)
    restoring = Restoring(LIVE)
    found, _ = restoring.search(view)
    assert [one.value for one in found] == ["张伟", "13812345678"]
    assert restoring.value("\\u6f58\\u4fca", escaped=True) == "张伟"
