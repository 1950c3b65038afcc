"""Everything that one process is made of: built from the settings, started and stopped."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import logging
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import gateway
from gateway.errors import ConfigError, RequestError
from gateway.exchange import Caller
from gateway.limits.conduct import UserConduct
from gateway.limits.keys import Book
from gateway.limits.memory import MemoryQuotas
from gateway.limits.redis import RedisQuotas
from gateway.limits.unshared import UnsharedQuotas
from gateway.pipeline.seen import RecentlySeen
from gateway.policy.current import CurrentPlan
from gateway.policy.plan import Plan
from gateway.ports import Ports, Provider
from gateway.privacy.keys import conversation_keys, read_keyring, subject_digest
from gateway.privacy.turns import SealedTurns
from gateway.privacy.vault import SealedVault
from gateway.providers.pool import Pool
from gateway.providers.routing import Routing
from gateway.settings import Settings
from gateway.stores.writer import RecordWriter
from gateway.telemetry import names
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.spans import TracedRecords, configured_tracer
from gateway.wiring.answers import banks_of, model_of
from gateway.wiring.checks import check
from gateway.wiring.counting import ALONE, SHARED, conduct_of, quotas_of
from gateway.wiring.ids import UniqueIds
from gateway.wiring.keeping import (
    book_of,
    check_waivers,
    client_keys,
    fetch_of,
    handoff_secret,
    outbox_of,
    seal,
    turns_of,
    vault_of,
)
from gateway.wiring.knowledge import knowledge_of
from gateway.wiring.outside import World
from gateway.wiring.plans import load_plan, stamp, stricter_plans
from gateway.wiring.resolving import in_chat
from gateway.wiring.upstreams import routes_of
from gateway.wording import Recogniser

if TYPE_CHECKING:
    from gateway.answers.embedded import Model
    from gateway.handoff.outbox import Outbox
    from gateway.knowledge.finder import Finder


log = logging.getLogger("sluice")


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that one process is made of, ready to be started.

    Attributes:
        settings: What the operator set.
        plan: Returns the plan in force.
        routes: Where model names lead.
        providers: What they lead to.
        ports: What the path may touch.
        metrics: What is counted.
        keys: Keys that clients must show; empty for none.
        writer: Writes the records; None if ``ports.records`` needs no start and no stop.
        watch: The plan's files; None if they are not watched.
        world: What judges reach; None if there are none.
        turns: Keeps answers for later requests; None where nothing is kept.
        stricter: Policies that clients may ask for, by name.
        outbox: Tells people of what is handed over to them; None where nobody is told.
        handoff_secret: Signs the answers that come back.
        model: Gives answer banks their meaning; None for the table that ships.
        knowledge: Finds the sources of answers; None if there is no knowledge base.
        plans: Further policies by the names that keys have for them.
        book: The keys that were made for clients; None if there is no place for them.
    """

    settings: Settings
    plan: Callable[[], Plan]
    routes: Routing
    providers: tuple[Provider, ...]
    ports: Ports
    metrics: Metrics
    keys: tuple[str, ...] = ()
    writer: RecordWriter | None = None
    watch: CurrentPlan | None = None
    world: World | None = None
    turns: SealedTurns | None = None
    knowledge: Finder | None = None
    plans: Mapping[str, CurrentPlan] = field(default_factory=dict)
    book: Book | None = None
    stricter: Mapping[str, CurrentPlan] = field(default_factory=dict)
    outbox: Outbox | None = None
    handoff_secret: bytes = field(default=b"", repr=False)
    model: Model | None = None

    def plan_named(self, name: str) -> Plan:
        """Return the policy of this name; the one that judges all others where it is not in force any more."""
        plans = [self.plan(), *(plan() for plan in self.plans.values())]
        return next((plan for plan in plans if plan.name == name), plans[0])

    def plan_of(self, caller: Caller) -> Plan:
        """Return the plan that judges a caller's exchanges; raises ``RequestError`` if it is not there any more."""
        name = caller.grant.policy
        if not name:
            return self.plan()
        if name not in self.plans:
            text = "The policy of this key is not in force here, so no request is taken; ask the operator."
            raise RequestError(text, status=503, code="policy_unavailable")
        return self.plans[name]()

    def health(self) -> dict[str, str]:
        """Return what keeps this process from serving, by component; empty when it is ready."""
        faults: dict[str, str] = {}
        if self.writer and self.writer.failing and self.plan().record.on_failure == "refuse":
            faults["records"] = "the record store does not take records"
        if self.knowledge is not None and not self.knowledge.prepared:
            faults["knowledge"] = "the documents are being read"
        return faults

    def warnings(self) -> dict[str, str]:
        """Return what is not well but does not keep it from serving, by component."""
        # A wrong edit of the policy must not take every replica out of service: the old plan judges on.
        faults = {"policy": self.watch.fault if self.watch else ""}
        faults |= {f"policies.{name}": plan.fault for name, plan in self.plans.items()}
        faults["handoff"] = self.outbox.fault if self.outbox else ""
        faults["keys"] = self.book.fault if self.book else ""
        away = self.model is not None and self.model.resting
        faults["answers"] = (
            "the model of answer banks does not answer: questions are judged by the table" if away else ""
        )
        conduct = self.ports.conduct
        faults["conduct"] = conduct.fault if isinstance(conduct, UserConduct) else ""
        if isinstance(self.ports.quotas, UnsharedQuotas) and self.book and self.book.limited:
            faults["quotas"] = f"keys have quotas, but {ALONE}; {SHARED}"
        return {name: fault for name, fault in faults.items() if fault}

    @contextlib.asynccontextmanager
    async def running(self, _: object) -> AsyncIterator[None]:
        """Start what has to be started, and stop it: on a normal stop no record is lost."""
        async with contextlib.AsyncExitStack() as stack:  # what fails to close keeps nothing else from closing
            if self.writer:
                await asyncio.to_thread(self.writer.open)
                stack.push_async_callback(self.writer.close, self.settings.drain_seconds)
            for provider in self.providers:
                stack.push_async_callback(provider.aclose)
            if self.knowledge is not None:
                stack.push_async_callback(self.knowledge.aclose)
                self.knowledge.prepare()
            if isinstance(self.ports.vault, SealedVault):
                stack.push_async_callback(self.ports.vault.aclose)
            if self.turns:
                stack.push_async_callback(self.turns.aclose)
            if self.world:
                stack.push_async_callback(self.world.aclose)
            for held in (self.ports.quotas, self.ports.conduct):
                if isinstance(held, (MemoryQuotas, RedisQuotas, UserConduct)):
                    stack.push_async_callback(held.aclose)
            if self.book:
                stack.callback(self.book.close)
                await asyncio.to_thread(self.book.load)
            if isinstance(self.ports.conduct, UserConduct):
                await asyncio.to_thread(self.ports.conduct.load)
            if self.outbox:
                stack.push_async_callback(self.outbox.aclose)
                telling = asyncio.create_task(self.outbox.run())
                stack.callback(telling.cancel)
            seconds = self.settings.reload_seconds
            looks = [
                (plan.poll, seconds) for plan in (self.watch, *self.plans.values(), *self.stricter.values()) if plan
            ]
            kept = [one for one in (self.book, self.ports.conduct) if isinstance(one, (Book, UserConduct))]
            looks += [(one.poll, self.settings.keys.reload_seconds) for one in kept]
            for look in looks:
                poll = asyncio.create_task(_poll(*look))
                stack.callback(poll.cancel)
            preparing = asyncio.create_task(asyncio.to_thread(_prepare, self.plan()))
            stack.push_async_callback(asyncio.wait, [preparing])
            # What was loaded stays: collecting it again and again would only cost time. What an exchange
            # makes goes without the collector, which therefore need not look so often.
            gc.collect()
            gc.freeze()
            gc.set_threshold(20_000, 20, 50)
            yield


def _prepare(plan: Plan) -> None:
    """Do what the first texts would wait for; what cannot be done, the first text is told."""
    for detector in (*plan.request.detectors, *plan.response.detectors):
        if detector.prepare:
            with contextlib.suppress(ConfigError):
                detector.prepare()
    _give_back()


def _give_back() -> None:
    """Give the memory that only the start needed back to the system, where the C library knows how (glibc)."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def parts(settings: Settings, environment: Mapping[str, str]) -> Parts:
    """Build everything from the settings; opens nothing yet."""
    from gateway.stores.spool import Spool  # noqa: PLC0415
    from gateway.stores.sql import SqlStore  # noqa: PLC0415

    metrics = Metrics()
    ids = UniqueIds(time.time, secrets.token_bytes)
    routes = routes_of(settings, environment)
    routing = Routing(routes, settings.default_model)
    # Without the default model: whoever misspells a judge may not get another model as one.
    world = World(in_chat(Routing(routes).resolve), environment, metrics, clock=time.time, ids=ids)
    metrics.watch(names.JUDGES_RESTING, world.resting)
    pools = {route.provider for route in routes.values() if isinstance(route.provider, Pool)}
    metrics.watch(names.UPSTREAMS_RESTING, lambda: sum(pool.resting() for pool in pools))

    model = model_of(settings.answers, environment)
    banks = banks_of(model)

    def load(policy: str, place: object) -> Plan:
        apart = world.apart()
        plan = load_plan(policy, apart, banks)
        check(settings, plan, environment)
        if words := plan.label.words:
            Recogniser((words.zh, words.en))  # makes its patterns now: the first answer need not wait for them
        world.keep(place, plan.digest, apart)
        return plan

    store = SqlStore(settings.database, time.time)
    writer = RecordWriter(
        store,
        ticker=time.monotonic,
        capacity=settings.limits.records,
        counters=metrics,
        spool=Spool(Path(settings.spool)),
    )
    metrics.watch(names.RECORDS_WAITING, lambda: writer.waiting)
    metrics.watch(names.RECORDS_FAILING, lambda: writer.failing)
    delay = 3 * settings.reload_seconds

    def watched(policy: str) -> CurrentPlan:
        again = partial(load, policy, object())
        return CurrentPlan(again(), again, stamp, time.time, delay=delay, counters=metrics)

    current = watched(settings.policy)
    ring = read_keyring(environment)
    vault = vault_of(settings, environment, ring)
    knowledge = knowledge_of(settings, environment, metrics)
    outbox = outbox_of(settings, environment, metrics)
    tracer = configured_tracer(gateway.__version__)
    ports = Ports(
        resolve=routing.resolve,
        records=TracedRecords(writer, tracer) if tracer else writer,
        counters=metrics,
        clock=time.time,
        ticker=time.perf_counter,
        ids=ids,
        seal=seal(environment),
        seen=RecentlySeen(),
        producer=settings.producer,
        mark_key=environment.get("SLUICE_MARK_KEY", "").encode(),
        keys=conversation_keys(ring) if ring else None,
        subject=subject_digest(ring) if ring else None,
        vault=vault,
        fetch=fetch_of(settings),
        knowledge=knowledge,
        quotas=quotas_of(settings, environment),
        conduct=conduct_of(settings, environment, ring, metrics),
        handoffs=outbox,
        currency=settings.currency,
    )
    keys = client_keys(environment)
    check_waivers(settings, keys)
    providers = tuple(dict.fromkeys(route.provider for route in routes.values()))
    plans = {name: watched(policy) for name, policy in settings.policies.items()}
    turns = turns_of(settings, environment, ring)
    stricter = stricter_plans(settings, (current, *plans.values()), watched)
    return Parts(
        settings,
        current,
        routing,
        providers,
        ports,
        metrics,
        keys,
        writer,
        current,
        world,
        turns,
        knowledge,
        plans=plans,
        book=book_of(settings),
        stricter=stricter,
        outbox=outbox,
        handoff_secret=handoff_secret(settings, environment),
        model=model,
    )


async def _poll(look: Callable[[], None], seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await asyncio.to_thread(look)
        except Exception as error:
            # Whatever a half-written file made it do: the next look may be better.
            log.error("looking at what may have changed failed with %s", type(error).__name__)
