"""Which entry a question finds, what is answered, and what is only asked back: Chinese, English and mixed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.answers.bank import Bank, Thresholds
from gateway.answers.entry import Entry, Keywords
from gateway.answers.match import Matcher
from gateway.answers.read import read_bank

ROWS = """id,question,answer
refund,怎么申请退款,a
refund,我想把钱退回来,a
exchange,怎么申请换货,b
long,退款多久到账,c
address,怎么修改收货地址,d
pin,how do i change my pin,e
pin,i want a new pin,e
atm,what is the fee for cash machines,f
app,APP登录不了怎么办,g
limit,一天最多能转5万元吗,h
open,怎么开通短信通知,i
"""
MATCHER = Matcher(read_bank(ROWS.encode(), "a.csv"))


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("怎么申请退款", "refund"),
        ("如何申请退款？", "refund"),
        ("請問怎樣申請退款", "refund"),
        ("怎 么 申 请 退 款".replace(" ", ""), "refund"),
        ("How do I change my PIN?", "pin"),
        ("app登录不了怎么办", "app"),
        ("ＡＰＰ登录不了咋办", "app"),
    ],
)
def test_the_same_question_said_alike_is_answered(question: str, entry: str) -> None:
    match = MATCHER.find(question)
    assert (match.entry and match.entry.id, match.decision) == (entry, "answer")
    assert match.score > 0.99


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("退款需要几天能到", "long"),
        ("地址填错了能改吗", "address"),
        ("changing my pin", "pin"),
        ("atm fees", "atm"),
        ("APP进不去", "app"),
    ],
)
def test_another_way_of_asking_finds_its_entry(question: str, entry: str) -> None:
    match = MATCHER.find(question)
    assert match.entry is not None
    assert match.entry.id == entry


@pytest.mark.parametrize("question", ["今天天气怎么样", "写一首诗", "who won the match yesterday", "", "？？", "1+1=?"])
def test_what_the_bank_does_not_hold_is_passed_on_but_the_nearest_is_named(question: str) -> None:
    match = MATCHER.find(question)
    assert match.decision == "pass"
    assert match.entry is not None
    assert 0 <= match.score < 0.5


@pytest.mark.parametrize(
    ("question", "entry", "why"),
    [
        ("一天最多能转3万元吗", "limit", "numbers"),
        ("怎么关闭短信通知", "open", "turned"),
    ],
)
def test_what_speaks_against_an_entry_keeps_it_from_answering(question: str, entry: str, why: str) -> None:
    match = MATCHER.find(question)
    assert match.entry is not None
    assert match.entry.id == entry
    assert match.decision != "answer"
    if match.decision == "ask":
        assert why in match.why


@pytest.mark.parametrize(
    ("question", "before", "entry"),
    [
        ("那换货呢？", "怎么申请退款", "exchange"),
        ("那退款呢", "怎么申请换货", "refund"),
    ],
)
def test_a_follow_up_is_understood_with_the_turn_before(question: str, before: str, entry: str) -> None:
    match = MATCHER.find(question, before=["你好", before])
    assert match.entry is not None
    assert match.entry.id == entry
    assert match.decision != "pass"
    assert match.resolved
    assert MATCHER.find(question).score < match.score


RULED = Matcher(
    Bank(
        "ruled",
        (
            Entry("privacy", patterns=("隐私(政策|条款)", "privacy policy"), zh="p", state="approved"),
            Entry("flow", keywords=Keywords(("退款",), ("流程", "步骤"), ("拒绝",)), zh="f", state="approved"),
            Entry("flow2", ("退款流程详情",), keywords=Keywords(none=("投诉",)), zh="f", state="approved"),
            Entry("draft", ("怎么注销账号",), zh="x"),
            Entry("old", ("怎么领红包",), zh="x", state="approved", valid_to="2026-01-31"),
            Entry("theirs", ("公司年假几天",), zh="x", state="approved", tenant="acme"),
        ),
    )
)


@pytest.mark.parametrize(
    ("question", "entry", "why"),
    [
        ("你们的隱私政策在哪里", "privacy", "pattern"),
        ("Where is your Privacy Policy", "privacy", "pattern"),
        ("退款的步骤", "flow", "keywords"),
    ],
)
def test_a_rule_decides_whatever_else_is_said(question: str, entry: str, why: str) -> None:
    match = RULED.find(question)
    assert (match.entry and match.entry.id, match.decision) == (entry, "answer")
    assert why in match.why


def test_a_forbidden_word_keeps_an_entry_out() -> None:
    assert RULED.find("你们拒绝我的退款流程").why.find("keywords") < 0
    found = RULED.find("退款流程详情我要投诉")
    assert found.entry is None or found.entry.id != "flow2"


def test_several_entries_of_one_rule_are_asked_back() -> None:
    bank = Bank("two", tuple(Entry(id, patterns=("退款",), zh=id, state="approved") for id in "ab"))
    match = Matcher(bank).find("退款")
    assert match.decision == "ask"
    assert [one.id for one in match.others] == ["b"]


@pytest.mark.parametrize(
    ("question", "day", "tenant", "entry"),
    [
        ("怎么注销账号", "2026-11-26", "", "draft"),
        ("怎么领红包", "2026-11-26", "", "old"),
        ("公司年假几天", "2026-11-26", "other", "theirs"),
    ],
)
def test_what_may_not_speak_is_not_found(question: str, day: str, tenant: str, entry: str) -> None:
    match = RULED.find(question, day=day, tenant=tenant)
    assert match.entry is not None
    assert match.entry.id != entry
    assert match.decision == "pass"


def test_who_may_speak_is_remembered_for_each_day_and_tenant_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.answers.match._CALLERS", 2)
    matcher = Matcher(RULED.bank)
    for _ in range(2):
        for tenant, may in (("acme", True), ("other", False), ("third", False), ("acme", True)):
            found = matcher.find("公司年假几天", day="2026-11-26", tenant=tenant)
            assert (found.entry is not None and found.entry.id == "theirs") == may
    assert len(matcher._spoken) <= 2


def test_it_is_found_on_its_day_and_by_its_tenant() -> None:
    assert RULED.find("怎么领红包", day="2026-01-31").decision == "answer"
    assert RULED.find("公司年假几天", day="2026-11-26", tenant="acme").decision == "answer"


def test_an_empty_bank_passes_everything_on() -> None:
    match = Matcher(Bank("none", ())).find("退款")
    assert (match.entry, match.score, match.decision) == (None, 0.0, "pass")


def test_thresholds_are_the_banks_own() -> None:
    bank = read_bank(ROWS.encode(), "a.csv")
    strict = Matcher(Bank("strict", bank.entries, thresholds=Thresholds(1.0, 1.0)))
    assert strict.find("退款需要几天能到").decision == "pass"
    loose = Matcher(Bank("loose", bank.entries, thresholds=Thresholds(0.05, 0.01)))
    assert loose.find("atm fees").decision == "answer"


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=40), st.text(max_size=20))
def test_any_question_has_a_score_and_a_reason(question: str, before: str) -> None:
    match = MATCHER.find(question, before=[before])
    assert 0 <= match.score <= 1
    assert match.why
    assert match.entry is not None
    assert MATCHER.find(question, before=[before]) == match


@pytest.mark.parametrize("question", ["1+1=?", "2024", "13800000000"])
def test_a_number_alone_is_no_question(question: str) -> None:
    assert MATCHER.find(question).decision == "pass"
