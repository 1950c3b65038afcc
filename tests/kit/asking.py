"""Ask a gateway over HTTP without an SDK, to see exactly what is on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson


@dataclass(frozen=True, slots=True)
class Seen:
    """What a client sees."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def chunks(self) -> list[Any]:
        """Every JSON event of a stream."""
        events = [part[6:] for part in self.body.split(b"\n\n") if part.startswith(b"data: ")]
        return [orjson.loads(event) for event in events if event != b"[DONE]"]

    def text(self, choice: int = 0) -> str:
        """All content of a choice, whole or streamed."""
        if not self.headers["content-type"].startswith("text/event-stream"):
            return str(self.json["choices"][choice]["message"]["content"])
        said = ""
        for chunk in self.chunks:
            for item in chunk.get("choices", ()):
                if item["index"] == choice:
                    said += item["delta"].get("content") or ""
        return said

    def reason(self, choice: int = 0) -> str | None:
        """The finish reason of a choice, whole or streamed."""
        if not self.headers["content-type"].startswith("text/event-stream"):
            return self.json["choices"][choice]["finish_reason"]  # type: ignore[no-any-return]
        reasons = [
            item["finish_reason"]
            for chunk in self.chunks
            for item in chunk.get("choices", ())
            if item["index"] == choice and item.get("finish_reason")
        ]
        assert len(reasons) <= 1
        return reasons[0] if reasons else None


async def post(url: str, body: bytes | dict[str, Any], *, path: str = "/v1/chat/completions", **headers: str) -> Seen:
    """POST a body and read the whole answer."""
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.post(url + path, data=raw, headers={"content-type": "application/json", **named}) as response,
    ):
        return Seen(response.status, {k.lower(): v for k, v in response.headers.items()}, await response.read())


def chat(*texts: str | dict[str, Any], model: str = "echo", **more: Any) -> dict[str, Any]:
    """A chat body; bare texts are the user's."""
    messages: Sequence[dict[str, Any]] = [
        text if isinstance(text, dict) else {"role": "user", "content": text} for text in texts
    ]
    return {"model": model, "messages": list(messages), **more}
