"""Asks a gateway the questions of the cases, one case after the other, and keeps what differed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import aiohttp
import orjson

from benchmarks.conformance.case import Ask, Case, Say
from benchmarks.conformance.checks import differences
from benchmarks.conformance.seen import Seen, path_of, read
from benchmarks.conformance.upstream import Sent, Upstream


@dataclass(frozen=True, slots=True)
class Gateway:
    """What is asked.

    Attributes:
        url: Its address, without ``/v1``.
        model: The name under which it knows the scripted model.
        key: Sent as a bearer token; empty for none.
        headers: Sent with each question; a case's own come after them.
        seconds: How long an answer may take.
    """

    url: str
    model: str
    key: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case went; ``problems`` is empty if it passed."""

    case: Case
    problems: tuple[str, ...]


async def run(
    cases: Sequence[Case], gateway: Gateway, upstream: Upstream, told: Callable[[Outcome], None] = lambda _: None
) -> list[Outcome]:
    """Run the cases in their order; ``told`` hears of each when it is done."""
    outcomes = []
    timeout = aiohttp.ClientTimeout(total=gateway.seconds)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=False, auto_decompress=True) as session:
        for case in cases:
            outcome = Outcome(case, tuple(await _case(case, gateway, upstream, session)))
            outcomes.append(outcome)
            told(outcome)
    return outcomes


async def _case(case: Case, gateway: Gateway, upstream: Upstream, session: aiohttp.ClientSession) -> list[str]:
    asks = case.file.asks
    if case.file.together:
        upstream.now([(_marker(ask), ask.says or Say()) for ask in asks])
        seen = await asyncio.gather(*(_ask(case, ask, gateway, session) for ask in asks))
        return _told(case, [(ask, one, upstream.sent, False) for ask, one in zip(asks, seen, strict=True)])
    found: list[tuple[Ask, Seen | str, Sequence[Sent], bool]] = []
    for ask in asks:
        upstream.now([("", ask.says or Say())])
        one = await _ask(case, ask, gateway, session)
        found.append((ask, one, list(upstream.sent), await _left(upstream, ask)))
    return _told(case, found)


def _marker(ask: Ask) -> str:
    """Return what tells a question from the others that are asked at the same time: its last words."""
    return str(ask.body["messages"][-1]["content"])


async def _left(upstream: Upstream, ask: Ask) -> bool:
    if not ask.expect.left:
        return False
    try:
        await asyncio.wait_for(upstream.left.wait(), 5)
    except TimeoutError:
        return False
    return True


def _told(case: Case, found: Sequence[tuple[Ask, Seen | str, Sequence[Sent], bool]]) -> list[str]:
    problems = []
    for number, (ask, seen, sent, left) in enumerate(found, 1):
        wrong = [seen] if isinstance(seen, str) else differences(ask, seen, sent, left)
        problems += [f"question {number}: {one}" if len(case.file.asks) > 1 else one for one in wrong]
    return problems


async def _ask(case: Case, ask: Ask, gateway: Gateway, session: aiohttp.ClientSession) -> Seen | str:
    """Ask, and read what comes; a sentence if nothing that can be read comes."""
    body = {"model": gateway.model, **ask.body, **({"stream": True} if case.stream else {})}
    data = ask.raw.encode() if ask.raw is not None else orjson.dumps(body)
    headers = {"content-type": "application/json", **gateway.headers, **ask.headers}
    if gateway.key:
        headers |= {"authorization": f"Bearer {gateway.key}", "x-api-key": gateway.key}
    if case.dialect == "messages":
        headers.setdefault("anthropic-version", "2023-06-01")
    url = f"{gateway.url}/v1{path_of(case.dialect)}{ask.query}"
    raw = b""
    try:
        async with session.post(url, data=data, headers=headers) as response:
            try:
                async for chunk in response.content.iter_any():
                    raw += chunk
                    if ask.leave_after is not None and raw.count(b"\n\n") >= ask.leave_after:
                        response.close()
                        break
            except aiohttp.ClientPayloadError:
                return f"the connection broke after {len(raw)} bytes of the answer"
            return read(case.dialect, case.stream, response.status, dict(response.headers), raw)
    except TimeoutError:
        return f"no end of the answer within {gateway.seconds:g} s ({len(raw)} bytes came)"
    except aiohttp.ClientError as error:
        return f"the gateway cannot be asked: {type(error).__name__}"
