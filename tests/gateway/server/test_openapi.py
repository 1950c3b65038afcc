"""The published document and what is served agree: what it allows is answered as it says.

Mutants killed: a status that the document does not name; an answer without what its schema requires; a
content type that it does not name; a 500.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from kit.gateway import parts
from kit.plans import LABEL, pattern, plan, rule, side
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from gateway.policy.plan import LabelPlan
from gateway.ports import Handed, Ticket
from gateway.settings import Settings
from gateway.wiring import assemble
from gateway.wiring.keeping import turns_of


class Kept:
    """Keeps nothing, and says so: tickets and values that nobody finds."""

    async def open(self, ticket: Ticket) -> None:
        del ticket

    async def find(self, id: str) -> Handed | None:
        del id
        return None

    async def answer(self, id: str, text: str, by: str) -> bool:
        del id, text, by
        return False

    async def put(self, tenant: str, id: str, kept: object) -> None:
        del tenant, id, kept

    async def get(self, tenant: str, id: str) -> None:
        del tenant, id


SIDE = side({"number": pattern("number", "[0-9]{6,9}")}, [rule("number", "mask")])
MADE = parts(plan(SIDE, SIDE, label=LabelPlan("end", LABEL, metadata=True)), handoffs=Kept(), handoff_secret=b"s" * 32)
MADE = replace(MADE, ports=replace(MADE.ports, vault=Kept()), turns=turns_of(Settings(), {}, None))
APP = assemble(MADE)
schema = schemathesis.openapi.from_asgi("/openapi.json", APP)
schema.config.generation.update(modes=list(schemathesis.GenerationMode))

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]


@schema.parametrize()
@settings(
    max_examples=25,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_what_the_document_allows_is_answered_as_it_says(case: schemathesis.Case) -> None:
    case.call_and_validate(checks=CHECKS)


def test_the_document_is_one() -> None:
    schema.validate()
    operations = {f"{op.ok().method.upper()} {op.ok().path}" for op in schema.get_all_operations()}
    assert operations >= {
        "POST /v1/chat/completions",
        "POST /v1/messages",
        "POST /v1/responses",
        "GET /v1/handoff/{ticket}",
        "POST /v1/handoff/{ticket}/answer",
        "GET /v1/models",
        "GET /readyz",
    }


@pytest.mark.parametrize("name", ["x-sluice-request-id", "x-sluice-verdict", "x-sluice-unjudged", "x-sluice-label"])
def test_the_document_names_our_headers(name: str) -> None:
    assert name in schema.raw_schema["paths"]["/v1/chat/completions"]["post"]["responses"]["200"]["headers"]
