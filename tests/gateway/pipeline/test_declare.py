"""The label of AI-made answers: once a choice, in its place, never where a program reads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.path import question
from kit.plans import LABEL, plan

from gateway.exchange import ANYONE, Agreement, Channel, Exchange
from gateway.labels.metadata import AigcLabel
from gateway.pipeline.declare import Declare
from gateway.policy.plan import LabelPlan, Words
from gateway.textmark import marks, without

SAID = Channel(0, "content")
NOTICE = Words("（请审慎参考）", "(take care)")


def declare(position: str = "end", asked: str = "你好", *, metadata: bool = True, **more: Any) -> Declare:
    label = LabelPlan(position, LABEL, metadata)  # type: ignore[arg-type]
    policy = plan(label=label)
    exchange = Exchange("01JZ", 0.0, policy.digest, policy.name, ANYONE, question(asked, **more))  # type: ignore[arg-type]
    return Declare(policy, exchange, "ACME")


def said(stage: Declare, pieces: Iterable[str], notices: Iterable[Words] = (), choice: int = 0) -> str:
    out = [stage.saw(Channel(choice, "content"), piece) for piece in pieces]
    return "".join(out) + stage.end(choice, list(notices))


@pytest.mark.parametrize(
    ("position", "text", "labelled"),
    [
        ("end", "世界你好", f"世界你好\n\n{LABEL.zh}"),
        ("end", "Hello", f"Hello\n\n{LABEL.en}"),
        ("start", "世界你好", f"{LABEL.zh}\n\n世界你好"),
        ("interface", "世界你好", "世界你好"),
        ("none", "世界你好", "世界你好"),
        ("end", "", ""),
        ("start", "", ""),
        ("end", '{"a": 1}', '{"a": 1}'),
        ("start", '{"a": 1}', '{"a": 1}'),
        ("end", "```py\nx\n```", "```py\nx\n```"),
        ("start", "```py\nx\n```", "```py\nx\n```"),
        ("start", "```py\nx\n```\n就这样", f"```py\nx\n```\n就这样\n\n{LABEL.zh}"),
        ("start", "[1] 引文", f"[1] 引文\n\n{LABEL.zh}"),
        ("start", "``", f"``\n\n{LABEL.en}"),
        ("start", "（", f"{LABEL.zh}\n\n（"),
        ("both", "世界你好", f"{LABEL.zh}\n\n世界你好\n\n{LABEL.zh}"),
        ("both", "Hello", f"{LABEL.en}\n\nHello\n\n{LABEL.en}"),
        ("both", '{"a": 1}', '{"a": 1}'),
        ("both", "```py\nx\n```", "```py\nx\n```"),
        ("both", "[1] 引文", f"[1] 引文\n\n{LABEL.zh}"),
        ("both", "", ""),
        ("start", "（本内容很好）", f"{LABEL.zh}\n\n（本内容很好）"),
        ("end", "{不是 JSON}", f"{{不是 JSON}}\n\n{LABEL.zh}"),
    ],
)
def test_the_label_stands_where_the_policy_says(position: str, text: str, labelled: str) -> None:
    assert said(declare(position), [text]) == labelled
    assert said(declare(position), text) == labelled


@pytest.mark.parametrize(
    ("asked", "text", "first", "last"),
    [
        ("你好", "Hello, this is a long enough answer in English.", LABEL.en, LABEL.en),
        ("hello", "你好，世界。", LABEL.zh, LABEL.zh),
        ("你好", "# 标题\n正文", LABEL.zh, LABEL.zh),
        ("你好", "Python 是一种语言。", LABEL.zh, LABEL.zh),
        ("hello", "Python 是一种语言。", LABEL.en, LABEL.zh),
        ("你好", "1 + 1 = 2", LABEL.zh, LABEL.en),
        ("hello", "1 + 1 = 2", LABEL.en, LABEL.en),
        ("你好", "1" * 100, LABEL.zh, LABEL.en),
    ],
)
def test_the_label_is_in_the_language_of_the_answer(asked: str, text: str, first: str, last: str) -> None:
    for pieces in ([text], list(text)):
        assert said(declare("start", asked), pieces) == f"{first}\n\n{text}"
        assert said(declare("end", asked), pieces) == f"{text}\n\n{last}"


FOREIGN = ["（AI生成）", "本内容由人工智能生成，仅供参考。", "以上内容由 AI 生成，请注意甄别", "AI-generated · AI生成"]


@pytest.mark.parametrize("label", FOREIGN)
@pytest.mark.parametrize("position", ["start", "end", "both"])
def test_an_answer_that_another_gateway_has_labelled_is_not_labelled_again(position: str, label: str) -> None:
    text = {"start": f"{label}\n\n世界你好", "end": f"世界你好\n\n{label}"}
    text["both"] = f"{text['start']}\n\n{label}"
    for pieces in ([text[position]], list(text[position])):
        assert said(declare(position), pieces) == text[position]


def test_what_another_gateway_has_labelled_at_one_end_only_is_labelled_where_the_policy_says() -> None:
    assert said(declare("end"), ["AI生成\n\n世界你好"]) == "AI生成\n\n世界你好"
    assert said(declare("both"), ["AI生成\n\n世界你好"]) == f"AI生成\n\n世界你好\n\n{LABEL.zh}"
    assert said(declare("both"), ["世界你好\n\nAI生成"]) == f"{LABEL.zh}\n\n世界你好\n\nAI生成"
    # What a stream will end with is not known when it begins: at the start our label goes first.
    assert said(declare("start"), ["世界你好\n\nAI生成"]) == f"{LABEL.zh}\n\n世界你好\n\nAI生成"


def test_with_the_interface_a_hint_tells_the_client_what_to_show() -> None:
    stage = declare("interface", asked="hello", metadata=False)
    assert stage.fields() == {"aigc_hint": {"show": "interface", "text": LABEL.en}}
    assert said(stage, ["你好"]) == "你好"
    assert stage.fields() == {"aigc_hint": {"show": "interface", "text": LABEL.zh}}
    assert "aigc_hint" not in declare("end").fields()


@pytest.mark.parametrize("position", ["start", "end", "both"])
@pytest.mark.parametrize("text", ["世界你好", "Hello there", "好" * 400])
def test_an_answer_that_is_labelled_already_is_not_labelled_again(position: str, text: str) -> None:
    once = said(declare(position, text), [text])
    assert once != text
    assert said(declare(position, text), [once]) == once
    assert said(declare(position, text), once) == once


@pytest.mark.parametrize("position", ["start", "end", "both"])
@pytest.mark.parametrize("asked", ["你好", "hello"])
def test_however_it_is_cut_the_same_text_leaves(position: str, asked: str) -> None:
    parts = ['"', "{", "}", "`", "\n", " ", "（", "本", "内", "a", "[", "]", LABEL.zh, "```", *FOREIGN]
    text = st.lists(st.sampled_from(parts), max_size=12).map("".join)

    @settings(deadline=None, max_examples=300)
    @given(text, st.lists(st.integers(0, 40), max_size=6))
    def check(whole: str, places: list[int]) -> None:
        edges = [0, *sorted({at % (len(whole) + 1) for at in places}), len(whole)]
        pieces = [whole[a:b] for a, b in pairwise(edges)]
        labelled = said(declare(position, asked), [whole], [NOTICE])
        assert said(declare(position, asked), pieces, [NOTICE]) == labelled
        assert said(declare(position, asked), whole, [NOTICE]) == labelled
        assert whole in labelled
        most = 2 if position == "both" else 1
        assert labelled.count(LABEL.zh) + labelled.count(LABEL.en) <= most + whole.count(LABEL.zh)

    check()


def test_at_the_start_the_first_words_wait_only_until_they_show_what_they_are() -> None:
    stage = declare("start")
    assert stage.saw(SAID, "\n`") == ""
    assert stage.saw(SAID, "x`好") == f"{LABEL.zh}\n\n\n`x`好"
    assert stage.saw(SAID, "再") == "再"
    assert stage.end(0) == ""


@pytest.mark.parametrize(
    "more", [{"response_format": {"type": "json_object"}}, {"response_format": {"type": "json_schema"}}]
)
@pytest.mark.parametrize("position", ["start", "end", "both"])
def test_neither_label_nor_notice_enters_structured_output(more: dict[str, Any], position: str) -> None:
    stage = declare(position, **more)
    assert said(stage, ["好的"], [NOTICE]) == "好的"
    assert stage.header == "metadata"


def test_neither_label_nor_notice_enters_a_choice_with_tool_calls() -> None:
    stage = declare()
    assert stage.saw(Channel(0, "arguments"), "{}") == "{}"
    assert said(stage, ["我来查一下"], [NOTICE]) == "我来查一下"
    assert said(stage, ["好"], choice=1) == f"好\n\n{LABEL.zh}"


def test_reasoning_and_refusals_pass_unlabelled() -> None:
    stage = declare("start")
    assert stage.saw(Channel(0, "reasoning"), "想") == "想"
    assert stage.saw(Channel(0, "refusal"), "不") == "不"
    assert stage.end(0) == ""


def test_each_choice_is_labelled_once_however_often_it_ends() -> None:
    stage = declare()
    stage.saw(SAID, "好")
    stage.saw(Channel(1, "content"), "Hi")
    assert stage.end(0, [NOTICE]) == f"\n\n{NOTICE.zh}\n\n{LABEL.zh}"
    assert stage.end(0, [NOTICE]) == ""
    assert stage.end(1) == f"\n\n{LABEL.en}"
    assert stage.end(2) == ""


@pytest.mark.parametrize(
    ("position", "asked", "out"),
    [
        ("end", "你好", f"Hi\n\n{NOTICE.zh}\n\n{LABEL.en}"),
        ("end", "hello", f"Hi\n\n{NOTICE.en}\n\n{LABEL.en}"),
        ("start", "你好", f"{LABEL.en}\n\nHi\n\n{NOTICE.zh}"),
        ("both", "你好", f"{LABEL.en}\n\nHi\n\n{NOTICE.zh}\n\n{LABEL.en}"),
        ("none", "hello", f"Hi\n\n{NOTICE.en}"),
    ],
)
def test_notices_follow_the_words_in_the_language_of_the_question(position: str, asked: str, out: str) -> None:
    assert said(declare(position, asked), ["Hi"], [NOTICE]) == out


def test_a_reply_of_our_own_is_labelled_whatever_it_takes_the_place_of() -> None:
    stage = declare()
    stage.saw(Channel(0, "arguments"), "{")
    assert stage.reply(0, "抱歉。", [NOTICE]) == f"抱歉。\n\n{NOTICE.zh}\n\n{LABEL.zh}"
    assert declare("start").reply(1, "抱歉。") == f"{LABEL.zh}\n\n抱歉。"
    waiting = declare("start")
    assert waiting.saw(SAID, "``") == ""
    assert waiting.reply(0, "\n\n抱歉。") == f"{LABEL.zh}\n\n``\n\n抱歉。"


@pytest.mark.parametrize(
    ("position", "metadata", "header"),
    [
        ("end", True, "text-end+metadata"),
        ("start", False, "text-start"),
        ("both", True, "text-both+metadata"),
        ("interface", True, "interface+metadata"),
        ("interface", False, "interface"),
        ("none", True, "metadata"),
        ("none", False, "none"),
    ],
)
def test_the_header_says_what_is_done(position: str, metadata: bool, header: str) -> None:
    stage = declare(position, metadata=metadata)
    assert stage.header == header
    assert stage.fields().get("aigc") == (AigcLabel.of("ACME", "01JZ").elements() if metadata else None)


def test_without_a_producer_there_is_no_metadata() -> None:
    policy = plan(label=LabelPlan("none", None, metadata=True))
    stage = Declare(policy, Exchange("1", 0.0, "", "", ANYONE, question("你好")), None)  # type: ignore[arg-type]
    assert stage.fields() == {}
    assert stage.header == "none"


def test_without_words_nothing_is_said() -> None:
    policy = plan(label=LabelPlan("end", None))
    stage = Declare(policy, Exchange("1", 0.0, "", "", ANYONE, question("你好")), "ACME")  # type: ignore[arg-type]
    assert said(stage, ["好"]) == "好"
    assert stage.header == "none"


WAIVED = replace(ANYONE, key="1a2b3c4d", unlabelled=Agreement("A-1", "2026-10-01"))


def waived(position: str) -> Declare:
    policy = plan(label=LabelPlan(position, LABEL, metadata=True))  # type: ignore[arg-type]
    return Declare(policy, Exchange("01JZ", 0.0, policy.digest, policy.name, WAIVED, question("你好")), "ACME")


@pytest.mark.parametrize("position", ["start", "end", "both", "interface"])
def test_under_an_agreement_no_visible_label_is_given_and_what_left_is_noted(position: str) -> None:
    stage = waived(position)
    out = [said(stage, ["世界", "你好"], [NOTICE]), said(stage, ["Hello"], choice=1)]
    assert out == [f"世界你好\n\n{NOTICE.zh}", "Hello"]
    assert stage.header == "unlabelled+metadata"
    assert stage.fields() == {"aigc": AigcLabel.of("ACME", "01JZ").elements()}
    noted = stage.unlabelled()
    assert noted is not None
    assert noted.agreement == WAIVED.unlabelled
    assert noted.contents == tuple(hashlib.sha256(text.encode()).hexdigest() for text in out)


def test_without_an_agreement_nothing_is_noted() -> None:
    stage = declare()
    said(stage, ["你好"])
    assert stage.unlabelled() is None


def marking(text_mark: bool = True, asked: str = "你好", **more: Any) -> Declare:
    policy = plan(label=LabelPlan("end", LABEL, text_mark=text_mark))
    exchange = Exchange(ID, 0.0, policy.digest, policy.name, ANYONE, question(asked, **more))
    return Declare(policy, exchange, None, b"key")


ID = "01JZ8M3K5QW0123456789ABCDE"
LONG = "这一句话有二十个字左右，用来凑成一篇长文。" * 30


def test_a_long_answer_carries_marks_with_its_id_and_the_words_stay() -> None:
    for pieces in ([LONG], list(LONG)):
        out = said(marking(), pieces)
        assert {found.content_id for found in marks(out, b"key")} == {ID}
        assert len(marks(out, b"key")) >= 2
        assert without(out, b"key") == f"{LONG}\n\n{LABEL.zh}"
        assert marks(out) == []
    assert said(marking(), [LONG]) == said(marking(), list(LONG))
    assert marking().header == "text-end+mark"


@pytest.mark.parametrize(
    ("stage", "text"),
    [
        (marking(), "短。"),
        (marking(text_mark=False), LONG),
        (marking(response_format={"type": "json_object"}), LONG),
        (marking(), '{"a": "' + LONG + '"}'),
        (marking(), f"```\n{LONG}\n```"),
    ],
)
def test_no_mark_enters_what_is_short_or_read_by_a_program(stage: Declare, text: str) -> None:
    assert marks(said(stage, [text]), b"key") == []


@pytest.mark.parametrize(("position", "first"), [("start", f"{LABEL.en}\n\nAre you"), ("end", "Are you")])
def test_a_text_that_ends_keeps_what_waited_in_its_place(position: str, first: str) -> None:
    stage = declare(position, "hello")
    begun = stage.saw(Channel(0, "content", 1), "Are you") + stage.settle(0)
    assert begun == first
    assert stage.settle(0) == ""
    rest = stage.saw(Channel(0, "content", 2), " there?") + stage.end(0)
    assert (begun + rest).count(LABEL.en) == 1
