"""An OpenAI-compatible endpoint on a real loopback port that says what a script tells it to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

Said = str | dict[str, Any] | tuple[int, dict[str, Any]]
"""A text (a whole chat completion is made of it), a JSON body, or a status and a JSON body."""

Script = Callable[[str, dict[str, Any]], Said | Awaitable[Said]]
"""Gets the path and the request; what it returns is what the endpoint says."""


@contextmanager
def _served(app: web.Application) -> Iterator[str]:
    """Serve an application in a thread of its own; yield its address."""
    loop, started, address = asyncio.new_event_loop(), threading.Event(), []

    def run() -> None:
        asyncio.set_event_loop(loop)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        loop.run_until_complete(runner.setup())
        loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", 0).start())
        address.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
        started.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield address[0]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


def serving(handle: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AbstractContextManager[str]:
    """Serve one handler for every method and path on a real port; gives its address."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    return _served(app)


@dataclass
class ScriptedEndpoint:
    """Runs in a thread of its own while it is entered; ``asked`` holds every request, in order."""

    script: Script
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any], dict[str, str]]] = field(default_factory=list)
    url: str = ""

    def __enter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/v1/{path:.*}", self._answer)
        self._served = _served(app)
        self.url = f"{self._served.__enter__()}/v1"
        return self

    def __exit__(self, *error: object) -> None:
        self._served.__exit__(None, None, None)

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        path = "/" + request.match_info["path"]
        self.asked.append((path, body, {name.lower(): value for name, value in request.headers.items()}))
        said = self.script(path, body)
        if not isinstance(said, (str, dict, tuple)):
            said = await said
        if isinstance(said, str):
            said = completion(said, model=body["model"])
        status, answer = said if isinstance(said, tuple) else (200, said)
        headers = dict(self.headers)
        headers.update({name: answer[name] for name in ("retry-after", "location") if name in answer})
        return web.json_response(answer, status=status, headers=headers)

    def questions(self) -> list[str]:
        """The last user message of every chat request, in order."""
        return [body["messages"][-1]["content"] for path, body, _ in self.asked if path == "/chat/completions"]


def completion(text: str | None, *, finish: str = "stop", model: str = "m", **message: Any) -> dict[str, Any]:
    """A chat completion with one choice."""
    said = {"role": "assistant", "content": text, **message}
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [{"index": 0, "finish_reason": finish, "message": said}],
    }
