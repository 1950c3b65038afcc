"""What is handed on goes to the same path at the model's server, with nothing in its query or type that could harm."""

from __future__ import annotations

from typing import Any, cast

import pytest
from kit.asgi import ask
from starlette.types import Receive, Scope, Send

from gateway.pipeline.unguarded import Request
from gateway.server.unguarded import METHODS, handing_on


async def handed(method: str, path: str, query: bytes = b"", **headers: str) -> Request:
    seen: list[Request] = []

    def endpoint(_: object) -> Any:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"{}"})

        return app

    def path_of(request: Request) -> Any:
        seen.append(request)
        return None

    app = handing_on("/v1/files", "qwen", cast(Any, path_of), endpoint)

    async def queried(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "query_string": query}, receive, send)

    named = {name.replace("_", "-"): value for name, value in headers.items()}
    await ask(queried, b"", path=path, method=method, headers=named)
    return seen[0]


@pytest.mark.parametrize(
    ("path", "query", "asked"),
    [
        ("/v1/files", b"", "/files"),
        ("/v1/files/file-1/content", b"", "/files/file-1/content"),
        ("/v1/files", b"limit=2&after=x_1", "/files?limit=2&after=x_1"),
        ("/v1/files", b"a=%20b", "/files?a=%20b"),
        ("/v1/files", b"a=b#c", "/files"),
        ("/v1/files", b"a=b c", "/files"),
        ("/v1/files", b"a=\r\nx: y", "/files"),
        ("/v1/files", "a=中".encode(), "/files"),
    ],
)
async def test_the_path_below_the_version_is_asked_with_its_query(path: str, query: bytes, asked: str) -> None:
    request = await handed("GET", path, query)
    assert request == Request("/v1/files", "qwen", "GET", asked, request.content_type)


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        ("multipart/form-data; boundary=x", "multipart/form-data; boundary=x"),
        ("x" * 201, ""),
        ("application/jsoné", ""),
    ],
)
async def test_a_type_that_is_none_does_not_go_on(kind: str, kept: str) -> None:
    assert (await handed("POST", "/v1/files", content_type=kind)).content_type == kept


def test_the_methods_of_such_apis_are_taken() -> None:
    assert set(METHODS) == {"GET", "POST", "PUT", "PATCH", "DELETE"}
