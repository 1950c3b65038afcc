"""The only place where ports meet adapters: settings in, a running application out."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
import logging
import os
import random
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import gateway
from gateway.detectors.judges.nobody import NOBODY
from gateway.detectors.registry import registry
from gateway.document import suggest
from gateway.errors import KnowledgeError, LabelError, RecordError, RequestError, SettingsError
from gateway.exchange import Agreement, Caller
from gateway.labels.metadata import fault_of_producer
from gateway.limits.conduct import UserConduct
from gateway.limits.keys import Book
from gateway.limits.memory import MemoryQuotas
from gateway.limits.redis import RedisQuotas, connect
from gateway.limits.strikes import MemoryStrikes, RedisStrikes
from gateway.limits.unshared import UnsharedQuotas
from gateway.pipeline.run import Path as ExchangePath
from gateway.pipeline.run import Recorded
from gateway.pipeline.seen import RecentlySeen
from gateway.policy.check import warnings
from gateway.policy.compile import compile_policy
from gateway.policy.current import CurrentPlan, Stamp
from gateway.policy.load import load_policy
from gateway.policy.plan import Plan
from gateway.policy.reading import reads_otherwise
from gateway.policy.rule import Judged, decide
from gateway.policy.stricter import weaker
from gateway.ports import (
    BuiltStandards,
    Clock,
    Counters,
    Fetch,
    Ids,
    Loader,
    Outside,
    Ports,
    Price,
    Provider,
    Resolve,
    Route,
    Seal,
    Shelf,
    Ticker,
    Ticket,
)
from gateway.privacy.classes import groups
from gateway.privacy.keys import (
    CURRENT,
    Keyring,
    conversation_keys,
    read_keyring,
    subject_digest,
    subject_digests,
)
from gateway.privacy.techniques import techniques
from gateway.privacy.turns import SealedTurns
from gateway.privacy.vault import SealedVault
from gateway.providers.pool import Arm, Pool, Tries
from gateway.providers.routing import Routing
from gateway.providers.timeouts import Timeouts
from gateway.settings import Endpoint as EndpointSetting
from gateway.settings import KnowledgePlace, Model, Place, RetryEntry, Settings, UpstreamEntry
from gateway.stores.writer import RecordWriter
from gateway.telemetry import names
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.spans import TracedRecords, configured_tracer
from gateway.text import TextView
from gateway.verdict import Finding, silences

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from gateway.handoff.outbox import Outbox
    from gateway.knowledge.finder import Finder
    from gateway.knowledge.library import Embed, Library
    from gateway.knowledge.remote import Place as Reached
    from gateway.providers.translated import Translation

log = logging.getLogger("sluice")

MESSAGES: Final = "/v1/messages"
COUNT_TOKENS: Final = "/v1/messages/count_tokens"
ANTHROPIC_VERSION: Final = "2023-06-01"
"""Sent to Anthropic servers where the client names no version; there is no newer one."""
NO_KEY: Final = "none"
"""Said to a server that asks for no key."""
_ALONE: Final = "each of several workers would count alone"
_SHARED: Final = "write keys: {counters: redis://host:6379/0} in sluice.yaml, or start one worker"
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def embedded(kind: str) -> Path:
    """Return the folder of files that ship with Sluice: ``policies``."""
    package = Path(gateway.__file__).parent
    shipped = package / f"_{kind}"
    return shipped if shipped.is_dir() else package.parent / kind


def shipped_policies() -> dict[str, Path]:
    """Return the policies that ship with Sluice, by name."""
    files = sorted(embedded("policies").glob("*/*.yaml"))
    return {file.stem: file for file in files if not file.stem.endswith("_test")}


def policy_file(name: str) -> Path:
    """Return the file of a policy: a path, or the name of one that ships with Sluice.

    Raises:
        SettingsError: There is no such policy; says which there are.
    """
    if name.endswith((".yaml", ".yml")) or "/" in name:
        return Path(name)
    known = shipped_policies()
    if name not in known:
        hint = f"there are {', '.join(known)}; or give a path"
        raise SettingsError(f"no policy {name!r} ships with Sluice", hint=hint)
    return known[name]


def load_plan(name: str, outside: Outside = NOBODY) -> Plan:
    """Read and compile a policy; raises ``PolicyError`` with everything that is wrong with it.

    Args:
        name: A policy file, or the name of one that ships with Sluice.
        outside: What its judges may reach; without it they are checked, but ask nobody.
    """
    return compile_policy(
        load_policy(policy_file(name), shipped_policies()), registry(outside), techniques(), groups(), standards_of
    )


def standards_of(banks: Sequence[str], loader: Loader) -> BuiltStandards:
    """Build the answer banks that a policy names; the matcher is imported only where there are any."""
    from gateway.answers.standards import standards  # noqa: PLC0415

    return standards(banks, loader)


class World:
    """What judges may reach: the models of the settings, and servers that policies name. An ``Outside``.

    Servers are kept from plan to plan, so that a reload opens nothing twice, and closed at the end.

    Args:
        resolve: Finds the route of a model; raises ``RequestError`` or ``ConfigError`` for an unknown one.
        environment: Holds the keys of servers.
        counters: Counts what judges do.
        clock: Seconds since the epoch.
        ids: Gives unique ids.
        owned: Providers to close at the end besides; may grow.
    """

    asks = True

    def __init__(
        self,
        resolve: Resolve,
        environment: Mapping[str, str],
        counters: Counters,
        *,
        clock: Clock,
        ids: Ids,
        owned: Sequence[Provider] = (),
    ) -> None:
        self._resolve, self._environment, self._owned = resolve, environment, owned
        self.counters, self.clock, self.ids = counters, clock, ids
        self.ticker: Ticker = time.monotonic
        self._servers: dict[tuple[str, str | None], Provider] = {}
        self._judges: dict[str, Callable[[], bool]] = {}

    def model(self, name: str) -> Route:
        """Return where a model of the settings leads; raises ``SettingsError`` for an unknown one."""
        try:
            return self._resolve(name)
        except RequestError as error:
            hint = f"{str(error).partition('; ')[2].rstrip('.')}; or write base_url"
            raise SettingsError(f"models: in sluice.yaml has no {name!r}", hint=hint) from None

    def server(self, base_url: str, key: str | None) -> Provider:
        """Return the provider for a server; raises ``SettingsError`` if its address or key is unusable."""
        from gateway.providers.openai_compatible import OpenAICompatible  # noqa: PLC0415

        if (base_url, key) not in self._servers:
            self._servers[base_url, key] = OpenAICompatible("judge", base_url, key)
        return self._servers[base_url, key]

    def secret(self, variable: str) -> str:
        """Return what an environment variable holds; raises ``SettingsError`` if that is nothing."""
        value = self._environment.get(variable)
        if not value:
            raise SettingsError(f"the environment variable {variable} is not set", hint="it holds the judge's key")
        return value

    def watch(self, judge: str, resting: Callable[[], bool]) -> None:
        """Remember how to see whether a judge rests."""
        self._judges[judge] = resting

    def resting(self) -> int:
        """Return how many judges rest now."""
        return sum(resting() for resting in list(self._judges.values()))

    async def aclose(self) -> None:
        """Close every connection to servers that policies named."""
        servers, self._servers = self._servers, {}
        for provider in (*servers.values(), *self._owned):
            await provider.aclose()


def checking(environment: Mapping[str, str]) -> World:
    """Return what judges may reach when a text is checked without a server.

    Settings are read only when a judge names a model of theirs, and of the models only that one is built.
    """
    owned: list[Provider] = []
    settings: list[Settings] = []

    def resolve(name: str) -> Route:
        from gateway.settings import load_settings  # noqa: PLC0415

        if not settings:
            settings.append(load_settings(None, environment))
        said = settings[0]
        models = {each: model for own, model in said.models.items() for each in (own, *model.aliases)}
        own = name if name in models else "*"
        if own not in models:
            hint = suggest(name, models) or f"there are {', '.join(models)}; or write base_url"
            raise SettingsError(f"models: in sluice.yaml has no {name!r}", hint=hint)
        alone = models[own].model_copy(update={"aliases": (), "fallbacks": ()})
        routes = routes_of(said.model_copy(update={"models": {own: alone}}), environment)
        owned.append(routes[own].provider)
        return _in_chat(Routing(routes).resolve)(name)

    ids = UniqueIds(time.time, secrets.token_bytes)
    return World(resolve, environment, Metrics(), clock=time.time, ids=ids, owned=owned)


def doubts(name: str, plan: Plan) -> tuple[str, ...]:
    """Return what a policy that compiled to ``plan`` may say but hardly means, with file and line."""
    return warnings(load_policy(policy_file(name), shipped_policies()), plan)


class UniqueIds:
    """Gives unique ids that sort by time: 26 characters, digits and capital letters (ULIDs).

    Randomness is drawn from the system in blocks: a call for each id would cost more than the id.
    """

    _BLOCK: Final = 4096
    _PAIRS: Final = tuple(high + low for high in _ALPHABET for low in _ALPHABET)

    def __init__(self, clock: Callable[[], float], random: Callable[[int], bytes]) -> None:
        self._clock, self._random = clock, random
        self._rest = b""

    def __call__(self) -> str:
        """Return the next id."""
        if len(self._rest) < 10:
            self._rest = self._random(self._BLOCK)
        noise, self._rest = self._rest[:10], self._rest[10:]
        value = int(self._clock() * 1000) << 80 | int.from_bytes(noise)
        pairs = self._PAIRS
        return "".join([pairs[value >> shift & 1023] for shift in range(120, -10, -10)])


def provider_of(name: str, model: Place, environment: Mapping[str, str]) -> Provider:
    """Return the provider of one upstream; heavy packages are imported only by the one that needs them."""
    key = environment.get(model.key_env) if model.key_env else None
    if model.key_env and not key:
        raise SettingsError(f"model {name!r}: the environment variable {model.key_env} is not set")
    if model.provider == "echo":
        from gateway.providers.echo import Echo  # noqa: PLC0415

        return Echo(name, clock=time.time)
    if model.provider == "replay":
        from gateway.providers.replay import Replay, read_script  # noqa: PLC0415

        script = Path(model.script or "")
        try:
            rows = read_script(script.read_bytes(), str(script))
        except OSError as error:
            raise SettingsError(f"model {name!r}: cannot read {script}: {os.strerror(error.errno or 0)}") from None
        return Replay(name, rows, clock=time.time)
    waits = Timeouts(model.timeouts.connect, model.timeouts.first_byte, model.timeouts.idle)
    if model.provider == "litellm":
        from gateway.providers.litellm import LiteLLM  # noqa: PLC0415

        options: dict[str, str] = {option: value for option, value in model.options.items()}  # noqa: C416 - other keys
        return LiteLLM(name, key, base_url=model.base_url, timeouts=waits, options=options)
    from gateway.providers.openai_compatible import OpenAICompatible  # noqa: PLC0415

    if model.wire == "anthropic":
        version = {"anthropic-version": ANTHROPIC_VERSION}
        return OpenAICompatible(
            name, model.base_url or "", key, timeouts=waits, headers=version, key_header="x-api-key"
        )
    return OpenAICompatible(name, model.base_url or "", key, timeouts=waits)


def routes_of(settings: Settings, environment: Mapping[str, str]) -> dict[str, Route]:
    """Return the route of each model name, aliases too."""
    arms = {
        name: [(place, _arm(at, place, name, environment)) for at, place in model.places(name)]
        for name, model in settings.models.items()
    }
    routes: dict[str, Route] = {}
    for name, model in settings.models.items():
        tiers = [arms[one] for one in (name, *model.fallbacks)]
        route = _route(name, model, tiers, environment)
        routes |= dict.fromkeys((name, *model.aliases), route)
    return routes


def _arm(at: str, place: Place, name: str, environment: Mapping[str, str]) -> Arm:
    weight = place.weight if isinstance(place, UpstreamEntry) else 1.0
    return Arm(at, provider_of(at, place, environment), place.model or name, weight, place.concurrency)


def _route(
    name: str, model: Model, tiers: Sequence[Sequence[tuple[Place, Arm]]], environment: Mapping[str, str]
) -> Route:
    """Return where one model leads: to its only upstream, or to a pool of several."""
    every = [pair for tier in tiers for pair in tier]
    regions = {arm.name: place.region for place, arm in every}
    same = len(set(regions.values())) == 1
    prices = {arm.name: Price(one.price.input, one.price.output) for one, arm in every if one.price}
    spoken: set[Literal["openai", "anthropic"]] = {place.wire for place, _ in every}
    wire = spoken.pop() if len(spoken) == 1 else "openai"

    def reached(*, in_openai: bool) -> Provider:
        chosen = [[_in_openai(place, arm, environment) if in_openai else arm for place, arm in tier] for tier in tiers]
        if len(every) == 1 and model.retry is None and every[0][1].concurrency is None:
            return chosen[0][0].provider
        return Pool(name, chosen, _tries(model), random=random.random, ticker=time.monotonic)

    provider = reached(in_openai=wire == "openai")
    first = every[0][1]
    return Route(
        name,
        provider,
        first.model,
        regions[first.name] if same else "",
        wire,
        prices=prices,
        upstreams=tuple(regions),
        regions={} if same else regions,
        openai=reached(in_openai=True) if wire == "anthropic" else None,
    )


def _in_openai(place: Place, arm: Arm, environment: Mapping[str, str]) -> Arm:
    """Return an upstream that is asked in OpenAI's format: Anthropic's servers through LiteLLM, which translates."""
    if place.wire == "openai":
        return arm
    from gateway.providers.litellm import LiteLLM  # noqa: PLC0415

    waits = Timeouts(place.timeouts.connect, place.timeouts.first_byte, place.timeouts.idle)
    root = (place.base_url or "").rstrip("/").removesuffix("/v1")
    # Without a key LiteLLM would look for one in the environment, and send that of another server to this one.
    key = (environment.get(place.key_env) if place.key_env else None) or NO_KEY
    return replace(arm, provider=LiteLLM(arm.name, key, base_url=root, timeouts=waits, prefix="anthropic/"))


def _tries(model: Model) -> Tries:
    several = len(model.upstreams) > 1 or bool(model.fallbacks)
    said = model.retry or RetryEntry(tries=3 if several else 1)
    after = frozenset(str(outcome) for outcome in said.after)
    rest = model.cooldown
    return Tries(said.tries, said.base, said.longest, said.within, after, rest.failures, rest.seconds)


def stamp(files: Iterable[str]) -> Stamp:
    """Look at files without reading them; one that is gone counts as changed."""
    seen = []
    for file in files:
        try:
            status = Path(file).stat()
            seen.append((file, max(status.st_ctime, status.st_mtime), status.st_size))
        except OSError:
            seen.append((file, 0.0, -1))
    return tuple(seen)


def seal(environment: Mapping[str, str]) -> Seal | None:
    """Return what seals recorded text, if a key is set."""
    secret = environment.get("SLUICE_SEAL_KEY")
    if not secret:
        return None
    from gateway.stores.sealing import read_key, sealer  # noqa: PLC0415

    return sealer(read_key(secret), secrets.token_bytes)


def client_keys(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys that clients must show; none if the variable is unset or empty.

    Raises:
        SettingsError: It is set, but holds no key: an open door that was meant to be shut.
    """
    said = environment.get("SLUICE_CLIENT_KEYS", "")
    keys = tuple(key for part in said.split(",") if (key := part.strip()))
    if said and not keys:
        raise SettingsError("SLUICE_CLIENT_KEYS is set but holds no key", hint="write KEY,KEY,… or unset it")
    return keys


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
        return faults

    def warnings(self) -> dict[str, str]:
        """Return what is not well but does not keep it from serving, by component."""
        # A wrong edit of the policy must not take every replica out of service: the old plan judges on.
        faults = {"policy": self.watch.fault if self.watch else ""}
        faults |= {f"policies.{name}": plan.fault for name, plan in self.plans.items()}
        faults["handoff"] = self.outbox.fault if self.outbox else ""
        faults["keys"] = self.book.fault if self.book else ""
        conduct = self.ports.conduct
        faults["conduct"] = conduct.fault if isinstance(conduct, UserConduct) else ""
        if isinstance(self.ports.quotas, UnsharedQuotas) and self.book and self.book.limited:
            faults["quotas"] = f"keys have quotas, but {_ALONE}; {_SHARED}"
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
            # What was loaded stays: collecting it again and again would only cost time. What an exchange
            # makes goes without the collector, which therefore need not look so often.
            gc.collect()
            gc.freeze()
            gc.set_threshold(20_000, 20, 50)
            yield


def check(settings: Settings, plan: Plan, environment: Mapping[str, str]) -> None:
    """Refuse settings and policies that do not go together, before the port opens (law 8)."""
    if plan.record.text == "encrypted" and not environment.get("SLUICE_SEAL_KEY"):
        message = f"policy {plan.name!r} records encrypted text, but SLUICE_SEAL_KEY is not set"
        raise SettingsError(message, hint="set it, or say `record: {text: masked}`")
    keyed = [rule.id for side in (plan.request, plan.response) for rule in side.rules if rule.how and rule.how.keyed]
    if keyed and not environment.get(CURRENT):
        message = f"policy {plan.name!r}: rule {keyed[0]!r} needs a key, but {CURRENT} is not set"
        raise SettingsError(message, hint=f"set {CURRENT} to what `openssl rand -base64 32` prints")
    if plan.ground is not None and settings.knowledge is None:
        message = f"policy {plan.name!r} grounds answers, but the settings have no knowledge base"
        raise SettingsError(message, hint="write knowledge: {database: sqlite:///var/knowledge.db} in sluice.yaml")
    check_handoff(settings, plan, environment)
    if plan.misuse is not None and settings.listen.workers > 1 and counters_of(settings, environment) == "memory":
        raise SettingsError(f"policy {plan.name!r} suspends users (misuse), but {_ALONE}", hint=_SHARED)
    check_label(plan)
    check_unguarded(settings)
    if settings.producer is not None and (fault := fault_of_producer(settings.producer)):
        raise SettingsError(f"the producer {fault}", hint="GB 45438-2025 Annex E j); set SLUICE_PRODUCER")


def check_handoff(settings: Settings, plan: Plan, environment: Mapping[str, str]) -> None:
    """Refuse a policy that promises a ticket where none is made, or shows people words that cannot be sealed."""
    from gateway.pipeline.handoff import HOLE  # noqa: PLC0415

    rules = [rule for side in (plan.request, plan.response) for rule in side.rules if rule.then == "handoff"]
    words = [plan.replies[rule.reply] for rule in rules]
    if plan.answers and plan.answers.waiting:
        words.append(plan.answers.waiting)
    if settings.handoff is None and any(HOLE in one.zh + one.en for one in words):
        message = f"policy {plan.name!r} tells people their ticket, but the settings say nobody whom to tell of it"
        raise SettingsError(message, hint="write handoff: {url: …, secret_env: …} in sluice.yaml")
    if settings.handoff is not None and plan.handoff.question == "raw" and not environment.get("SLUICE_SEAL_KEY"):
        message = f"policy {plan.name!r} hands questions over as they came, but SLUICE_SEAL_KEY is not set"
        raise SettingsError(message, hint="set it: they are sealed while they wait; or say question: masked")


def check_counting(settings: Settings, environment: Mapping[str, str]) -> None:
    """Refuse to start several workers that would each count what keys with a quota use.

    Reads the keys that there are now; one that is made later is not served by such workers. A database that does
    not answer says nothing here: the workers cannot start without it.

    Raises:
        SettingsError: A key in use has a quota, and nothing is there to count in together.
    """
    if settings.listen.workers == 1 or counters_of(settings, environment) != "memory":
        return
    book = book_of(settings)
    try:
        book.load()
    except RecordError:
        return
    finally:
        book.close()
    if book.limited:
        raise SettingsError(f"keys have quotas, but {_ALONE}", hint=_SHARED)


def check_unguarded(settings: Settings) -> None:
    """Refuse to hand on, unguarded, what a dialect judges: that would be a way around it."""
    from gateway.wire.served import MODERATIONS, SERVED  # noqa: PLC0415

    for under in settings.unguarded:
        for url in (MODERATIONS, *(served.url for served in SERVED)):
            if f"{url}/".lower().startswith(f"{under}/".lower()) or f"{under}/".lower().startswith(f"{url}/".lower()):
                hint = f"{url} is judged; list paths beside it, such as /v1/files"
                raise SettingsError(f"unguarded: {under} would be a way around {url}", hint=hint)


def chooser(stricter: Mapping[str, Callable[[], Plan]]) -> Callable[[Plan, str], Plan]:
    """Return what finds the plan that a client asks for by name; never one that is weaker than its own."""
    known: dict[tuple[str, str], bool] = {}

    def choose(own: Plan, name: str) -> Plan:
        if name not in stricter:
            there = f"there are: {', '.join(stricter)}" if stricter else "there are none"
            text = f"No such policy can be asked for; {there}."
            raise RequestError(text, code="unknown_policy", param="x-sluice-policy")
        plan = stricter[name]()
        pair = own.digest, plan.digest
        if pair not in known:
            known[pair] = not any(weaker(own, plan))
        if not known[pair]:
            text = "That policy is not at least as strict as the one that holds for you; leave out x-sluice-policy."
            raise RequestError(text, code="policy_not_stricter", param="x-sluice-policy")
        return plan

    return choose


def stricter_plans(
    settings: Settings, own: Iterable[Callable[[], Plan]], watched: Callable[[str], CurrentPlan]
) -> dict[str, CurrentPlan]:
    """Return the policies that clients may ask for; raises ``SettingsError`` for one that nobody may."""
    plans = {name: watched(policy) for name, policy in settings.stricter.items()}
    others = [plan() for plan in own]
    for name, one in plans.items():
        ways = [(plan.name, next(weaker(plan, one()), "")) for plan in others]
        if all(way for _, way in ways):
            hint = "clients may ask only for policies that are at least as strict as theirs"
            raise SettingsError(f"stricter: {name} is weaker than {ways[0][0]!r}: {ways[0][1]}", hint=hint)
    return plans


def check_label(plan: Plan) -> None:
    """Refuse a policy whose labels this machine cannot make: no font, no voice, no ffmpeg, a clip that is none."""
    label = plan.label
    if label.pictures is None and label.sounds is None and label.videos is None:
        return
    from gateway.labels import films, sounds, voice  # noqa: PLC0415
    from gateway.labels.lettering import font_file  # noqa: PLC0415

    try:
        if label.words is not None and (label.pictures is not None or label.videos is not None):
            font_file(label.words.zh + label.words.en)
        if label.sounds is not None and label.sounds.clip is not None:
            sounds.parse(label.sounds.clip)
    except LabelError as error:
        raise SettingsError(f"policy {plan.name!r}: {error}") from None
    speaks = label.sounds is not None and label.sounds.form == "spoken" and label.sounds.clip is None
    if speaks and not voice.installed():
        hint = "install espeak-ng, name a clip (sounds: {clip: …}), or write form: rhythm"
        raise SettingsError(f"policy {plan.name!r} has labels spoken, but espeak-ng is not installed", hint=hint)
    if label.videos is not None and not films.installed():
        hint = "install ffmpeg (Debian: apt-get install ffmpeg), or remove label: {videos: …}"
        raise SettingsError(f"policy {plan.name!r} labels videos, but ffmpeg is not installed", hint=hint)


def library_of(
    settings: Settings,
    environment: Mapping[str, str],
    *,
    plan: Plan | None = None,
    worded: Callable[[], object] | None = None,
) -> Library:
    """Return the knowledge base of the settings; opens nothing yet.

    Args:
        settings: Say where it is; ``var/knowledge.db`` if they do not.
        environment: Holds its address, if the settings say so.
        plan: Its rules for what tools have read keep passages out; None lets every passage in.
        worded: Hears of questions that are looked for by their words alone.

    Raises:
        SettingsError: The variable that holds the address is not set, or it is no address.
    """
    from gateway.knowledge.library import Library  # noqa: PLC0415
    from gateway.knowledge.store import KnowledgeStore  # noqa: PLC0415

    place = settings.knowledge or KnowledgePlace()
    url = environment.get(place.database_env, "") if place.database_env else place.database
    if not url:
        raise SettingsError(f"knowledge: the environment variable {place.database_env} is not set")
    try:
        store = KnowledgeStore(url, time.time)
    except KnowledgeError as error:
        raise SettingsError(f"knowledge: {error}") from None
    embed, meaning = embed_of(place, environment)
    return Library(store, embed, passage_screen(plan) if plan else None, meaning=meaning, worded=worded)


def embed_of(place: KnowledgePlace, environment: Mapping[str, str]) -> tuple[Embed, Callable[[], str]]:
    """Return what gives texts their meaning, and what names it; asks and reads nothing yet."""
    if place.embeddings is not None:
        from gateway.knowledge.embedding import Endpoint  # noqa: PLC0415

        endpoint = Endpoint(endpoint_of(place.embeddings, environment))
        return endpoint, lambda: endpoint.name
    from gateway.meaning.vectors import shipped  # noqa: PLC0415

    return lambda texts: shipped().many(texts), lambda: f"table:{shipped().version}"


def endpoint_of(entry: EndpointSetting, environment: Mapping[str, str]) -> Reached:
    """Return an endpoint with its key; raises ``SettingsError`` if that is not set."""
    from gateway.knowledge.remote import Place  # noqa: PLC0415

    key = environment.get(entry.key_env, "") if entry.key_env else ""
    if entry.key_env and not key:
        raise SettingsError(f"knowledge: the environment variable {entry.key_env} is not set")
    return Place(entry.url, key, entry.seconds, entry.model)


def knowledge_of(settings: Settings, environment: Mapping[str, str], counters: Counters | None = None) -> Finder | None:
    """Return what finds the sources of answers, if the settings have a knowledge base; opens nothing yet."""
    known = settings.knowledge
    if known is None:
        return None
    from gateway.knowledge.finder import Finder  # noqa: PLC0415

    def worded() -> None:
        if counters is not None:
            counters.add(names.KNOWLEDGE_BY_WORDS)

    by_words = known.embeddings is not None and known.embeddings.on_error == "words"
    rerank, search = (endpoint_of(one, environment) if one else None for one in (known.rerank, known.search))
    library = library_of(settings, environment, worded=worded if by_words else None)
    return Finder(library, library.embed, rerank, search, known.unsure)


def passage_screen(plan: Plan) -> Callable[[str], tuple[str, ...]]:
    """Return what a plan has against a passage: risks for which its rules keep from the model what a tool has read.

    Only what reads a text as it stands is asked, and only where such a rule heeds it: a hundred thousand passages
    come in at once. Judges, and what reads codes and disguises, are asked when a passage is used: nothing goes to a
    model without them.
    """
    side = plan.request
    rules = [rule for rule in side.rules if silences(rule.then) and (rule.roles is None or "tool" in rule.roles)]
    heeded = {id for rule in rules for id in rule.detectors}
    asked = [(one.id, one.scan) for one in side.detectors if one.scan and one.id in heeded and not reads_otherwise(one)]

    def screen(text: str) -> tuple[str, ...]:
        view = TextView(text)
        found: list[Finding] = []
        for id, scan in asked:
            try:
                found += [finding._replace(detector=id) for finding in scan(view).findings]
            except Exception as error:
                # Its message may hold text: the type must do (law 6).
                what = f"a passage could not be judged: {id} failed with {type(error).__name__}"
                raise KnowledgeError(what) from None
        if not found:
            return ()
        verdict = decide(side, [Judged("passage", "tool", tuple(found))], (), ())
        return tuple(dict.fromkeys(hit.risk for hit in verdict.hits if silences(hit.action)))

    return screen


def vault_of(settings: Settings, environment: Mapping[str, str], ring: Keyring | None) -> SealedVault | None:
    """Return the vault that the settings ask for, if any; opens nothing yet.

    Raises:
        SettingsError: There is no key to seal it with, or several processes would each have their own.
    """
    place = settings.vault
    if place is None:
        return None
    if ring is None:
        raise SettingsError(f"a vault needs a key, but {CURRENT} is not set", hint="openssl rand -base64 32")
    at = environment.get(place.at_env, "") if place.at_env else place.at
    if not at:
        raise SettingsError(f"vault: the environment variable {place.at_env} is not set")
    if at == "memory" and settings.listen.workers > 1:
        raise SettingsError("a vault in memory is one worker's alone", hint="write vault: {at: database}")
    shelf = shelf_at(at, settings)
    return SealedVault(shelf, ring, time.time, secrets.token_bytes, seconds=place.seconds)


def shelf_at(at: str, settings: Settings, megabytes: float | None = None) -> Shelf:
    """Return the shelf at an address; opens nothing yet."""
    if at == "memory":
        from gateway.stores.shelves.memory import MemoryShelf  # noqa: PLC0415

        return MemoryShelf(time.time, most_bytes=int(megabytes * 1_000_000) if megabytes else None)
    if at == "database":
        from gateway.stores.shelves.sql import SqlShelf  # noqa: PLC0415
        from gateway.stores.sql import SqlStore  # noqa: PLC0415

        return SqlShelf(SqlStore(settings.database, time.time), time.time)
    from gateway.stores.shelves.redis import RedisShelf  # noqa: PLC0415

    return RedisShelf(at, time.time)


def turns_of(settings: Settings, environment: Mapping[str, str], ring: Keyring | None) -> SealedTurns | None:
    """Return what keeps answers for ``previous_response_id``; None where nothing is kept.

    In memory they are sealed under a key that dies with the process, if there is no other; with several workers
    nothing is kept there, for each would know only its own.

    Raises:
        SettingsError: There is no key to seal them with.
    """
    place = settings.responses
    at = environment.get(place.at_env, "") if place.at_env else place.at
    if not at:
        raise SettingsError(f"responses: the environment variable {place.at_env} is not set")
    if at == "nowhere" or (at == "memory" and settings.listen.workers > 1):
        return None
    if ring is None and at != "memory":
        what = f"answers are kept in a store, which needs a key, but {CURRENT} is not set"
        raise SettingsError(what, hint="openssl rand -base64 32; or write responses: {at: memory}")
    shelf = shelf_at(at, settings, place.megabytes)
    sealing = ring or Keyring(secrets.token_bytes(32))
    return SealedTurns(SealedVault(shelf, sealing, time.time, secrets.token_bytes, seconds=place.seconds))


def fetch_of(settings: Settings) -> Fetch | None:
    """Return what fetches pictures behind URLs for their labels, if the settings allow it."""
    if settings.fetch is None:
        return None
    from gateway.providers.fetch import Fetcher  # noqa: PLC0415

    allowed = settings.fetch
    return Fetcher(allowed.hosts, seconds=allowed.seconds, most=allowed.bytes, private=allowed.private)


def counters_of(settings: Settings, environment: Mapping[str, str]) -> str:
    """Return where quotas are counted: ``memory``, or the address of a Redis."""
    said = settings.keys
    at = environment.get(said.counters_env, "") if said.counters_env else said.counters
    if not at:
        raise SettingsError(f"keys: the environment variable {said.counters_env} is not set")
    return at


def handoff_secret(settings: Settings, environment: Mapping[str, str]) -> bytes:
    """Return the secret that signs what people are told; empty where nobody is told. Raises ``SettingsError``."""
    from gateway.handoff.signature import read_secret  # noqa: PLC0415

    if settings.handoff is None:
        return b""
    variable = settings.handoff.secret_env
    said = environment.get(variable)
    if not said:
        hint = "put what `openssl rand -base64 32` prints there"
        raise SettingsError(f"handoff: the environment variable {variable} is not set", hint=hint)
    return read_secret(said, variable)


def outbox_of(settings: Settings, environment: Mapping[str, str], counters: Counters) -> Outbox | None:
    """Return what tells people of questions that are handed over, if the settings say whom; opens nothing yet."""
    place = settings.handoff
    if place is None:
        return None
    from gateway.handoff.outbox import Outbox, Tries  # noqa: PLC0415
    from gateway.handoff.webhook import Webhook  # noqa: PLC0415
    from gateway.stores.handoffs import KeptHandoffs  # noqa: PLC0415
    from gateway.stores.sql import SqlStore  # noqa: PLC0415

    return Outbox(
        KeptHandoffs(SqlStore(settings.database, time.time), time.time),
        Webhook(place.url, handoff_secret(settings, environment), place.seconds, time.time).tell,
        Tries(place.tries, place.base, place.longest, place.seconds),
        opened=partial(question_of, environment),
        clock=time.time,
        random=random.random,
        counters=counters,
    )


def question_of(environment: Mapping[str, str], ticket: Ticket) -> str | None:
    """Return the question of a ticket as people may see it; raises ``RecordError`` if it cannot be unsealed."""
    if ticket.form != "raw" or ticket.question is None:
        return ticket.question
    from gateway.stores.sealing import read_key, unsealer  # noqa: PLC0415

    secret = environment.get("SLUICE_SEAL_KEY", "")
    return unsealer([read_key(secret)] if secret else [])(ticket.question, ticket.exchange)


def quotas_of(settings: Settings, environment: Mapping[str, str]) -> MemoryQuotas | RedisQuotas | UnsharedQuotas:
    """Return what counts quotas; connects to nothing yet. Raises ``SettingsError``."""
    at, said = counters_of(settings, environment), settings.keys
    offset = int(said.utc_offset * 3600)
    if at == "memory" and settings.listen.workers > 1:
        return UnsharedQuotas(assumed=said.assumed_output, on_lost=said.on_lost)
    if at == "memory":
        return MemoryQuotas(time.time, offset=offset, assumed=said.assumed_output)
    return RedisQuotas(at, offset=offset, assumed=said.assumed_output, on_lost=said.on_lost)


def conduct_of(
    settings: Settings, environment: Mapping[str, str], ring: Keyring | None, counters: Counters
) -> UserConduct:
    """Return what suspends users; opens nothing yet."""
    from gateway.stores.sql import SqlStore  # noqa: PLC0415
    from gateway.stores.suspensions import Suspensions  # noqa: PLC0415

    at = counters_of(settings, environment)
    kept = Suspensions(SqlStore(settings.database, time.time), time.time)
    return UserConduct(
        MemoryStrikes() if at == "memory" else RedisStrikes(connect(at)),
        partial(user_digests, ring),
        read=kept.active,
        keep=kept.suspend,
        close=kept.close,
        clock=time.time,
        counters=counters,
        offset=int(settings.keys.utc_offset * 3600),
    )


def user_digests(ring: Keyring | None, tenant: str, user: str) -> tuple[str, ...]:
    """Return what stands for a tenant's user: keyed digests, the present key's first; without a key a plain one."""
    if ring is not None:
        return subject_digests(ring, tenant, f"user:{user}")
    return (hashlib.sha256(f"{len(tenant)}:{tenant}:{user}".encode("utf-8", "replace")).hexdigest()[:32],)


def book_of(settings: Settings) -> Book:
    """Return the keys that were made for clients; reads nothing yet."""
    from gateway.stores.keys import Keys  # noqa: PLC0415
    from gateway.stores.sql import SqlStore  # noqa: PLC0415

    kept = Keys(SqlStore(settings.database, time.time), time.time)
    return Book(kept.all, time.time, close=kept.close)


def check_waivers(settings: Settings, keys: Iterable[str]) -> None:
    """Refuse agreements of keys that no client can show: a slip that would be noticed by a customer only."""
    digests = [hashlib.sha256(key.encode()).hexdigest() for key in keys]
    for entry in settings.unlabelled:
        if not any(digest.startswith(entry.key) for digest in digests):
            hint = "write the first 16 hex digits of what `printf %s KEY | sha256sum` prints"
            raise SettingsError(f"unlabelled: no client key has the digest {entry.key} ({entry.agreement})", hint=hint)


def parts(settings: Settings, environment: Mapping[str, str]) -> Parts:
    """Build everything from the settings; opens nothing yet."""
    from gateway.stores.spool import Spool  # noqa: PLC0415
    from gateway.stores.sql import SqlStore  # noqa: PLC0415

    metrics = Metrics()
    ids = UniqueIds(time.time, secrets.token_bytes)
    routes = routes_of(settings, environment)
    routing = Routing(routes, settings.default_model)
    # Without the default model: whoever misspells a judge may not get another model as one.
    world = World(_in_chat(Routing(routes).resolve), environment, metrics, clock=time.time, ids=ids)
    metrics.watch(names.JUDGES_RESTING, world.resting)
    pools = {route.provider for route in routes.values() if isinstance(route.provider, Pool)}
    metrics.watch(names.UPSTREAMS_RESTING, lambda: sum(pool.resting() for pool in pools))

    def load(policy: str) -> Plan:
        plan = load_plan(policy, world)
        check(settings, plan, environment)
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
        again = partial(load, policy)
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
    )


def assemble(made: Parts) -> ASGIApp:
    """Return the application that is made of these parts."""
    from gateway.pipeline.moderate import Moderation  # noqa: PLC0415
    from gateway.pipeline.unguarded import Request, Unguarded  # noqa: PLC0415
    from gateway.server.app import Site  # noqa: PLC0415
    from gateway.server.app import application as build  # noqa: PLC0415
    from gateway.server.auth import authenticator, waivers  # noqa: PLC0415
    from gateway.server.endpoint import Endpoint  # noqa: PLC0415
    from gateway.server.handoff import handoff_routes  # noqa: PLC0415
    from gateway.server.responses import kept_responses  # noqa: PLC0415
    from gateway.server.restore import restore_endpoint  # noqa: PLC0415
    from gateway.server.underway import Underway  # noqa: PLC0415
    from gateway.server.unguarded import METHODS, PASSING, handing_on  # noqa: PLC0415
    from gateway.wire.moderations import Moderations  # noqa: PLC0415
    from gateway.wire.responses import Responses  # noqa: PLC0415
    from gateway.wire.responses_turns import ResponsesMemory  # noqa: PLC0415
    from gateway.wire.served import MODERATIONS, SERVED, Served  # noqa: PLC0415

    limits = made.settings.limits
    authenticate = authenticator(made.keys, made.book)
    agreed = {entry.key: Agreement(entry.agreement, entry.date.isoformat()) for entry in made.settings.unlabelled}
    chats = _in_chat(made.ports.resolve)
    resolving = {
        "messages": _in_messages(made.ports.resolve),
        "responses": _in_responses(chats),
        "completions": _in_completions(chats),
    }

    def path(served: Served) -> ExchangePath:
        dialect, memory = served.build(limits.messages), None
        if isinstance(dialect, Responses) and made.turns is not None:
            dialect = Responses(limits.messages, keeps=True)
            memory = ResponsesMemory(made.turns, made.ports.counters, most_bytes=limits.body_bytes)
        ports = replace(made.ports, resolve=resolving.get(served.over, chats))
        ports = ports if served.declared else replace(ports, producer=None)
        return ExchangePath(dialect, served.upstream, ports, memory)

    choose = chooser(made.stricter)
    underway = Underway()
    made.metrics.watch(names.EXCHANGES_ACTIVE, lambda: underway.count)

    def choosing(taking: Recorded) -> Recorded:
        taking.choose = choose
        return taking

    def endpoint(taking: Recorded, passing: tuple[bytes, ...] = (), methods: tuple[str, ...] = ("POST",)) -> Endpoint:
        return Endpoint(
            choosing(taking),
            made.plan_of,
            authenticate,
            most=limits.body_bytes,
            seconds=limits.body_seconds,
            waive=waivers(agreed),
            passing=passing,
            methods=methods,
            underway=underway,
        )

    endpoints = {served.url: endpoint(path(served), served.passing) for served in SERVED}
    endpoints[MODERATIONS] = endpoint(Moderation(Moderations(limits.messages), made.ports))
    errors = SERVED[0].build(limits.messages)

    def unguarded(request: Request) -> Recorded:
        return Unguarded(errors, replace(made.ports, producer=None), request)

    handoffs = handoff_routes(
        made.ports.handoffs,
        authenticate,
        secret=made.handoff_secret,
        plan=made.plan_named,
        clock=made.ports.clock,
        counters=made.metrics,
    )
    site = Site(
        endpoints=endpoints,
        dialect=errors,
        authenticate=authenticate,
        models=made.routes.names,
        health=made.health,
        warnings=made.warnings,
        metrics=made.metrics.prometheus,
        lifespan=made.running,
        started=int(time.time()),
        restore=restore_endpoint(made.ports.vault, authenticate) if made.ports.vault else None,
        more=[*kept_responses(made.turns, authenticate), *handoffs],
        unguarded={
            under: handing_on(under, model, unguarded, lambda path: endpoint(path, PASSING, METHODS))
            for under, model in made.settings.unguarded.items()
        },
    )
    return build(site)


def _in_messages(resolve: Resolve) -> Resolve:
    """Return what finds models that take messages: as they are, or through a translation."""
    from gateway.providers.translated import Counting, Translated  # noqa: PLC0415
    from gateway.wire.messages_chat import OverChat  # noqa: PLC0415

    translation = OverChat()

    def find(model: str) -> Route:
        route = resolve(model)
        # One that speaks messages is asked in messages, whatever else it might be asked in.
        kind = Counting if route.wire == "anthropic" else Translated
        return replace(route, provider=kind(route.provider, translation))

    return find


def _in_responses(resolve: Resolve) -> Resolve:
    """Return what finds models that take responses: as they are, or, where that is not served, through a chat."""
    from gateway.wire.responses_chat import OverChat  # noqa: PLC0415

    return _or_chat(resolve, OverChat())


def _in_completions(resolve: Resolve) -> Resolve:
    """Return what finds models that complete prompts: as they are, or, where that is not served, through a chat."""
    from gateway.wire.completions_chat import OverChat  # noqa: PLC0415

    return _or_chat(resolve, OverChat())


def _or_chat(resolve: Resolve, translation: Translation) -> Resolve:
    """Return what finds models that are asked as the client asks, or through a chat where that is not served."""
    from gateway.providers.preferring import Preferring  # noqa: PLC0415

    served: dict[str, bool] = {}

    def find(model: str) -> Route:
        route = resolve(model)
        return replace(route, provider=Preferring(route.provider, translation, served))

    return find


def _in_chat(resolve: Resolve) -> Resolve:
    """Return what finds models that take chats: as they are, or through what translates for them."""

    def find(model: str) -> Route:
        route = resolve(model)
        return route if route.openai is None else replace(route, provider=route.openai, wire="openai", openai=None)

    return find


def application(settings: Settings, environment: Mapping[str, str]) -> ASGIApp:
    """Return the application; when it returns, settings and policy were read and checked."""
    return assemble(parts(settings, environment))


async def _poll(look: Callable[[], None], seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await asyncio.to_thread(look)
        except Exception as error:
            # Whatever a half-written file made it do: the next look may be better.
            log.error("looking at what may have changed failed with %s", type(error).__name__)


def from_environment() -> ASGIApp:
    """Return the application of a worker process: its parent checked the settings and handed them on."""
    from gateway.settings import load_settings  # noqa: PLC0415

    return application(load_settings(None, os.environ), os.environ)
