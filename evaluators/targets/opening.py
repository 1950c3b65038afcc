"""Opens what a run asks: connections, keys from the environment, limits."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from evaluators.endpoint import metered, open_endpoint
from evaluators.pace import Meters
from evaluators.suite_file import HttpFile
from evaluators.targets.asked import Asked
from evaluators.targets.chat import ChatTarget
from evaluators.targets.http import HttpTarget, check_http
from evaluators.targets.litellm import LiteLLMTarget
from evaluators.targets.messages import VERSION, MessagesTarget
from evaluators.targets.recorded import RecordedTarget
from evaluators.targets.target import Target


@asynccontextmanager
async def open_targets(
    asked: Asked, env: Mapping[str, str], meters: Meters, ticker: Callable[[], float]
) -> AsyncIterator[Mapping[str, Target]]:
    """Open every way that a run asks its rows, by name.

    Raises:
        ConfigError: One cannot be asked as it is written.
    """
    async with AsyncExitStack() as stack:
        yield {name: await _opened(way, env, meters, ticker, stack) for name, way in asked.ways.items()}


async def _opened(
    asked: Asked, env: Mapping[str, str], meters: Meters, ticker: Callable[[], float], stack: AsyncExitStack
) -> Target:
    if asked.recorded:
        return RecordedTarget()
    key = env.get(asked.key_env, "")
    meter = meters.of(asked.pace, asked.cost)
    if asked.kind == "litellm":
        return LiteLLMTarget(
            asked.model,
            key=key,
            base_url=asked.base_url,
            parameters=asked.parameters,
            seconds=asked.timeout_s,
            attempts=asked.attempts,
            ticker=ticker,
            meter=meter(asked.base_url or asked.model),
        )
    asking = check_http(HttpFile(**asked.http), env) if asked.http is not None else None
    headers = {"x-api-key": key, "anthropic-version": VERSION} if asked.kind == "messages" else {}
    with metered(meter):
        endpoint = await stack.enter_async_context(
            open_endpoint(
                asking.base if asking else asked.base_url,
                key="" if asked.kind in ("messages", "http") else key,
                headers=headers,
                seconds=asked.timeout_s,
                attempts=asked.attempts,
            )
        )
    if asking is not None:
        return HttpTarget(endpoint, asking, ticker)
    if asked.kind == "messages":
        return MessagesTarget(endpoint, asked.model, asked.parameters, ticker)
    gateway = asked.kind in ("gateway", "pair")
    return ChatTarget(endpoint, asked.model, asked.parameters, ticker, gateway=gateway)


def check_ways(asked: Asked, env: Mapping[str, str] | None = None) -> None:
    """Check what can be checked before anyone is asked.

    Raises:
        ConfigError: An application cannot be asked as it is written, or a variable is not set.
    """
    for way in asked.ways.values():
        if way.http is not None:
            check_http(HttpFile(**way.http), os.environ if env is None else env)
