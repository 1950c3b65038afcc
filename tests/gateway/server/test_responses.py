"""Answers that are kept are shown, listed and forgotten, each to its own tenant; anything else is a 404."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from gateway.errors import RequestError, VaultError
from gateway.exchange import Caller
from gateway.server.responses import kept_responses

KEPT = {"input": [{"role": "user", "content": "一"}, {"role": "user", "content": "two"}], "response": {"id": "resp_1"}}


class Turns:
    """Keeps in a dict; or is away."""

    def __init__(self, *, away: bool = False) -> None:
        self.kept, self.away = {("acme", "resp_1"): orjson.dumps(KEPT)}, away

    async def get(self, tenant: str, id: str) -> bytes | None:
        if self.away:
            raise VaultError("away")
        return self.kept.get((tenant, id))

    async def drop(self, tenant: str, id: str) -> None:
        self.kept.pop((tenant, id))


async def told(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)
    return Response(error.code, error.status)


def client(turns: Any, tenant: str = "acme") -> TestClient:
    routes = kept_responses(turns, lambda _: Caller(tenant=tenant))
    return TestClient(Starlette(routes=routes, exception_handlers={RequestError: told}))


def test_an_answer_is_shown_with_its_input_and_forgotten() -> None:
    asks = client(Turns())
    assert asks.get("/v1/responses/resp_1").json() == KEPT["response"]
    listed = asks.get("/v1/responses/resp_1/input_items").json()
    assert [one["content"] for one in listed["data"]] == ["two", "一"]
    assert (listed["first_id"], listed["last_id"], listed["has_more"]) == ("item_1", "item_0", False)
    rising = asks.get("/v1/responses/resp_1/input_items?order=asc").json()
    assert [one["content"] for one in rising["data"]] == ["一", "two"]
    assert asks.delete("/v1/responses/resp_1").json() == {"id": "resp_1", "object": "response", "deleted": True}
    assert asks.get("/v1/responses/resp_1").status_code == 404


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize(
    ("turns", "tenant", "id", "status", "code"),
    [
        (Turns(), "acme", "resp_2", 404, "response_not_found"),
        (Turns(), "other", "resp_1", 404, "response_not_found"),
        (None, "acme", "resp_1", 404, "response_not_found"),
        (Turns(away=True), "acme", "resp_1", 503, "responses_unavailable"),
    ],
)
def test_what_is_not_there_for_this_tenant_is_a_404_and_a_store_that_is_away_a_503(
    method: str, turns: Any, tenant: str, id: str, status: int, code: str
) -> None:
    seen = client(turns, tenant).request(method, f"/v1/responses/{id}")
    assert (seen.status_code, seen.text) == (status, code)


def test_an_answer_that_is_kept_is_no_stream() -> None:
    seen = client(Turns()).get("/v1/responses/resp_1?stream=true")
    assert (seen.status_code, seen.text) == (400, "stream_not_served")
