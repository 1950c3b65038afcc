"""What stands in the place of personal data: one thing for findings that overlap, and all of it comes back."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.path import ports, question
from kit.plans import pattern, plan, rule, side
from kit.streaming import cut_randomly

from gateway.exchange import Caller, Channel, Delta, Exchange, Slot
from gateway.masking import Span
from gateway.pipeline.guard import Guard
from gateway.pipeline.screen import screen
from gateway.pipeline.shield import hidden_spans, shield_of
from gateway.policy.plan import Plan
from gateway.privacy.keys import Keyring, conversation_keys
from gateway.privacy.shield import Shield
from gateway.privacy.techniques import techniques
from gateway.verdict import Finding
from gateway.wire.chat import Chat

SURROGATE = techniques()["surrogate"].build({})
KEYS = conversation_keys(Keyring(b"k" * 32))
NAME, PHONE, EMAIL = "pii.person_name", "pii.mobile_number", "pii.email"
NAMES = ["张伟", "欧阳文静", "李娜", "John Smith", "Mary Ann Lee"]
PHONES = ["13812345678", "139-8765-4321", "+86 137 0000 1111"]
MAILS = ["zhang@firm.cn", "j.smith@corp.co.uk"]
EXPRESSIONS = {
    NAME: "|".join(NAMES).lower(),
    PHONE: "|".join(phone.replace("+", r"\+") for phone in PHONES),
    EMAIL: r"[a-z.]{1,20}@[a-z.]{2,20}[a-z]",
}
DETECTORS = {risk: pattern(risk, expression) for risk, expression in EXPRESSIONS.items()}
REQUEST = side(DETECTORS, [rule(risk, "mask", id=f"shield-{at}", how=SURROGATE) for at, risk in enumerate(DETECTORS)])
# An answer with any personal data in it is hidden: what stands for values of the request is not.
RESPONSE = side(
    {**DETECTORS, "pii.digits": pattern("pii.digits", "[0-9]{8,19}")},
    [rule(risk, "mask", id=f"hide-{at}") for at, risk in enumerate([*DETECTORS, "pii.digits"])],
)
PLAN = plan(REQUEST, RESPONSE)


def slot(text: str, **more: object) -> Slot:
    return Slot(("messages", 0, "content"), "user", "content", text, **more)  # type: ignore[arg-type]


def asked(*messages: object, policy: Plan = PLAN, caller: Caller | None = None) -> Exchange:
    return Exchange("X", 0.0, policy.digest, policy.name, caller or Caller(), question(*messages))  # type: ignore[arg-type]


async def shielded(*messages: object, policy: Plan = PLAN, caller: Caller | None = None) -> tuple[Exchange, list[str]]:
    """Screen a question; return the exchange and what goes upstream."""
    made = await screen(asked(*messages, caller=caller), policy, ports(keys=KEYS))
    body = json.loads(Chat().write(made.question, made.rewritten, model="m"))
    return made, [message["content"] for message in body["messages"]]


async def answered(
    exchange: Exchange, pieces: Sequence[str], *, whole: bool = False, kind: str = "content", action: str = "pass"
) -> str:
    """Let an answer out through the guard."""
    guard = Guard(RESPONSE, whole=whole, live=exchange.live)
    channel = Channel(0, kind)  # type: ignore[arg-type]
    out = [(await guard.push(Delta(channel, piece))).text for piece in pieces]
    out += [piece.text for piece in await guard.close(0)]
    assert guard.verdict().action == action
    return "".join(out)


# --- Overlaps ------------------------------------------------------------------------------------

A, B = "pii.a", "pii.b"
LONG = techniques()["replace"].build({"with": "<long>"})
SHORT = techniques()["replace"].build({"with": "<short>"})
SIDE = side(
    {A: pattern(A, "x"), B: pattern(B, "x")},
    [rule(A, "mask", id="a", how=LONG), rule(B, "mask", id="b", how=SHORT, keep=(1, 1))],
)


@pytest.mark.parametrize(
    ("findings", "spans"),
    [
        ([(0, 4, A)], [(0, 4, "<long>")]),
        ([(0, 4, A), (4, 6, B)], [(0, 4, "<long>"), (4, 6, "<short>")]),
        ([(0, 6, A), (2, 4, B)], [(0, 6, "<long>")]),
        ([(0, 6, B), (2, 4, A)], [(0, 6, "<short>")]),
        ([(0, 4, A), (3, 6, B)], [(0, 6, "<long>")]),
        ([(0, 3, B), (2, 6, A), (5, 9, B)], [(0, 9, "<long>")]),
        ([(0, 4, A), (0, 4, B)], [(0, 4, "<long>")]),
    ],
)
def test_findings_that_overlap_are_one_stretch_with_the_technique_of_the_longest(
    findings: list[tuple[int, int, str]], spans: list[tuple[int, int, str]]
) -> None:
    found = tuple(Finding(start, end, risk, 1.0, risk) for start, end, risk in findings)
    made = hidden_spans(SIDE, slot("abcdefghi"), found, frozenset(), Shield((b"k" * 32,), ()))
    assert [(span.start, span.end, span.instead) for span in made] == spans


def test_of_findings_of_one_length_the_surer_one_counts() -> None:
    found = (Finding(0, 4, A, 0.6, A), Finding(0, 4, B, 0.9, B))
    made = hidden_spans(SIDE, slot("abcd"), found, frozenset(), Shield((b"k" * 32,), ()))
    assert [span.instead for span in made] == ["<short>"]


def test_what_two_slots_tore_apart_is_hidden() -> None:
    found = Finding(0, 4, A, 1.0, A)
    made = hidden_spans(SIDE, slot("abcd"), (found,), frozenset([found]), Shield((b"k" * 32,), ()))
    assert made == [Span(0, 4)]


# --- There and back ------------------------------------------------------------------------------


async def test_what_goes_upstream_holds_no_value_and_comes_back_whole() -> None:
    text = "张伟的电话是13812345678，邮箱zhang@firm.cn；John Smith: 139-8765-4321."
    exchange, sent = await shielded(text)
    for value in ("张伟", "13812345678", "zhang@firm.cn", "John Smith", "139-8765-4321"):
        assert value not in sent[0]
        assert value in exchange.live.values()
    assert await answered(exchange, [sent[0]]) == text
    assert await answered(exchange, list(sent[0])) == text
    assert await answered(exchange, [sent[0]], whole=True) == text


async def test_every_turn_makes_the_same_of_a_value() -> None:
    _, first = await shielded("我叫张伟")
    answer = {"role": "assistant", "content": "张伟您好"}
    exchange, later = await shielded("我叫张伟", answer, "给张伟写一封信")
    assert later[0] == first[0]
    made = next(key for key, value in exchange.live.items() if value == "张伟")
    assert later == [f"我叫{made}", f"{made}您好", f"给{made}写一封信"]


async def test_conversations_and_tenants_have_surrogates_of_their_own() -> None:
    sent = [
        (await shielded("张伟", "张伟", caller=caller))[1][1]
        for caller in (Caller(), Caller(tenant="b"), Caller(conversation="c"), Caller(tenant="b", conversation="c"))
    ]
    assert len(set(sent)) == 4
    other = (await shielded("hello", "张伟"))[1][1]
    assert other != sent[0], "a conversation that begins otherwise is another one"


async def test_what_the_model_invents_is_treated_as_the_answer_rules_say() -> None:
    exchange, sent = await shielded("张伟的电话是13812345678")
    said = f"{sent[0]}，另一个是13711112222和李娜"
    assert await answered(exchange, list(said), action="mask") == "张伟的电话是13812345678，另一个是***********和**"


async def test_values_come_back_in_tool_arguments_that_still_parse() -> None:
    exchange, sent = await shielded('张伟: 13812345678 "x"')
    arguments = json.dumps({"text": sent[0], "n": "潘"}, ensure_ascii=True)
    for pieces in ([arguments], list(arguments)):
        out = json.loads(await answered(exchange, pieces, kind="arguments"))
        assert out["text"] == '张伟: 13812345678 "x"'


async def test_tool_arguments_in_history_are_shielded_inside_their_json() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"to": "\\u5f20\\u4f1f", "n": 1}'}}
    turn = {"role": "assistant", "content": None, "tool_calls": [call]}
    made = await screen(
        asked("写信", turn, {"role": "tool", "tool_call_id": "1", "content": "ok"}), PLAN, ports(keys=KEYS)
    )
    body = json.loads(Chat().write(made.question, made.rewritten, model="m"))
    sent = json.loads(body["messages"][1]["tool_calls"][0]["function"]["arguments"])
    assert sent["to"] != "张伟"
    assert made.live[sent["to"]] == "张伟"


async def test_without_keys_nothing_is_kept_and_still_nothing_leaks() -> None:
    made = await screen(asked("我叫张伟"), PLAN, ports())
    assert "张伟" not in str(made.rewritten)
    assert shield_of(asked("x"), ports()).live() == {}


PLANTED = st.sampled_from([*NAMES, *PHONES, *MAILS])
AROUND = st.text(alphabet="请把的和，。 \nabc:()", max_size=6)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(AROUND, PLANTED), min_size=1, max_size=8), AROUND, st.integers(0, 10_000))
async def test_whatever_was_planted_none_of_it_leaves_and_all_of_it_comes_back(
    parts: list[tuple[str, str]], end: str, seed: int
) -> None:
    # Values stand apart, as they do in a text: what runs into another value is another value.
    text = "".join(f"{around}；{value}；" for around, value in parts) + end
    exchange, sent = await shielded(text)
    assert not any(value in sent[0] for _, value in parts)
    assert await answered(exchange, cut_randomly(sent[0], random.Random(seed))) == text
