"""The people's system is told once at a time; whatever it does becomes a code."""

from __future__ import annotations

import socket
import time

import orjson
import pytest
from kit.people import BROKEN, SECRET, SILENT, TAKEN
from kit.upstream import Answer, ScriptedUpstream

from gateway.handoff.signature import fault_of
from gateway.handoff.webhook import Told, Webhook, body_of
from gateway.ports import Ticket

pytestmark = pytest.mark.anyio

TICKET = Ticket(
    id="T1",
    exchange="E1",
    created=1_790_000_000.5,
    tenant="acme",
    key="k1",
    policy="desk",
    plan="d" * 64,
    rule="answers",
    entry="complaint@2",
    desk="complaints",
    language="zh",
    form="masked",
    question="我的手机号是138****5678，我要投诉",
)


def test_what_is_told_says_all_that_a_person_needs_and_nothing_of_the_key() -> None:
    assert orjson.loads(body_of(TICKET, TICKET.question)) == {
        "type": "sluice.handoff",
        "ticket": "T1",
        "record": "E1",
        "time": "2026-09-21T14:13:20.500+00:00",
        "tenant": "acme",
        "desk": "complaints",
        "entry": "complaint@2",
        "rule": "answers",
        "policy": "desk",
        "policy_digest": "d" * 64,
        "language": "zh",
        "question": "我的手机号是138****5678，我要投诉",
        "question_form": "masked",
    }
    assert orjson.loads(body_of(TICKET, None))["question_form"] == "withheld"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (TAKEN, Told()),
        (Answer((b"ok",), 200), Told()),
        (BROKEN, Told("http_500")),
        (Answer((b"",), 302, {"location": "http://127.0.0.1:9/"}, framing="length"), Told("http_302")),
        (Answer((b"",), 401, framing="length"), Told("http_401")),
        (Answer((b"",), 429, {"retry-after": "7"}, framing="length"), Told("http_429", 7)),
        (Answer((b"",), 503, {"retry-after": "99999999999"}, framing="length"), Told("http_503", 86_400)),
        (Answer((b"",), 503, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, framing="length"), Told("http_503")),
        (SILENT, Told("timeout")),
        (Answer((b"not http at all\r\n\r\n",), framing="raw", then="close"), Told("unreachable")),
        (Answer((), framing="raw", then="reset"), Told("unreachable")),
    ],
)
async def test_what_the_other_side_does_becomes_a_code(answer: Answer, told: Told) -> None:
    async with ScriptedUpstream(answer) as upstream:
        hook = Webhook(f"{upstream.url}/tickets", SECRET, 0.3, time.time)
        assert await hook.tell(TICKET, TICKET.question) == told
        came = upstream.requests[0]
        assert (came.method, came.headers["webhook-id"]) == ("POST", "T1")
        assert fault_of(SECRET, came.headers, came.body, time.time()) == ""
        assert len(upstream.requests) == 1


async def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    hook = Webhook(f"http://127.0.0.1:{port}/", SECRET, 1, time.time)
    assert await hook.tell(TICKET, None) == Told("unreachable")
    assert (await Webhook("http://no.such.host.invalid/", SECRET, 2, time.time).tell(TICKET, None)).fault


def test_the_secret_is_never_shown() -> None:
    assert str(SECRET) not in repr(Webhook("http://x/", SECRET, 1, time.time))
