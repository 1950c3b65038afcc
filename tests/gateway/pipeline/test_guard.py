"""An answer on its way out: what leaves when, what stops it, and what the verdict and the record say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from kit.plans import pattern, raising, rule, sentence, side, whole

from gateway.exchange import Channel, Delta
from gateway.pipeline.guard import Guard, Piece
from gateway.policy.plan import BoundDetector, SidePlan, Words
from gateway.ports import Detector, Scan
from gateway.text import TextView
from gateway.verdict import PASS, Finding

SAID = Channel(0, "content")
NUMBER = pattern("number", r"(?<![0-9])[0-9]{6}(?![0-9])")
DRUG = pattern("drug", "毒品|贩毒")
RUDE = pattern("rude", "笨蛋|idiot")
NOTICE = Words("（请审慎参考）", "(take care)")


def judges(side: SidePlan, **more: Any) -> SidePlan:
    """The side, with judges beside its detectors."""
    bound = [BoundDetector(id, "sentence", frozenset([id]), judge=judge) for id, judge in more.items()]
    return replace(side, detectors=(*side.detectors, *bound))


async def say(guard: Guard, *texts: str, channel: Channel = SAID) -> list[Piece]:
    return [await guard.push(Delta(channel, text)) for text in texts]


def texts(pieces: Sequence[Piece]) -> list[str]:
    return [piece.text for piece in pieces]


async def test_without_detectors_everything_passes_as_it_comes() -> None:
    guard = Guard(SidePlan())
    assert texts(await say(guard, "你", "好")) == ["你", "好"]
    assert await guard.close(0) == []
    assert guard.verdict() is PASS
    assert guard.kept() == []


async def test_text_leaves_as_soon_as_nothing_can_change_it() -> None:
    guard = Guard(side({"drug": DRUG}, [rule("drug", "refuse")]))
    assert texts(await say(guard, "他因", "贩", "卖水", "果")) == ["他因", "", "贩卖水", "果"]
    assert texts(await guard.close(0)) == [""]
    assert guard.verdict() is PASS


async def test_masks_go_where_the_findings_are_and_keep_what_the_rule_keeps() -> None:
    guard = Guard(side({"number": NUMBER}, [rule("number", "mask", keep=(1, 2))]))
    assert texts(await say(guard, "号码12", "3456，", "再见")) == ["号码", "1***56，", "再见"]
    verdict = guard.verdict()
    assert (verdict.action, verdict.rule, verdict.scores) == ("mask", "mask-number", {"number": 1.0})
    assert [(hit.slot, hit.start, hit.end) for hit in verdict.hits] == [("choices[0].content", 2, 8)]


async def test_a_refusal_in_a_stream_cuts_at_the_finding_and_what_was_said_before_leaves() -> None:
    guard = Guard(side({"drug": DRUG, "number": NUMBER}, [rule("drug", "refuse"), rule("number", "mask")]))
    said = await say(guard, "拨123456买毒", "品吧")
    assert texts(said) == ["拨******买", ""]
    assert said[1].stop is not None
    assert said[1].stop.id == "refuse-drug"


async def test_what_stands_behind_the_cut_is_not_judged_however_the_text_came() -> None:
    rules = [rule("drug", "refuse"), rule("rude", "label", notice=NOTICE), rule("number", "handoff", reply="person")]
    plan = side({"drug": DRUG, "rude": RUDE, "number": NUMBER}, rules)
    for pieces in (["毒品 笨蛋 123456 "], list("毒品 笨蛋 123456 ")):
        guard = Guard(plan, keep="masked")
        stop = None
        for piece in pieces:
            stop = (await guard.push(Delta(SAID, piece))).stop
            if stop:
                break
        assert stop is not None
        assert stop.id == "refuse-drug"
        assert guard.notices == []
        assert guard.verdict().rule == "refuse-drug"
        assert [hit.rule for hit in guard.verdict().hits] == ["refuse-drug"]
        assert guard.kept() == [(SAID, "**")]


async def test_of_two_refusals_at_one_place_the_strongest_counts() -> None:
    plan = side(
        {"drug": DRUG, "word": pattern("word", "毒品吧")},
        [rule("drug", "refuse"), rule("word", "handoff", reply="person")],
    )
    piece = (await say(Guard(plan), "买毒品吧。"))[0]
    assert (piece.text, piece.stop.id if piece.stop else None) == ("买", "handoff-word")


async def test_a_mask_that_reaches_over_the_cut_hides_all_up_to_it() -> None:
    plan = side(
        {"number": NUMBER, "end": pattern("end", "[56]{2}")},
        [rule("number", "mask", keep=(1, 1)), rule("end", "refuse")],
    )
    piece = (await say(Guard(plan), "a123456 "))[0]
    assert (piece.text, piece.stop is not None) == ("a****", True)


class TestACallerWhoWaits:
    """Nothing leaves before all of it is judged; a refusal takes the place of everything."""

    async def test_sees_nothing_until_the_choice_ends(self) -> None:
        guard = Guard(side({"number": NUMBER}, [rule("number", "mask")]), whole=True)
        assert texts(await say(guard, "号码", "123456")) == ["", ""]
        assert texts(await guard.close(0)) == ["号码******"]
        assert await guard.close(1) == []

    async def test_gets_the_strongest_rule_of_the_whole_text(self) -> None:
        plan = side({"drug": DRUG, "rude": RUDE}, [rule("drug", "refuse"), rule("rude", "handoff", reply="person")])
        guard = Guard(plan, whole=True)
        await say(guard, "买毒品，笨蛋")
        (piece,) = await guard.close(0)
        assert (piece.text, piece.stop.id if piece.stop else "") == ("", "handoff-rude")

    async def test_gets_the_strongest_rule_of_all_channels(self) -> None:
        plan = side({"drug": DRUG, "rude": RUDE}, [rule("drug", "refuse"), rule("rude", "handoff", reply="person")])
        for first, second in (("毒品", "笨蛋"), ("笨蛋", "毒品")):
            guard = Guard(plan, whole=True)
            await say(guard, first, channel=Channel(0, "reasoning"))
            await say(guard, second)
            (piece,) = await guard.close(0)
            assert piece.stop is not None
            assert piece.stop.id == "handoff-rude"
            assert {hit.slot for hit in guard.verdict().hits} == {"choices[0].reasoning", "choices[0].content"}

    async def test_one_buffer_rule_makes_the_stream_wait_too(self) -> None:
        plan = side({"end": whole("end", "毒"), "number": NUMBER}, [rule("end", "refuse", release="buffer")])
        guard = Guard(plan)
        assert guard.whole
        assert texts(await say(guard, "前面", "有毒")) == ["", ""]
        (piece,) = await guard.close(0)
        assert (piece.text, piece.stop is not None) == ("", True)


class TestFollow:
    """The exception that a policy spells out: text flows while it is judged, and is retracted."""

    PLAN = side(
        {"clause": sentence("clause", "毒品"), "number": NUMBER},
        [rule("clause", "refuse", release="follow"), rule("number", "mask")],
    )

    async def test_text_leaves_before_the_clause_is_judged(self) -> None:
        guard = Guard(self.PLAN)
        assert texts(await say(guard, "买毒", "品，")) == ["买毒", "品，"]

    async def test_a_hit_ends_the_choice_and_nothing_more_leaves(self) -> None:
        guard = Guard(self.PLAN)
        pieces = await say(guard, "买毒品吧", "。还有")
        assert texts(pieces) == ["买毒品吧", ""]
        assert pieces[1].stop is not None
        assert [(hit.rule, hit.start, hit.end) for hit in guard.verdict().hits] == [("refuse-clause", 0, 5)]

    async def test_a_hit_at_the_very_end_is_still_told(self) -> None:
        guard = Guard(self.PLAN)
        await say(guard, "号码12345", "6买毒品")
        (piece,) = await guard.close(0)
        assert piece.stop is not None

    async def test_offsets_count_from_the_start_of_the_channel(self) -> None:
        guard = Guard(self.PLAN)
        await say(guard, "第一句。", "第二句。", "买毒品。")
        assert [(f.start, f.end) for f in guard.findings()] == [(8, 12)]

    async def test_masks_hold_although_another_rule_follows(self) -> None:
        guard = Guard(self.PLAN)
        assert texts(await say(guard, "12", "3456", "。")) == ["", "", "******。"]

    async def test_a_detector_that_also_holds_is_held(self) -> None:
        rules = [rule("clause", "refuse", release="follow"), rule("clause", "label", id="also", notice=NOTICE)]
        guard = Guard(side({"clause": sentence("clause", "毒品")}, rules))
        assert texts(await say(guard, "买毒品")) == [""]

    async def test_a_label_that_follows_is_noted(self) -> None:
        guard = Guard(side({"rude": RUDE}, [rule("rude", "label", notice=NOTICE, release="follow")]))
        assert texts(await say(guard, "笨", "蛋 笨蛋 ")) == ["笨", "蛋 笨蛋 "]
        assert guard.notices == ["label-rude"]

    async def test_for_a_caller_who_waits_nothing_flows(self) -> None:
        guard = Guard(self.PLAN, whole=True)
        assert texts(await say(guard, "买毒品吧。")) == [""]
        (piece,) = await guard.close(0)
        assert (piece.text, piece.stop is not None) == ("", True)

    @pytest.mark.parametrize(("on_error", "failed"), [("refuse", True), ("pass", False)])
    async def test_a_failure_does_what_the_rule_says(self, on_error: str, failed: bool) -> None:
        guard = Guard(side({"x": raising}, [rule("x", "refuse", release="follow", on_error=on_error)]))
        (piece,) = await say(guard, "你好")
        assert (piece.failed, piece.text) == (failed, "" if failed else "你好")

    async def test_what_follows_is_masked_in_the_record(self) -> None:
        guard = Guard(self.PLAN, keep="masked")
        await say(guard, "买毒品吧", "。")
        assert guard.kept() == [(SAID, "****")]


async def test_choices_and_channels_are_judged_each_for_itself() -> None:
    guard = Guard(side({"drug": DRUG, "number": NUMBER}, [rule("drug", "refuse"), rule("number", "mask")]))
    one, thought, call = Channel(1, "content"), Channel(0, "reasoning"), Channel(0, "arguments", 2)
    assert texts(await say(guard, "毒")) == [""]
    assert texts(await say(guard, "品", channel=one)) == ["品"]
    assert texts(await say(guard, "想123456 ", channel=thought)) == ["想****** "]
    assert texts(await say(guard, '{"a":123456}', channel=call)) == ['{"a":"******"}']
    assert sorted(texts(await guard.close(0))) == ["", "", "毒"]
    assert [hit.slot for hit in guard.verdict().hits] == ["choices[0].reasoning", "choices[0].arguments[2]"]


async def test_tool_arguments_that_end_in_a_masked_number_are_closed() -> None:
    for waits in (True, False):
        guard = Guard(side({"number": NUMBER}, [rule("number", "mask")]), whole=waits)
        call = Channel(0, "arguments")
        out = texts(await say(guard, "1234", "56", channel=call))
        assert "".join([*out, *texts(await guard.close(0))]) == '"******"'


async def test_notices_are_noted_once_in_the_order_of_the_text() -> None:
    rules = [rule("rude", "label", notice=NOTICE), rule("number", "label", notice=NOTICE)]
    guard = Guard(side({"rude": RUDE, "number": NUMBER}, rules))
    await say(guard, "123456 笨蛋 idiot 654321 ")
    assert guard.notices == ["label-number", "label-rude"]
    assert guard.verdict().action == "label"


async def test_findings_are_absolute_and_below_the_score_they_do_nothing_but_show() -> None:
    guard = Guard(side({"number": NUMBER}, [rule("number", "mask", score=1.1)]))
    assert texts(await say(guard, "号码123456，", "和654321，")) == ["号码123456，", "和654321，"]
    assert [(f.start, f.end, f.detector) for f in guard.findings()] == [(2, 8, "number"), (10, 16, "number")]
    verdict = guard.verdict()
    assert (verdict.action, verdict.hits, verdict.scores) == ("pass", (), {"number": 1.0})


@pytest.mark.parametrize("waits", [True, False])
async def test_a_failure_that_means_refuse_stops_every_choice_and_channel(waits: bool) -> None:
    guard = Guard(side({"x": raising, "number": NUMBER}, [rule("x", "mask"), rule("number", "mask")]), whole=waits)
    pieces = []
    for channel in (SAID, Channel(0, "reasoning"), Channel(1, "content"), Channel(2, "arguments")):
        pieces += await say(guard, "你好", channel=channel)
    for choice in range(3):
        pieces += await guard.close(choice)
    assert "".join(texts(pieces)) == ""
    assert {piece.channel.choice for piece in pieces if piece.failed} == {0, 1, 2}
    verdict = guard.verdict()
    assert (verdict.action, verdict.rule, verdict.errors) == ("refuse", "mask-x", ("x: RuntimeError",))


async def test_once_a_failure_means_refuse_nobody_is_asked_any_more() -> None:
    calls = []

    def counting(view: TextView) -> Scan:
        calls.append(view.text)
        return Scan((), len(view.text))

    guard = Guard(side({"x": raising, "number": counting}, [rule("x", "mask"), rule("number", "mask")]))
    await say(guard, "你", "好")
    await say(guard, "好", channel=Channel(1, "content"))
    assert calls == ["你"]


async def test_a_detector_that_failed_and_may_is_not_asked_again() -> None:
    calls = []

    def failing(view: TextView) -> Scan:
        calls.append(view.text)
        raise ValueError

    guard = Guard(side({"x": failing, "number": NUMBER}, [rule("x", "mask", on_error="pass"), rule("number", "mask")]))
    assert texts(await say(guard, "你", "好123456。")) == ["你", "好******。"]
    assert calls == ["你"]
    assert guard.verdict().errors == ("x: ValueError",)


async def test_a_judge_is_asked_once_a_clause_and_holds_the_text_meanwhile() -> None:
    asked = []

    async def opinion(view: TextView) -> Scan:
        asked.append(view.text[view.start :])
        at = view.text.find("坏", view.start)
        return Scan((Finding(at, at + 1, "bad", 0.9, "m"),) if at >= 0 else (), len(view.text))

    guard = Guard(judges(side({}, [rule("bad", "mask")]), bad=opinion))
    assert texts(await say(guard, "这", "是坏", "人，", "那", "个好")) == ["", "", "这是*人，", "", ""]
    assert texts(await guard.close(0)) == ["那个好"]
    assert asked == ["这是坏人，", "那个好"]


async def test_a_judge_is_not_asked_with_every_chunk_while_another_detector_holds_the_text() -> None:
    asked = []

    async def opinion(view: TextView) -> Scan:
        asked.append(view.text[view.start :])
        return Scan((), len(view.text))

    plan = judges(side({"end": whole("end", "毒")}, [rule("end", "refuse"), rule("bad", "mask")]), bad=opinion)
    guard = Guard(plan)
    assert texts(await say(guard, "一，", "二", "三", "四")) == [""] * 4
    assert texts(await guard.close(0)) == ["一，二三四"]
    assert asked == ["一，二三四"]  # nothing could have left before


async def test_a_judge_that_fails_is_a_failure_like_any_other() -> None:
    async def away(view: TextView) -> Scan:
        raise TimeoutError(view.text)

    guard = Guard(judges(side({}, [rule("bad", "mask", on_error="refuse")]), bad=away))
    pieces = await say(guard, "一", "句。")
    assert [piece.failed for piece in pieces] == [False, True]
    assert guard.verdict().errors == ("bad: TimeoutError",)


@pytest.mark.parametrize(("unjudged", "refuses"), [("refuse", True), ("pass", False)])
def test_parts_that_nobody_can_read_are_noted_once_and_refused_if_the_policy_says_so(
    unjudged: str, refuses: bool
) -> None:
    guard = Guard(side({}, [], unjudged=unjudged))
    assert guard.unread(["choices[0].audio"]) is refuses
    assert guard.unread(["choices[0].audio", "choices[1].audio"]) is refuses
    assert guard.unread([]) is False
    verdict = guard.verdict()
    assert verdict.unjudged == ("choices[0].audio", "choices[1].audio")
    assert verdict.action == ("refuse" if refuses else "pass")


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        ("none", []),
        ("masked", [(SAID, "号码******，**"), (Channel(1, "content"), "好")]),
        ("raw", [(SAID, "号码123456，笨蛋"), (Channel(1, "content"), "好")]),
    ],
)
@pytest.mark.parametrize("waits", [True, False])
async def test_the_record_keeps_what_the_policy_says(keep: Any, kept: Any, waits: bool) -> None:
    rules = [rule("number", "mask", keep=(2, 2)), rule("rude", "label", notice=NOTICE, score=2.0)]
    guard = Guard(side({"number": NUMBER, "rude": RUDE}, rules), whole=waits, keep=keep)
    await say(guard, "号码12", "3456，笨", "蛋")
    await say(guard, "好", channel=Channel(1, "content"))
    await guard.close(0)
    await guard.close(1)
    assert guard.kept() == kept


@pytest.mark.parametrize(("keep", "kept"), [("raw", [(SAID, "好")]), ("masked", [])])
async def test_what_a_failed_detector_could_not_mask_is_not_kept_as_masked(keep: Any, kept: Any) -> None:
    guard = Guard(side({"x": raising}, [rule("x", "mask", on_error="pass")]), keep=keep)
    await say(guard, "好")
    assert guard.kept() == kept


async def test_without_detectors_the_record_keeps_the_text_too() -> None:
    guard = Guard(SidePlan(), keep="raw")
    await say(guard, "你", "好")
    assert guard.kept() == [(SAID, "你好")]


async def test_a_stop_in_one_channel_leaves_what_the_others_said_before() -> None:
    guard = Guard(side({"drug": DRUG}, [rule("drug", "refuse")]))
    thought = Channel(0, "reasoning")
    assert texts(await say(guard, "想毒", channel=thought)) == ["想"]
    assert texts(await say(guard, "说毒")) == ["说"]
    pieces = await guard.close(0)
    assert [(piece.channel.kind, piece.text) for piece in pieces] == [("reasoning", "毒"), ("content", "毒")]


async def test_a_channel_that_ends_before_its_choice_lets_go_of_what_it_held_and_may_begin_anew() -> None:
    guard = Guard(side({"drug": DRUG, "number": NUMBER}, [rule("drug", "refuse"), rule("number", "mask")]))
    first, second = Channel(0, "content", 1), Channel(0, "content", 2)
    assert texts(await say(guard, "他贩", channel=first)) == ["他"]
    assert await guard.end(first) == Piece(first, "贩")
    assert await guard.end(first) == Piece(first, "")
    assert texts(await say(guard, "毒 12345", channel=second)) == ["毒 "]
    assert await guard.end(second) == Piece(second, "12345")
    assert texts(await say(guard, "123456。", channel=second)) == ["******。"]  # no digit stands before it any more
    assert texts(await say(guard, "毒 123456。", channel=first)) == ["毒 ******。"]
    assert [(finding.start, finding.end) for finding in guard.findings()] == [(4, 10), (7, 13)]
    assert texts(await guard.close(0)) == ["", ""]
    assert guard.verdict().action == "mask"


async def test_a_channel_that_ends_is_stopped_by_what_it_held() -> None:
    guard = Guard(side({"whole": whole("whole", "坏")}, [rule("whole", "refuse")]))
    await say(guard, "先坏了")
    piece = await guard.end(SAID)
    assert piece is not None
    assert (piece.text, piece.stop is not None) == ("先", True)


async def test_where_all_of_a_choice_waits_the_end_of_a_channel_lets_nothing_out() -> None:
    guard = Guard(side({"drug": DRUG}, [rule("drug", "refuse")]), whole=True)
    await say(guard, "好")
    assert await guard.end(SAID) is None
    assert texts(await guard.close(0)) == ["好"]
    assert await Guard(SidePlan(), whole=True).end(SAID) == Piece(SAID, "")


class Asking:
    """A detector that notes what it was asked about."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self.texts: list[str] = []

    def __call__(self, view: TextView) -> Scan:
        self.texts.append(view.text[view.start :])
        return self.detector(view)


class TestWhatComesTogether:
    """Deltas that came in one piece of the network's are judged as one text, and leave as they came."""

    async def test_is_judged_once(self) -> None:
        asked = Asking(NUMBER)
        guard = Guard(side({"number": asked}, [rule("number", "mask")]))
        said = [Delta(SAID, text) for text in ("号码", "12", "3456，", "再", "见1")]
        await guard.look(said)
        assert texts([await guard.push(delta) for delta in said]) == ["号码", "", "******，", "再", "见"]
        assert asked.texts == ["号码123456，再见1"]
        assert texts(await guard.close(0)) == ["1"]
        assert asked.texts[1:] == ["1"]

    async def test_joins_what_was_held_and_other_channels_are_texts_of_their_own(self) -> None:
        asked = Asking(NUMBER)
        guard = Guard(side({"number": asked}, [rule("number", "mask")]))
        assert texts(await say(guard, "12")) == [""]
        thought = Channel(0, "reasoning")
        said = [Delta(SAID, "34"), Delta(thought, "1"), Delta(SAID, "56。"), Delta(thought, "2。"), Delta(SAID, "好")]
        await guard.look(said)
        assert texts([await guard.push(delta) for delta in said]) == ["", "1", "******。", "2。", "好"]
        assert asked.texts == ["12", "123456。好", "12。"]

    async def test_behind_a_stop_is_no_part_of_the_verdict(self) -> None:
        plan = side({"drug": DRUG, "rude": RUDE}, [rule("drug", "refuse"), rule("rude", "label", notice=NOTICE)])
        guard = Guard(plan, keep="raw")
        said = [Delta(SAID, text) for text in ("买", "毒品", "，笨蛋。", "好")]
        await guard.look(said)
        first, second = [await guard.push(delta) for delta in said[:2]]
        assert (first.text, second.text, second.stop is not None) == ("买", "", True)
        assert ({hit.risk for hit in guard.verdict().hits}, guard.notices) == ({"drug"}, [])
        assert guard.kept() == [(SAID, "买毒品")]

    async def test_is_all_let_out_where_the_answer_breaks_off_in_the_middle_of_it(self) -> None:
        guard = Guard(side({"number": NUMBER}, [rule("number", "mask")]))
        said = [Delta(SAID, text) for text in ("一", "123456", "，二", "3")]
        await guard.look(said)
        assert texts([await guard.push(said[0])]) == ["一"]
        assert texts(await guard.close(0)) == ["******，二3"]
        assert [(f.start, f.end) for f in guard.findings()] == [(1, 7)]

    async def test_leaves_as_far_as_nobody_fails(self) -> None:
        def failing(view: TextView) -> Scan:
            return raising(view) if "二" in view.text else Scan((), len(view.text))

        guard = Guard(side({"drug": failing}, [rule("drug", "refuse")]))
        said = [Delta(SAID, "零"), Delta(SAID, "一"), Delta(SAID, "二"), Delta(SAID, "三")]
        await guard.look(said)
        assert guard.verdict() is PASS
        pieces = [await guard.push(delta) for delta in said]
        assert texts(pieces) == ["零", "一", "", ""]
        assert [piece.failed for piece in pieces] == [False, False, True, True]
        assert guard.verdict().errors == ("drug: RuntimeError",)

    @pytest.mark.parametrize("waits", [True, False])
    async def test_needs_no_look_where_nothing_is_judged_yet_or_ever(self, waits: bool) -> None:
        asked = Asking(NUMBER)
        guard = Guard(side({"number": asked}, [rule("number", "mask")]) if waits else SidePlan(), whole=waits)
        await guard.look([Delta(SAID, "一"), Delta(SAID, "二")])
        assert asked.texts == []


async def test_while_one_holds_all_that_is_new_the_others_are_not_asked() -> None:
    number = Asking(NUMBER)
    plan = side({"number": number, "end": sentence("end", "毒")}, [rule("number", "mask"), rule("end", "refuse")])
    first, last = plan.detectors
    plan = replace(plan, detectors=(first, replace(last, scope="sentence")))
    guard = Guard(plan)
    assert texts(await say(guard, "号", "码12", "3456", "。好", "的")) == ["", "", "", "号码******。", ""]
    assert number.texts == ["号码123456。好"]
    assert texts(await guard.close(0)) == ["好的"]
    assert number.texts[1:] == ["好的"]
