"""A ticket's status is for whoever asked; a person's answer is taken when it is signed, judged, and the first.

Mutants killed: the tenant not compared; the key not compared; the signature not checked; the id not held against the
path; the answer not judged; a second answer laid over the first.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from kit.asking import Seen, post
from kit.gateway import parts, serving
from kit.people import SECRET, People, message, people
from kit.plans import pattern, plan, raising, rule, side

from gateway.errors import RecordError
from gateway.exchange import Caller
from gateway.handoff.signature import signed
from gateway.ports import Ticket
from gateway.server.auth import authenticator
from gateway.telemetry import names

pytestmark = pytest.mark.anyio

RESPONSE = side({"x": pattern("x", "内部"), "n": pattern("n", "[0-9]{11}")}, [rule("x", "refuse"), rule("n", "mask")])
KEYS = ("key-of-a-client-1", "key-of-a-client-2")
MINE = {"authorization": f"Bearer {KEYS[0]}"}


def key_id(key: str) -> str:
    scope: Any = {"headers": [(b"authorization", f"Bearer {key}".encode())]}
    return authenticator(KEYS)(scope).key


def ticket(**more: Any) -> Ticket:
    made = Ticket("T1", "E1", time.time(), Caller().tenant, key_id(KEYS[0]), "kit", "d", "answers", "x@1", "", "zh",
                  "masked", "问")  # fmt: skip
    return replace(made, **more)


async def get(url: str, path: str, **headers: str) -> Seen:
    async with aiohttp.ClientSession() as session, session.get(url + path, headers=headers) as response:
        return Seen(response.status, dict(response.headers), await response.read())


async def say(url: str, body: bytes, id: str = "T1", at: int | None = None, path: str = "", **more: str) -> Seen:
    headers = {**signed(SECRET, id, int(time.time()) if at is None else at, body), **more}
    async with aiohttp.ClientSession() as session:
        target = f"{url}/v1/handoff/{path or id}/answer"
        async with session.post(target, data=body, headers=headers) as response:
            return Seen(response.status, dict(response.headers), await response.read())


async def served(desk: People, response: Any = RESPONSE) -> Any:
    return serving(parts(plan(response=response), keys=KEYS, handoffs=desk.outbox, handoff_secret=SECRET))


async def test_whoever_asked_sees_how_far_it_is_and_then_the_answer(tmp_path: Path) -> None:
    async with people(tmp_path) as desk, await served(desk) as gate:
        await desk.outbox.open(ticket())
        await desk.until("T1", "sent")
        seen = await get(gate.url, "/v1/handoff/T1", **MINE)
        assert (seen.status, seen.json["status"], seen.json["request_id"]) == (200, "sent", "E1")
        assert "answer" not in seen.json
        assert "问" not in seen.body.decode()
        said = await say(gate.url, message(answer="三个工作日内到账。", by="王芳"))
        assert (said.status, said.json) == (200, {"ticket": "T1", "status": "answered"})
        seen = await get(gate.url, "/v1/handoff/T1", **MINE)
        assert seen.json["status"] == "answered"
        assert seen.json["answer"] == {"text": "三个工作日内到账。", "made_by": "person"}
        assert "王芳" not in seen.body.decode()
        assert "aigc" not in seen.json
        assert gate.metrics.value(names.HANDOFFS_ANSWERED, outcome="kept") == 1


@pytest.mark.parametrize(
    ("more", "headers", "status"),
    [
        ({}, MINE, 200),
        ({}, {"authorization": f"Bearer {KEYS[1]}"}, 404),
        ({"tenant": "another"}, MINE, 404),
        ({"key": "another"}, MINE, 404),
        ({"id": "T2"}, MINE, 404),
        ({}, {}, 401),
        ({}, {"authorization": "Bearer wrong-key"}, 401),
    ],
)
async def test_anybody_else_s_ticket_is_as_if_it_had_never_been(
    tmp_path: Path, more: dict[str, str], headers: dict[str, str], status: int
) -> None:
    async with people(tmp_path, run=False) as desk, await served(desk) as gate:
        await desk.outbox.open(ticket(**more))
        seen = await get(gate.url, "/v1/handoff/T1", **headers)
        assert seen.status == status
        if status == 404:
            assert seen.body == (await get(gate.url, "/v1/handoff/NOSUCH", **MINE)).body


GOOD = message(answer="好的", by="王芳")


@pytest.mark.parametrize(
    ("body", "how", "status", "code"),
    [
        (GOOD, {"webhook-signature": "v1,AAAA"}, 401, "wrong_signature"),
        (GOOD, {"webhook-signature": ""}, 401, "unsigned"),
        (GOOD, {"at": 1_700_000_000}, 401, "wrong_time"),
        (GOOD, {"id": "T9", "path": "T1"}, 400, "wrong_ticket"),
        (GOOD, {"id": "T9"}, 404, "ticket_not_found"),
        (b"{", {}, 400, "invalid_json"),
        (b"[]", {}, 400, "invalid_request"),
        (message(by="王芳"), {}, 400, "invalid_request"),
        (message(answer="  "), {}, 400, "invalid_request"),
        (message(answer=7), {}, 400, "invalid_request"),
        (message(answer="好" * 20_001), {}, 400, "invalid_request"),
        (message(answer="好的", by=""), {}, 400, "invalid_request"),
        (message(answer="这是内部消息"), {}, 422, "answer_refused"),
        (message(answer="x" * 300_000), {}, 413, "body_too_large"),
    ],
)
async def test_an_answer_that_is_not_taken_says_why_and_changes_nothing(
    tmp_path: Path, body: bytes, how: dict[str, Any], status: int, code: str
) -> None:
    async with people(tmp_path, run=False) as desk, await served(desk) as gate:
        await desk.outbox.open(ticket())
        said = await say(gate.url, body, **how)
        assert (said.status, said.json["error"]["code"]) == (status, code)
        assert "内部" not in said.body.decode()
        found = await desk.outbox.find("T1")
        assert found is not None
        assert (found.state, found.answer) == ("waiting", None)


async def test_a_client_s_key_is_no_signature(tmp_path: Path) -> None:
    async with people(tmp_path, run=False) as desk, await served(desk) as gate:
        await desk.outbox.open(ticket())
        said = await post(gate.url, GOOD, path="/v1/handoff/T1/answer", **MINE)
        assert (said.status, said.json["error"]["code"]) == (401, "unsigned")


async def test_the_first_answer_stands_and_may_be_sent_again(tmp_path: Path) -> None:
    async with people(tmp_path, run=False) as desk, await served(desk) as gate:
        await desk.outbox.open(ticket())
        assert (await say(gate.url, GOOD)).status == 200
        assert (await say(gate.url, GOOD)).status == 200
        again = await say(gate.url, message(answer="不行"))
        assert (again.status, again.json["error"]["code"]) == (409, "already_answered")
        seen = await get(gate.url, "/v1/handoff/T1", **MINE)
        assert seen.json["answer"]["text"] == "好的"


async def test_what_the_policy_masks_is_masked_in_a_person_s_answer(tmp_path: Path) -> None:
    async with people(tmp_path, run=False) as desk, await served(desk) as gate:
        await desk.outbox.open(ticket())
        assert (await say(gate.url, message(answer="请拨打13812345678"))).status == 200
        assert (await get(gate.url, "/v1/handoff/T1", **MINE)).json["answer"]["text"] == "请拨打***********"


async def test_an_answer_that_cannot_be_judged_is_not_taken(tmp_path: Path) -> None:
    broken = side({"x": raising}, [rule("x", "refuse")])
    async with people(tmp_path, run=False) as desk, await served(desk, broken) as gate:
        await desk.outbox.open(ticket())
        said = await say(gate.url, GOOD)
        assert (said.status, said.json["error"]["code"]) == (422, "answer_refused")


async def test_a_store_that_is_away_is_a_503(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with people(tmp_path, run=False) as desk, await served(desk) as gate:

        def away(*_: object) -> None:
            raise RecordError("away")

        monkeypatch.setattr(desk.kept, "find", away)
        assert (await get(gate.url, "/v1/handoff/T1", **MINE)).status == 503
        assert (await say(gate.url, GOOD)).status == 503


async def test_where_nothing_is_handed_over_there_is_no_such_url() -> None:
    async with serving(parts(plan())) as gate:
        assert (await get(gate.url, "/v1/handoff/T1")).status == 404
        assert orjson.loads((await get(gate.url, "/v1/handoff/T1")).body)["error"]["code"] == "unknown_url"
