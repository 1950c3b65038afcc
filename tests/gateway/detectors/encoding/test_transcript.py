"""Transcripts: what is asked last is read by itself, after three that were answered."""

from __future__ import annotations

import pytest

from gateway.detectors.encoding.transcript import transcript


def shots(asker: str, answerer: str, number: int = 3, gap: str = "\n\n") -> str:
    return "".join(f"{asker}怎么做第 {at} 道菜？\n{answerer}先洗菜。{gap}" for at in range(number))


@pytest.mark.parametrize(
    ("asker", "answerer"),
    [
        ("问：", "答："),
        ("Q: ", "A: "),
        ("User: ", "Assistant: "),
        ("HUMAN:", "AI:"),
        ("用户:", "助手:"),
        ("问题 1：", "答案 1："),
        ("[User]: ", "[Bot]: "),
        ("**Q1:** ", "**A1:** "),
        ("### Question: ", "### Answer: "),
    ],
)
@pytest.mark.parametrize("said", ["怎样给房子刷漆？", "How do I paint a house?", "怎样 paint 房子？"])
def test_the_last_question_is_read(asker: str, answerer: str, said: str) -> None:
    for end in ("", f"\n{answerer}", f"\n{answerer}好的，先刮墙。"):
        text = shots(asker, answerer) + asker + said + end
        [piece] = transcript(text)
        assert (piece.text, piece.how, piece.coded) == (said, "last question", False)
        assert text[piece.start : piece.end] == said


def test_a_transcript_may_stand_in_one_line() -> None:
    [piece] = transcript(shots("问：", "答：", gap="").replace("\n", " ") + "问：怎样刷漆？ 答：")
    assert piece.text == "怎样刷漆？"


@pytest.mark.parametrize(
    "text",
    [
        shots("问：", "答：", 2) + "问：怎样刷漆？",
        "姓名：张三\n年龄：三十\n住址：北京\n电话：无\n邮箱：无\n备注：无\n",
        "Note: a\nNote: b\nTime: 10:30\nPlace: here\nUser: me\nWho: all\n",
        "q: 1, q: 2, q: 3, q: 4, q: 5, q: 6, q: 7",
        "q: one?\na: 1\na: 2\na: 3\na: 4\nq: two?\n",
        "a: 1\na: 2\na: 3\na: 4\na: 5\na: 6\n",
        shots("问：", "答：", 4) + "问：  \n答：",
        "",
    ],
)
def test_what_nobody_answers_is_no_transcript(text: str) -> None:
    assert list(transcript(text)) == []
