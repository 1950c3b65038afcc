"""The paths of our own beside those of the dialects, for the published description of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_STRING: Final[Mapping[str, Any]] = {"type": "string"}

_TICKET: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["object", "ticket", "status", "created", "request_id"],
    "properties": {
        "object": {"const": "sluice.handoff"},
        "ticket": _STRING,
        "status": {"enum": ["waiting", "sent", "undelivered", "answered"]},
        "created": {"type": "string", "format": "date-time"},
        "request_id": {"type": "string", "description": "Id of the exchange that was handed over."},
        "answered": {"type": "string", "format": "date-time"},
        "answer": {
            "type": "object",
            "required": ["text", "made_by"],
            "properties": {"text": _STRING, "made_by": {"const": "person"}},
        },
    },
}

_PERSON: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["answer"],
    "properties": {
        "answer": {"type": "string", "minLength": 1, "maxLength": 20_000},
        "by": {"type": "string", "minLength": 1, "maxLength": 200},
    },
}

_KEPT: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["ticket", "status"],
    "properties": {"ticket": _STRING, "status": {"const": "answered"}},
}

_RESTORE: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["exchange", "text"],
    "properties": {
        "exchange": {"type": "string", "description": "x-sluice-request-id of the exchange."},
        "text": _STRING,
    },
}

_SIGNED: Final = {
    "webhook-id": "The ticket.",
    "webhook-timestamp": "Seconds since the epoch, within five minutes of now.",
    "webhook-signature": "v1,BASE64 of HMAC-SHA256 over id.timestamp.body, with the secret of handoff: in sluice.yaml.",
}
"""Headers that an answer of the people's system comes with (Standard Webhooks)."""


def own_paths(failures: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is served besides the dialects' endpoints, where the settings have it; 404 where they do not.

    Args:
        failures: How each status that is an error is described.
    """

    def answered(schema: Mapping[str, Any], *codes: str) -> dict[str, Any]:
        well = {"description": "Well.", "content": {"application/json": {"schema": dict(schema)}}}
        return {"200": well, **{code: failures[code] for code in codes}}

    kept = [_path("id")]
    return {
        "/v1/handoff/{ticket}": {
            "get": {
                "operationId": "handoff",
                "summary": "How far a person is with a question that was handed over; for the key that asked it.",
                "parameters": [_path("ticket")],
                "responses": answered(_TICKET, "401", "404", "503"),
            }
        },
        "/v1/handoff/{ticket}/answer": {
            "post": {
                "operationId": "handoffAnswer",
                "summary": "A person's answer on its way back, signed by the people's system; judged like any other.",
                "parameters": [_path("ticket"), *(_header(name, what) for name, what in _SIGNED.items())],
                "requestBody": {"required": True, "content": {"application/json": {"schema": dict(_PERSON)}}},
                "responses": answered(_KEPT, "400", "401", "404", "408", "409", "413", "422", "503"),
                "security": [{}],
            }
        },
        "/v1/responses/{id}": {
            "get": {
                "operationId": "keptResponse",
                "summary": "An answer that is kept for `previous_response_id`.",
                "parameters": kept,
                "responses": answered({"type": "object", "required": ["id", "output"]}, "400", "401", "404", "503"),
            },
            "delete": {
                "operationId": "forgetResponse",
                "summary": "Forget an answer that is kept.",
                "parameters": kept,
                "responses": answered({"type": "object", "required": ["id", "deleted"]}, "400", "401", "404", "503"),
            },
        },
        "/v1/responses/{id}/input_items": {
            "get": {
                "operationId": "keptItems",
                "summary": "What was asked for an answer that is kept.",
                "parameters": [*kept, {"name": "order", "in": "query", "schema": {"enum": ["asc", "desc"]}}],
                "responses": answered({"type": "object", "required": ["data"]}, "400", "401", "404", "503"),
            }
        },
        "/v1/sluice/restore": {
            "post": {
                "operationId": "restore",
                "summary": "Give back the values behind surrogates in a text that came later; for the tenant's own.",
                "requestBody": {"required": True, "content": {"application/json": {"schema": dict(_RESTORE)}}},
                "responses": answered(
                    {"type": "object", "required": ["text"], "properties": {"text": _STRING}},
                    *("400", "401", "404", "413", "503"),
                ),
            }
        },
    }


def _path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _header(name: str, what: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "description": what, "schema": {"type": "string"}}
