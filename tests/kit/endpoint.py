"""An OpenAI-compatible endpoint on a real loopback port that says what a script tells it to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

Said = str | dict[str, Any] | tuple[int, dict[str, Any]]
"""A text (a whole chat completion is made of it), a JSON body, or a status and a JSON body."""

Script = Callable[[str, dict[str, Any]], Said | Awaitable[Said]]
"""Gets the path and the request; what it returns is what the endpoint says."""


@dataclass
class ScriptedEndpoint:
    """Runs in a thread of its own while it is entered; ``asked`` holds every request, in order."""

    script: Script
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any], dict[str, str]]] = field(default_factory=list)
    url: str = ""

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(10)
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application()
        app.router.add_post("/v1/{path:.*}", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0)
        self._loop.run_until_complete(site.start())
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        started.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

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
