"""What is under way is counted, however it ends, and operators read it."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from kit.asking import chat, post
from kit.gateway import parts, serving
from kit.plans import plan
from kit.upstream import ScriptedUpstream, silence

from gateway.providers.openai_compatible import OpenAICompatible
from gateway.server.underway import Underway


def test_a_block_counts_while_it_runs_also_when_it_fails() -> None:
    underway = Underway()

    def failing() -> None:
        with underway:
            raise ValueError(underway.count)

    with underway:
        with pytest.raises(ValueError, match="2"):
            failing()
        assert underway.count == 1
    assert underway.count == 0


async def test_an_exchange_counts_until_its_client_left_and_its_record_is_made() -> None:
    async with ScriptedUpstream(silence()) as upstream:
        made = parts(plan(), {"m": OpenAICompatible("m", upstream.url, "k")})
        async with serving(made) as gate:
            assert "sluice_exchanges_active 0\n" in made.metrics.prometheus()
            asking = asyncio.create_task(post(gate.url, chat("你好", model="m")))
            while not upstream.requests:
                await asyncio.sleep(0.001)
            assert "sluice_exchanges_active 1\n" in made.metrics.prometheus()
            asking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asking
            await gate.recorded(1)
            assert "sluice_exchanges_active 0\n" in made.metrics.prometheus()
