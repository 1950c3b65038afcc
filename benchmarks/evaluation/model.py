"""The demonstration model on a port of its own, without a gateway around it; can keep what it was asked.

python -m benchmarks.evaluation.model --port 8001 --seen seen.jsonl
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from aiohttp import web

from gateway.providers.completion import JSON, Choice, Head, asked, tokens, usage, whole

MODEL = "echo"


def application(seen: Path | None) -> web.Application:
    """Return a server that answers each chat with its last user message, and says nothing else.

    Args:
        seen: Where each question is written down as it arrives, one JSON string a line; None for nowhere.
    """

    async def chat(request: web.Request) -> web.Response:
        question = asked(await request.read())
        if seen is not None:
            with seen.open("a", encoding="utf-8") as file:
                file.write(json.dumps(question.text, ensure_ascii=False) + "\n")
        words = tokens(question.text)
        kept = words if question.most is None else words[: question.most]
        head = Head("chatcmpl-demonstration", int(time.time()), MODEL)
        choice = Choice(tuple(kept), finish="stop" if kept == words else "length")
        body = whole(head, [choice], usage(question.prompt, len(kept)))
        return web.Response(body=body, content_type=JSON)

    async def ready(request: web.Request) -> web.Response:
        return web.Response(text="ok")

    app = web.Application(client_max_size=16 * 1024 * 1024)
    app.router.add_post("/v1/chat/completions", chat)
    app.router.add_get("/readyz", ready)
    return app


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description="The demonstration model without a gateway.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seen", type=Path)
    arguments = parser.parse_args()
    web.run_app(application(arguments.seen), host="127.0.0.1", port=arguments.port, print=None)


if __name__ == "__main__":
    main()
