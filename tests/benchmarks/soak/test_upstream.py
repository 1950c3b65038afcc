"""The model of the soak speaks at its pace, breaks as it is told, and says what it has seen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from benchmarks.conformance.seen import read
from benchmarks.soak.asks import FORBIDDEN, PRIVATE
from benchmarks.soak.scripts import HANGS, SCRIPTS
from benchmarks.soak.upstream import Model, State
from benchmarks.speed.texts import answer


@asynccontextmanager
async def serving(pace: float = 0.0) -> AsyncIterator[tuple[str, State]]:
    state = State()
    server = await asyncio.get_running_loop().create_server(lambda: Model(state, pace), "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", state


def body(model: str, *, stream: bool, text: str = "你好") -> dict[str, object]:
    return {"model": model, "stream": stream, "messages": [{"role": "user", "content": text}]}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("path", "dialect"), [("chat/completions", "chat"), ("messages", "messages")])
async def test_an_answer_is_whole_in_each_dialect(path: str, dialect: str, stream: bool) -> None:
    async with serving() as (url, state), aiohttp.ClientSession() as session:
        async with session.post(f"{url}/v1/{path}", json=body("plain", stream=stream)) as said:
            seen = read(dialect, stream, said.status, said.headers, await said.read())
    assert seen.choice().text == answer()
    assert (seen.terminals == 1) is stream
    assert (state.asked, state.streams) == (1, 0)


@pytest.mark.parametrize(
    "model", [name for name, says in SCRIPTS.items() if name != HANGS and (says.breaks or says.status)]
)
async def test_a_model_that_fails_never_says_that_it_is_through(model: str) -> None:
    raw = b""
    async with serving() as (url, state), aiohttp.ClientSession() as session:
        async with session.post(f"{url}/v1/chat/completions", json=body(model, stream=True)) as said:
            try:
                async for piece in said.content.iter_any():
                    raw += piece
            except aiohttp.ClientError:
                pass
            status = said.status
    assert b"[DONE]" not in raw
    assert status == (SCRIPTS[model].status or 200)
    assert state.streams == 0


async def test_what_was_seen_and_what_is_under_way_is_told() -> None:
    async with serving(pace=30.0) as (url, state), aiohttp.ClientSession() as session:
        text = f"{PRIVATE}1@example.com {FORBIDDEN}"
        said = await session.post(f"{url}/v1/chat/completions", json=body("plain", stream=True, text=text))
        async with session.get(f"{url}/state") as told:
            assert await told.json() == {
                "connections": 1, "streams": 1, "asked": 1, "cut": 0, "private": 1, "forbidden": 1
            }  # fmt: skip
        said.close()
        while state.streams:
            await asyncio.sleep(0.001)
        assert (state.cut, state.connections) == (1, 0)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_model_that_hangs_is_at_work_until_it_is_let_go_of(stream: bool) -> None:
    async with serving() as (url, state), aiohttp.ClientSession() as session:
        asking = asyncio.create_task(_read(session, url, body(HANGS, stream=stream)))
        while not state.streams:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.05)
        assert state.streams == 1
        asking.cancel()
        while state.streams:
            await asyncio.sleep(0.001)
        assert state.cut == 1


async def _read(session: aiohttp.ClientSession, url: str, asked: dict[str, object]) -> bytes:
    async with session.post(f"{url}/v1/chat/completions", json=asked) as said:
        return await said.read()
