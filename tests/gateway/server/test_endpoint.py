"""Whenever a client leaves, and whatever else happens, there is one record and nothing goes on for nobody.

Mutants killed: a client that leaves while it asks counted as our refusal; one that leaves after the last
byte counted as gone; the watch not started, or not ended; an upload that is cut by a stop without a record;
a fault after the last byte written behind it; an upstream that is let go of only if nobody left.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from kit.asgi import Client, ask
from kit.asking import chat, post
from kit.gateway import parts, serving
from kit.plans import pattern, plan, rule, side
from kit.upstream import ScriptedUpstream, chat_json, chat_sse, events, silence, whole

from gateway.exchange import Record
from gateway.ports import Call, Upstream
from gateway.providers.echo import Echo
from gateway.providers.openai_compatible import OpenAICompatible
from gateway.stores.memory import MemoryRecords
from gateway.wiring import assemble

BODY = orjson.dumps(chat("你好"))


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "POSTED"])
async def test_only_post_is_taken_and_the_answer_says_so(method: str) -> None:
    records = MemoryRecords()
    seen = await ask(assemble(parts(plan(), records=records)), BODY, method=method)
    assert (seen.status, seen.json["error"]["code"], seen.headers["allow"]) == (405, "method_not_allowed", "POST")
    assert [record.status for record in records.records] == [405]


async def test_every_refusal_has_the_envelope_the_headers_and_the_record() -> None:
    records = MemoryRecords()
    app = assemble(parts(plan(), records=records))
    cases: list[tuple[list[bytes | None], dict[str, str], int]] = [
        ([b"{"], {}, 400),
        ([b"{}"], {"content-encoding": "gzip"}, 415),
        ([b"{}"], {"content-length": "99999999999"}, 413),
        ([orjson.dumps(chat("问", model="nobody"))], {}, 404),
    ]
    for pieces, headers, status in cases:
        seen = await ask(app, *pieces, headers=headers)
        assert seen.status == status
        assert set(seen.json["error"]) == {"message", "type", "param", "code"}
        assert seen.json["sluice"]["request_id"] == seen.headers["x-sluice-request-id"]
        assert seen.headers["x-sluice-verdict"] == "pass"
    assert [record.status for record in records.records] == [400, 415, 413, 404]


# --- Clients that leave --------------------------------------------------------------------------


@pytest.mark.parametrize("pieces", [[None], [b"{", None], [BODY[:20], b"", None]])
async def test_a_client_that_leaves_while_it_asks_is_recorded_as_gone(pieces: list[bytes | None]) -> None:
    records = MemoryRecords()
    client = await Client(pieces).ask(assemble(parts(plan(), records=records)))
    assert client.sent == []
    (record,) = records.records
    assert (record.outcome, record.client_gone, record.status, record.error) == ("client_gone", True, 0, "client_left")


async def test_a_client_that_leaves_while_the_upstream_thinks_is_recorded_and_the_upstream_let_go() -> None:
    async with ScriptedUpstream(silence()) as upstream:
        made = parts(plan(), {"up": OpenAICompatible("up", upstream.url, "k")})
        client = Client([orjson.dumps(chat("问", model="up"))])
        asking = asyncio.create_task(client.ask(assemble(made)))
        while not upstream.requests:
            await asyncio.sleep(0.002)
        client.left.set()
        await asking
        await asyncio.wait_for(upstream.left.wait(), 5)
        await made.providers[0].aclose()
    record = made.ports.records.records[0]  # type: ignore[attr-defined]
    assert (record.outcome, record.client_gone, record.status) == ("client_gone", True, 0)
    assert client.sent == []


@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_leaves_in_mid_answer_gets_no_further_byte(stream: bool) -> None:
    go = asyncio.Event()
    pieces = chat_sse(["一", "二", "三"]) if stream else [chat_json("一二三")[:20], chat_json("一二三")[20:]]
    script = (
        events([*pieces[:2], go, *pieces[2:]]) if stream else replace(whole(b""), pieces=[pieces[0], go, pieces[1]])
    )
    async with ScriptedUpstream(script if stream else replace(script, framing="chunked")) as upstream:
        made = parts(plan(), {"up": OpenAICompatible("up", upstream.url, "k")})
        client = Client([orjson.dumps(chat("问", model="up", stream=stream))])
        asking = asyncio.create_task(client.ask(assemble(made)))
        while not (upstream.requests and (client.sent or not stream)):
            await asyncio.sleep(0.002)
        client.left.set()
        await asking
        await asyncio.wait_for(upstream.left.wait(), 5)
        await made.providers[0].aclose()
    record = made.ports.records.records[0]  # type: ignore[attr-defined]
    assert (record.outcome, record.client_gone, record.status) == ("client_gone", True, 200 if stream else 0)
    assert all(message.get("more_body", True) for message in client.sent)


@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_leaves_after_the_last_byte_was_served(stream: bool) -> None:
    records = MemoryRecords(delay=0.02)
    body = orjson.dumps(chat("你好", stream=stream))
    async with serving(parts(plan(), records=records)) as gate:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(gate.url.rpartition(":")[2]))
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        end = b"0\r\n\r\n" if stream else "你好".encode()
        got = b""
        while end not in got:
            got += await reader.read(65536)
        writer.transport.abort()  # while the record still waits
        await gate.recorded(1)
    assert [(record.outcome, record.client_gone) for record in records.records] == [("answered", False)]


class Held:
    """A provider that counts the answers that are open."""

    name = "held"

    def __init__(self, *, fails: bool = False, slow: float = 0.0) -> None:
        self.open_answers, self._fails, self._slow = 0, fails, slow
        self._echo = Echo("held", clock=lambda: 0.0, delay=0.001)

    async def open(self, call: Call) -> Upstream:
        inner = await self._echo.open(call)
        self.open_answers += 1
        outer = self

        class Answer:
            content_type = inner.content_type

            async def chunks(self) -> AsyncIterator[bytes]:
                async for chunk in inner.chunks():
                    yield chunk

            async def aclose(self) -> None:
                await asyncio.sleep(outer._slow)  # a connection that takes a moment to close
                outer.open_answers -= 1
                if outer._fails:
                    raise RuntimeError("closing failed at: 身份证 11010519491231002X")

        return Answer()

    async def aclose(self) -> None:
        """Nothing is held."""


async def test_an_upstream_that_closes_slowly_is_let_go_also_when_the_client_has_left() -> None:
    held = Held(slow=0.01)
    client = Client([orjson.dumps(chat("一 二 三 四 五 六 七 八", model="held", stream=True))])
    asking = asyncio.create_task(client.ask(assemble(parts(plan(), {"held": held}))))
    while not client.sent:
        await asyncio.sleep(0.001)
    client.left.set()
    await asking
    assert held.open_answers == 0


async def test_an_upstream_that_closes_slowly_does_not_make_a_client_gone_that_was_served() -> None:
    for stream in (True, False):
        made = parts(plan(), {"held": Held(slow=0.01)})
        await ask(assemble(made), orjson.dumps(chat("你好", model="held", stream=stream)))
        assert [record.outcome for record in made.ports.records.records] == ["answered"]  # type: ignore[attr-defined]


async def test_nobody_watches_a_connection_whose_request_is_over() -> None:
    client, asked = Client([]), [BODY]

    async def receive() -> dict[str, Any]:
        if not asked:
            await asyncio.Event().wait()  # this server tells nothing more, not even that it is over
        return {"type": "http.request", "body": asked.pop()}

    async def send(message: Any) -> None:
        client.sent.append(message)
        await asyncio.sleep(0)

    before = len(asyncio.all_tasks())
    await assemble(parts(plan()))(client.scope, receive, send)
    await asyncio.sleep(0)
    assert client.seen.status == 200
    assert len(asyncio.all_tasks()) == before


@pytest.mark.parametrize("stream", [True, False])
async def test_a_fault_after_the_last_byte_is_told_to_the_operator_and_not_to_the_client(
    stream: bool, caplog: pytest.LogCaptureFixture
) -> None:
    records = MemoryRecords()
    app = assemble(parts(plan(), {"held": Held(fails=True)}, records=records))
    seen = await ask(app, orjson.dumps(chat("你好", model="held", stream=stream)))
    assert (seen.status, seen.text()) == (200, "你好")
    assert b"error" not in seen.body
    assert [record.error for record in records.records] == ["internal:RuntimeError"]
    assert "RuntimeError" in caplog.text
    assert "11010519491231002X" not in caplog.text


class Unkept(MemoryRecords):
    """A store that breaks as none should."""

    def offer(self, record: Record) -> bool:
        return False

    async def append(self, record: Record) -> None:
        raise RuntimeError("cannot keep: 身份证 11010519491231002X")


async def test_a_fault_while_recording_never_tells_its_text(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(parts(plan(), records=Unkept())) as gate:
        seen = await post(gate.url, chat("你好"))
    assert seen.text() == "你好"
    assert "RuntimeError at " in caplog.text
    assert "test_endpoint.py" in caplog.text
    assert "11010519491231002X" not in caplog.text


# --- Processes that stop -------------------------------------------------------------------------


async def test_an_upload_that_is_cut_by_a_stop_is_answered_and_recorded() -> None:
    records = MemoryRecords(delay=0.001)
    app = assemble(parts(plan(), records=records))
    client, waiting = Client([b"{"]), asyncio.Event()
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        waiting.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    asking = asyncio.create_task(app(client.scope, receive, send))
    await waiting.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert [(record.status, record.error) for record in records.records] == [(503, "stopping")]


async def test_an_answer_that_is_cut_by_a_stop_is_recorded_as_cancelled() -> None:
    records = MemoryRecords(delay=0.001)
    app = assemble(parts(plan(), {"echo": Echo("echo", clock=time.time, delay=5)}, records=records))
    asking = asyncio.create_task(Client([BODY]).ask(app))
    await asyncio.sleep(0.02)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert [(record.outcome, record.client_gone) for record in records.records] == [("cancelled", False)]


async def stop_in_mid_answer(folder: Path, *, ends: bool) -> tuple[bytes, list[tuple[str, int]]]:
    """Stop a real process while it streams; return what the client got, and the records."""
    (folder / "sluice.yaml").write_text(f"drain_seconds: 1\ndatabase: sqlite:///{folder}/records.db\n")
    go = asyncio.Event()
    pieces = chat_sse(["你好。\n再见", "。", "！"])
    got = b""
    async with ScriptedUpstream(events([*pieces[:2], go, *pieces[2:]])) as upstream:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "gateway", "serve", "--port", "0"),
            cwd=folder,
            env={**os.environ, "SLUICE_UPSTREAM": upstream.url},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().split("listening on ")[1].split(" ")[0]
        async with (
            aiohttp.ClientSession() as session,
            session.post(url + "/v1/chat/completions", json=chat("问", model="up", stream=True)) as response,
        ):
            while "你好".encode() not in got:
                piece = await response.content.readany()
                assert piece
                got += piece
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(aiohttp.ClientError):
                while True:  # until the door is shut
                    await post(url, b"", path="/healthz")
            if ends:
                go.set()
            with contextlib.suppress(aiohttp.ClientError):
                while piece := await response.content.readany():
                    got += piece
        await asyncio.wait_for(process.wait(), 20)
    with contextlib.closing(sqlite3.connect(folder / "records.db")) as connection:
        return got, connection.execute("select outcome, status from exchange").fetchall()


async def test_a_stop_lets_a_stream_end(tmp_path: Path) -> None:
    got, records = await stop_in_mid_answer(tmp_path, ends=True)
    assert got.endswith(b"data: [DONE]\n\n")
    assert records == [("answered", 200)]


async def test_a_stream_that_outlives_its_time_is_cut_and_recorded(tmp_path: Path) -> None:
    got, records = await stop_in_mid_answer(tmp_path, ends=False)
    assert b"[DONE]" not in got
    assert records == [("cancelled", 200)]


# --- Many at once --------------------------------------------------------------------------------


async def test_of_two_hundred_streams_with_random_leavers_none_is_lost_and_nothing_leaks() -> None:
    source = random.Random(7)
    masking = side({"number": pattern("number", "[0-9]{6}")}, [rule("number", "mask")])
    script = events([piece for event in chat_sse(["号码", "123", "456", "。"] * 5) for piece in (event, 0.001)])
    before = len(asyncio.all_tasks())
    async with ScriptedUpstream(script) as upstream:
        provider = OpenAICompatible("up", upstream.url, "k")
        made = parts(plan(response=masking), {"up": provider}, records=MemoryRecords(delay=0.002))
        async with serving(made) as gate:

            async def one(leaves: float | None) -> bytes:
                port = int(gate.url.rpartition(":")[2])
                body = orjson.dumps(chat("问", model="up", stream=True))
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n"
                writer.write(head.encode() + body)
                got = b""
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(leaves):
                        while b"0\r\n\r\n" not in got[-5:]:
                            got += await reader.read(65536)
                writer.close()
                return got

            patience = [source.choice([None, source.random() * 0.6]) for _ in range(200)]
            got = await asyncio.gather(*(one(seconds) for seconds in patience))
            await gate.recorded(200)
    stayed = [body for body, seconds in zip(got, patience, strict=True) if seconds is None]
    assert all(b"[DONE]" in body and b"123456" not in body for body in stayed)
    outcomes = [record.outcome for record in gate.records.records]
    assert set(outcomes) == {"answered", "client_gone"}
    assert outcomes.count("answered") >= len(stayed)
    assert all(record.client_gone == (record.outcome == "client_gone") for record in gate.records.records)
    for _ in range(50):
        if len(asyncio.all_tasks()) <= before:
            break
        await asyncio.sleep(0.01)
    assert len(asyncio.all_tasks()) <= before


async def test_the_record_is_there_though_the_client_left_in_the_same_moment() -> None:
    """Leaving at every point of the way: after each of the messages that the application sends."""
    text = orjson.dumps(chat("一 二 三", stream=True))
    for at in range(1, 8):
        records = MemoryRecords()
        app = assemble(parts(plan(), records=records))
        client = Client([text])
        complete: list[Any] = []

        async def send_and_leave(
            message: Any, client: Client = client, seen: list[Any] = complete, at: int = at
        ) -> None:
            seen.append(message)
            if len(seen) == at:
                client.left.set()
                await asyncio.sleep(0)

        async def receive(client: Client = client, asked: list[bytes] = [text]) -> dict[str, Any]:  # noqa: B006
            if asked:
                return {"type": "http.request", "body": asked.pop()}
            await client.left.wait()
            return {"type": "http.disconnect"}

        await app(client.scope, lambda asked=[text], client=client: receive(client, asked), send_and_leave)
        (record,) = records.records
        served = not complete[-1].get("more_body", True) and complete[-1]["type"] == "http.response.body"
        assert record.outcome == ("answered" if served else "client_gone"), at


async def test_answers_to_different_clients_do_not_mix() -> None:
    async with serving(parts(plan())) as gate:
        said = [f"第{n}个 question {n}" for n in range(60)]
        seen = await asyncio.gather(*(post(gate.url, chat(text, stream=n % 2 == 0)) for n, text in enumerate(said)))
        await gate.recorded(60)
    assert [one.text() for one in seen] == said
    assert len({one.headers["x-sluice-request-id"] for one in seen}) == 60
