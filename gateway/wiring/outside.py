"""What judges may reach: models of the settings, and servers that policies name."""

from __future__ import annotations

import copy
import secrets
import time
from collections.abc import Callable, Hashable, Mapping, Sequence

from gateway.document import suggest
from gateway.errors import RequestError, SettingsError
from gateway.ports import Clock, Counters, Ids, Provider, Resolve, Route, Ticker
from gateway.providers.pool import Pool
from gateway.providers.routing import Routing
from gateway.settings import Settings
from gateway.telemetry.metrics import Metrics
from gateway.wiring.ids import UniqueIds
from gateway.wiring.resolving import in_chat
from gateway.wiring.upstreams import routes_of


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
        self._judges: list[Callable[[], bool]] = []
        self._plans: dict[Hashable, tuple[str, World]] = {}

    def model(self, name: str) -> Route:
        """Return where a model of the settings leads; raises ``SettingsError`` for an unknown one.

        What it takes to ask that model is loaded now: the time of a verdict is too short for it.
        """
        try:
            route = self._resolve(name)
        except RequestError as error:
            hint = f"{str(error).partition('; ')[2].rstrip('.')}; or write base_url"
            raise SettingsError(f"models: in sluice.yaml has no {name!r}", hint=hint) from None
        _prepare(route.provider)
        return route

    def server(self, base_url: str, key: str | None) -> Provider:
        """Return the provider for a server; raises ``SettingsError`` if its address or key is unusable."""
        from gateway.detectors.judges.posting import MOST_BYTES  # noqa: PLC0415
        from gateway.providers.openai_compatible import OpenAICompatible  # noqa: PLC0415

        if (base_url, key) not in self._servers:
            self._servers[base_url, key] = OpenAICompatible("judge", base_url, key, most_bytes=MOST_BYTES)
        return self._servers[base_url, key]

    def secret(self, variable: str) -> str:
        """Return what an environment variable holds; raises ``SettingsError`` if that is nothing."""
        value = self._environment.get(variable)
        if not value:
            raise SettingsError(f"the environment variable {variable} is not set", hint="it holds the judge's key")
        return value

    def watch(self, judge: str, resting: Callable[[], bool]) -> None:
        """Remember how to see whether a judge rests; two of one name are two."""
        del judge
        self._judges.append(resting)

    def apart(self) -> World:
        """Return the same world for one plan: the judges that are built with it are that plan's alone."""
        plan = copy.copy(self)
        plan._judges, plan._plans = [], {}
        return plan

    def keep(self, place: Hashable, digest: str, plan: World) -> None:
        """Count the judges of a plan that was built instead of those that were built for the same place before.

        Args:
            place: Where the plan is in force.
            digest: Of the plan; one that is as the last is not put in force, and its judges are not asked.
            plan: What was built with: see ``apart``.
        """
        if place not in self._plans or self._plans[place][0] != digest:
            self._plans[place] = digest, plan

    def resting(self) -> int:
        """Return how many judges rest now."""
        plans = sum(plan.resting() for _, plan in list(self._plans.values()))
        return plans + sum(resting() for resting in self._judges)

    async def aclose(self) -> None:
        """Close every connection to servers that policies named."""
        servers = list(self._servers.values())
        self._servers.clear()  # plans that were built apart have the same
        for provider in (*servers, *self._owned):
            await provider.aclose()


def _prepare(provider: Provider) -> None:
    """Let a provider load what its first call would load, if it is one that does (LiteLLM)."""
    for one in [arm.provider for arm in provider.arms] if isinstance(provider, Pool) else [provider]:
        prepare: Callable[[], None] | None = getattr(one, "prepare", None)
        if prepare is not None:
            prepare()


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
        return in_chat(Routing(routes).resolve)(name)

    ids = UniqueIds(time.time, secrets.token_bytes)
    return World(resolve, environment, Metrics(), clock=time.time, ids=ids, owned=owned)
