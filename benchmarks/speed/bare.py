"""The least that a Python proxy can be, Starlette in front and aiohttp behind: what the gateway is compared with."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from benchmarks.speed.texts import PATHS


def application(upstream: str) -> Starlette:
    """Return a proxy that looks at nothing and changes nothing."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        connector = aiohttp.TCPConnector(limit=1000)
        jar = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as session:
            app.state.session = session
            yield

    async def relay(request: Request) -> Response:
        body = await request.body()
        session: aiohttp.ClientSession = request.app.state.session
        answer = await session.post(
            upstream + request.url.path, data=body, headers={"content-type": "application/json"}
        )
        if answer.content_type != "text/event-stream":
            return Response(await answer.read(), answer.status, media_type=answer.content_type)
        return StreamingResponse(answer.content.iter_any(), answer.status, media_type=answer.content_type)

    return Starlette(routes=[Route(path, relay, methods=["POST"]) for path in PATHS.values()], lifespan=lifespan)


async def _serve(upstream: str) -> None:
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    sock.listen(1024)
    print(f"http://127.0.0.1:{sock.getsockname()[1]}", flush=True)
    app = application(upstream)
    config = uvicorn.Config(app, http="httptools", log_level="warning", access_log=False, server_header=False)
    await uvicorn.Server(config).serve(sockets=[sock])


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(sys.argv[1]))
