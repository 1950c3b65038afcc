"""Paths that the operator lists: their requests are handed on to a model's server, judged by nobody."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.pipeline.run import Recorded
from gateway.pipeline.unguarded import Request

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
PASSING: Final = (b"openai-beta",)
_TYPE: Final = re.compile(rb"[\x20-\x7e]{1,200}")
_QUERY: Final = re.compile(rb"[A-Za-z0-9._~%=&+,\[\]:@/?-]*")


def handing_on(
    under: str, model: str, path_of: Callable[[Request], Recorded], endpoint: Callable[[Recorded], ASGIApp]
) -> ASGIApp:
    """Return the app that hands on what is asked at a path and below it.

    Args:
        under: The path, such as ``/v1/files``.
        model: The model whose server gets it.
        path_of: Makes what takes one request.
        endpoint: Makes the endpoint around it.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        kind = next((bytes(value) for name, value in scope["headers"] if name == b"content-type"), b"")
        query: bytes = scope.get("query_string", b"")
        asked = scope["path"].removeprefix("/v1")
        if query and _QUERY.fullmatch(query):
            asked += "?" + query.decode("ascii")
        typed = kind.decode("ascii") if _TYPE.fullmatch(kind) else ""
        request = Request(under, model, scope["method"], asked, typed)
        await endpoint(path_of(request))(scope, receive, send)

    return app
