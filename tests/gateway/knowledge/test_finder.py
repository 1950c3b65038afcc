"""Sources come from the library, in a reranker's order, and from the operator's search where it is unsure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from kit.upstream import Received, ScriptedUpstream, hangup, silence, whole

from gateway.errors import KnowledgeError
from gateway.knowledge.document import Document, Section
from gateway.knowledge.finder import Finder
from gateway.knowledge.library import Library
from gateway.knowledge.store import KnowledgeStore
from gateway.meaning.remote import Place


def embed(texts):
    return np.zeros((len(texts), 2), np.float32)


@pytest.fixture
def library(tmp_path: Path):
    made = Library(KnowledgeStore(f"sqlite:///{tmp_path / 'k.db'}", lambda: 1.0), embed)
    texts = ("退货在七天内申请。", "退货的运费由买家承担。", "发票发到邮箱。")
    made.add(
        "a",
        Document("手册.md", "手册", tuple(Section(text, (str(at),)) for at, text in enumerate(texts)), "https://x/y"),
    )
    yield made
    made.close()


async def test_sources_come_from_the_library(library: Library) -> None:
    found = await Finder(library, embed)("a", "退货运费", 2, frozenset())
    assert [source.id for source in found] == ["手册.md#2", "手册.md#1"]
    assert (found[0].title, found[0].link) == ("手册", "https://x/y")
    assert found[0].confidence > 0.4
    assert await Finder(library, embed)("b", "退货运费", 2, frozenset()) == ()


async def test_a_reranker_has_the_last_word_on_the_order(library: Library) -> None:
    def answer(request: Received) -> Any:
        documents = request.json["documents"]
        scores = [{"index": at, "relevance_score": 1.0 if "七天" in text else 0.1} for at, text in enumerate(documents)]
        return whole(orjson.dumps({"results": scores[::-1]}))

    async with ScriptedUpstream(answer) as server:
        place = Place(f"{server.url}/rerank", "secret", 5, "m")
        found = await Finder(library, embed, place)("a", "退货运费", 1, frozenset())
        (request,) = server.requests
    assert [source.id for source in found] == ["手册.md#1"]
    assert request.headers["authorization"] == "Bearer secret"
    assert (request.json["model"], request.json["query"], len(request.json["documents"])) == ("m", "退货运费", 2)


RESULTS = {"results": [{"title": "网页", "link": "https://w/1", "text": "保修期为两年整机。"}, {"text": "无关的话"}]}


async def test_a_search_is_asked_only_where_the_library_is_unsure(library: Library) -> None:
    async with ScriptedUpstream(whole(orjson.dumps(RESULTS))) as server:
        finder = Finder(library, embed, search=Place(f"{server.url}/search"), unsure=0.3)
        sure = await finder("a", "退货运费", 2, frozenset())
        assert server.requests == []
        unsure = await finder("a", "整机保修期", 2, frozenset())
        assert server.requests[0].json == {"query": "整机保修期", "count": 2}
    assert sure[0].id == "手册.md#2"
    assert [(source.id, source.title, source.link) for source in unsure] == [
        ("search:https://w/1", "网页", "https://w/1")
    ]


async def test_a_search_that_finds_nothing_leaves_what_the_library_had(library: Library) -> None:
    async with ScriptedUpstream(whole(b'{"results": []}')) as server:
        finder = Finder(library, embed, search=Place(f"{server.url}/search"), unsure=1.0)
        assert [source.id for source in await finder("a", "发票抬头", 1, frozenset())] == ["手册.md#3"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (whole(b"not json"), "answers no JSON"),
        (whole(b"[]"), "without a list of results"),
        (whole(b'{"results": [{"title": "x"}]}'), "results without text"),
        (whole(b"{}", status=500), "HTTP 500"),
        (hangup(), "cannot be asked"),
        (silence(), "did not answer within"),
    ],
)
async def test_a_search_that_fails_is_named_without_what_is_secret(library: Library, answer: Any, message: str) -> None:
    async with ScriptedUpstream(answer) as server:
        place = Place(f"{server.url}/search?token=hunter2", "hunter2", 0.5)
        with pytest.raises(KnowledgeError, match=message) as told:
            await Finder(library, embed, search=place, unsure=1.0)("a", "发票抬头", 1, frozenset())
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize(
    "body",
    [
        b'{"results": []}',
        b'{"results": [{"index": 9, "relevance_score": 1}]}',
        b'{"results": [{"index": 0, "relevance_score": "high"}]}',
        b'{"results": ["x"]}',
    ],
)
async def test_a_reranker_that_judges_something_else_is_an_error(library: Library, body: bytes) -> None:
    async with ScriptedUpstream(whole(body)) as server:
        with pytest.raises(KnowledgeError, match="reranker"):
            await Finder(library, embed, Place(f"{server.url}/rerank"))("a", "发票", 1, frozenset())
