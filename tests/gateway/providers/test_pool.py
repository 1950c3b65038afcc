"""A model with several upstreams answers as long as one of them does; what has begun or was refused stands.

Mutants killed: a retry after the first piece; a content filter asked elsewhere; weights ignored; a slot that is
not given back; a rest that never ends or never begins; a pause without jitter; tries without an end.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson
import pytest

from gateway.errors import (
    UpstreamBroke,
    UpstreamBusy,
    UpstreamError,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from gateway.ports import Call
from gateway.providers.pool import Arm, Pool, Tries, is_filtered

pytestmark = pytest.mark.anyio

Step = bytes | Exception


class Upstreams:
    """Upstreams by name, each with a script: what it says to each call, and the last for all after it."""

    def __init__(self, **scripts: Sequence[Sequence[Step]]) -> None:
        self.asked: list[tuple[str, Call]] = []
        self.open = Counter[str]()
        self.scripts = {name: [list(steps) for steps in script] for name, script in scripts.items()}

    def arm(self, name: str, **more: Any) -> Arm:
        return Arm(name, _Scripted(self, name), more.pop("model", name), **more)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.asked]


class _Scripted:
    def __init__(self, owner: Upstreams, name: str) -> None:
        self.name, self._owner = name, owner

    async def open(self, call: Call) -> _Answer:
        self._owner.asked.append((self.name, call))
        script = self._owner.scripts[self.name]
        steps = script.pop(0) if len(script) > 1 else list(script[0])
        if steps and isinstance(steps[0], Exception):
            raise steps[0]
        self._owner.open[self.name] += 1
        return _Answer(self._owner, self.name, steps)

    async def aclose(self) -> None:
        self._owner.asked.append((f"closed {self.name}", CALL))


class _Answer:
    content_type = "application/json"

    def __init__(self, owner: Upstreams, name: str, steps: list[Step]) -> None:
        self._owner, self._name, self._steps = owner, name, steps

    async def chunks(self) -> AsyncIterator[bytes]:
        for step in self._steps:
            if step == b"later:":
                continue
            if isinstance(step, Exception):
                raise step
            yield step

    async def aclose(self) -> None:
        self._owner.open[self._name] -= 1


CALL = Call("1", "/chat/completions", "m", b'{"model":"m"}', False)
DOWN: list[Step] = [UpstreamUnreachable("down", upstream="x")]
LATE: list[Step] = [UpstreamTimeout("late", upstream="x")]
BROKE: list[Step] = [UpstreamBroke("broke", upstream="x")]
OK: list[Step] = [b"one", b"two"]


def refused(status: int, body: Any = None, retry_after: str | None = None) -> list[Step]:
    raw = orjson.dumps(body) if body is not None else b""
    return [UpstreamRefused("no", upstream="x", status=status, body=raw, retry_after=retry_after)]


class World:
    """Time that goes by sleeping only, and dice that fall as a test says."""

    def __init__(self, *dice: float) -> None:
        self.now, self.slept = 100.0, list[float]()
        self._dice = itertools.cycle(dice or (0.0,))

    def pool(self, *tiers: Sequence[Arm], **tries: Any) -> Pool:
        return Pool(
            "m", tiers, Tries(**tries), random=lambda: next(self._dice), ticker=lambda: self.now, sleep=self._sleep
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def call(**more: Any) -> Call:
    return Call("1", "/chat/completions", "m", b'{"model":"m","x":1}', False, **more)


async def said(pool: Pool, asked: Call | None = None) -> bytes:
    answer = await pool.open(asked or call())
    try:
        return b"|".join([piece async for piece in answer.chunks()])
    finally:
        await answer.aclose()


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (DOWN, "unreachable"),
        (LATE, "timeout"),
        (BROKE, "broke"),
        (refused(500), "500"),
        (refused(503), "503"),
        (refused(429), "429"),
        (refused(408), "408"),
        ([b"later:", UpstreamBroke("at its first piece", upstream="x")], "broke"),
        ([], "broke"),
    ],
)
async def test_another_upstream_is_asked_while_there_is_nothing_of_an_answer(failure: list[Step], outcome: str) -> None:
    ups, world = Upstreams(a=[failure], b=[OK]), World()
    asked = call()
    assert await said(world.pool([ups.arm("a"), ups.arm("b")]), asked) == b"one|two"
    assert ups.names == ["a", "b"]
    assert [(one.upstream, one.outcome) for one in asked.attempts] == [("a", outcome), ("b", "answered")]
    assert world.slept == []  # another one need not be waited for
    assert not +ups.open


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422, 451])
async def test_a_refusal_of_the_request_stands(status: int) -> None:
    ups, world = Upstreams(a=[refused(status)], b=[OK]), World()
    with pytest.raises(UpstreamRefused):
        await said(world.pool([ups.arm("a")], [ups.arm("b")]))
    assert ups.names == ["a"]


FILTERED = [
    {"error": {"code": "content_filter", "message": "…"}},
    {"error": {"type": "content_filter"}},
    {"error": {"code": "content_policy_violation"}},
    {"error": {"code": "400", "innererror": {"code": "ResponsibleAIPolicyViolation"}}},
    {"error": {"code": "data_inspection_failed"}},
    {"code": "DataInspectionFailed", "message": "…"},
    {"error": {"code": "1301", "message": "…"}},
    {"error": {"code": 1301}},
    {"error": {"code": "SensitiveContentDetected"}},
]


@pytest.mark.parametrize("body", FILTERED)
@pytest.mark.parametrize("status", [400, 429, 500])
async def test_what_a_content_filter_refused_is_asked_nowhere_else(body: Any, status: int) -> None:
    ups, world = Upstreams(a=[refused(status, body)], b=[OK]), World()
    arms = ups.arm("a"), ups.arm("b")
    with pytest.raises(UpstreamRefused):
        await said(world.pool(arms[:1], arms[1:], after=frozenset({"4xx", "5xx"})))
    assert ups.names == ["a"]
    assert arms[0].condition.failures == 0  # it works


@pytest.mark.parametrize("body", [None, {}, [], "text", {"error": "content_filter is fine"}, {"error": {"code": None}}])
def test_other_errors_are_no_content_filter(body: Any) -> None:
    (error,) = refused(400, body)
    assert isinstance(error, UpstreamError)
    assert not is_filtered(error)


async def test_nobody_else_is_asked_once_a_piece_has_come() -> None:
    broken: list[Step] = [b"one", UpstreamBroke("mid", upstream="x")]
    ups, world = Upstreams(a=[broken], b=[OK]), World()
    arms = ups.arm("a"), ups.arm("b")
    with pytest.raises(UpstreamBroke, match="mid"):
        await said(world.pool(arms, failures=1))
    assert ups.names == ["a"]
    assert arms[0].condition.rests_until > world.now  # but it is remembered


async def test_weights_say_how_often() -> None:
    ups = Upstreams(a=[OK], b=[OK])
    world = World(*(number / 100 for number in range(100)))
    pool = world.pool([ups.arm("a", weight=3.0), ups.arm("b", weight=1.0)])
    for _ in range(100):
        await said(pool)
    assert Counter(ups.names) == {"a": 75, "b": 25}


async def test_each_upstream_gets_its_own_name_of_the_model() -> None:
    ups, world = Upstreams(a=[DOWN], b=[DOWN], c=[OK]), World()
    pool = world.pool([ups.arm("a", model="qwen-max"), ups.arm("b", model="*"), ups.arm("c", model="m")])
    await said(pool, call(written=lambda model: b"written for " + model.encode()))
    assert [(one.model, one.body) for _, one in ups.asked] == [
        ("qwen-max", b"written for qwen-max"),
        ("m", b'{"model":"m","x":1}'),
        ("m", b'{"model":"m","x":1}'),
    ]
    ups = Upstreams(a=[OK])
    await said(World().pool([ups.arm("a", model="other")]))
    assert orjson.loads(ups.asked[0][1].body) == {"model": "other", "x": 1}


@pytest.mark.parametrize("raw", [b"", b"--boundary", b"[1]", b"3"])
async def test_a_body_that_names_no_model_goes_on_as_it_is(raw: bytes) -> None:
    ups = Upstreams(a=[OK])
    await said(World().pool([ups.arm("a", model="other")]), Call("1", "/files", "m", raw, False))
    assert ups.asked[0][1].body == raw


async def test_the_same_upstream_is_asked_again_after_a_pause_with_jitter() -> None:
    ups, world = Upstreams(a=[LATE, LATE, LATE, OK]), World(0.5)
    pool = world.pool([ups.arm("a")], most=4, base=1.0, longest=3.0, failures=9)
    assert await said(pool) == b"one|two"
    assert world.slept == [0.5, 1.0, 1.5]  # half of 1, 2, 3


async def test_an_upstream_that_says_when_is_asked_then_but_not_waited_for_too_long() -> None:
    ups, world = Upstreams(a=[refused(429, retry_after="2"), refused(429, retry_after="500"), OK]), World(0.5)
    pool = world.pool([ups.arm("a")], most=3, base=1.0, longest=8.0, failures=9, rest=1.0)
    with pytest.raises(UpstreamRefused):
        await said(pool)  # it rests for as long as it wants, as far as the settings let it
    assert ups.names == ["a"]
    world.now += 1.0
    with pytest.raises(UpstreamRefused):
        await said(pool)


async def test_tries_end_and_the_last_failure_is_told() -> None:
    ups, world = Upstreams(a=[DOWN], b=[refused(503)]), World()
    with pytest.raises(UpstreamRefused) as caught:
        await said(world.pool([ups.arm("a"), ups.arm("b")], most=2))
    assert (ups.names, caught.value.status) == (["a", "b"], 503)
    assert not +ups.open


async def test_no_try_begins_after_the_time_for_it() -> None:
    ups, world = Upstreams(a=[LATE]), World(0.99)
    with pytest.raises(UpstreamTimeout):
        await said(world.pool([ups.arm("a")], most=20, base=10.0, longest=10.0, within=25.0, failures=99))
    assert len(ups.names) == 4


async def test_a_model_to_fall_back_to_is_asked_when_no_upstream_of_the_first_answers() -> None:
    ups, world = Upstreams(a=[DOWN], b=[LATE], c=[OK]), World()
    assert await said(world.pool([ups.arm("a"), ups.arm("b")], [ups.arm("c")], most=2)) == b"one|two"
    assert ups.names == ["a", "b", "c"]


async def test_who_fails_too_often_rests_and_is_asked_again_afterwards() -> None:
    ups, world = Upstreams(a=[DOWN, DOWN, DOWN, DOWN, OK], b=[OK]), World()
    arms = ups.arm("a"), ups.arm("b")
    pool = world.pool(arms, failures=3, rest=30.0)
    for _ in range(3):
        await said(pool)
    assert (ups.names, pool.resting()) == (["a", "b"] * 3, 1)
    ups.asked.clear()
    await said(pool)
    assert ups.names == ["b"]
    world.now += 30.0
    assert pool.resting() == 0
    ups.asked.clear()
    await said(pool)
    assert ups.names == ["a", "b"]  # one more failure is enough
    assert pool.resting() == 1
    world.now += 30.0
    ups.asked.clear()
    await said(pool)
    assert (ups.names, arms[0].condition.failures) == (["a"], 0)


async def test_who_rests_is_asked_if_there_is_nobody_else() -> None:
    ups, world = Upstreams(a=[DOWN, OK], b=[DOWN, OK]), World()
    pool = world.pool([ups.arm("a"), ups.arm("b")], most=2, failures=1, rest=30.0)
    with pytest.raises(UpstreamUnreachable):
        await said(pool)
    assert pool.resting() == 2
    assert await said(pool) == b"one|two"
    assert ups.names == ["a", "b", "a"]


async def test_no_upstream_gets_more_calls_at_once_than_it_takes() -> None:
    ups, world = Upstreams(a=[OK], b=[OK]), World()
    pool = world.pool([ups.arm("a", concurrency=2), ups.arm("b", concurrency=1)])
    held = [await pool.open(call()) for _ in range(3)]
    assert Counter(ups.names) == {"a": 2, "b": 1}
    with pytest.raises(UpstreamBusy) as caught:
        await pool.open(call())
    assert (caught.value.status, caught.value.code) == (503, "upstream_busy")
    await held[0].aclose()
    await held[0].aclose()  # twice is once
    held[0] = await pool.open(call())
    with pytest.raises(UpstreamBusy):
        await pool.open(call())
    for answer in held:
        await answer.aclose()
    assert all(arm.condition.under_way == 0 for arm in pool.arms)


async def test_a_busy_model_falls_back() -> None:
    ups, world = Upstreams(a=[OK], c=[OK]), World()
    pool = world.pool([ups.arm("a", concurrency=1)], [ups.arm("c")])
    first, second = await pool.open(call()), await pool.open(call())
    assert ups.names == ["a", "c"]
    await first.aclose()
    await second.aclose()


@pytest.mark.parametrize("steps", [DOWN, [b"later:", UpstreamBroke("x", upstream="x")], [KeyError("ours")]])
async def test_a_slot_is_given_back_whatever_happens(steps: list[Step]) -> None:
    ups, world = Upstreams(a=[steps]), World()
    pool = world.pool([ups.arm("a", concurrency=1)], most=1)
    for _ in range(2):
        with pytest.raises((UpstreamError, KeyError)) as caught:
            await said(pool)
        assert not isinstance(caught.value, UpstreamBusy)
    assert pool.arms[0].condition.under_way == 0
    assert not +ups.open


async def test_a_client_that_leaves_while_nobody_answers_frees_the_slot() -> None:
    class Silent:
        name, content_type, closed = "s", "application/json", 0

        async def open(self, _call: Call) -> Silent:
            return self

        async def chunks(self) -> AsyncIterator[bytes]:
            await asyncio.sleep(30)
            yield b""

        async def aclose(self) -> None:
            await asyncio.sleep(0)
            self.closed += 1

    silent = Silent()
    pool = World().pool([Arm("s", silent, "m", concurrency=1)])
    task = asyncio.create_task(pool.open(call()))
    await asyncio.sleep(0.01)
    assert pool.arms[0].condition.under_way == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (pool.arms[0].condition.under_way, silent.closed) == (0, 1)


async def test_closing_closes_every_upstream() -> None:
    ups = Upstreams(a=[OK], b=[OK])
    await World().pool([ups.arm("a")], [ups.arm("b")]).aclose()
    assert ups.names == ["closed a", "closed b"]
