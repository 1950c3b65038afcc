"""A question before the model sees it: every slot, joined parts, history, replies, and what was seen before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from kit.path import assistant, ports, question
from kit.plans import SAFE, WITHHELD, pattern, plan, raising, rule, side

from gateway.errors import JudgeTimeout
from gateway.exchange import Exchange, Path, Question, dotted
from gateway.pipeline.screen import examine, make_reply, screen
from gateway.pipeline.seen import RecentlySeen
from gateway.policy.plan import BoundDetector, Plan, SidePlan, Words
from gateway.ports import Detector, Scan
from gateway.text import TextView
from gateway.verdict import PASS, Finding

NUMBER = pattern("number", r"(?<![0-9])[0-9]{18}(?![0-9])")
DRUG = pattern("drug", "毒品|drug deal")
ID = "110105194912310021"
SIDE = side(
    {"number": NUMBER, "drug": DRUG}, [rule("number", "mask", keep=(6, 4)), rule("drug", "refuse")], unjudged="pass"
)
PERSON = Words("请稍候，转人工。", "A person will answer.")


class Counting:
    """A detector that notes every text it looks at."""

    def __init__(self, inner: Detector) -> None:
        self.inner = inner
        self.texts: list[str] = []

    def __call__(self, view: TextView) -> Scan:
        self.texts.append(view.text)
        return self.inner(view)


async def screened(asked: Question, policy: Plan, seen: RecentlySeen | None = None) -> Exchange:
    exchange = Exchange("X", 0.0, policy.digest, policy.name, caller=None, question=asked)  # type: ignore[arg-type]
    return await screen(exchange, policy, ports(seen=seen))


def changes(rewritten: Mapping[Path, str]) -> dict[str, str]:
    return {dotted(path): text for path, text in rewritten.items()}


async def test_nothing_found_changes_nothing() -> None:
    asked = question("你好", "hello")
    exchange = await screened(asked, plan(SIDE))
    assert exchange.request is PASS
    assert (exchange.reply, exchange.rewritten, exchange.findings, exchange.notices) == (None, {}, {}, ())


async def test_without_rules_nothing_is_looked_at() -> None:
    assert (await screened(question("毒品"), plan())).request is PASS


@pytest.mark.parametrize(("text", "words"), [("买毒品", SAFE.zh), ("a drug deal", SAFE.en), ("drug deal 好", SAFE.zh)])
async def test_the_current_turn_is_refused_in_the_language_of_the_question(text: str, words: str) -> None:
    exchange = await screened(question("你好 hello", assistant("好"), text), plan(SIDE))
    assert exchange.request.action == "refuse"
    assert exchange.request.rule == "refuse-drug"
    assert exchange.reply is not None
    assert (exchange.reply.kind, exchange.reply.text, exchange.reply.rule) == ("safe", words, "refuse-drug")
    assert exchange.rewritten == {}


async def test_a_mask_changes_the_slot_and_only_it() -> None:
    exchange = await screened(question(f"我的号码是{ID}，你好", "hello"), plan(SIDE))
    assert changes(exchange.rewritten) == {"messages[0].content": "我的号码是110105********0021，你好"}
    assert exchange.request.action == "mask"
    assert exchange.reply is None
    assert [(f.start, f.end) for f in exchange.findings["messages", 0, "content"]] == [(5, 23)]


async def test_a_mask_changes_the_slot_whatever_other_rules_say_of_it() -> None:
    both = side({"drug": DRUG, "number": NUMBER}, [rule("drug", "label"), rule("number", "mask"), rule("drug", "pass")])
    exchange = await screened(question(f"毒品 {ID}"), plan(both))
    assert [hit.action for hit in exchange.request.hits] == ["label", "mask", "pass"]
    assert changes(exchange.rewritten) == {"messages[0].content": f"毒品 {'*' * 18}"}


class TestPartsThatTheModelReadsAsOne:
    """Content parts of one message are judged as one text, and each gets its share."""

    @staticmethod
    def parts(*texts: str, **more: Any) -> dict[str, Any]:
        return {"role": "user", "content": [{"type": "text", "text": text} for text in texts], **more}

    async def test_a_word_across_two_parts_is_found(self) -> None:
        exchange = await screened(question(self.parts("哪里买毒", "品")), plan(SIDE))
        assert exchange.request.rule == "refuse-drug"
        hits = exchange.request.hits
        assert [(hit.slot, hit.start, hit.end) for hit in hits] == [
            ("messages[0].content[0].text", 3, 4),
            ("messages[0].content[1].text", 0, 1),
        ]

    async def test_of_a_number_across_parts_no_end_is_kept(self) -> None:
        exchange = await screened(question(self.parts("号码" + ID[:12], ID[12:17], ID[17:] + "吗")), plan(SIDE))
        assert changes(exchange.rewritten) == {
            "messages[0].content[0].text": "号码************",
            "messages[0].content[1].text": "*****",
            "messages[0].content[2].text": "*吗",
        }

    async def test_a_number_within_one_part_keeps_its_ends(self) -> None:
        exchange = await screened(question(self.parts("是", ID, "吗")), plan(SIDE))
        assert changes(exchange.rewritten) == {"messages[0].content[1].text": "110105********0021"}

    async def test_a_picture_between_two_texts_parts_them(self) -> None:
        picture = {"type": "image_url", "image_url": {"url": "data:,"}}
        content = [{"type": "text", "text": "毒"}, picture, {"type": "text", "text": "品"}]
        exchange = await screened(question({"role": "user", "content": content}), plan(SIDE))
        assert exchange.request.action == "pass"
        assert exchange.request.unjudged == ("messages[0].content[1]",)

    async def test_two_messages_are_two_texts_for_what_is_masked_and_one_for_what_is_refused(self) -> None:
        assert (await screened(question(ID[:9], ID[9:]), plan(SIDE))).request is PASS
        assert (await screened(question("毒", "品"), plan(SIDE))).request.action == "refuse"


class TestHistory:
    """Earlier turns are judged, but what stands in them cannot block the conversation for ever."""

    async def test_what_is_forbidden_there_is_withheld_and_the_conversation_goes_on(self) -> None:
        asked = question("去哪买毒品", assistant("不能说毒品"), "今天天气如何")
        exchange = await screened(asked, plan(SIDE))
        assert exchange.reply is None
        assert changes(exchange.rewritten) == {
            "messages[0].content": WITHHELD.zh,
            "messages[1].content": WITHHELD.zh,
        }
        assert (exchange.request.action, exchange.request.rule) == ("mask", "refuse-drug")
        assert {hit.action for hit in exchange.request.hits} == {"mask"}

    async def test_the_words_in_its_place_follow_the_question(self) -> None:
        exchange = await screened(question("a drug deal", assistant("no"), "How are you?"), plan(SIDE))
        assert changes(exchange.rewritten) == {"messages[0].content": WITHHELD.en}

    async def test_what_is_masked_there_is_masked(self) -> None:
        exchange = await screened(question(f"我是{ID}", assistant("好"), "继续"), plan(SIDE))
        assert changes(exchange.rewritten) == {"messages[0].content": "我是110105********0021"}

    async def test_the_current_turn_still_decides(self) -> None:
        asked = question("去哪买毒品", assistant("好"), "毒品呢")
        exchange = await screened(asked, plan(SIDE))
        assert exchange.request.action == "refuse"
        assert [hit.action for hit in exchange.request.hits] == ["mask", "refuse"]
        assert exchange.rewritten == {}

    async def test_withheld_tool_arguments_are_an_empty_object(self) -> None:
        call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"q":"\\u6bd2\\u54c1"}'}}
        asked = question("查", {"role": "assistant", "tool_calls": [call]}, {"role": "tool", "content": "好"}, "谢")
        exchange = await screened(
            replace(asked, slots=tuple(s._replace(current=False) for s in asked.slots)), plan(SIDE)
        )
        assert changes(exchange.rewritten) == {"messages[1].tool_calls[0].function.arguments": "{}"}

    async def test_an_error_refuses_whatever_the_history_says(self) -> None:
        both = side({"x": raising, "drug": DRUG}, [rule("x", "mask"), rule("drug", "refuse")])
        exchange = await screened(question("毒品", assistant("好"), "天气"), plan(both))
        assert (exchange.request.action, exchange.request.rule) == ("refuse", "mask-x")
        assert exchange.reply is not None


@pytest.mark.parametrize(
    ("messages", "more", "slot"),
    [
        ([{"role": "system", "content": "谈毒品"}, "好"], {}, "messages[0].content"),
        ([{"role": "developer", "content": "谈毒品"}, "问", assistant("答"), "好"], {}, "messages[0].content"),
        (["问", assistant("毒品是")], {}, "messages[1].content"),
        (["问", {"role": "tool", "tool_call_id": "1", "content": "毒品"}], {}, "messages[1].content"),
        (["问", {"role": "user", "name": "毒品", "content": "好"}], {}, "messages[1].name"),
        (
            ["问"],
            {"tools": [{"type": "function", "function": {"name": "f", "description": "卖毒品"}}]},
            "tools[0]",
        ),
    ],
)
async def test_every_text_that_the_model_reads_now_is_judged(messages: Any, more: Any, slot: str) -> None:
    exchange = await screened(question(*messages, **more), plan(SIDE))
    assert exchange.request.action == "refuse"
    assert [hit.slot for hit in exchange.request.hits] == [slot]


async def test_masked_tool_arguments_still_parse() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": f'{{"n":{ID},"s":"{ID}"}}'}}
    asked = question("查", {"role": "assistant", "content": None, "tool_calls": [call]})
    exchange = await screened(asked, plan(SIDE))
    ((path, text),) = changes(exchange.rewritten).items()
    assert path == "messages[1].tool_calls[0].function.arguments"
    assert json.loads(text) == {"n": "110105********0021", "s": "110105********0021"}


@pytest.mark.parametrize(
    ("then", "kind", "name"), [("refuse", "safe", "safe"), ("answer", "standard", "own"), ("handoff", "handoff", "own")]
)
async def test_the_reply_is_the_rules_own(then: str, kind: str, name: str) -> None:
    policy = plan(side({"drug": DRUG}, [rule("drug", then, reply=name)]), replies={"own": PERSON})
    exchange = await screened(question("毒品"), policy)
    assert exchange.reply is not None
    assert (exchange.reply.kind, exchange.reply.name) == (kind, name)
    assert exchange.reply.text == policy.replies[name].zh


@pytest.mark.parametrize("then", ["refuse", "answer", "handoff"])
async def test_what_could_not_be_judged_is_refused_in_the_safe_words_and_not_in_those_for_what_is_found(
    then: str,
) -> None:
    policy = plan(side({"broken": raising}, [rule("broken", then, reply="own")]), replies={"own": PERSON})
    reply = (await screened(question("你好"), policy)).reply
    assert reply is not None
    assert (reply.kind, reply.name, reply.text, reply.rule) == ("safe", "safe", SAFE.zh, f"{then}-broken")


async def test_a_judge_that_failed_is_not_asked_again_about_the_turns_together_and_nothing_is_remembered() -> None:
    asked: list[str] = []
    well = False

    async def ask(view: TextView) -> Scan:
        asked.append(view.text)
        if not well:
            raise JudgeTimeout("no verdict within 1 s")
        found = (Finding(0, len(view.text), "whole", 0.9, "guard"),) if {"坏", "话"} <= set(view.text) else ()
        return Scan(found, len(view.text))

    guard = BoundDetector("guard", "sentence", frozenset({"whole"}), judge=ask)
    line = rule("drug", "refuse")
    judged = replace(line, id="guarded", risks=frozenset({"whole"}), detectors=frozenset({"guard"}), on_error="pass")
    base = side({"drug": DRUG}, [line])
    both = SidePlan((*base.detectors, guard), (line, judged), "pass", {**base.by_risk, "whole": (judged,)})
    seen = RecentlySeen(1000)
    turns = question("坏", assistant("好的"), "话")
    await screened(turns, plan(both), seen)
    assert asked
    assert all({"坏", "话"} - set(text) for text in asked)
    well = True
    exchange = await screened(turns, plan(both), seen)
    assert {hit.rule for hit in exchange.request.hits} == {"guarded"}


async def test_a_stronger_rule_in_another_slot_gives_the_reply() -> None:
    rules = [rule("drug", "refuse"), rule("number", "handoff", reply="own")]
    policy = plan(side({"drug": DRUG, "number": NUMBER}, rules), replies={"own": PERSON})
    exchange = await screened(question("毒品", ID), policy)
    assert exchange.reply is not None
    assert exchange.reply.rule == "handoff-number"


def test_a_failure_without_a_rule_gets_the_safe_reply() -> None:
    reply = make_reply(plan(), None, question("hello"))
    assert (reply.kind, reply.text, reply.rule, reply.name) == ("safe", SAFE.en, "", "safe")


@pytest.mark.parametrize(("unjudged", "action"), [("pass", "pass"), ("refuse", "refuse")])
async def test_parts_that_nobody_can_read_are_told_or_refused(unjudged: str, action: str) -> None:
    picture = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}
    exchange = await screened(question(picture), plan(SidePlan(unjudged=unjudged)))  # type: ignore[arg-type]
    assert exchange.request.action == action
    assert exchange.request.unjudged == ("messages[0].content[0]",)
    assert (exchange.reply is not None) is (action == "refuse")


async def test_notices_are_those_of_this_turn_each_once() -> None:
    rude = side({"rude": pattern("rude", "笨蛋")}, [rule("rude", "label", notice=PERSON)])
    exchange = await screened(question("笨蛋", assistant("好"), "笨蛋，笨蛋", "笨蛋"), plan(rude))
    assert exchange.notices == ("label-rude",)
    before = await screened(question("笨蛋", assistant("好"), "你好"), plan(rude))
    assert before.notices == ()
    assert before.request.action == "label"


async def test_scores_below_every_rule_are_in_the_verdict() -> None:
    high = side({"drug": DRUG}, [rule("drug", "refuse", score=1.1)])
    exchange = await screened(question("毒品"), plan(high))
    assert exchange.request.scores == {"drug": 1.0}
    assert exchange.request.action == "pass"


class TestWhatWasSeenBefore:
    """A conversation that is sent again is not judged again."""

    @staticmethod
    def policy(counting: Counting, digest: str = "0" * 64) -> Plan:
        return replace(plan(side({"drug": counting}, [rule("drug", "refuse")])), digest=digest)

    async def test_of_fifty_turns_only_the_new_texts_are_scanned(self) -> None:
        counting, seen = Counting(DRUG), RecentlySeen()
        policy = self.policy(counting)
        turns: list[Any] = []
        for number in range(50):
            turns.append(f"第{number}问")
            await screened(question(*turns), policy, seen)
            turns.append(assistant(f"第{number}答"))
        assert len(counting.texts) == 99 + 49  # each new turn once by itself, and once with those before it
        assert len(set(counting.texts)) == len(counting.texts)

    async def test_what_was_found_is_found_again(self) -> None:
        counting, seen = Counting(DRUG), RecentlySeen()
        for _ in range(2):
            exchange = await screened(question("买毒品"), self.policy(counting), seen)
            assert [(hit.start, hit.end) for hit in exchange.request.hits] == [(1, 3)]
        assert len(counting.texts) == 1

    @pytest.mark.parametrize("before", ["+user", "+user\0", "\0", "\0+user\0"])
    async def test_no_text_can_pass_for_what_several_turns_say_together(self, before: str) -> None:
        seen = RecentlySeen()
        await screened(question(f"{before}哪里买毒品"), plan(SIDE), seen)
        exchange = await screened(question("哪里买毒", assistant("嗯"), "品"), plan(SIDE), seen)
        assert exchange.request.rule == "refuse-drug"

    async def test_another_plan_judges_again(self) -> None:
        counting, seen = Counting(DRUG), RecentlySeen()
        await screened(question("你好"), self.policy(counting), seen)
        await screened(question("你好"), self.policy(counting, "1" * 64), seen)
        assert len(counting.texts) == 2

    async def test_the_same_characters_in_quotes_are_another_text(self) -> None:
        counting, seen = Counting(DRUG), RecentlySeen()
        text = "\\u6bd2\\u54c1"
        call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": text}}
        policy = self.policy(counting)
        assert (await screened(question(text), policy, seen)).request is PASS
        exchange = await screened(question("好", {"role": "assistant", "tool_calls": [call]}), policy, seen)
        assert exchange.request.action == "refuse"

    async def test_what_could_not_be_judged_is_not_remembered(self) -> None:
        seen = RecentlySeen()
        failing = Counting(raising)
        for _ in range(2):
            exchange = await screened(question("你好"), self.policy(failing), seen)
            assert exchange.request.errors == ("drug: RuntimeError",)
        assert len(failing.texts) == 2

    async def test_parts_are_remembered_as_one_text(self) -> None:
        counting, seen = Counting(DRUG), RecentlySeen()
        parts = {"role": "user", "content": [{"type": "text", "text": "毒"}, {"type": "text", "text": "品"}]}
        await screened(question("毒", "品"), self.policy(counting), seen)
        exchange = await screened(question(parts), self.policy(counting), seen)
        assert counting.texts == ["毒", "品", "毒品"]
        assert exchange.request.action == "refuse"


async def test_judging_offline_gives_the_verdict_of_the_path() -> None:
    asked = question("去买毒品", assistant("好"), f"我是{ID}")
    examined = await examine(asked, plan(SIDE))
    exchange = await screened(asked, plan(SIDE))
    assert examined.verdict == exchange.request
    assert examined.withheld == {"messages[0].content"}
    assert {item.slot.path: item.findings for item in examined.found} == exchange.findings


async def test_a_finding_of_two_detectors_of_one_id_is_told_once() -> None:
    twice = side({"drug": lambda view: Scan(DRUG(view).findings * 2, len(view.text))}, [rule("drug", "refuse")])
    exchange = await screened(question("毒品"), plan(twice))
    assert len(exchange.request.hits) == 1
