"""``previous_response_id``: what it brings back is judged, each tenant apart, and never more than was said.

Mutants killed: turns of another tenant; an answer that is kept although nobody wants it; thoughts that no vendor
takes back; earlier turns that pass unjudged; a second answer under the first one's id.
"""

from __future__ import annotations

import time
from typing import Any

import orjson
import pytest
from kit.path import JSON, Collected, Said, ports
from kit.plans import SAFE, WITHHELD, pattern, plan, rule, side
from kit.responses import response_json

from gateway.errors import VaultError
from gateway.exchange import Caller
from gateway.pipeline.run import Gone, Path
from gateway.policy.plan import Plan
from gateway.ports import Turns
from gateway.privacy.keys import Keyring
from gateway.privacy.turns import SealedTurns
from gateway.privacy.vault import SealedVault
from gateway.stores.shelves.memory import MemoryShelf
from gateway.telemetry.metrics import Metrics
from gateway.wire.responses import Responses
from gateway.wire.responses_turns import ResponsesMemory

SIDE = side(
    {"drug": pattern("drug", "贩毒|毒品"), "number": pattern("number", "[0-9]{6,11}")},
    [rule("drug", "refuse"), rule("number", "mask", keep=(2, 2))],
)
PLAN = plan(SIDE, SIDE)
ANNA, BOB = Caller(tenant="anna"), Caller(tenant="bob")


def turns() -> SealedTurns:
    vault = SealedVault(MemoryShelf(time.time), Keyring(b"k" * 32), time.time, lambda size: b"n" * size, seconds=60)
    return SealedTurns(vault)


class Talk:
    """A conversation through the path, answer after answer."""

    def __init__(self, kept: Turns | None = None, policy: Plan = PLAN, most: int = 1_000_000) -> None:
        self.said = Said(
            response_json(("thoughts", "想"), ("text", "好"), previous_response_id=None), content_type=JSON
        )
        self.ports = ports(self.said, producer=None)
        self.metrics = Metrics()
        self.memory = ResponsesMemory(kept or turns(), self.metrics, most_bytes=most)
        self.policy = policy

    async def ask(self, said: Any, *, caller: Caller = ANNA, **more: Any) -> Any:
        outlet = Collected()
        path = Path(Responses(keeps=True), "/responses", self.ports, self.memory)
        raw = orjson.dumps({"model": "up", "input": said, **more})
        await path.run(raw, caller, self.policy, outlet, Gone())
        return outlet.seen.json

    @property
    def sent(self) -> Any:
        """What the upstream was last asked."""
        return orjson.loads(self.said.calls[-1].body)


async def test_an_earlier_answer_brings_its_turns_back() -> None:
    talk = Talk()
    one = await talk.ask("你好")
    two = await talk.ask([{"role": "user", "content": "再来"}], previous_response_id=one["id"])
    await talk.ask("还有", previous_response_id=two["id"])
    assert [(it["role"], it["content"] if isinstance(it["content"], str) else it["content"][0]["text"])
            for it in talk.sent["input"]] == [
        ("user", "你好"), ("assistant", "好"), ("user", "再来"), ("assistant", "好"), ("user", "还有"),
    ]  # fmt: skip
    assert (talk.sent["store"], "previous_response_id" in talk.sent) == (False, False)
    assert one["id"] != two["id"]
    assert two["previous_response_id"] == one["id"]


async def test_what_comes_back_is_judged_and_masked_again() -> None:
    talk = Talk()
    one = await talk.ask("我的号码13812345678")
    await talk.ask("它是什么", previous_response_id=one["id"])
    assert talk.sent["input"][0]["content"] == "我的号码13*******78"


async def test_a_refused_turn_does_not_block_the_conversation_for_ever() -> None:
    talk = Talk()
    one = await talk.ask("买毒品")
    assert (one["status"], one["output"][0]["content"][0]["text"]) == ("incomplete", SAFE.zh)
    two = await talk.ask("今天天气如何", previous_response_id=one["id"])
    assert two["status"] == "completed"
    assert talk.sent["input"][0]["content"] == WITHHELD.zh


async def test_nobody_goes_on_from_another_tenants_answer() -> None:
    talk = Talk()
    one = await talk.ask("你好")
    seen = await talk.ask("再来", caller=BOB, previous_response_id=one["id"])
    assert seen["error"]["code"] == "previous_response_not_found"


@pytest.mark.parametrize("id", ["resp_unknown", "resp_1", ""])
async def test_an_answer_that_is_not_there_is_told(id: str) -> None:
    talk = Talk()
    await talk.ask("你好")  # the upstream calls it resp_1: that name is not ours
    assert (await talk.ask("再来", previous_response_id=id))["error"]["code"] == "previous_response_not_found"


async def test_what_is_not_to_be_kept_is_not() -> None:
    talk = Talk()
    one = await talk.ask("你好", store=False)
    assert one["id"] == "resp_1"
    assert (await talk.ask("再来", previous_response_id=one["id"]))["error"]["param"] == "previous_response_id"


async def test_a_conversation_has_a_largest_size() -> None:
    talk = Talk(most=400)
    one = await talk.ask("字" * 100)
    seen = await talk.ask("x", previous_response_id=one["id"])
    assert seen["error"]["code"] == "body_too_large"


class Away:
    """A store that cannot be reached."""

    async def put(self, tenant: str, id: str, kept: bytes) -> None:
        raise VaultError("away")

    async def get(self, tenant: str, id: str) -> bytes | None:
        raise VaultError("away")

    async def drop(self, tenant: str, id: str) -> None:
        raise VaultError("away")


async def test_a_store_that_is_away_costs_no_answer_but_no_turn_passes_without_those_before_it() -> None:
    talk = Talk(Away())
    assert (await talk.ask("你好"))["status"] == "completed"
    assert "sluice_responses_not_kept_total 1" in talk.metrics.prometheus()
    assert (await talk.ask("再来", previous_response_id="resp_x"))["error"]["code"] == "responses_unavailable"


async def test_what_was_forgotten_is_gone() -> None:
    kept = turns()
    await kept.put("anna", "resp_1", b"{}")
    await kept.drop("anna", "resp_1")
    assert await kept.get("anna", "resp_1") is None
