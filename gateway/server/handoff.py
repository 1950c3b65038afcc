"""``/v1/handoff/{ticket}``: how far a person is with a question, and the person's answer on its way back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.errors import RecordError, RequestError
from gateway.handoff.signature import ID, fault_of
from gateway.pipeline.handoff import passed
from gateway.policy.plan import Plan
from gateway.ports import Clock, Counters, Handed, Handoffs
from gateway.server.body import read_body
from gateway.server.endpoint import Authenticate
from gateway.telemetry import names

URL: Final = "/v1/handoff"
LONGEST: Final = 20_000
"""Characters that an answer may have."""
_MOST: Final = 256 * 1024
_SECONDS: Final = 30.0
_NAME: Final = 200
_BY: Final = "person"
_JSON: Final = "application/json"
_FAULTS: Final = {
    "unsigned": "This request is not signed: send webhook-id, webhook-timestamp and webhook-signature.",
    "wrong_signature": "The signature does not fit the body, or was made with another secret.",
    "wrong_time": "The signature's time is more than five minutes away from now; sign anew.",
}


def handoff_routes(
    handoffs: Handoffs | None,
    authenticate: Authenticate,
    *,
    secret: bytes,
    plan: Callable[[str], Plan],
    clock: Clock,
    counters: Counters,
) -> list[Route]:
    """Return the routes; none where nothing is handed over.

    The status is for the key (and tenant) that asked the question; anything else is 404, as if it had never been.

    Args:
        handoffs: Keeps the tickets.
        authenticate: Says who asks.
        secret: Shared with the people's system: it signs its answers.
        plan: Returns the policy in force of this name: its rules for answers hold for people too.
        clock: The time.
        counters: Counts answers.
    """
    if handoffs is None:
        return []

    async def known(id: str) -> Handed:
        try:
            found = await handoffs.find(id)
        except RecordError:
            raise _away() from None
        if found is None:
            raise _missing()
        return found

    async def status(request: Request) -> Response:
        caller = authenticate(request.scope)
        handed = await known(request.path_params["ticket"])
        if (handed.ticket.tenant, handed.ticket.key) != (caller.tenant, caller.key):
            raise _missing()
        return Response(orjson.dumps(_shown(handed)), media_type=_JSON)

    async def answer(request: Request) -> Response:
        raw = await read_body(request.scope, request.receive, most=_MOST, seconds=_SECONDS)
        if isinstance(raw, RequestError):
            raise raw
        id, headers = request.path_params["ticket"], dict(request.headers)
        fault = fault_of(secret, headers, raw, clock())
        if fault:
            counters.add(names.HANDOFFS_ANSWERED, outcome=fault)
            raise RequestError(_FAULTS[fault], status=401, code=fault)
        if headers[ID] != id:
            # Else an answer that was overheard could be given to another question within five minutes.
            raise RequestError(f"{ID} must be the ticket.", code="wrong_ticket", param=ID)
        said, by = _read(raw)
        handed = await known(id)
        words, rule = await passed(said, handed.ticket, plan(handed.ticket.policy))
        if rule:
            counters.add(names.HANDOFFS_ANSWERED, outcome="refused")
            text = f"The policy does not let this answer out (rule {rule!r}): change the answer, or the rule."
            raise RequestError(text, status=422, code="answer_refused", param="answer")
        try:
            kept = await handoffs.answer(id, words, by)
        except RecordError:
            raise _away() from None
        if not kept:
            text = "This ticket has another answer already; the first one stands."
            raise RequestError(text, status=409, code="already_answered")
        counters.add(names.HANDOFFS_ANSWERED, outcome="kept")
        return Response(orjson.dumps({"ticket": id, "status": "answered"}), media_type=_JSON)

    return [
        Route(URL + "/{ticket}", status, methods=["GET"]),
        Route(URL + "/{ticket}/answer", answer, methods=["POST"]),
    ]


def _shown(handed: Handed) -> dict[str, Any]:
    """Return what the caller may see: never the question, never who else is concerned."""
    ticket = handed.ticket
    body: dict[str, Any] = {
        "object": "sluice.handoff",
        "ticket": ticket.id,
        "status": handed.state,
        "created": _time(ticket.created),
        "request_id": ticket.exchange,
    }
    if handed.answered is not None and handed.answer is not None:
        # No metadata of AI-made content: a person wrote it, and says so here.
        body["answered"] = _time(handed.answered)
        body["answer"] = {"text": handed.answer, "made_by": "person"}
    return body


def _read(raw: bytes) -> tuple[str, str]:
    """Return the answer and who gives it; raises ``RequestError``."""
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise RequestError("The body is no JSON.", code="invalid_json") from None
    said, by = (body.get("answer"), body.get("by", _BY)) if isinstance(body, dict) else (None, _BY)
    if not isinstance(said, str) or not said.strip():
        raise RequestError("'answer' must be a text that is not empty.", param="answer")
    if len(said) > LONGEST:
        raise RequestError(f"'answer' may have up to {LONGEST:,} characters.", param="answer")
    if not isinstance(by, str) or not 0 < len(by) <= _NAME:
        raise RequestError(f"'by' must be a name of up to {_NAME} characters.", param="by")
    return said, by


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def _missing() -> RequestError:
    text = "There is no such ticket, or it is not yours."
    return RequestError(text, status=404, code="ticket_not_found", param="ticket")


def _away() -> RequestError:
    text = "Tickets cannot be reached at present; ask again."
    return RequestError(text, status=503, code="handoff_unavailable")
