"""Personal data leaves as something else and comes back, with OpenAI's SDK in front of a model that plays with it.

The scripted model quotes, splits, re-cases and re-orders what it was sent. Mutants killed: a value that
reaches the model; a surrogate that reaches the client; a rule that hides what was restored; the second
choice, thoughts or tool arguments forgotten; a surrogate split over chunks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any

import orjson
import pytest
from kit.between import between
from kit.plans import pattern, plan, rule, side
from kit.upstream import DONE, Answer, Received, chat_json, chat_sse, events, sse, whole

from gateway.privacy.keys import Keyring
from gateway.privacy.techniques import techniques

RING = Keyring(b"k" * 32)
VALUES = {"pii.person_name": "张伟", "pii.mobile_number": "13812345678", "pii.email": "zhang@firm.cn"}
NAMED = {"pii.name_en": "John Smith"}
DETECTORS = {risk: pattern(risk, value.lower()) for risk, value in {**VALUES, **NAMED}.items()}
SURROGATE = techniques()["surrogate"].build({})
ANY = {**DETECTORS, "pii.any": pattern("pii.any", "[0-9]{11}|[a-z0-9]{2,20}@[a-z]{2,20}[.][a-z]{2,5}")}
PLAN = plan(
    side(DETECTORS, [rule(risk, "mask", id=f"in-{at}", how=SURROGATE) for at, risk in enumerate(DETECTORS)]),
    side(ANY, [rule(risk, "mask", id=f"out-{at}") for at, risk in enumerate(ANY)]),
)
ASKED = "张伟的手机是13812345678，邮箱zhang@firm.cn，同事 John Smith。"

Play = Callable[[str], str]
PLAYS: list[tuple[str, Play, Play]] = [
    ("quotes", lambda said: f"您说：“{said}”", lambda said: f"您说：“{said}”"),
    (
        "repeats backwards",
        lambda said: "，".join(said.split("，")[::-1]),
        lambda said: "，".join(said.split("，")[::-1]),
    ),
    ("shouts", str.upper, lambda said: said.replace("的手机", "的手机")),
    ("spaces digits", lambda said: said.replace("154", "154 "), lambda said: said),
    ("writes Markdown", lambda said: f"**{said}**\n```\n{said}\n```", lambda said: f"**{said}**\n```\n{said}\n```"),
]


def last(request: Received) -> str:
    text: str = request.json["messages"][-1]["content"]
    return text


def no_value_in(requests: Sequence[Received]) -> None:
    for request in requests:
        seen = request.body.decode()
        seen += json.dumps(request.json, ensure_ascii=False)
        for value in (*VALUES.values(), *NAMED.values()):
            assert value not in seen


@pytest.mark.parametrize(
    ("play", "back"), [(play, back) for _, play, back in PLAYS], ids=[name for name, _, _ in PLAYS]
)
async def test_whatever_the_model_does_to_it_the_client_reads_its_own_data(play: Play, back: Play) -> None:
    def answer(request: Received) -> Answer:
        said = play(last(request))
        return events(chat_sse(list(said))) if request.json.get("stream") else whole(chat_json(said))

    async with between(PLAN, answer, ring=RING) as here:
        said = await here.ask(ASKED)
        heard = await here.hear(ASKED)
    assert said.choices[0].message.content == back(ASKED)
    assert heard.text() == back(ASKED)
    no_value_in(here.upstream.requests)


def interleaved(*texts: str) -> list[bytes]:
    """A stream of several choices that say different things, a piece of each in turn, each cut its own way."""
    cuts = [[text[at : at + size] for at in range(0, len(text), size)] for size, text in enumerate(texts, 1)]
    turns = zip_longest(*cuts)
    said = [
        (choice, {"content": piece}, None) for turn in turns for choice, piece in enumerate(turn) if piece is not None
    ]
    said += [(choice, {}, "stop") for choice in range(len(texts))]
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    chunks = [{"index": choice, "delta": delta, "finish_reason": why} for choice, delta, why in said]
    return [*(sse(orjson.dumps({**head, "choices": [chunk]})) for chunk in chunks), DONE]


async def test_several_choices_get_their_values_back_each_on_its_own() -> None:
    """One says all of it, one backwards, one only a part: none borrows from or waits for another."""

    def says(request: Received) -> list[str]:
        said = last(request)
        return [said, "，".join(said.split("，")[::-1]), said.split("，")[0]]

    def answer(request: Received) -> Answer:
        texts = says(request)
        if request.json.get("stream"):
            return events(interleaved(*texts))
        choices = [
            {"index": at, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            for at, text in enumerate(texts)
        ]
        return whole(orjson.dumps({**orjson.loads(chat_json("")), "choices": choices}))

    expected = [ASKED, "，".join(ASKED.split("，")[::-1]), ASKED.split("，", maxsplit=1)[0]]
    async with between(PLAN, answer, ring=RING) as here:
        said = await here.ask(ASKED, n=3)
        heard = await here.hear(ASKED, n=3)
    assert [choice.message.content for choice in said.choices] == expected
    assert [heard.text(choice) for choice in range(3)] == expected
    assert [heard.reasons(choice) for choice in range(3)] == [["stop"]] * 3
    no_value_in(here.upstream.requests)


async def test_every_choice_thought_and_tool_argument_gets_its_values_back() -> None:
    def answer(request: Received) -> Answer:
        said = last(request)
        arguments = json.dumps({"to": said})
        return events(chat_sse(list(said), reasoning=list(said), tool_calls=[("send", list(arguments))]))

    async with between(PLAN, answer, ring=RING) as here:
        heard = await here.hear(ASKED)
    assert heard.text() == ASKED
    assert heard.reasoning() == ASKED
    assert json.loads(heard.arguments())["to"] == ASKED


async def test_a_second_turn_that_sends_restored_values_back_is_shielded_alike() -> None:
    async with between(PLAN, lambda request: whole(chat_json(last(request))), ring=RING) as here:
        first = await here.ask(ASKED)
        history: list[Any] = [
            {"role": "user", "content": ASKED},
            first.choices[0].message.model_dump(exclude_none=True),
        ]
        second = await here.ask(*history, "张伟是谁？")
    assert second.choices[0].message.content == "张伟是谁？"
    one, two = here.upstream.requests
    assert two.json["messages"][0] == one.json["messages"][0]
    assert two.json["messages"][1]["content"] == one.json["messages"][0]["content"]
    no_value_in(here.upstream.requests)


async def test_data_of_nobody_in_the_request_is_hidden_as_the_answer_rules_say() -> None:
    answer = whole(chat_json("联系 li@evil.com 或 13711112222"))
    async with between(PLAN, answer, ring=RING) as here:
        said = await here.ask(ASKED)
    assert said.choices[0].message.content == "联系 *********** 或 ***********"


async def test_no_surrogate_and_no_value_is_in_the_record() -> None:
    async with between(PLAN, lambda request: whole(chat_json(last(request))), ring=RING) as here:
        await here.ask(ASKED)
        await here.gate.recorded(1)
    record = repr(here.gate.records.records[0])
    sent = last(here.upstream.requests[0])
    assert not any(value in record for value in (*VALUES.values(), *NAMED.values()))
    assert sent not in record
