"""Make the providers that model names lead to, and the pools of several."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from gateway.errors import SettingsError
from gateway.ports import Price, Provider, Route
from gateway.providers.pool import Arm, Pool, Tries
from gateway.providers.timeouts import Timeouts
from gateway.settings import Settings
from gateway.settings.models import Model, Place, RetryEntry, UpstreamEntry

ANTHROPIC_VERSION: Final = "2023-06-01"
"""Sent to Anthropic servers where the client names no version; there is no newer one."""
NO_KEY: Final = "none"
"""Said to a server that asks for no key."""


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
