"""An embedding endpoint gives a vector of one length for each text, or an error.

Mutants killed: vectors in the order of the answer instead of the index; a missing vector; NaN; another length let in;
the prefix left out of the texts, or of the name.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from kit.upstream import Answer, ScriptedUpstream, whole

from gateway.errors import EndpointError
from gateway.meaning.endpoint import Endpoint, waited
from gateway.meaning.remote import Place

pytestmark = pytest.mark.anyio


def said(*rows: Sequence[float], order: Sequence[int] | None = None, **more: Any) -> Answer:
    places = order or range(len(rows))
    data = [{"index": at, "embedding": list(row)} for at, row in zip(places, rows, strict=True)]
    return whole(json.dumps({"data": data, **more}).encode())


async def ask(answer: Answer, *texts: str, seconds: float = 2.0) -> Any:
    async with ScriptedUpstream(answer) as upstream:
        endpoint = Endpoint(Place(f"{upstream.url}/embeddings", "secret", seconds, "m3"))
        found = await asyncio.to_thread(endpoint, texts)
        return found, upstream.requests, endpoint


async def test_each_text_has_its_vector_of_length_one_whatever_the_order() -> None:
    found, requests, endpoint = await ask(said((0, 2), (3, 4), order=(1, 0)), "退款", "年假")
    assert np.allclose(found, [[0.6, 0.8], [0, 1]])
    assert requests[0].json == {"model": "m3", "input": ["退款", "年假"], "encoding_format": "float"}
    assert requests[0].headers["authorization"] == "Bearer secret"
    assert endpoint.name == "endpoint:m3"


async def test_many_texts_are_asked_a_few_at_a_time_and_a_long_answer_is_read_to_its_end() -> None:
    wide = [[float(at + 1)] * 2000 for at in range(32)]
    cut = said(*wide).pieces[0]  # type: ignore[index]
    pieces = [cut[at : at + 7000] for at in range(0, len(cut), 7000)]  # type: ignore[index,arg-type]
    async with ScriptedUpstream(Answer(pieces), said(*wide[:8])) as upstream:
        found = await asyncio.to_thread(Endpoint(Place(upstream.url)), ["x"] * 40)
        assert found.shape == (40, 2000)
        assert [len(one.json["input"]) for one in upstream.requests] == [32, 8]


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (said((1, 0)), "gives 1 vectors for 2 texts"),
        (said((1, 0), (1, 0, 0)), "vectors of different lengths"),
        (said((1, 0), (0, 1), order=(0, 0)), "gives 1 vectors for 2 texts"),
        (said((1, 0), (0, 1), order=(0, 7)), "something that is no vector"),
        (said((1, 0), ()), "something that is no vector"),
        (whole(b'{"data": [{"embedding": [1, NaN]}, {"embedding": [1, 2]}]}'), "answers no JSON"),
        (whole(b'{"data": [{"embedding": [1, "x"]}, {"embedding": [1, 2]}]}'), "something that is no vector"),
        (whole(b'{"data": "x"}'), "gives no vectors for 2 texts"),
        (whole(b"[]"), "gives no vectors for 2 texts"),
        (whole(b"oops"), "answers no JSON"),
        (whole(b"{}", 500), "answers HTTP 500"),
        (Answer((9.0,), framing="raw", then="stall"), "did not answer within 0.3 s"),
    ],
)
async def test_what_is_no_vector_for_each_text_is_told_and_texts_are_not(answer: Answer, what: str) -> None:
    with pytest.raises(EndpointError, match=what) as told:
        await ask(answer, "退款的秘密", "年假", seconds=0.3)
    assert "秘密" not in str(told.value)
    assert "secret" not in str(told.value)


async def test_a_prefix_stands_before_every_text_and_makes_another_model_of_it() -> None:
    async with ScriptedUpstream(said((0, 2), (3, 4))) as upstream:
        endpoint = Endpoint(Place(upstream.url, model="e5"), "query: ")
        assert (await endpoint.rows(["退款", "年假"])).shape == (2, 2)
        assert upstream.requests[0].json["input"] == ["query: 退款", "query: 年假"]
        assert endpoint.name == "endpoint:e5 after 'query: '"


async def test_an_answer_can_be_waited_for_in_the_thread_of_a_loop() -> None:
    async def answer() -> int:
        await asyncio.sleep(0)
        return 7

    assert waited(answer()) == 7
