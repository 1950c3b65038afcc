import asyncio

import pytest
from kit.endpoint import ScriptedEndpoint

from evaluators.pace import Meters, Purse
from evaluators.sample import Failure, Response, Sample
from evaluators.targets.asked import Asked
from evaluators.targets.opening import open_targets

SAMPLE = Sample("a", "你好", "zh", answer="已记录")
MESSAGES = [{"role": "user", "content": "你好"}]


def ask(asked, env=None):
    async def go():
        async with open_targets(asked, env or {}, Meters(Purse(), lambda: 0.0), lambda: 0.0) as targets:
            return {way: await target.ask(SAMPLE, MESSAGES) for way, target in targets.items()}

    return asyncio.run(go())


@pytest.mark.parametrize("kind", ["gateway", "pair"])
def test_a_gateway_that_names_no_policy_is_none(kind):
    with ScriptedEndpoint(lambda path, body: "好") as bare:
        behind = Asked(False, bare.url, "m", "", {}, 5.0, 1)
        asked = Asked(False, bare.url, "m", "", {}, 5.0, 1, kind=kind, direct=behind if kind == "pair" else None)
        said = ask(asked)
    assert said.pop("gateway" if kind == "pair" else "") == Failure("no_gateway")
    assert [one.text for one in said.values()] == (["好"] if kind == "pair" else [])


def test_a_pair_asks_both_each_with_its_own_key_and_model():
    with (
        ScriptedEndpoint(lambda path, body: "直接") as behind,
        ScriptedEndpoint(lambda path, body: "经网关", {"x-sluice-policy": "base@1"}) as front,
    ):
        direct = Asked(False, behind.url, "raw", "DIRECT", {}, 5.0, 1)
        said = ask(Asked(False, front.url, "m", "FRONT", {}, 5.0, 1, kind="pair", direct=direct),
                   {"DIRECT": "kd", "FRONT": "kf"})  # fmt: skip
    assert {way: one.text for way, one in said.items()} == {"direct": "直接", "gateway": "经网关"}
    (_, body, headers), (_, other, theirs) = behind.asked[0], front.asked[0]
    assert (body["model"], headers["authorization"]) == ("raw", "Bearer kd")
    assert (other["model"], theirs["authorization"]) == ("m", "Bearer kf")


def test_recorded_answers_are_opened_without_anyone():
    assert ask(Asked(True, "", "", "", {}, 5.0, 1)) == {"": Response("已记录", "stop")}


def test_what_a_run_asks_survives_being_written():
    from dataclasses import asdict
    from json import dumps, loads

    behind = Asked(False, "http://b/v1", "n", "L", {}, 5.0, 1)
    asked = Asked(False, "http://a/v1", "m", "K", {"t": 0}, 5.0, 1, kind="pair", limits={"requests": 3},
                  price={"input": 1, "output": 2, "currency": "CNY"}, direct=behind)  # fmt: skip
    assert Asked.read(loads(dumps(asdict(asked)))) == asked
