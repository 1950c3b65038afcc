"""Paths that nobody judges: refused clearly, or handed on because the operator lists them, counted and recorded.

Mutants killed: an unknown path that is handed on; a listed path that is a way around a dialect; a path that a server
reads as another one; a client's key that goes on; a policy that refuses what is unjudged, and is not asked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import aiohttp
import openai
import orjson
import pytest
from kit.gateway import parts, serving
from kit.plans import plan, side
from kit.upstream import ScriptedUpstream, whole
from openai import AsyncOpenAI

from gateway.exchange import Grant, Quota
from gateway.limits.keys import Book, make_key
from gateway.limits.memory import MemoryQuotas
from gateway.providers.openai_compatible import OpenAICompatible
from gateway.settings import Settings
from gateway.settings.models import Model

FILE = {
    "id": "file-1",
    "object": "file",
    "bytes": 3,
    "created_at": 1,
    "filename": "a.jsonl",
    "purpose": "batch",
    "status": "processed",
}
UP = {"up": Model(provider="openai_compatible", base_url="https://example.com/v1")}


def settings(*paths: str) -> Settings:
    return Settings(models=UP, unguarded=dict.fromkeys(paths, "up"))


class Here:
    """A gateway before a server that has files."""

    def __init__(self, policy: Any = None, *paths: str, answer: Any = None) -> None:
        self.policy, self.paths = policy or plan(), paths
        self.upstream = ScriptedUpstream(answer or whole(orjson.dumps(FILE)))

    async def __aenter__(self) -> Here:
        await self.upstream.__aenter__()
        provider = OpenAICompatible("up", self.upstream.url, "sk-upstream")
        made = replace(parts(self.policy, {"up": provider}, keys=("sk-client",)), settings=settings(*self.paths))
        self._serving = serving(made)
        self.gate = await self._serving.__aenter__()
        self.client = AsyncOpenAI(base_url=self.gate.url + "/v1", api_key="sk-client", max_retries=0)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.client.close()
        await self._serving.__aexit__(None, None, None)
        await self.upstream.__aexit__(*error)

    async def get(self, path: str, method: str = "GET") -> tuple[int, Any]:
        headers = {"authorization": "Bearer sk-client"}
        async with aiohttp.ClientSession(headers=headers, auto_decompress=False) as session:
            from yarl import URL

            async with session.request(method, URL(self.gate.url + path, encoded=True)) as seen:
                return seen.status, orjson.loads(await seen.read())


async def test_what_is_listed_is_handed_on_counted_and_recorded() -> None:
    async with Here(None, "/v1/files") as here:
        made = await here.client.files.create(file=("a.jsonl", b"{}"), purpose="batch")
        await here.client.files.retrieve("file-1")
        await here.client.files.delete("file-1")
        await here.gate.recorded(3)
        records = here.gate.records.records
    assert made.id == "file-1"
    sent = [(request.method, request.path) for request in here.upstream.requests]
    assert sent == [("POST", "/v1/files"), ("GET", "/v1/files/file-1"), ("DELETE", "/v1/files/file-1")]
    assert here.upstream.requests[0].headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'filename="a.jsonl"' in here.upstream.requests[0].body
    assert {request.headers["authorization"] for request in here.upstream.requests} == {"Bearer sk-upstream"}
    assert {(one.dialect, one.outcome, one.request.unjudged, one.response.unjudged) for one in records} == {
        ("unguarded", "answered", ("body",), ("body",))
    }
    assert 'sluice_unguarded_total{path="/v1/files"} 3' in here.gate.metrics.prometheus()


@pytest.mark.parametrize(
    "path",
    ["/v1/files", "/v1/batches", "/v1/fine_tuning/jobs", "/v1/assistants", "/v1/realtime", "/v1/anything", "/v2/files",
     "/v1/chat/completions/", "/v1/CHAT/completions"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_is_not_listed_is_refused_clearly_and_nobody_is_asked(path: str, method: str) -> None:
    async with Here(None, "/v1/uploads") as here:
        status, body = await here.get(path, method)
    assert (status, body["error"]["code"]) == (404, "unknown_url")
    assert "unguarded" in body["error"]["message"]
    assert here.upstream.requests == []


@pytest.mark.parametrize(
    "path",
    ["/v1/files/../chat/completions", "/v1/files/%2e%2e/chat/completions", "/v1/files//x", "/v1/files/.",
     "/v1/files/a%2fb%00", "/v1/filesystem", "/v1/files/a;b", "/v1/files/"],
)  # fmt: skip
async def test_a_path_that_a_server_could_read_as_another_is_not_handed_on(path: str) -> None:
    async with Here(None, "/v1/files") as here:
        status, _ = await here.get(path)
    asked = [request.path for request in here.upstream.requests]
    assert (status, asked) in [(404, []), (200, ["/v1/files/a/b"])]
    assert asked == []


async def test_without_a_key_nothing_is_handed_on() -> None:
    async with Here(None, "/v1/files") as here:
        here.client.api_key = "wrong"
        with pytest.raises(openai.AuthenticationError):
            await here.client.files.list()
    assert here.upstream.requests == []


async def test_a_policy_that_refuses_what_is_unjudged_refuses_this_too() -> None:
    async with Here(plan(side({}, [], unjudged="refuse")), "/v1/files") as here:
        with pytest.raises(openai.BadRequestError) as raised:
            await here.client.files.retrieve("file-1")
    assert raised.value.code == "content_filter"
    assert here.upstream.requests == []


async def test_an_error_of_the_server_is_its_own() -> None:
    gone = whole(b'{"error": {"message": "no such file", "code": "no_file"}}', 404)
    async with Here(None, "/v1/files", answer=gone) as here:
        with pytest.raises(openai.NotFoundError) as raised:
            await here.client.files.retrieve("file-1")
    assert raised.value.code == "no_file"


@pytest.mark.parametrize("path", ["v1/files", "/v1/files/", "/", "/v1/../x", "/v1/fi les"])
def test_a_listed_path_is_one(path: str) -> None:
    with pytest.raises(ValueError, match="unguarded"):
        settings(path)


def test_a_listed_path_leads_to_a_model_that_is_there() -> None:
    with pytest.raises(ValueError, match="none of the models"):
        Settings(models=UP, unguarded={"/v1/files": "nobody"})


@pytest.mark.parametrize(
    ("grant", "statuses"),
    [
        (Grant(quota=Quota(requests=1)), [200, 429]),
        (Grant(quota=Quota(tokens=9999)), [403]),
        (Grant(quota=Quota(day_micros=9999)), [403]),
        (Grant(models=("other",)), [403]),
    ],
)
async def test_a_key_may_no_more_here_than_elsewhere(grant: Grant, statuses: list[int]) -> None:
    upstream = ScriptedUpstream(whole(orjson.dumps(FILE)))
    key, secret = make_key(lambda size: b"7" * size, 0.0, name="", tenant="acme", grant=grant)
    book = Book(lambda: [key], lambda: 1.0)
    book.load()
    async with upstream:
        made = parts(plan(), {"up": OpenAICompatible("up", upstream.url, "sk-upstream")}, keys=("sk-client",))
        made = replace(made, book=book, ports=replace(made.ports, quotas=MemoryQuotas(lambda: 1.0)))
        made = replace(made, settings=settings("/v1/files"))
        async with serving(made) as gate, aiohttp.ClientSession() as session:
            for status in statuses:
                header = {"authorization": f"Bearer {secret}"}
                async with session.get(gate.url + "/v1/files", headers=header) as response:
                    assert response.status == status, await response.text()
