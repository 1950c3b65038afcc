"""Whoever asks in one format reaches a model that speaks another; what speaks it already is asked as it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from kit.messages import message_json
from kit.upstream import chat_json

from gateway.errors import RequestError, UpstreamRefused
from gateway.ports import Call, Provider, Resolve, Route, Upstream
from gateway.providers.routing import Routing
from gateway.wiring.resolving import in_chat, in_completions, in_messages, in_responses

pytestmark = pytest.mark.anyio


class Whole:
    """An answer that is there."""

    status, content_type = 200, "application/json"

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def chunks(self) -> AsyncIterator[bytes]:
        yield self._body

    async def aclose(self) -> None:
        pass


@dataclass
class Server:
    """Serves some paths; remembers which were asked."""

    serves: dict[str, bytes]
    name: str = "up"
    asked: list[str] = field(default_factory=list)

    async def open(self, call: Call) -> Upstream:
        self.asked.append(call.path)
        if call.path not in self.serves:
            raise UpstreamRefused("no such path", upstream=self.name, status=404, body=b"{}")
        return Whole(self.serves[call.path])  # type: ignore[return-value]

    async def aclose(self) -> None:
        pass


CHAT, MESSAGES = "/chat/completions", "/messages"
ASKED: dict[str, dict[str, Any]] = {
    MESSAGES: {"messages": [{"role": "user", "content": "问"}], "max_tokens": 9},
    "/responses": {"input": "问"},
    "/completions": {"prompt": "问"},
}


def routes(server: Provider, **more: Any) -> Resolve:
    return Routing({"m": Route("m", server, "m", **more)}).resolve


async def said(find: Resolve, path: str) -> bytes:
    upstream = await find("m").provider.open(Call("1", path, "m", orjson.dumps({"model": "m", **ASKED[path]}), False))
    return b"".join([chunk async for chunk in upstream.chunks()])


@pytest.mark.parametrize(
    ("finding", "path", "own"),
    [
        (in_responses, "/responses", b'{"own": "response"}'),
        (in_completions, "/completions", b'{"own": "completion"}'),
    ],
)
async def test_a_server_that_speaks_the_format_is_asked_in_it_and_another_through_a_chat(
    finding: Callable[[Resolve], Resolve], path: str, own: bytes
) -> None:
    speaks = Server({path: own, CHAT: chat_json("好")})
    assert await said(finding(routes(speaks)), path) == own
    assert speaks.asked == [path]
    chats = Server({CHAT: chat_json("好")})
    find = finding(routes(chats))
    assert "好" in (await said(find, path)).decode()
    assert "好" in (await said(find, path)).decode()
    assert chats.asked == [path, CHAT, CHAT]  # which it serves is found out once


async def test_messages_reach_a_chat_model_through_a_translation_and_an_anthropic_one_as_they_are() -> None:
    chats = Server({CHAT: chat_json("好")})
    assert orjson.loads(await said(in_messages(routes(chats)), MESSAGES))["content"][0]["text"] == "好"
    assert chats.asked == [CHAT]
    speaks = Server({MESSAGES: message_json("好")})
    assert await said(in_messages(routes(speaks, wire="anthropic")), MESSAGES) == message_json("好")
    assert speaks.asked == [MESSAGES]


def test_a_chat_reaches_what_translates_and_everything_else_as_it_is() -> None:
    server, translates = Server({}), Server({})
    plain = in_chat(routes(server))("m")
    assert (plain.provider, plain.wire) == (server, "openai")
    found = in_chat(routes(server, wire="anthropic", openai=translates))("m")
    assert (found.provider, found.wire, found.openai) == (translates, "openai", None)


@pytest.mark.parametrize("finding", [in_chat, in_messages, in_responses, in_completions])
def test_an_unknown_model_stays_unknown(finding: Callable[[Resolve], Resolve]) -> None:
    with pytest.raises(RequestError) as error:
        finding(routes(Server({})))("密语 secret")
    assert error.value.status == 404
    assert "secret" not in str(error.value)
