"""A judge on a port that answers at once: it splits an answer at its full stops, and finds every statement supported.

It reads our own prompts for faithfulness and Ragas', so that both routes are measured against the same judge.

    python -m benchmarks.evaluation.judge --port 8002
"""

from __future__ import annotations

import argparse
import re
from typing import Any

import orjson
from aiohttp import web

_ANSWER = re.compile(r"<(?:回答|answer)>\n(.*?)\n</(?:回答|answer)>", re.DOTALL)
_COUNT = re.compile(r"(?:共|There are) (\d+)")
_END = re.compile(r"[。.]\s*")


def judged(prompt: str) -> dict[str, Any]:
    """Return a judgement in the shape that a prompt asks for.

    Raises:
        ValueError: The prompt is of no kind that this judge knows.
    """
    if '"title": "StatementGeneratorOutput"' in prompt:
        return {"statements": _parts(_given(prompt)["answer"])}
    if '"title": "NLIStatementOutput"' in prompt:
        listed = _given(prompt)["statements"]
        return {"statements": [{"statement": one, "reason": "", "verdict": 1} for one in listed]}
    if answer := _ANSWER.search(prompt):
        return {"statements": _parts(answer[1])}
    if count := _COUNT.search(prompt):
        return {"statements": [{"id": number, "verdict": 1} for number in range(1, int(count[1]) + 1)]}
    raise ValueError("this judge knows prompts for faithfulness only")


def _given(prompt: str) -> Any:
    return orjson.loads(prompt.rpartition("input: ")[2].rpartition("Output:")[0])


def _parts(text: str) -> list[str]:
    return [part for part in _END.split(text) if part.strip()]


def application() -> web.Application:
    """Return the server."""

    async def chat(request: web.Request) -> web.Response:
        body = orjson.loads(await request.read())
        text = orjson.dumps(judged(body["messages"][-1]["content"])).decode()
        message = {"role": "assistant", "content": text}
        said = {
            "id": "j",
            "object": "chat.completion",
            "created": 0,
            "model": body["model"],
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
            "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        }
        return web.Response(body=orjson.dumps(said), content_type="application/json")

    async def ready(request: web.Request) -> web.Response:
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_post("/v1/chat/completions", chat)
    app.router.add_get("/readyz", ready)
    return app


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description="A judge that answers at once.")
    parser.add_argument("--port", type=int, required=True)
    web.run_app(application(), host="127.0.0.1", port=parser.parse_args().port, print=None)


if __name__ == "__main__":
    main()
