"""``/v1/responses/{id}``: show and forget answers that are kept for later requests."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.errors import RequestError, VaultError
from gateway.ports import Turns
from gateway.server.endpoint import Authenticate

_JSON = "application/json"


def kept_responses(turns: Turns | None, authenticate: Authenticate) -> list[Route]:
    """Return the routes. A key gets what its own tenant's requests left; anything else is 404."""

    async def found(request: Request) -> dict[str, Any]:
        caller, id = authenticate(request.scope), request.path_params["id"]
        if "stream" in request.query_params:
            text = "An answer that is kept is shown whole; leave out stream."
            raise RequestError(text, code="stream_not_served", param="stream")
        kept = None
        try:
            kept = await turns.get(caller.tenant, id) if turns else None
        except VaultError:
            raise _away() from None
        if kept is None:
            raise _missing()
        read: dict[str, Any] = orjson.loads(kept)
        return read

    async def show(request: Request) -> Response:
        return Response(orjson.dumps((await found(request))["response"]), media_type=_JSON)

    async def items(request: Request) -> Response:
        said = [{"id": f"item_{at}", **item} for at, item in enumerate((await found(request))["input"])]
        said = said[::-1] if request.query_params.get("order", "desc") == "desc" else said
        ends = {"first_id": said[0]["id"] if said else None, "last_id": said[-1]["id"] if said else None}
        return Response(orjson.dumps({"object": "list", "data": said, "has_more": False, **ends}), media_type=_JSON)

    async def forget(request: Request) -> Response:
        await found(request)
        caller, id = authenticate(request.scope), request.path_params["id"]
        try:
            if turns:
                await turns.drop(caller.tenant, id)
        except VaultError:
            raise _away() from None
        return Response(orjson.dumps({"id": id, "object": "response", "deleted": True}), media_type=_JSON)

    return [
        Route("/v1/responses/{id}", show, methods=["GET"]),
        Route("/v1/responses/{id}", forget, methods=["DELETE"]),
        Route("/v1/responses/{id}/input_items", items, methods=["GET"]),
    ]


def _missing() -> RequestError:
    text = "No such answer is kept here, or not any more."
    return RequestError(text, status=404, code="response_not_found", param="response_id")


def _away() -> RequestError:
    text = "Answers that are kept cannot be reached at present; ask again."
    return RequestError(text, status=503, code="responses_unavailable")
