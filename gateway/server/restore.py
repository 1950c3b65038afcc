"""``POST /v1/sluice/restore``: give back the values in a text that came later, to whoever may have them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.errors import RequestError, VaultError
from gateway.ports import Vault
from gateway.privacy.restoring import restored
from gateway.server.endpoint import Authenticate

_MOST: Final = 1_000_000
_Handler = Callable[[Request], Awaitable[Response]]


def restore_endpoint(vault: Vault, authenticate: Authenticate) -> _Handler:
    """Return the handler.

    Its body is ``{"exchange": "<x-sluice-request-id>", "text": "…"}``; the answer is ``{"text": "…"}``. A key
    gets what its own tenant's exchanges kept; anything else is 404, as if it had never been.
    """

    async def restore(request: Request) -> Response:
        caller = authenticate(request.scope)
        raw = await request.body()
        if len(raw) > _MOST:
            raise RequestError(f"The body has more than {_MOST:,} bytes.", status=413, code="request_too_large")
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError:
            raise RequestError("The body is no JSON.", code="invalid_json") from None
        said = [body.get(key) if isinstance(body, dict) else None for key in ("exchange", "text")]
        for key, value in zip(("exchange", "text"), said, strict=True):
            if not isinstance(value, str):
                raise RequestError(f"{key!r} must be a string.", param=key)
        try:
            live = await vault.get(caller.tenant, str(said[0]))
        except VaultError:
            message = "The vault cannot be reached at present; ask again."
            raise RequestError(message, status=503, code="vault_unavailable") from None
        if live is None:
            message = "Nothing is kept of this exchange, or not any more."
            raise RequestError(message, status=404, code="nothing_kept", param="exchange")
        return Response(orjson.dumps({"text": restored(str(said[1]), live)}), media_type="application/json")

    return restore
