"""A verdict says which rules fire and why, and never on which words."""

from __future__ import annotations

import orjson
from kit.asgi import ask
from kit.asking import chat
from kit.gateway import parts
from kit.plans import pattern, plan, rule, side

from gateway.wiring import assemble

SIDE = side({"number": pattern("number", "[0-9]{6,9}")}, [rule("number", "mask")])


async def test_a_dry_run_tells_the_verdict_without_the_words_and_asks_no_model() -> None:
    app = assemble(parts(plan(SIDE)))
    seen = await ask(app, orjson.dumps(chat("我的号码 1234567")), headers={"x-sluice-dry-run": "yes"})
    said = seen.json
    assert (said["object"], said["action"], said["reply"]) == ("sluice.verdict", "mask", None)
    assert said["request_id"] == seen.headers["x-sluice-request-id"]
    assert said["policy"] == seen.headers["x-sluice-policy"]
    assert [(hit["action"], hit["risk"]) for hit in said["hits"]] == [("mask", "number")]
    assert said["changed"] == 1
    assert "1234567" not in seen.body.decode()
    assert "choices" not in said


async def test_a_harmless_question_passes_with_no_hit() -> None:
    seen = await ask(assemble(parts(plan(SIDE))), orjson.dumps(chat("hello")), headers={"x-sluice-dry-run": "yes"})
    assert (seen.json["action"], seen.json["hits"], seen.json["changed"]) == ("pass", [], 0)
