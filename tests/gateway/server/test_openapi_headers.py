"""The published document names the headers of the code: no more, no fewer.

Mutants killed (tried): a header dropped from the document, and one in it that nobody reads or writes.
"""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest
from kit.asgi import ask
from kit.asking import chat
from kit.gateway import parts
from kit.plans import LABEL, pattern, plan, rule, side

from gateway.labels.metadata import HEADER
from gateway.pipeline.quota import headers
from gateway.policy.plan import LabelPlan
from gateway.ports import Balance
from gateway.server.openapi import document
from gateway.server.openapi_headers import ANSWERED, ANTHROPIC, ASKED
from gateway.wire.served import MODERATIONS, SERVED
from gateway.wiring import assemble

SOURCE = Path(__file__).parents[3] / "gateway"
DOCUMENT = document()
SIDE = side({"number": pattern("number", "[0-9]{6,9}")}, [rule("number", "mask")])
APP = assemble(parts(plan(SIDE, SIDE, label=LabelPlan("end", LABEL, metadata=True))))
PLAIN = {"content-type", "content-length", "cache-control", "x-accel-buffering"}
"""What every answer over HTTP has, or every stream."""


def found(folder: str, literal: str) -> set[str]:
    """Return the header names that stand as literals in the code of a folder, but for the document's own."""
    files = [file for file in (SOURCE / folder).rglob("*.py") if not file.name.startswith("openapi")]
    return {name for file in files for name in re.findall(literal, file.read_text(encoding="utf-8"))}


def test_every_header_that_is_read_is_a_parameter_and_every_parameter_is_read() -> None:
    assert found("server", r'b"(x-sluice-[a-z-]+)"') == set(ASKED)


def test_every_header_that_is_written_is_in_the_document_and_back() -> None:
    written = found("pipeline", r'(?<!=)(?<!b)"(x-sluice-[a-z-]+)"') | {HEADER}
    assert written == {name for name in ANSWERED if name.startswith("x-sluice-")}


def test_the_headers_of_quotas_are_those_of_the_counters() -> None:
    every = tuple(Balance(name, 9, 5, 1.0) for name in ("requests", "tokens", "day_tokens", "day_money"))
    limits = {name for name in ANSWERED if name.startswith("x-ratelimit-")}
    assert set(headers(every, "chat", 0.0)) == limits
    assert set(headers(every, "messages", 0.0)) == limits | set(ANTHROPIC)


@pytest.mark.parametrize("path", [MODERATIONS, *(served.url for served in SERVED)])
def test_every_endpoint_has_them(path: str) -> None:
    operation = DOCUMENT["paths"][path]["post"]
    passing = next((served.passing for served in SERVED if served.url == path), ())
    named = [one["name"] for one in operation["parameters"]]
    assert named == [*ASKED, *(name.decode() for name in passing)]
    for answer in operation["responses"].values():
        assert set(answer["headers"]) >= set(ANSWERED)
        assert ("anthropic-ratelimit-tokens-limit" in answer["headers"]) is path.startswith("/v1/messages")
    assert "retry-after" in operation["responses"]["429"]["headers"]
    assert "retry-after" not in operation["responses"]["200"]["headers"]


@pytest.mark.parametrize(
    ("method", "asked", "sent", "status"),
    [
        ("POST", chat("你好 1234567"), {}, 200),
        ("POST", chat("你好", stream=True), {}, 200),
        ("POST", chat("你好 1234567"), {"x-sluice-dry-run": "yes"}, 200),
        ("POST", chat("你好"), {"x-sluice-policy": "other"}, 400),
        ("POST", chat("你好"), {"x-sluice-unlabelled": "yes"}, 403),
        ("POST", chat("你好"), {"x-sluice-user": "u" * 513}, 400),
        ("POST", chat("你好", model="nobody"), {}, 404),
        ("GET", {}, {}, 405),
    ],
)
async def test_what_comes_back_has_no_header_that_the_document_does_not_name(
    method: str, asked: dict[str, object], sent: dict[str, str], status: int
) -> None:
    seen = await ask(APP, orjson.dumps(asked), method=method, headers=sent)
    assert seen.status == status
    named = set(DOCUMENT["paths"]["/v1/chat/completions"]["post"]["responses"][str(status)]["headers"])
    assert set(seen.headers) - PLAIN <= named
    assert {"x-sluice-request-id", "x-sluice-verdict"} <= set(seen.headers)
