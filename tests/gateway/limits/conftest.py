"""Counters of illegal questions of either kind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from gateway.limits.redis import connect
from gateway.limits.strikes import MemoryStrikes, RedisStrikes, Strikes


@pytest.fixture(params=["memory", "redis"])
async def strikes(request: pytest.FixtureRequest) -> AsyncIterator[Callable[[], Strikes]]:
    """Gives the counters of a replica."""
    if request.param == "memory":
        one = MemoryStrikes()
        yield lambda: one
        return
    made: list[Strikes] = []

    def give() -> Strikes:
        made.append(RedisStrikes(connect(request.getfixturevalue("redis"), 60.0), 60.0))
        return made[-1]

    yield give
    for each in made:
        await each.aclose()
