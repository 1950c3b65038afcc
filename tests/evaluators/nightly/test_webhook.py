"""Whoever waits for the end of a night is told once, signed, and again only where that can help."""

import asyncio

import pytest
from aiohttp import web
from kit.endpoint import serving

from evaluators.nightly.webhook import tell
from gateway.handoff.signature import fault_of

pytestmark = pytest.mark.anyio


SECRET = b"s" * 32


async def told(answers, attempts=4, seconds=5.0):
    """Tell a server that gives these answers, one after the other; return the fault, what it heard, and the waits."""
    heard, waits, times = [], [], iter(range(1_790_000_000, 1_790_000_900, 60))
    left = list(answers)

    async def handle(request):
        heard.append((dict(request.headers), await request.read()))
        said = left.pop(0)
        if said == "late":
            await asyncio.sleep(1)
            said = 200
        return web.Response(status=said, headers={"location": "/elsewhere"} if said == 302 else {})

    async def sleep(wait):
        waits.append(wait)

    with serving(handle) as url:
        fault = await tell(
            f"{url}/hook", SECRET, "msg_1", b'{"a": 1}', attempts=attempts, seconds=seconds,
            clock=lambda: float(next(times)), sleep=sleep,
        )  # fmt: skip
    return fault, heard, waits


@pytest.mark.parametrize(
    ("answers", "fault", "waits"),
    [
        ([204], "", []),
        ([503, 429, 200], "", [1.0, 2.0]),
        ([500] * 4, "http_500", [1.0, 2.0, 4.0]),
        ([400], "http_400", []),  # trying again cannot help
        ([410, 200], "http_410", []),
        ([302], "http_302", []),  # nobody is sent elsewhere
    ],
)
async def test_it_is_tried_again_where_trying_again_can_help(answers, fault, waits):
    said, heard, waited = await told(answers)
    assert (said, waited) == (fault, waits)
    assert len(heard) == len(waits) + 1


async def test_every_attempt_is_signed_anew_under_the_same_id():
    _, heard, _ = await told([503, 200])
    assert [fault_of(SECRET, headers, body, float(headers["webhook-timestamp"])) for headers, body in heard] == ["", ""]
    assert {headers["webhook-id"] for headers, _ in heard} == {"msg_1"}
    assert len({headers["webhook-timestamp"] for headers, _ in heard}) == 2


async def test_whoever_does_not_answer_is_told_apart_from_whoever_is_not_there():
    assert (await told(["late"], attempts=1, seconds=0.1))[0] == "timeout"
    fault = await tell(
        "http://127.0.0.1:1/", SECRET, "m", b"{}", attempts=1, seconds=1.0, clock=lambda: 0.0, sleep=asyncio.sleep
    )
    assert fault == "unreachable"
