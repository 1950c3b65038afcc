from __future__ import annotations

import asyncio
import base64
import logging
import re
import socket
import struct
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import orjson
import pytest
from kit.chat import chunk_texts, read, stream_chunks
from kit.upstream import Answer, ScriptedUpstream, chat_json, chat_sse, events, raw, silence, sse, whole
from openai.types.chat import ChatCompletion

from gateway.errors import UpstreamBroke, UpstreamError, UpstreamRefused, UpstreamTimeout, UpstreamUnreachable
from gateway.ports import Call
from gateway.providers.litellm import LiteLLM
from gateway.providers.timeouts import Timeouts

pytestmark = pytest.mark.anyio

KEY = "sk-our-own-secret"
SECRET_TEXT = "绝密 top secret"


def call(model: str, *, stream: bool = False, text: object = "你好", **fields: Any) -> Call:
    body = {"model": model, "messages": [{"role": "user", "content": text}], **fields}
    return Call("01J", "/chat/completions", model, orjson.dumps({**body, "stream": stream}), stream)


def provider(upstream: ScriptedUpstream, model: str, timeouts: Timeouts | None = None) -> LiteLLM:
    url = upstream.url if model.startswith("openai/") else upstream.url.removesuffix("/v1")
    return LiteLLM("any", KEY, base_url=url, timeouts=timeouts)


# --- Anthropic's wire format, as far as these tests need it ---------------------------------------


def claude(text: str) -> bytes:
    return orjson.dumps(
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "claude-x",
            "content": [{"type": "text", "text": text}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 3, "output_tokens": 2},
        }
    )


def claude_sse(pieces: list[str], *, stop: bool = True) -> list[bytes]:
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x", "content": []}
    usage = {"input_tokens": 3, "output_tokens": 1}
    said: list[tuple[str, dict[str, Any]]] = [
        ("message_start", {"message": {**message, "stop_reason": None, "stop_sequence": None, "usage": usage}}),
        ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
        ("ping", {}),
        *(("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": piece}}) for piece in pieces),
    ]
    if stop:
        said += [
            ("content_block_stop", {"index": 0}),
            ("message_delta", {"delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}}),
            ("message_stop", {}),
        ]
    return [sse(orjson.dumps({"type": name, **fields}), name=name) for name, fields in said]


OPENAI, CLAUDE = "openai/x", "anthropic/claude-x"


def says(model: str, pieces: list[str], *, stream: bool) -> Answer:
    if model == OPENAI:
        return events(chat_sse(pieces, usage=(3, 2))) if stream else whole(chat_json("".join(pieces), usage=(3, 2)))
    return events(claude_sse(pieces)) if stream else whole(claude("".join(pieces)))


# --- What goes out and comes back ----------------------------------------------------------------


@pytest.mark.parametrize("model", [OPENAI, CLAUDE])
async def test_a_whole_answer_has_openais_shape(model: str) -> None:
    async with ScriptedUpstream(says(model, ["你好", " world"], stream=False)) as upstream:
        (body,) = await read(provider(upstream, model), call(model))
    answer = ChatCompletion.model_validate_json(body, strict=True)
    assert answer.choices[0].message.content == "你好 world"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (3, 2)


@pytest.mark.parametrize("model", [OPENAI, CLAUDE])
async def test_a_stream_has_openais_shape(model: str) -> None:
    asked = call(model, stream=True, stream_options={"include_usage": True})
    async with ScriptedUpstream(says(model, ["你好", " world"], stream=True)) as upstream:
        pieces = await read(provider(upstream, model), asked)
    chunks = stream_chunks(pieces)
    assert chunk_texts(pieces) == {0: "你好 world"}
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [choice.finish_reason for chunk in chunks for choice in chunk.choices if choice.finish_reason] == ["stop"]
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 5


async def test_a_stream_is_handed_on_piece_by_piece() -> None:
    go = asyncio.Event()
    first, second, *rest = chat_sse(["你", "好"])
    async with ScriptedUpstream(events([first, second, go, *rest])) as upstream:
        answer = await provider(upstream, OPENAI).open(call(OPENAI, stream=True))
        chunks = answer.chunks()
        got = await anext(chunks)
        while "你".encode() not in got:
            got = await anext(chunks)
        go.set()
        assert b"[DONE]" in [chunk async for chunk in chunks][-1]
        await answer.aclose()


async def test_reasoning_and_tool_calls_come_through() -> None:
    answer = events(
        chat_sse([], reasoning=["想", "想"], tool_calls=[("find", ['{"q":', '"猫"}'])], finish="tool_calls")
    )
    async with ScriptedUpstream(answer) as upstream:
        chunks = stream_chunks(await read(provider(upstream, OPENAI), call(OPENAI, stream=True)))
    deltas = [choice.delta for chunk in chunks for choice in chunk.choices]
    assert "".join((delta.model_extra or {}).get("reasoning_content") or "" for delta in deltas) == "想想"
    tools = [tool.function for delta in deltas for tool in delta.tool_calls or () if tool.function]
    assert "".join(tool.arguments or "" for tool in tools) == '{"q":"猫"}'
    assert [tool.name for tool in tools if tool.name] == ["find"]


async def test_fields_that_nobody_knows_reach_a_server_that_speaks_openais_format() -> None:
    async with ScriptedUpstream(says(OPENAI, ["好"], stream=False)) as upstream:
        await read(provider(upstream, OPENAI), call(OPENAI, x_vendor={"深": 1}, temperature=0.5, top_k=3))
    sent = upstream.requests[0].json
    assert (sent["x_vendor"], sent["temperature"], sent["top_k"]) == ({"深": 1}, 0.5, 3)
    assert "extra_body" not in sent


async def test_fields_that_the_vendor_knows_reach_it() -> None:
    async with ScriptedUpstream(says(CLAUDE, ["好"], stream=False)) as upstream:
        await read(provider(upstream, CLAUDE), call(CLAUDE, top_k=3, temperature=0.5))
    assert (upstream.requests[0].json["top_k"], upstream.requests[0].json["temperature"]) == (3, 0.5)


async def test_fields_that_the_vendor_does_not_know_are_refused_by_name() -> None:
    async with ScriptedUpstream(says(CLAUDE, ["好"], stream=False)) as upstream:
        with pytest.raises(UpstreamRefused) as caught:
            await provider(upstream, CLAUDE).open(call(CLAUDE, x_vendor=1))
    assert (caught.value.status, orjson.loads(caught.value.body)["error"]["param"]) == (400, "x_vendor")
    assert upstream.requests == []


OWN_SETTINGS: list[dict[str, Any]] = [
    {"api_base": "http://127.0.0.1:1"},
    {"base_url": "http://127.0.0.1:1"},
    {"api_key": "sk-of-the-client"},
    {"mock_response": "made up"},
    {"custom_llm_provider": "ollama"},
    {"extra_headers": {"authorization": "Bearer sk-of-the-client"}},
    {"num_retries": 3, "max_retries": 3, "fallbacks": ["openai/other"]},
    {"extra_body": {"model": "dearer"}},
]


@pytest.mark.parametrize("fields", OWN_SETTINGS, ids=lambda fields: next(iter(fields)))
async def test_a_client_cannot_set_litellms_own_settings(fields: dict[str, Any]) -> None:
    async with ScriptedUpstream(says(OPENAI, ["真的"], stream=False)) as upstream:
        (body,) = await read(provider(upstream, OPENAI), call(OPENAI, **fields))
    assert "真的" in body.decode()
    (request,) = upstream.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.json["model"] == "x"
    assert {name: request.json[name] for name in fields} == fields


@pytest.mark.parametrize("fields", OWN_SETTINGS, ids=lambda fields: next(iter(fields)))
async def test_a_client_cannot_set_litellms_own_settings_for_a_vendor_either(fields: dict[str, Any]) -> None:
    async with ScriptedUpstream(says(CLAUDE, ["真的"], stream=False)) as upstream:
        with pytest.raises(UpstreamRefused) as caught:
            await provider(upstream, CLAUDE).open(call(CLAUDE, **fields))
    assert caught.value.status == 400
    assert upstream.requests == []


# --- What goes wrong -----------------------------------------------------------------------------

ERROR = orjson.dumps({"error": {"message": f"{SECRET_TEXT} {KEY}", "type": "x", "code": None}})
CLAUDE_ERROR = orjson.dumps({"type": "error", "error": {"type": "x", "message": f"{SECRET_TEXT} {KEY}"}})
# Long enough for what LiteLLM imports at the first call of a vendor, on a machine that is busy with other tests.
QUICK = Timeouts(connect=2.0, first_byte=2.0, idle=2.0)


@pytest.mark.parametrize(("model", "error"), [(OPENAI, ERROR), (CLAUDE, CLAUDE_ERROR)])
@pytest.mark.parametrize(
    ("status", "given"), [(400, 400), (401, 502), (403, 403), (404, 404), (429, 429), (500, 500), (503, 503)]
)
async def test_a_refusal_keeps_its_status(model: str, error: bytes, status: int, given: int) -> None:
    async with ScriptedUpstream(whole(error, status, retry_after="7")) as upstream:
        with pytest.raises(UpstreamRefused) as caught:
            await provider(upstream, model).open(call(model))
        assert len(upstream.requests) == 1
    refused = caught.value
    assert (refused.status, refused.upstream) == (given, "any")
    assert f"HTTP {status}" in str(refused)
    trace = "".join(traceback.format_exception(refused))
    assert KEY not in trace
    assert SECRET_TEXT not in trace
    assert KEY.encode() not in refused.body
    if status != 401:
        assert SECRET_TEXT in orjson.loads(refused.body)["error"]["message"]
        assert refused.retry_after == "7"


@pytest.mark.parametrize("model", [OPENAI, CLAUDE])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (silence(), UpstreamTimeout),
        (raw(f"220 {SECRET_TEXT}\r\n\r\n".encode()), UpstreamBroke),
        (whole(b'{"half":'), UpstreamBroke),
    ],
    ids=["silence", "not http", "half a body"],
)
async def test_each_failure_before_an_answer_has_its_own_error(
    model: str, stream: bool, answer: Answer, kind: type[UpstreamError]
) -> None:
    async with ScriptedUpstream(answer) as upstream:
        with pytest.raises(UpstreamError) as caught:
            await read(provider(upstream, model, QUICK), call(model, stream=stream))
    assert (type(caught.value), caught.value.upstream) == (kind, "any")
    trace = "".join(traceback.format_exception(caught.value))
    assert KEY not in trace
    assert SECRET_TEXT not in trace


@pytest.mark.parametrize("model", [OPENAI, CLAUDE])
async def test_a_closed_port_is_unreachable(model: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(UpstreamUnreachable, match="Upstream 'any': cannot connect"):
        await LiteLLM("any", KEY, base_url=f"http://127.0.0.1:{port}").open(call(model))


@pytest.mark.parametrize(
    ("model", "pieces"), [(OPENAI, chat_sse(["你"])[:2]), (CLAUDE, claude_sse(["你"], stop=False))]
)
@pytest.mark.parametrize(
    ("then", "kind"), [("close", UpstreamBroke), ("stall", UpstreamTimeout), ("end", UpstreamBroke)]
)
async def test_each_failure_in_mid_answer_has_its_own_error(
    model: str, pieces: list[bytes], then: Any, kind: type[UpstreamError]
) -> None:
    async with ScriptedUpstream(events([*pieces, 0.01], then=then)) as upstream:
        answer = await provider(upstream, model, QUICK).open(call(model, stream=True))
        chunks = answer.chunks()
        got: list[bytes] = []

        async def drain() -> None:
            while True:
                got.append(await anext(chunks))

        with pytest.raises(kind):
            await drain()
        await answer.aclose()
    assert "你" in b"".join(got).decode()
    assert b'finish_reason":"stop' not in b"".join(got)


@pytest.mark.parametrize(
    ("model", "pieces"), [(OPENAI, chat_sse(["你"])[:2]), (CLAUDE, claude_sse(["你"], stop=False))]
)
async def test_closing_in_mid_answer_closes_the_connection(model: str, pieces: list[bytes]) -> None:
    async with ScriptedUpstream(events(pieces, then="stall")) as upstream:
        answer = await provider(upstream, model).open(call(model, stream=True))
        chunks = answer.chunks()
        await anext(chunks)
        await answer.aclose()
        await asyncio.wait_for(upstream.left.wait(), 5)
        await answer.aclose()


@pytest.mark.parametrize(
    ("model", "pieces"), [(OPENAI, chat_sse(["你"])[:2]), (CLAUDE, claude_sse(["你"], stop=False))]
)
async def test_a_cancelled_reader_can_close(model: str, pieces: list[bytes]) -> None:
    async with ScriptedUpstream(events(pieces, then="stall")) as upstream:
        answer = await provider(upstream, model).open(call(model, stream=True))

        async def reader() -> None:
            try:
                async for _ in answer.chunks():
                    pass
            finally:
                await answer.aclose()

        task = asyncio.create_task(reader())
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(upstream.left.wait(), 5)


@pytest.mark.parametrize("model", [CLAUDE, "gemini/x", "bedrock/anthropic.claude-x"])
async def test_a_picture_that_a_client_names_is_not_fetched(model: str) -> None:
    async with (
        ScriptedUpstream(whole(b"x", content_type="image/png")) as pictures,
        ScriptedUpstream(silence()) as server,
    ):
        text = [{"type": "image_url", "image_url": {"url": pictures.url + "/a.png"}}]
        with pytest.raises(UpstreamRefused) as caught:
            await provider(server, model, QUICK).open(call(model, text=text))
    assert caught.value.status == 400
    # What it says depends on who imported the library first: its limit of nothing, or its list of hosts (none).
    assert re.search(rb"download is disabled|Unable to fetch image", caught.value.body)
    assert pictures.requests == []


async def test_nothing_is_logged_of_what_is_said(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with ScriptedUpstream(whole(ERROR, 400)) as upstream:
        with pytest.raises(UpstreamRefused):
            await provider(upstream, OPENAI).open(call(OPENAI, text=SECRET_TEXT))
    mine = [record for record in caplog.records if record.name.startswith("LiteLLM")]
    assert mine == []


async def test_other_paths_are_refused() -> None:
    with pytest.raises(UpstreamRefused, match="does not serve /audio/transcriptions; ask another model") as raised:
        await LiteLLM("any").open(Call("1", "/audio/transcriptions", "m", b"{}", False))
    assert raised.value.status == 404


# --- Embeddings and speech -----------------------------------------------------------------------


def embed(model: str, **fields: Any) -> Call:
    return Call("01J", "/embeddings", model, orjson.dumps({"model": "x", "input": ["你好", "hello"], **fields}), False)


VECTORS = {"object": "list", "model": "m", "usage": {"prompt_tokens": 3, "total_tokens": 3}}


@pytest.mark.parametrize("form", [None, "float", "base64"])
async def test_embeddings_come_in_the_form_that_was_asked_for_whatever_the_vendor_knows(form: str | None) -> None:
    rows = [{"object": "embedding", "index": at, "embedding": [0.5, at]} for at in range(2)]
    async with ScriptedUpstream(whole(orjson.dumps({**VECTORS, "data": rows}))) as upstream:
        asked = embed("openai/x", **({"encoding_format": form} if form else {}))
        (body,) = await read(provider(upstream, "openai/x"), asked)
    answer = orjson.loads(body)
    got = [row["embedding"] for row in answer["data"]]
    if form == "base64":
        got = [list(struct.unpack("<2f", base64.b64decode(vector))) for vector in got]
    assert (got, answer["usage"]["prompt_tokens"]) == ([[0.5, 0], [0.5, 1]], 3)
    assert upstream.requests[0].json == {"model": "x", "input": ["你好", "hello"]}


async def test_a_vendor_without_embeddings_or_voices_says_so() -> None:
    for path, fields in (("/embeddings", {"input": "x"}), ("/audio/speech", {"input": "x", "voice": "v"})):
        body = orjson.dumps({"model": "x", **fields})
        with pytest.raises(UpstreamRefused, match=f"does not serve {path}; ask another model") as raised:
            await LiteLLM("any", KEY).open(Call("1", path, "anthropic/claude-x", body, False))
        assert raised.value.status == 404


async def test_a_field_that_is_not_handed_over_is_refused_by_its_name() -> None:
    with pytest.raises(UpstreamRefused) as raised:
        await LiteLLM("any", KEY).open(embed("openai/x", api_base="http://elsewhere"))
    assert orjson.loads(raised.value.body)["error"]["param"] == "api_base"


async def test_speech_is_the_sound_that_the_vendor_made() -> None:
    async with ScriptedUpstream(whole(b"RIFFxxxx", content_type="audio/wav")) as upstream:
        body = orjson.dumps({"model": "x", "input": "你好", "voice": "alloy", "response_format": "wav"})
        answer = await provider(upstream, "openai/x").open(Call("1", "/audio/speech", "openai/x", body, False))
        sound = [chunk async for chunk in answer.chunks()]
    assert (answer.content_type, sound) == ("audio/wav", [b"RIFFxxxx"])
    assert upstream.requests[0].json["input"] == "你好"


async def test_an_error_of_the_vendor_stays_one() -> None:
    async with ScriptedUpstream(whole(ERROR, 400)) as upstream:
        with pytest.raises(UpstreamRefused) as raised:
            await provider(upstream, "openai/x").open(embed("openai/x"))
    assert raised.value.status == 400


# --- What LiteLLM does beside the chat -----------------------------------------------------------


async def test_tools_pass_without_litellms_own_gateway_for_tools() -> None:
    tool = {"type": "function", "function": {"name": "find", "parameters": {"type": "object", "properties": {}}}}
    async with ScriptedUpstream(whole(claude("好"))) as upstream:
        await read(provider(upstream, CLAUDE), call(CLAUDE, tools=[tool]))
    assert upstream.requests[0].json["tools"][0]["name"] == "find"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"seed": 1}, "seed"),
        ({"n": 2}, "n"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"text": [{"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}}]}, "messages[0].content[0]"),
    ],
)
async def test_what_an_anthropic_server_cannot_be_told_is_refused_by_its_field(
    fields: dict[str, Any], param: str
) -> None:
    async with ScriptedUpstream(whole(claude("好"))) as upstream:
        with pytest.raises(UpstreamRefused) as raised:
            await provider(upstream, CLAUDE).open(call(CLAUDE, **fields))
    error = orjson.loads(raised.value.body)["error"]
    assert (raised.value.status, error["param"], error["code"]) == (400, param, "unsupported_parameter")
    assert "litellm" not in error["message"].lower()
    assert upstream.requests == []


# --- Loading -------------------------------------------------------------------------------------

WATCHED = """
import asyncio, sys, threading
spoken = []
loader = []  # whether the main thread loads it, told by the first of its modules that loads another
def watch(event, args):
    if event == "import" and args[0].startswith("litellm.") and not loader:
        loader.append(threading.current_thread() is threading.main_thread())
    elif event == "socket.connect":
        spoken.append(str(args[1][0]) if isinstance(args[1], tuple) else "unix")
    elif event == "socket.getaddrinfo":
        spoken.append(str(args[0]))
sys.addaudithook(watch)
from kit.upstream import ScriptedUpstream, chat_json, chat_sse, events, whole
from gateway.providers.litellm import LiteLLM
assert "litellm" not in sys.modules
from kit.chat import read
from gateway.ports import Call
import orjson
def call(stream):
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    return Call("1", "/chat/completions", "openai/llama-3-70b", orjson.dumps(body), stream)
async def main():
    async with ScriptedUpstream(whole(chat_json("a")), events(chat_sse(["a"]))) as up:
        provider = LiteLLM("any", "k", base_url=up.url)
        assert b"chat.completion" in (await read(provider, call(False)))[0]
        assert (await read(provider, call(True)))[-1].endswith(b"[DONE]\\n\\n")
asyncio.run(main())
print(sorted(set(spoken)), loader)
"""


def test_litellm_is_loaded_at_first_use_beside_the_loop_and_speaks_to_loopback_only() -> None:
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", WATCHED],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": f"{root}:{root / 'tests'}", "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "['127.0.0.1'] [False]"
