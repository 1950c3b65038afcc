"""Every route of our own is in the published document, with every method that it takes.

Mutants killed: a route that the document lacks; a method that it lacks; a signature that it does not mention.
"""

from __future__ import annotations

import time
from typing import Any, cast

import pytest
from starlette.routing import Route

from gateway.server.app import RESTORE
from gateway.server.handoff import handoff_routes
from gateway.server.openapi import document
from gateway.server.responses import kept_responses
from gateway.telemetry.metrics import Metrics

NOBODY: Any = None
ROUTES: list[Route] = [
    *handoff_routes(cast(Any, object()), NOBODY, secret=b"", plan=NOBODY, clock=time.time, counters=Metrics()),
    *kept_responses(None, NOBODY),
    Route(RESTORE, NOBODY or (lambda _: None), methods=["POST"]),
]


@pytest.mark.parametrize(
    ("path", "method"),
    [(route.path, method) for route in ROUTES for method in sorted(route.methods or ()) if method != "HEAD"],
)
def test_each_route_is_in_the_document(path: str, method: str) -> None:
    operation = document()["paths"][path][method.lower()]
    assert operation["responses"]["200"]["content"]["application/json"]["schema"]
    named = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
    assert named == {part.strip("{}") for part in path.split("/") if part.startswith("{")}


def test_a_persons_answer_is_said_to_be_signed() -> None:
    answer = document()["paths"]["/v1/handoff/{ticket}/answer"]["post"]
    headers = {one["name"]: one["required"] for one in answer["parameters"] if one["in"] == "header"}
    assert headers == dict.fromkeys(("webhook-id", "webhook-timestamp", "webhook-signature"), True)
