"""A provider of one wire format before one of another: paths, bodies, errors, and what stays behind."""

from __future__ import annotations

import orjson
import pytest
from kit.messages import body
from kit.upstream import ScriptedUpstream, chat_json, whole

from gateway.errors import RequestError, UpstreamBroke, UpstreamRefused
from gateway.ports import Call
from gateway.providers.openai_compatible import OpenAICompatible
from gateway.providers.translated import Counting, Translated
from gateway.wire.messages_chat import OverChat

COUNT = "/messages/count_tokens"


def call(path: str = "/messages", **more: object) -> Call:
    return Call("ID", path, "up", orjson.dumps({**body("你好 hello"), **more}), False, {"anthropic-beta": "b"})


async def test_a_request_goes_out_as_a_chat_without_the_other_formats_headers() -> None:
    async with ScriptedUpstream(whole(chat_json("好"))) as upstream:
        provider = Translated(OpenAICompatible("up", upstream.url, "key"), OverChat())
        answer = await provider.open(call())
        said = b"".join([chunk async for chunk in answer.chunks()])
        await answer.aclose()
        await provider.aclose()
    assert orjson.loads(said)["content"] == [{"type": "text", "text": "好"}]
    (request,) = upstream.requests
    assert request.path == "/v1/chat/completions"
    assert "anthropic-beta" not in request.headers


async def test_an_http_error_is_told_in_the_other_envelope() -> None:
    async with ScriptedUpstream(whole(b'{"error": {"message": "slow down"}}', status=429)) as upstream:
        provider = Translated(OpenAICompatible("up", upstream.url, "key"), OverChat())
        with pytest.raises(UpstreamRefused) as raised:
            await provider.open(call())
        await provider.aclose()
    assert raised.value.status == 429
    assert orjson.loads(raised.value.body)["error"] == {"type": "rate_limit_error", "message": "slow down"}


async def test_what_cannot_be_said_is_refused_before_anybody_is_asked() -> None:
    async with ScriptedUpstream(whole(b"never")) as upstream:
        provider = Translated(OpenAICompatible("up", upstream.url, "key"), OverChat())
        with pytest.raises(RequestError, match=r"^container: "):
            await provider.open(call(container="c"))
        await provider.aclose()
    assert upstream.requests == []


async def test_an_answer_that_is_none_is_a_broken_upstream() -> None:
    async with ScriptedUpstream(whole(b"{}")) as upstream:
        provider = Translated(OpenAICompatible("up", upstream.url, "key"), OverChat())
        answer = await provider.open(call())
        with pytest.raises(UpstreamBroke):
            _ = [chunk async for chunk in answer.chunks()]
        await provider.aclose()


@pytest.mark.parametrize("status", [404, 405, 501, 429])
async def test_a_server_that_does_not_count_is_helped_out_but_its_other_errors_stay(status: int) -> None:
    async with ScriptedUpstream(whole(b"{}", status=status)) as upstream:
        provider = Counting(OpenAICompatible("up", upstream.url, "key"), OverChat())
        if status == 429:
            with pytest.raises(UpstreamRefused):
                await provider.open(call(COUNT))
        else:
            answer = await provider.open(call(COUNT))
            said = b"".join([chunk async for chunk in answer.chunks()])
            assert orjson.loads(said) == {"input_tokens": 4, "estimated": True}
        with pytest.raises(UpstreamRefused):
            await provider.open(call())
        await provider.aclose()
