"""What the tests of verdicts without a model ask, and by which rules."""

from __future__ import annotations

from typing import Any, Final

from kit.asking import post
from kit.gateway import parts, serving
from kit.plans import pattern, plan, rule, side

SIDE: Final = side(
    {
        "sexual": pattern("sexual", "黄片|porn"),
        "attack.injection": pattern("attack.injection", "ignore all"),
        "pii.email": pattern("pii.email", "a@b.cn"),
    },
    [
        rule("sexual", "refuse"),
        rule("attack.injection", "refuse", roles=frozenset(["user"])),
        rule("pii.email", "mask"),
    ],
)
PLAN: Final = plan(SIDE)


async def ask(said: Any, policy: Any = PLAN, **more: Any) -> Any:
    """Ask for verdicts on an input; return the answer, once it is recorded as one without a model."""
    async with serving(parts(policy)) as gate:
        seen = await post(gate.url, {"input": said, **more}, path="/v1/moderations")
        await gate.recorded(1)
        record = gate.records.records[0]
        assert (record.dialect, record.request.action, record.upstream) == ("moderations", "pass", None)
    return seen.json
