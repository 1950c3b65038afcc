"""What stands behind a URL is fetched from the operator's hosts only, bounded in bytes and time.

Mutants killed: any host; a host that merely ends like one of the list; plain HTTP; a port of its own; a private
address behind a public name, also one that IPv6 wraps; a redirect followed; a body without a bound; a wait without one.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.resolver import ThreadedResolver

from gateway.errors import LabelError
from gateway.providers.fetch import Fetcher, is_public

MOST = 100_000


@contextlib.asynccontextmanager
async def pictures() -> AsyncIterator[tuple[str, list[web.Request]]]:
    """A server of pictures on loopback, and what it was asked."""
    asked: list[web.Request] = []

    async def serve(request: web.Request) -> web.StreamResponse:
        asked.append(request)
        kind = request.path[1:]
        if kind == "there":
            return web.Response(status=302, headers={"location": "/picture"})
        if kind == "gone":
            return web.Response(status=404)
        if kind == "slow":
            await asyncio.sleep(5)
        if kind == "zipped":
            return web.Response(body=b"x", headers={"content-encoding": "gzip"})
        if kind == "endless":
            response = web.StreamResponse()
            await response.prepare(request)
            with contextlib.suppress(ConnectionError):
                while True:
                    await response.write(bytes(65536))
            return response
        return web.Response(body=b"picture" * 10)

    app = web.Application()
    app.router.add_get("/{tail:.*}", serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        yield f"http://127.0.0.1:{port}", asked
    finally:
        await runner.cleanup()


def inside(seconds: float = 5.0) -> Fetcher:
    return Fetcher(["127.0.0.1"], seconds=seconds, most=MOST, private=True)


async def test_what_the_operator_allows_is_fetched_and_nothing_of_ours_goes_along() -> None:
    async with pictures() as (url, asked):
        assert await inside()(f"{url}/picture?sign=1") == b"picture" * 10
    headers = {name.lower() for name in asked[0].headers}
    assert headers <= {"host", "accept", "accept-encoding", "user-agent", "connection"}
    assert asked[0].query_string == "sign=1"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("there", "HTTP 302"),
        ("gone", "HTTP 404"),
        ("endless", f"more than {MOST} bytes"),
        ("zipped", "compressed"),
    ],
)
async def test_what_is_no_plain_answer_of_bounded_size_is_refused(path: str, told: str) -> None:
    async with pictures() as (url, asked):
        with pytest.raises(LabelError, match=told) as caught:
            await inside()(f"{url}/{path}")
    assert len(asked) == 1
    assert "127.0.0.1" not in str(caught.value)


async def test_the_wait_is_bounded() -> None:
    async with pictures() as (url, _):
        with pytest.raises(LabelError, match=r"within 0\.2 s"):
            await inside(0.2)(f"{url}/slow")


NOT_ALLOWED = [
    ("http://pictures.example/1.png", "only https"),
    ("ftp://pictures.example/1.png", "only https"),
    ("file:///etc/passwd", "only https"),
    ("https://other.example/1.png", "none of the hosts"),
    ("https://evilpictures.example/1.png", "none of the hosts"),
    ("https://cdn.pictures.example.evil.example/1.png", "none of the hosts"),
    ("https://notcdn.example/1.png", "none of the hosts"),
    ("https://pictures.example:8443/1.png", "port"),
    ("https://user:pw@pictures.example/1.png", "user name"),
    ("https://pictures.example@evil.example/1.png", "user name"),
    ("https://127.0.0.1/1.png", "inside of a network"),
    ("https://[::ffff:10.0.0.1]/1.png", "inside of a network"),
    ("https://pictures.example:99999/1.png", "the URL is none"),
    ("https:///1.png", "none of the hosts"),
]


@pytest.mark.parametrize(("url", "told"), NOT_ALLOWED)
async def test_what_the_operator_did_not_allow_is_not_even_looked_up(
    url: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolve(*_: Any) -> Any:
        raise AssertionError("looked up")

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
    hosts = ["pictures.example", ".cdn.example", "127.0.0.1", "::ffff:a00:1", "::ffff:10.0.0.1"]
    with pytest.raises(LabelError, match=told):
        await Fetcher(hosts, seconds=1, most=MOST)(url)


async def test_a_name_that_leads_inside_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    came: list[object] = []

    async def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(writer)
        writer.close()

    async with await asyncio.start_server(connected, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]

        async def resolve(_: Any, host: str, _port: int = 0, family: Any = socket.AF_INET) -> Any:
            flags = {"family": socket.AF_INET, "proto": 0, "flags": 0}
            return [{"hostname": host, "host": "127.0.0.1", "port": port, **flags}]

        monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
        for private, arrivals in ((False, 0), (True, 1)):
            with pytest.raises(LabelError, match="cannot be fetched"):
                await Fetcher([".cdn.example"], seconds=1, most=MOST, private=private)("https://a.cdn.example/picture")
            await asyncio.sleep(0.01)
            assert len(came) == arrivals


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:4700::1111", True),
        ("::ffff:93.184.216.34", True),
        ("0.0.0.0", False),
        ("100.64.0.1", False),
        ("172.16.0.1", False),
        ("224.0.0.1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("::ffff:169.254.169.254", False),
    ],
)
def test_only_addresses_of_the_open_internet_are_public(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public
