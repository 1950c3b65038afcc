"""A search of the operator's is read to the end of its answer."""

from __future__ import annotations

import json

import pytest
from kit.upstream import Answer, ScriptedUpstream

from gateway.knowledge.remote import searched
from gateway.meaning.remote import Place

pytestmark = pytest.mark.anyio


async def test_a_search_that_answers_in_many_pieces_is_read_to_its_end() -> None:
    results = [{"title": "t", "link": "https://x", "text": "字" * 5000} for _ in range(5)]
    raw = json.dumps({"results": results}).encode()
    pieces = [raw[at : at + 9000] for at in range(0, len(raw), 9000)]
    async with ScriptedUpstream(Answer(pieces)) as upstream:
        assert len(await searched(Place(upstream.url), "问", 5)) == 5
