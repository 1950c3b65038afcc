"""A quota is kept before a model is asked, and settled by what was really used, however the exchange ends.

Mutants killed: a settlement left out (whole, stream, refusal, upstream error, client gone); a reservation of
the question only; a budget that lets unpriced models through; a lost counter that says nothing.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import orjson
import pytest
from kit.asking import chat
from kit.path import EVENTS, Collected, Said, ask, ports
from kit.plans import pattern, plan, rule, side
from kit.upstream import chat_json, chat_sse

from gateway.errors import QuotaError, UpstreamTimeout
from gateway.exchange import Caller, Cost, Grant, Question, Quota, Usage
from gateway.limits.memory import MemoryQuotas
from gateway.pipeline.moderate import Moderation
from gateway.pipeline.quota import estimate, headers
from gateway.pipeline.run import Gone, Path
from gateway.ports import Balance, Price, Reservation, Spend
from gateway.stores.memory import MemoryRecords
from gateway.telemetry import names
from gateway.wire.messages import CountTokens, Messages
from gateway.wire.moderations import Moderations

SIDE = side({"drug": pattern("drug", "毒品")}, [rule("drug", "refuse")])
PRICE = Price(2.0, 8.0)
NOW = 1_790_000_000.0


class Watched(MemoryQuotas):
    """Counters that remember what they were asked."""

    def __init__(self) -> None:
        super().__init__(lambda: NOW)
        self.reserved: list[tuple[Spend, Spend]] = []
        self.settled: list[Spend] = []

    async def reserve(self, key: str, quota: Quota, least: Spend, likely: Spend) -> Reservation:
        self.reserved.append((least, likely))
        return await super().reserve(key, quota, least, likely)

    async def settle(self, reservation: Reservation, used: Spend) -> None:
        self.settled.append(used)
        await super().settle(reservation, used)


class Lost(MemoryQuotas):
    """Counters that cannot be reached: at all, or when it comes to settling."""

    def __init__(self, on_lost: Any, *, later: bool = False) -> None:
        super().__init__(lambda: NOW)
        self.on_lost, self._later = on_lost, later

    async def reserve(self, key: str, quota: Quota, least: Spend, likely: Spend) -> Reservation:
        if not self._later:
            raise QuotaError("gone")
        return await super().reserve(key, quota, least, likely)

    async def settle(self, reservation: Reservation, used: Spend) -> None:
        raise QuotaError("gone")


def caller(**quota: int) -> Caller:
    return Caller("acme", "k1", grant=Grant(quota=Quota(**quota)))


def asked(text: str = "你好", **more: Any) -> dict[str, Any]:
    return chat(text, model="up", **more)


async def test_a_spent_quota_is_a_429_in_the_envelope_with_the_usual_headers() -> None:
    quotas = Watched()
    given = ports(Said(chat_json("好")), quotas=quotas)
    who = caller(requests=2, tokens=5000)
    for left in ("1", "0"):
        got = await ask(plan(), asked(), given=given, caller=who)
        assert got.outlet.status == 200
        assert got.outlet.headers["x-ratelimit-remaining-requests"] == left
    got = await ask(plan(), asked(), given=given, caller=who)
    assert got.outlet.status == 429
    body = orjson.loads(got.outlet.body)
    assert (body["error"]["type"], body["error"]["code"]) == ("rate_limit_error", "rate_limit_exceeded")
    assert body["error"]["message"] == "The quota of this key is spent (requests per minute): ask again in 61 s."
    head = got.outlet.headers
    assert (head["retry-after"], head["x-ratelimit-limit-requests"]) == ("61", "2")
    assert head["x-ratelimit-reset-requests"] == "61.000s"
    assert head["x-ratelimit-limit-tokens"] == "5000"
    record = got.records[-1]
    assert (record.outcome, record.error, record.status) == ("rejected", "rate_limit_exceeded", 429)
    assert record.limits == ("quota.spent.requests",)
    assert got.metrics.value(names.QUOTA_REFUSED, tenant="acme", limit="requests") == 1


async def test_anthropics_clients_get_their_envelope_and_their_headers() -> None:
    given = ports(Said(b"{}"), quotas=Watched())
    body = orjson.dumps({"model": "up", "max_tokens": 9, "messages": [{"role": "user", "content": "你好"}]})
    outlet = Collected()
    await Path(Messages(), "/messages", given).run(body, caller(requests=0), plan(), outlet, Gone())
    assert outlet.status == 429
    assert orjson.loads(outlet.body)["error"]["type"] == "rate_limit_error"
    assert outlet.headers["anthropic-ratelimit-requests-limit"] == "0"
    assert outlet.headers["anthropic-ratelimit-requests-reset"].endswith("Z")
    assert outlet.headers["retry-after"] == "61"


async def test_counting_tokens_is_a_request_and_uses_none() -> None:
    quotas = Watched()
    body = orjson.dumps({"model": "up", "messages": [{"role": "user", "content": "你好"}]})
    given = ports(Said(b'{"input_tokens": 7}'), quotas=quotas)
    outlet = Collected()
    await Path(CountTokens(), "/messages/count_tokens", given).run(body, caller(tokens=5), plan(), outlet, Gone())
    assert (outlet.status, quotas.reserved, quotas.settled) == (200, [(Spend(), Spend())], [Spend()])


async def test_a_verdict_is_a_request_and_asks_no_model() -> None:
    quotas = Watched()
    given = ports(quotas=quotas)
    who = caller(requests=1, tokens=1, day_micros=1)
    statuses = []
    for _ in range(2):
        outlet = Collected()
        await Moderation(Moderations(), given).run(orjson.dumps({"input": "你好"}), who, plan(), outlet, Gone())
        statuses.append(outlet.status)
    assert statuses == [200, 429]
    assert quotas.reserved == [(Spend(), Spend())] * 2


async def test_what_is_larger_than_the_quota_is_told_to_be() -> None:
    got = await ask(
        plan(), asked(max_tokens=500), given=ports(quotas=Watched()), caller=caller(tokens=100, day_tokens=9000)
    )
    assert got.outlet.status == 429
    assert "more than the quota of this key allows at all (tokens per minute)" in got.outlet.body.decode()


@pytest.mark.parametrize("stream", [False, True])
async def test_the_upstreams_own_count_settles(stream: bool) -> None:
    quotas = Watched()
    said = chat_sse(["好", "的"], usage=(11, 5)) if stream else [chat_json("好的", usage=(11, 5))]
    provider = Said(*said, content_type=EVENTS if stream else "application/json")
    given = ports(provider, quotas=quotas, price=PRICE)
    body = asked(max_tokens=100, stream=stream, stream_options={"include_usage": True} if stream else None)
    got = await ask(plan(), body, given=given, caller=caller(tokens=5000, day_micros=10**6))
    assert quotas.reserved == [(Spend(102, 804), Spend(102, 804))]
    assert quotas.settled == [Spend(16, 62)]
    assert got.record.usage == Usage(11, 5)
    assert got.record.cost == Cost(62, "CNY")
    assert got.metrics.value(names.COST, tenant="acme", model="up", currency="CNY") == 62
    assert got.outlet.headers.get("x-sluice-cost") == (None if stream else "0.000062 CNY")
    assert got.outlet.headers.get("x-sluice-tokens") == (None if stream else "11+5")


async def test_a_stream_without_a_count_settles_by_a_guess() -> None:
    quotas = Watched()
    provider = Said(*chat_sse(["好的" * 30]), content_type=EVENTS)
    got = await ask(plan(), asked(stream=True), given=ports(provider, quotas=quotas), caller=caller(tokens=5000))
    assert quotas.settled == [Spend(2 + 60, 0)]
    assert got.record.usage == Usage(2, 60, estimated=True)


async def test_who_states_no_most_has_some_set_aside() -> None:
    quotas = Watched()
    await ask(plan(), asked(n=2), given=ports(quotas=quotas), caller=caller(tokens=100))
    assert quotas.reserved == [(Spend(2), Spend(2 + 2 * 1024))]


@pytest.mark.parametrize(
    ("provider", "policy", "body", "status"),
    [
        (Said(chat_json("好")), plan(SIDE), asked("毒品"), 200),
        (Said(chat_json("好")), plan(SIDE, block="error"), asked("毒品"), 400),
        (Said(refuses=UpstreamTimeout("Late.", upstream="up")), plan(), asked(), 504),
        (Said(KeyError("oh")), plan(), asked(), 500),
    ],
)
async def test_what_no_model_answered_costs_a_request_and_no_token(
    provider: Said, policy: Any, body: Any, status: int
) -> None:
    quotas = Watched()
    given = ports(provider, quotas=quotas, price=PRICE)
    got = await ask(policy, body, given=given, caller=caller(requests=9, tokens=5000, day_micros=10**6))
    assert got.outlet.status == status
    assert [used.tokens for used in quotas.settled][:1] in ([0], [2])
    if status != 500:
        assert quotas.settled == [Spend(0, 0)]
    again = await quotas.reserve("k1", Quota(requests=9), Spend(), Spend())
    assert again.standing[0].left == 7


async def test_a_refused_answer_was_made_and_is_paid_for() -> None:
    quotas = Watched()
    given = ports(Said(chat_json("毒品", usage=(7, 9))), quotas=quotas, price=PRICE)
    got = await ask(plan(response=SIDE), asked(), given=given, caller=caller(tokens=5000))
    assert got.record.outcome == "stopped"
    assert quotas.settled == [Spend(16, 86)]


async def test_a_client_that_leaves_pays_for_what_it_got() -> None:
    quotas, gone = Watched(), Gone()
    go = asyncio.Event()

    class Slow(Said):
        async def chunks(self) -> Any:
            for step in chat_sse(["好的" * 30])[:2]:
                yield step
            go.set()
            await asyncio.sleep(30)

    given = ports(Slow(content_type=EVENTS), quotas=quotas)
    task = asyncio.create_task(ask(plan(), asked(stream=True), given=given, caller=caller(tokens=5000), gone=gone))
    await go.wait()
    await asyncio.sleep(0)
    gone.leave()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert quotas.settled == [Spend(62, 0)]
    records = given.records
    assert isinstance(records, MemoryRecords)
    assert records.records[0].outcome == "client_gone"


async def test_a_settlement_comes_before_the_client_knows_that_all_is_there() -> None:
    quotas = Watched()

    class Outlet(Collected):
        async def finish(self) -> None:
            assert quotas.settled == [Spend(12, 0)]
            await super().finish()

    await ask(
        plan(),
        asked(),
        given=ports(Said(chat_json("好", usage=(7, 5))), quotas=quotas),
        caller=caller(tokens=5000),
        outlet=Outlet(),
    )


@pytest.mark.parametrize(("mode", "status"), [("refuse", 503), ("pass", 200)])
async def test_lost_counters_mean_what_the_settings_say(mode: str, status: int) -> None:
    got = await ask(plan(), asked(), given=ports(Said(chat_json("好")), quotas=Lost(mode)), caller=caller(requests=5))
    assert got.outlet.status == status
    assert got.record.limits == (("quota.unchecked",) if mode == "pass" else ("quota.lost",))
    assert got.metrics.value(names.QUOTA_UNCHECKED if mode == "pass" else names.QUOTA_LOST) == 1
    if mode == "refuse":
        assert (got.outlet.headers["retry-after"], got.record.error) == ("5", "quota_unavailable")


async def test_a_settlement_that_is_lost_is_told() -> None:
    quotas = Lost("refuse", later=True)
    got = await ask(plan(), asked(), given=ports(Said(chat_json("好")), quotas=quotas), caller=caller(requests=5))
    assert (got.outlet.status, got.record.limits) == (200, ("quota.unsettled",))
    assert got.metrics.value(names.QUOTA_UNSETTLED) == 1


async def test_a_budget_and_a_model_without_a_price_do_not_meet() -> None:
    provider = Said(chat_json("好"))
    got = await ask(plan(), asked(), given=ports(provider, quotas=Watched()), caller=caller(day_micros=10**6))
    assert (got.outlet.status, got.record.error) == (403, "model_without_price")
    assert provider.calls == []
    free = ports(Said(chat_json("好")), quotas=Watched(), price=Price(0, 0))
    assert (await ask(plan(), asked(), given=free, caller=caller(day_micros=0))).outlet.status == 200


async def test_a_budget_ends_with_the_money() -> None:
    quotas = Watched()
    given = ports(Said(chat_json("好", usage=(1000, 1000))), quotas=quotas, price=Price(10, 30))
    who = caller(day_micros=100_000)
    statuses = [(await ask(plan(), asked(max_tokens=1000), given=given, caller=who)).outlet.status for _ in range(4)]
    assert statuses == [200, 200, 429, 429]


async def test_nobody_said_what_it_costs_is_not_free() -> None:
    got = await ask(plan(), asked(), Said(chat_json("好")))
    assert got.record.cost is None
    assert "x-sluice-cost" not in got.outlet.headers


async def test_a_key_asks_the_models_that_it_may() -> None:
    who = replace(caller(), grant=Grant(models=("other",)))
    got = await ask(plan(), asked(), Said(chat_json("好")), caller=who)
    assert (got.outlet.status, got.record.error) == (403, "model_not_allowed")
    allowed = replace(caller(), grant=Grant(models=("other", "up")))
    assert (await ask(plan(), asked(), Said(chat_json("好")), caller=allowed)).outlet.status == 200


def question(dialect: str = "chat", **body: Any) -> Question:
    return replace(Question(dialect, b"", body, "up", False, ()), choices=body.get("n", 1))


@pytest.mark.parametrize(
    ("asked", "least", "likely"),
    [
        (question(max_tokens=5), 5, 5),
        (question(max_tokens=50, max_completion_tokens=5), 5, 5),
        (question(max_output_tokens=5, n=3), 15, 15),
        (question(max_tokens=0), 0, 0),
        (question(max_tokens=True), 0, 100),
        (question(max_tokens=-4), 0, 100),
        (question(max_tokens="5"), 0, 100),
        (question(), 0, 100),
        (question("embeddings"), 0, 0),
        (question("count_tokens", max_tokens=5), 0, 0),
    ],
)
def test_what_a_question_will_use(asked: Question, least: int, likely: int) -> None:
    certain, probable = estimate(asked, 100)
    assert (certain.output, probable.output) == (least, likely)


def test_headers_name_every_limit() -> None:
    standing = [Balance("requests", 5, 4, 1.5), Balance("day_money", 10, 3, 60.0)]
    assert headers(standing, "chat", NOW) == {
        "x-ratelimit-limit-requests": "5",
        "x-ratelimit-remaining-requests": "4",
        "x-ratelimit-reset-requests": "1.500s",
        "x-ratelimit-limit-money-day": "10",
        "x-ratelimit-remaining-money-day": "3",
        "x-ratelimit-reset-money-day": "60.000s",
    }
