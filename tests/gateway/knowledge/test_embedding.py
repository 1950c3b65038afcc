"""An embedding endpoint gives a vector of one length for each text, or an error; what is kept stays as it was.

Mutants killed: vectors in the order of the answer instead of the index; a missing vector; NaN; another length let in;
a failure that is silently a search by words.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kit.upstream import Answer, ScriptedUpstream, whole

from gateway.errors import KnowledgeError
from gateway.knowledge.document import Document, Section
from gateway.knowledge.embedding import Endpoint
from gateway.knowledge.kept import Meaning
from gateway.knowledge.library import Library
from gateway.knowledge.remote import Place, searched
from gateway.knowledge.store import KnowledgeStore

pytestmark = pytest.mark.anyio

DOCUMENT = Document("a.md", "手册", (Section("退款在三天内到账。", ("退款",)), Section("年假有十天。", ("年假",))))


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
    with pytest.raises(KnowledgeError, match=what) as told:
        await ask(answer, "退款的秘密", "年假", seconds=0.3)
    assert "秘密" not in str(told.value)
    assert "secret" not in str(told.value)


async def test_a_search_that_answers_in_many_pieces_is_read_to_its_end() -> None:
    results = [{"title": "t", "link": "https://x", "text": "字" * 5000} for _ in range(5)]
    raw = json.dumps({"results": results}).encode()
    pieces = [raw[at : at + 9000] for at in range(0, len(raw), 9000)]
    async with ScriptedUpstream(Answer(pieces)) as upstream:
        assert len(await searched(Place(upstream.url), "问", 5)) == 5


class Embedding:
    """An endpoint in the hand of the test."""

    def __init__(self) -> None:
        self.width, self.name, self.broken, self.asked = 2, "one", False, 0

    def __call__(self, texts: Sequence[str]) -> Any:
        self.asked += 1
        if self.broken:
            raise KnowledgeError("the endpoint is away")
        rows = np.zeros((len(texts), self.width), np.float32)
        for at, text in enumerate(texts):
            rows[at, 0 if "退款" in text else 1] = 1
        return rows


def library(url: str, embed: Embedding, **more: Any) -> Library:
    return Library(KnowledgeStore(url, lambda: 1.0), embed, meaning=lambda: embed.name, **more)


@pytest.mark.parametrize("change", ["width", "name", "broken"])
def test_an_endpoint_that_changes_or_fails_leaves_what_is_kept_as_it_was(tmp_path: Path, change: str) -> None:
    url, embed = f"sqlite:///{tmp_path}/k.db", Embedding()
    first = library(url, embed)
    first.add("a", DOCUMENT)
    before = [(one.id, one.vector.tolist()) for one in KnowledgeStore(url, lambda: 1.0).passages("a")]
    setattr(embed, change, {"width": 3, "name": "two", "broken": True}[change])
    what = "away" if change == "broken" else r"embedded by one \(2 numbers\), and now .* sluice kb rebuild"
    for look in (lambda: first.find("a", "退款几天", 1), lambda: library(url, embed).find("a", "退款几天", 1)):
        with pytest.raises(KnowledgeError, match=what):
            look()
    other = Document("b.md", "别的", (Section("报销十五天内。", ()),))
    with pytest.raises(KnowledgeError, match=what):
        first.add("a", other)
    assert [(one.id, one.vector.tolist()) for one in KnowledgeStore(url, lambda: 1.0).passages("a")] == before
    embed.width, embed.name, embed.broken = 2, "one", False
    assert library(url, embed).find("a", "退款几天", 1)[0].passage.id == "a.md#1"


@pytest.mark.parametrize("change", ["width", "name", "broken"])
def test_where_words_may_do_they_do_and_it_is_counted(tmp_path: Path, change: str) -> None:
    url, embed, counted = f"sqlite:///{tmp_path}/k.db", Embedding(), []
    made = library(url, embed, worded=lambda: counted.append(1))
    made.add("a", DOCUMENT)
    assert made.find("a", "年假有几天", 1)[0].near == 1
    assert counted == []
    setattr(embed, change, {"width": 3, "name": "two", "broken": True}[change])
    (found,) = made.find("a", "年假有几天", 1)
    assert (found.passage.id, found.near, counted) == ("a.md#2", 0.0, [1])
    assert bool(made.embed(["x"]).any()) != (change == "broken")


def test_rebuilding_embeds_all_or_nothing(tmp_path: Path) -> None:
    url, embed = f"sqlite:///{tmp_path}/k.db", Embedding()
    library(url, embed).add("a", DOCUMENT)
    embed.width, embed.name, embed.broken = 5, "two", True
    store = KnowledgeStore(url, lambda: 1.0)
    with pytest.raises(KnowledgeError, match="away"):
        library(url, embed).rebuild("a")
    assert store.meaning("a") == Meaning("one", 2)
    embed.broken = False
    told: list[int] = []
    assert library(url, embed).rebuild("a", told.append) == 2
    assert (store.meaning("a"), sum(told)) == (Meaning("two", 5), 2)
    assert {len(one.vector) for one in store.passages("a")} == {5}
    assert library(url, embed).find("a", "退款几天", 1)[0].passage.id == "a.md#1"
    assert library(url, embed).rebuild("nobody") == 0


def test_a_base_of_before_whose_vectors_have_another_length_is_told(tmp_path: Path) -> None:
    url, embed = f"sqlite:///{tmp_path}/k.db", Embedding()
    Library(KnowledgeStore(url, lambda: 1.0), embed).add("a", DOCUMENT)
    embed.width = 3
    with pytest.raises(KnowledgeError, match=r"something else .2 numbers., and now one .3 numbers."):
        library(url, embed).find("a", "退款几天", 1)
