"""A response on its way out: every copy of a text says what the client has, and every stream ends well.

Mutants killed: a ``.done`` event, a part, an item or a terminal with the upstream's own text; a text that only a
``.done`` or the terminal brings and that leaves unjudged; half a call among the output; an item that begins twice;
an event after the terminal; a sequence number that stands still.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit.garbage import left_behind
from kit.path import EVENTS, JSON, Asked, Collected, Said, ports
from kit.plans import LABEL, SAFE, pattern, plan, rule, side
from kit.responses import HEAD, Heard, event, hear, item, response_json, response_sse, usage

from gateway.exchange import ANYONE
from gateway.pipeline.run import Gone, Path
from gateway.policy.plan import LabelPlan, Plan
from gateway.wire.responses import Responses

SIDE = side(
    {"drug": pattern("drug", "贩毒|毒品|drug deal"), "number": pattern("number", "[0-9]{6,11}")},
    [rule("drug", "refuse"), rule("number", "mask", keep=(2, 2))],
)
BUFFER = side(
    {"drug": pattern("drug", "贩毒|毒品|drug deal"), "number": pattern("number", "[0-9]{6,11}")},
    [rule("drug", "refuse", release="buffer"), rule("number", "mask", keep=(2, 2))],
)
PASS = plan()
PLAN = plan(SIDE, SIDE)
BUFFERED = plan(SIDE, BUFFER)
POLICIES = pytest.mark.parametrize("policy", [PLAN, BUFFERED], ids=["as it comes", "buffered"])
quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)


async def ask(policy: Plan, *steps: bytes | BaseException, stream: bool = True, **body: Any) -> Asked:
    """Send a request through the path."""
    provider = Said(*steps, content_type=EVENTS if stream else JSON)
    made, outlet = ports(provider, producer=None), Collected()
    raw = orjson.dumps({"model": "up", "input": "问", "stream": stream, **body})
    await Path(Responses(), "/responses", made).run(raw, ANYONE, policy, outlet, Gone())
    return Asked(outlet, made.records.records, made.counters)  # type: ignore[attr-defined,arg-type]


async def stream(policy: Plan, *steps: bytes | BaseException, **body: Any) -> Heard:
    got = await ask(policy, *steps, **body)
    assert got.seen.status == 200, got.seen.body
    return hear(got.seen.body)


EVERY = (("summary", ["想", "想"]), ("thoughts", ["再想"]), ("text", ["你", "好", "。"]), ("call", ['{"q":', ' "x"}']))


async def test_a_stream_in_which_nothing_changes_leaves_as_it_came() -> None:
    pieces = response_sse(*EVERY)  # type: ignore[arg-type]
    assert (await ask(PASS, *pieces)).seen.body == b"".join(pieces)


async def test_a_whole_answer_in_which_nothing_changes_leaves_as_it_came() -> None:
    body = response_json(("thoughts", "想"), ("text", "你好"), ("call", '{"q": 1}'))
    assert (await ask(PLAN, body, stream=False)).seen.body == body


@POLICIES
async def test_what_is_masked_is_so_in_every_copy(policy: Plan) -> None:
    text = "号码13812345678。"
    said = [(form, list(text)) for form in ("summary", "thoughts", "text", "refusal", "custom")]
    said.append(("call", list(json.dumps({"to": text}, ensure_ascii=False))))
    got = await ask(policy, *response_sse(*said))  # type: ignore[arg-type]
    heard = hear(got.seen.body)
    assert "13812345678" not in got.seen.body.decode()
    assert got.seen.body.decode().count("13*******78") >= 6 * 3
    assert json.loads(heard.output[-1]["arguments"]) == {"to": "号码13*******78。"}
    assert heard.final["status"] == "completed"


async def test_what_is_masked_in_a_whole_answer_takes_its_probabilities_with_it() -> None:
    body = orjson.loads(response_json(("text", "13812345678"), ("text", "好")))
    body["output"][0]["content"][0]["logprobs"] = [{"token": "138"}]
    body["output"][1]["content"][0]["logprobs"] = [{"token": "好"}]
    seen = (await ask(PLAN, orjson.dumps(body), stream=False)).seen.json
    assert "logprobs" not in seen["output"][0]["content"][0]
    assert seen["output"][1]["content"][0]["logprobs"] == [{"token": "好"}]


@POLICIES
@pytest.mark.parametrize("form", ["text", "summary", "thoughts", "refusal", "call", "custom"])
async def test_a_refusal_ends_the_stream_as_incomplete(policy: Plan, form: str) -> None:
    text = '{"q": "买毒品"}' if form == "call" else "想买毒品"
    heard = await stream(policy, *response_sse(("text", ["先说一句。"]), (form, list(text)), ("text", ["再说。"])))  # type: ignore[arg-type]
    assert heard.types[-1] == "response.incomplete"
    assert heard.final["incomplete_details"] == {"reason": "content_filter"}
    assert "毒品" not in orjson.dumps(heard.events).decode()
    assert heard.final["output"][-1]["content"][0]["text"].strip() == SAFE.zh or heard.text().endswith(SAFE.zh)
    assert all(one["type"] == "message" or one["status"] != "in_progress" for one in heard.final["output"])
    assert [one for one in heard.final["output"] if one["type"] in ("function_call", "custom_tool_call")] == []


async def test_half_a_call_is_ended_but_is_not_among_the_output() -> None:
    heard = await stream(PLAN, *response_sse(("call", ['{"a": "先说", ', '"q": "买毒', '品"}'])))
    assert heard.types[-1] == "response.incomplete"
    assert "response.function_call_arguments.done" not in heard.types
    assert [one["type"] for one in heard.final["output"]] == ["message"]


async def test_a_whole_answer_that_is_refused_is_replaced() -> None:
    seen = (await ask(PLAN, response_json(("thoughts", "想"), ("text", "买毒品")), stream=False)).seen.json
    assert (seen["status"], seen["incomplete_details"]) == ("incomplete", {"reason": "content_filter"})
    assert [one["type"] for one in seen["output"]] == ["message"]
    assert seen["output"][0]["content"][0]["text"] == SAFE.zh


def without(*types: str) -> list[bytes]:
    """A full stream without some of its events."""
    said = [("summary", ["想13812345678"]), ("text", ["号13812345678", "。"]), ("call", ['{"n": "13812345678"}'])]
    return [one for one in response_sse(*said) if not any(b"event: response." + t.encode() in one for t in types)]  # type: ignore[arg-type]


ALL = (
    "created",
    "in_progress",
    "output_item",
    "content_part",
    "output_text",
    "reasoning_summary",
    "function_call_arguments",
)
LEFT_OUT = [
    ("created",),
    ("created", "in_progress"),
    ("content_part.added", "reasoning_summary_part.added"),
    ("content_part.done", "reasoning_summary_part.done"),
    ("output_text.done", "reasoning_summary_text.done", "function_call_arguments.done"),
    ("output_text.delta", "reasoning_summary_text.delta", "function_call_arguments.delta"),
    ("output_item.done",),
    ("output_text", "reasoning_summary", "function_call_arguments", "content_part"),
    ALL,
]


@POLICIES
@pytest.mark.parametrize("types", LEFT_OUT, ids=lambda types: "+".join(types)[:40])
async def test_what_a_server_leaves_out_is_made_up_for_and_nothing_slips_by(
    types: tuple[str, ...], policy: Plan
) -> None:
    heard = await stream(policy, *without(*types))
    assert [one["type"] for one in heard.final["output"]] == ["reasoning", "message", "function_call"]
    assert heard.text() == "号13*******78。"
    assert heard.text("thoughts") == "想13*******78"
    assert heard.text("arguments") == '{"n": "13*******78"}'
    assert "13812345678" not in orjson.dumps(heard.events).decode()


def changed(number: int, **changes: Any) -> list[bytes]:
    """A stream in which one event is another."""
    pieces = response_sse(("text", ["你好", "。"]), ("call", ["{}"]))
    data = orjson.loads(pieces[number].split(b"data: ", 1)[1])
    data.update(changes)
    pieces[number] = event(data.pop("type"), data.pop("sequence_number"), **data)
    return pieces


BROKEN = [
    ("another item", changed(4, output_index=3)),
    ("a delta that is no text", changed(4, delta=7)),
    ("a part of a kind nobody knows", changed(3, part={"type": "smell", "smell": "rose"})),
    ("an item without a type", changed(2, item={"id": "x"})),
    ("an item that ends as another", changed(8, item={"type": "reasoning", "summary": []})),
    ("a response that is none", changed(0, response=[])),
    ("an output that is no array", changed(-1, response={**HEAD, "output": {"a": 1}})),
    ("a second beginning", [*response_sse(("text", ["你"]))[:6], event("response.created", 6, response=HEAD)]),
    ("an error", [*response_sse(("text", ["你"]))[:5], event("error", 5, code="x", message="毒品", param=None)]),
    ("no terminal", response_sse(("text", ["你好"]), status=None)),
    ("half an event", [*response_sse(("text", ["你好"]))[:5], b'event: response.output_text.delta\ndata: {"ty']),
    ("no JSON", [*response_sse(("text", ["你好"]))[:5], b"data: nonsense\n\n"]),
]


@POLICIES
@pytest.mark.parametrize(("what", "pieces"), BROKEN, ids=[what for what, _ in BROKEN])
async def test_a_stream_that_breaks_ends_as_failed_or_never_begins(
    what: str, pieces: list[bytes], policy: Plan
) -> None:
    got = await ask(policy, *pieces)
    assert "毒品" not in got.seen.body.decode()
    if got.seen.status != 200:
        assert got.seen.status == 502
        assert got.seen.json["error"]["code"] == "upstream_broke"
        return
    heard = hear(got.seen.body)
    assert heard.types[-1] == "response.failed"
    assert heard.final["error"]["code"] == "server_error"
    assert got.record.outcome == "upstream_error"


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b"no", b'{"output": [{}]}', b'{"output": [7]}', b'{"output": {"a": 1}}']
)
@pytest.mark.parametrize("asked", [True, False])
async def test_a_whole_answer_that_is_none_is_a_502(body: bytes, asked: bool) -> None:
    provider = Said(body, content_type=JSON)
    made, outlet = ports(provider, producer=None), Collected()
    raw = orjson.dumps({"model": "up", "input": "问", "stream": asked})
    await Path(Responses(), "/responses", made).run(raw, ANYONE, PLAN, outlet, Gone())
    assert (outlet.seen.status, outlet.seen.json["error"]["code"]) == (502, "upstream_broke")


async def test_a_whole_answer_to_whoever_asked_for_a_stream_becomes_one() -> None:
    provider = Said(
        response_json(("summary", "想"), ("text", "号13812345678"), ("call", '{"a": 1}')), content_type=JSON
    )
    made, outlet = ports(provider, producer=None), Collected()
    raw = orjson.dumps({"model": "up", "input": "问", "stream": True})
    await Path(Responses(), "/responses", made).run(raw, ANYONE, PLAN, outlet, Gone())
    heard = hear(outlet.seen.body)
    assert heard.text() == "号13*******78"
    assert heard.types[-1] == "response.completed"


async def test_what_a_response_repeats_of_its_request_is_what_the_client_said() -> None:
    said = {"instructions": "秘密13812345678", "metadata": {"a": "b"}, "tools": [], "user": "u"}
    fields = {"instructions": "秘密13*******78 and more of the vendor's", "tools": [{"type": "x"}], "user": "other"}
    heard = await stream(PLAN, *response_sse(("text", ["好"]), **fields), **said)
    for one in heard.events:
        if "response" in one:
            assert {key: one["response"][key] for key in said} == said


async def test_items_that_nobody_knows_are_read_to_their_last_string() -> None:
    strange = {
        "type": "web_search_call",
        "id": "ws_1",
        "status": "completed",
        "action": {"type": "search", "query": "号13812345678", "sources": [{"url": "https://a.cn/13812345678"}]},
    }
    pieces = response_sse(("text", ["好"]))
    more = {"output_index": 1, "item": {**strange, "status": "in_progress", "action": {}}}
    searching = event("response.web_search_call.searching", 9, output_index=1, item_id="ws_1")
    found = [event("response.output_item.added", 8, **more), searching]
    found.append(event("response.output_item.done", 10, output_index=1, item=strange))
    end = {**HEAD, "status": "completed", "output": [item(0, "text", "好"), strange], "usage": usage()}
    got = await ask(PLAN, *pieces[:-1], *found, event("response.completed", 11, response=end))
    heard = hear(got.seen.body)
    assert "13812345678" not in got.seen.body.decode()
    assert heard.final["output"][1]["action"]["query"] == "号13*******78"
    assert "response.web_search_call.searching" in heard.types


async def test_what_no_detector_can_read_is_told() -> None:
    strange = {"type": "shell_call", "id": "s", "status": "completed", "lines": ["a", "b"]}
    got = await ask(PLAN, orjson.dumps({**HEAD, "output": [strange], "hint": "x"}), stream=False)
    assert sorted(got.record.response.unjudged) == sorted(("output[0].lines[0]", "output[0].lines[1]", "hint"))


TEXTS = ["今天的天气很好，适合出门散步。", "The weather is fine today, enjoy your walk outside."]


@POLICIES
@pytest.mark.parametrize("position", ["start", "end", "both"])
@pytest.mark.parametrize("text", TEXTS)
async def test_a_label_stands_in_the_text_and_in_every_copy_of_it(text: str, position: Any, policy: Plan) -> None:
    labelled = plan(policy.request, policy.response, label=LabelPlan(position, LABEL, metadata=True))
    asked = "问" if text is TEXTS[0] else "how is it today?"
    heard = await stream(labelled, *response_sse(("summary", ["想"]), ("text", list(text))), input=asked)
    label = LABEL.zh if text is TEXTS[0] else LABEL.en
    assert heard.text().startswith(label) == (position in ("start", "both"))
    assert heard.text().endswith(label) == (position in ("end", "both"))
    assert len(heard.final["output"]) == 2
    body = (await ask(labelled, response_json(("text", text)), stream=False, input=asked)).seen.json
    assert body["output"][0]["content"][0]["text"] == heard.text()


async def test_a_call_gets_no_label() -> None:
    labelled = plan(SIDE, SIDE, label=LabelPlan("end", LABEL))
    heard = await stream(labelled, *response_sse(("text", ["我去查一查天气。"]), ("call", ["{}"])))
    assert heard.text() == "我去查一查天气。"


@pytest.mark.parametrize("status", ["incomplete", "failed"])
async def test_an_answer_that_the_upstream_cuts_or_gives_up_says_so(status: str) -> None:
    error = {"error": {"code": "server_error", "message": "call 13812345678"}} if status == "failed" else {}
    pieces = response_sse(("text", ["你好"]), status=status)
    last = orjson.loads(pieces[-1].split(b"data: ", 1)[1])
    last["response"].update(error)
    pieces[-1] = event(last.pop("type"), last.pop("sequence_number"), **last)
    heard = await stream(PLAN, *pieces)
    assert heard.types[-1] == f"response.{status}"
    if error:
        assert heard.final["error"]["message"] == "call 13*******78"
    else:
        assert heard.final["incomplete_details"] == {"reason": "max_output_tokens"}


@POLICIES
async def test_a_terminal_that_some_servers_add_is_for_nobody(policy: Plan) -> None:
    heard = await stream(policy, *response_sse(("text", ["你好"])), b"data: [DONE]\n\n", b"data: {}\n\n")
    assert heard.types[-1] == "response.completed"


LETTERS = st.text(alphabet='ab01贩毒品。 \n"\\{', max_size=30)


@quick
@given(st.lists(st.tuples(st.sampled_from(["text", "thoughts", "summary", "custom"]), LETTERS), max_size=4), st.data())
def test_however_it_is_cut_the_client_has_the_same(said: list[tuple[str, str]], data: st.DataObject) -> None:
    """Law 3: by characters, by bytes, whole, and buffered."""
    pieces = [(form, list(text)) for form, text in said]
    raw = b"".join(response_sse(*pieces))  # type: ignore[arg-type]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=6)))
    chunks = [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]

    async def both() -> tuple[Heard, Heard]:
        uncut = response_sse(*[(form, [text]) for form, text in said])  # type: ignore[misc]
        return await stream(PLAN, *chunks), await stream(PLAN, b"".join(uncut))

    one, two = asyncio.run(both())
    assert one.final["output"] == two.final["output"]
    for key in ("text", "thoughts", "input"):
        assert one.text(key) == two.text(key)
    assert one.types[-1] == two.types[-1]


@POLICIES
@pytest.mark.parametrize("words", ["再见。", "买毒品", "号13812345678"], ids=["passed", "refused", "masked"])
async def test_an_answer_leaves_nothing_for_the_collector(policy: Plan, words: str) -> None:
    labelled = plan(policy.request, policy.response, label=LabelPlan("end", LABEL, metadata=True))
    pieces = response_sse(("summary", ["想"]), ("text", ["先说。"]), ("text", list(words)), ("call", ["{}"]))
    provider, raw = Said(*pieces, content_type=EVENTS), orjson.dumps({"model": "up", "input": "问", "stream": True})
    with left_behind() as left:
        made, outlet = ports(provider, producer=None), Collected()
        await Path(Responses(), "/responses", made).run(raw, ANYONE, labelled, outlet, Gone())
        assert hear(outlet.seen.body).types[-1] in ("response.completed", "response.incomplete")
        provider.calls.clear()  # a test's provider keeps what it was asked, and so who asked
        del made, outlet
    assert left == set()


async def test_a_message_of_our_own_is_named_by_what_the_client_has_of_the_answer() -> None:
    """Law 3 in an id: an event later, the same stream read in one chunk has been heard further."""
    pieces = response_sse(("text", ["先说。"]), ("thoughts", ["买毒品"]), ("text", ["再说。"]), ("custom", ["x"]))
    cut, whole = await stream(PLAN, *pieces), await stream(PLAN, b"".join(pieces))
    assert cut.final["output"] == whole.final["output"]
    assert cut.final["output"][-1]["id"] == "msg_resp_1_own_2"
