"""The ASGI application: which URL leads where."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Final

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.errors import RequestError
from gateway.ports import Dialect
from gateway.server.endpoint import Authenticate
from gateway.server.outlet import REQUIRED

JSON = "application/json"
RESTORE = "/v1/sluice/restore"


@dataclass(frozen=True, slots=True)
class Site:
    """What the application serves.

    Attributes:
        endpoints: For each path the app that answers it (the dialects' endpoints).
        dialect: Writes the errors of everything else.
        authenticate: Says who asks.
        models: Returns the names of the models.
        health: Returns what keeps it from serving, by component; empty when ready.
        warnings: Returns what is not well but does not keep it from serving.
        metrics: Returns all metrics in Prometheus' text format.
        lifespan: What is started and stopped with the application.
        started: Seconds since the epoch.
        restore: Gives values back to those who come later; None if no vault keeps them.
        more: What else is served, such as answers that are kept.
        unguarded: For each path what answers it and all below it, although nobody judges it.
    """

    endpoints: Mapping[str, ASGIApp]
    dialect: Dialect
    authenticate: Authenticate
    models: Callable[[], Sequence[str]]
    health: Callable[[], Mapping[str, str]]
    warnings: Callable[[], Mapping[str, str]]
    metrics: Callable[[], str]
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]]
    started: int
    restore: Callable[[Request], Awaitable[Response]] | None = None
    more: Sequence[BaseRoute] = ()
    unguarded: Mapping[str, ASGIApp] = field(default_factory=dict)


def application(site: Site) -> ASGIApp:
    """Build the application."""

    async def models(request: Request) -> Response:
        allowed = site.authenticate(request.scope).grant.models
        owned = {"object": "model", "created": site.started, "owned_by": "sluice"}
        data = [{"id": name, **owned} for name in site.models() if not allowed or name in allowed]
        return Response(orjson.dumps({"object": "list", "data": data}), media_type=JSON)

    async def healthz(_: Request) -> Response:
        return Response(orjson.dumps({"status": "ok"}), media_type=JSON)

    async def readyz(_: Request) -> Response:
        faults = site.health()
        status = "not ready" if faults else "ready"
        body = {"status": status, "faults": dict(faults), "warnings": dict(site.warnings())}
        return Response(orjson.dumps(body), 503 if faults else 200, media_type=JSON)

    async def metrics(_: Request) -> Response:
        return Response(site.metrics(), media_type="text/plain; version=0.0.4")

    async def openapi(_: Request) -> Response:
        from gateway.server.openapi import document  # noqa: PLC0415 - a megabyte of words, for those who ask

        return Response(orjson.dumps(document()), media_type=JSON)

    async def on_http(_: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        code, message = _ERRORS.get(error.status_code, ("error", "The request failed."))
        body = site.dialect.error(error.status_code, code, message, param=None, extra={})
        return Response(body, error.status_code, media_type=JSON, headers=error.headers)

    async def on_request(_: Request, error: Exception) -> Response:
        if not isinstance(error, RequestError):
            raise error
        body = site.dialect.error(error.status, error.code, str(error), param=error.param, extra={})
        response = Response(body, error.status, media_type=JSON)
        if error.status in REQUIRED:
            response.raw_headers.append(REQUIRED[error.status])
        return response

    app = Starlette(
        routes=[
            Route("/v1/models", models),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            Route("/openapi.json", openapi),
            *([Route(RESTORE, site.restore, methods=["POST"])] if site.restore else []),
            *site.more,
        ],
        exception_handlers={HTTPException: on_http, RequestError: on_request},
        lifespan=site.lifespan,
    )
    app.router.redirect_slashes = False  # a redirect would be no answer in the API's envelope

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        # The endpoints answer for themselves, errors included: layers around them would only cost time.
        endpoint = None
        if scope["type"] == "http":
            endpoint = site.endpoints.get(scope["path"]) or _below(site.unguarded, scope["path"])
        await (endpoint or app)(scope, receive, send)

    return dispatch


_PLAIN: Final = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")


def _below(unguarded: Mapping[str, ASGIApp], path: str) -> ASGIApp | None:
    """Return what answers a path that is handed on; a path that servers could read as another one is not."""
    if not unguarded or not _PLAIN.fullmatch(path):
        return None
    return next((app for under, app in unguarded.items() if path == under or path.startswith(f"{under}/")), None)


_UNKNOWN: Final = (
    "Nothing is served at this URL; /openapi.json names what is. What no dialect here can judge (files, batches, "
    "fine-tuning, assistants, realtime) is handed on only where the operator lists it under unguarded: in sluice.yaml."
)
_ERRORS: Mapping[int, tuple[str, str]] = {
    404: ("unknown_url", _UNKNOWN),
    405: ("method_not_allowed", "This URL does not take that method."),
}
