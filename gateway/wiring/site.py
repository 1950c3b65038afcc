"""The application that is made of the parts."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.exchange import Agreement
from gateway.packaged import check_packaged
from gateway.pipeline.run import Path as ExchangePath
from gateway.pipeline.run import Recorded
from gateway.settings import Settings
from gateway.telemetry import names
from gateway.wiring.plans import chooser
from gateway.wiring.process import Parts, parts
from gateway.wiring.resolving import in_chat, in_completions, in_messages, in_responses

if TYPE_CHECKING:
    from starlette.types import ASGIApp


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
    chats = in_chat(made.ports.resolve)
    resolving = {
        "messages": in_messages(made.ports.resolve),
        "responses": in_responses(chats),
        "completions": in_completions(chats),
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


def application(settings: Settings, environment: Mapping[str, str]) -> ASGIApp:
    """Return the application; when it returns, settings and policy were read and checked, and the package is whole."""
    check_packaged()
    return assemble(parts(settings, environment))


def from_environment() -> ASGIApp:
    """Return the application of a worker process: its parent checked the settings and handed them on."""
    from gateway.settings import load_settings  # noqa: PLC0415

    return application(load_settings(None, os.environ), os.environ)
