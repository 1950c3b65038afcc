"""Embeddings: every input is screened and shielded, tokens are told to be unread, numbers come as they are.

Mutants killed: an input of a list that is not judged; tokens that pass without a word; a surrogate that is another
one in every request; an answer that brings words.
"""

from __future__ import annotations

from typing import Any

import openai
import orjson
import pytest
from kit.plans import pattern, plan, rule, side
from kit.responses import before_openai
from kit.upstream import Answer, Received, whole

from gateway.errors import RequestError
from gateway.privacy.keys import Keyring
from gateway.privacy.techniques import techniques
from gateway.wire.embeddings import Embeddings

MOBILE = "pii.mobile_number"
SIDE = side(
    {"drug": pattern("drug", "毒品"), MOBILE: pattern(MOBILE, "1[3-9][0-9]{9}")},
    [rule("drug", "refuse"), rule(MOBILE, "mask", how=techniques()["surrogate"].build({}))],
)
PLAN = plan(SIDE)
RING = Keyring(b"k" * 32)


def numbers(request: Received) -> Answer:
    given = request.json["input"]
    rows = len(given) if isinstance(given, list) and not isinstance(given[0], int) else 1
    data = [{"object": "embedding", "index": at, "embedding": [0.5, -1.25]} for at in range(rows)]
    usage = {"prompt_tokens": 3, "total_tokens": 3}
    return whole(orjson.dumps({"object": "list", "data": data, "model": "m", "usage": usage}))


async def test_inputs_are_shielded_alike_in_every_request_and_numbers_come_as_they_are() -> None:
    async with before_openai(PLAN, numbers, ring=RING, producer="p") as here:
        one = await here.client.embeddings.create(model="up", input="打13812345678", encoding_format="float")
        await here.client.embeddings.create(model="up", input=["别的", "13812345678"], encoding_format="float")
        await here.gate.recorded(2)
    first, second = (request.json["input"] for request in here.upstream.requests)
    assert "13812345678" not in first
    assert first == "打" + second[1]
    assert second[0] == "别的"
    assert one.data[0].embedding == [0.5, -1.25]
    assert (one.usage.prompt_tokens, getattr(one, "aigc", None)) == (3, None)
    assert [record.dialect for record in here.gate.records.records] == ["embeddings"] * 2


@pytest.mark.parametrize("said", ["买毒品", ["好", "买毒品"]])
async def test_an_input_that_is_refused_is_an_error_that_is_not_retried(said: Any) -> None:
    async with before_openai(PLAN, numbers) as here:
        with pytest.raises(openai.BadRequestError) as raised:
            await here.client.embeddings.create(model="up", input=said)
        assert here.upstream.requests == []
    assert raised.value.code == "content_filter"


@pytest.mark.parametrize(("said", "unread"), [([1, 2], ("input",)), ([[1], [2, 3]], ("input[0]", "input[1]"))])
@pytest.mark.parametrize("unjudged", ["pass", "refuse"])
async def test_tokens_are_told_to_be_unread_and_refused_where_the_policy_says_so(
    said: Any, unread: tuple[str, ...], unjudged: str
) -> None:
    async with before_openai(plan(side({}, [], unjudged=unjudged)), numbers) as here:
        if unjudged == "refuse":
            with pytest.raises(openai.BadRequestError):
                await here.client.embeddings.create(model="up", input=said)
        else:
            await here.client.embeddings.create(model="up", input=said)
        await here.gate.recorded(1)
        assert here.gate.records.records[0].request.unjudged == unread


BAD = [({}, "input"), ({"input": ""}, "input"), ({"input": []}, "input"), ({"input": [""] * 5000}, "input"),
       ({"input": [{"a": 1}]}, "input[0]"), ({"input": ["x", [True]]}, "input[1]"), ({"input": [[]]}, "input[0]"),
       ({"input": "x", "model": ""}, "model")]  # fmt: skip


@pytest.mark.parametrize(("body", "param"), BAD)
def test_what_is_wrong_is_told_with_its_place(body: dict[str, Any], param: str) -> None:
    with pytest.raises(RequestError) as raised:
        Embeddings().read(orjson.dumps({"model": "m", **body}))
    assert raised.value.param == param


@pytest.mark.parametrize(
    "body", [b"no", b"[]", b"{}", b'{"data": []}', b'{"data": [{"text": "x"}]}', b'{"data": {"a": 1}}']
)
async def test_an_answer_that_is_none_is_a_502(body: bytes) -> None:
    async with before_openai(PLAN, whole(body)) as here:
        here.client.max_retries = 0
        with pytest.raises(openai.InternalServerError) as raised:
            await here.client.embeddings.create(model="up", input="x")
    assert (raised.value.status_code, raised.value.code) == (502, "upstream_broke")


async def test_words_beside_the_numbers_are_told() -> None:
    row = {"embedding": "AAAA", "index": 0, "text": "x"}
    async with before_openai(PLAN, whole(orjson.dumps({"data": [row], "note": "y"}))) as here:
        await here.client.embeddings.create(model="up", input="x", encoding_format="base64")
        await here.gate.recorded(1)
        assert here.gate.records.records[0].response.unjudged == ("note", "data[0].text")
