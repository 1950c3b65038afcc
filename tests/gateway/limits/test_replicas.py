"""Two gateways on real ports and one Redis: two hundred clients at once get what the quota allows and no more."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import aiohttp
import pytest
from kit.asking import chat
from kit.gateway import Running, parts, serving
from kit.path import Said
from kit.plans import plan
from kit.upstream import chat_json

from gateway.exchange import Grant, Quota
from gateway.limits.keys import Book, make_key
from gateway.limits.memory import MemoryQuotas
from gateway.limits.redis import RedisQuotas
from gateway.ports import Quotas

pytestmark = pytest.mark.anyio

LIMIT = 37
NOW = 1_790_000_000.0
dice = itertools.count(1)


@contextlib.asynccontextmanager
async def gateways(quotas: Sequence[Quotas], quota: Quota) -> AsyncIterator[tuple[list[Running], str]]:
    """Gateways that know the same key; each with its counters."""
    grant = Grant(quota=quota)
    key, secret = make_key(lambda size: bytes([next(dice)]) * size, 0.0, name="", tenant="acme", grant=grant)
    book = Book(lambda: [key], lambda: 1.0)
    async with contextlib.AsyncExitStack() as stack:
        running = []
        for counters in quotas:
            made = parts(plan(), {"up": Said(chat_json("好", usage=(3, 7)))})
            made = replace(made, book=book, ports=replace(made.ports, quotas=counters))
            running.append(await stack.enter_async_context(serving(made)))
        yield running, secret


@pytest.mark.parametrize("kind", ["memory", "redis"])
@pytest.mark.parametrize("quota", [Quota(requests=LIMIT), Quota(tokens=LIMIT * 12)], ids=["requests", "tokens"])
async def test_two_hundred_clients_at_once(kind: str, quota: Quota, request: pytest.FixtureRequest) -> None:
    counters: list[Quotas] = [MemoryQuotas(lambda: NOW)]
    if kind == "redis":
        url = request.getfixturevalue("redis")
        counters = [RedisQuotas(url, clock=lambda: NOW, patience=60.0) for _ in range(2)]
    body = chat("你好", model="up", max_tokens=10)
    async with gateways(counters, quota) as (running, secret):
        async with aiohttp.ClientSession(headers={"authorization": f"Bearer {secret}"}) as session:

            async def one(number: int) -> int:
                url = running[number % len(running)].url + "/v1/chat/completions"
                async with session.post(url, json=body) as response:
                    await response.read()
                    return response.status

            statuses = await asyncio.gather(*map(one, range(200)))
        await asyncio.gather(*(each.recorded(200 // len(running), 30) for each in running))
        usages = [record.usage for each in running for record in each.records.records if record.usage]
    assert set(statuses) == {200, 429}
    served, used = statuses.count(200), sum(usage.input + usage.output for usage in usages)
    if quota.requests is not None:
        assert served == LIMIT
    else:
        assert served >= LIMIT  # what was not used is given back, so that others get it
        assert used == served * 10 <= LIMIT * 12
