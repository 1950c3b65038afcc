"""OpenAI's Responses shapes, and OpenAI's own SDK before a gateway before a scripted upstream."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson
from openai import AsyncOpenAI, DefaultAsyncHttpxClient

from gateway.policy.plan import Plan
from gateway.ports import Provider
from gateway.privacy.keys import Keyring
from gateway.providers.openai_compatible import OpenAICompatible
from gateway.providers.timeouts import Timeouts
from gateway.settings import Settings
from gateway.settings.schema import Limits
from gateway.wiring import turns_of
from kit.gateway import Running, parts, serving
from kit.upstream import Script, ScriptedUpstream, sse

Said = tuple[Literal["text", "thoughts", "summary", "refusal", "call", "custom"], Sequence[str]]
"""An item and the pieces of its text."""

HEAD: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1_700_000_000,
    "status": "in_progress",
    "error": None,
    "incomplete_details": None,
    "instructions": None,
    "metadata": {},
    "model": "m",
    "output": [],
    "parallel_tool_calls": True,
    "temperature": 1.0,
    "tool_choice": "auto",
    "tools": [],
    "top_p": 1.0,
    "usage": None,
}
_FORMS = {
    "text": ("message", "content", "output_text", "text", "output_text"),
    "refusal": ("message", "content", "refusal", "refusal", "refusal"),
    "thoughts": ("reasoning", "content", "reasoning_text", "text", "reasoning_text"),
    "summary": ("reasoning", "summary", "summary_text", "text", "reasoning_summary_text"),
}
_CALLS = {
    "call": ("function_call", "arguments", "function_call_arguments"),
    "custom": ("custom_tool_call", "input", "custom_tool_call_input"),
}


def usage(asked: int = 7, said: int = 5) -> dict[str, Any]:
    return {
        "input_tokens": asked,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": said,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": asked + said,
    }


def item(index: int, form: str, text: str) -> dict[str, Any]:
    """An item as it stands at its end."""
    if form in _CALLS:
        kind, key, _ = _CALLS[form]
        named = {"call_id": f"call_{index}", "name": "send"}
        return {"id": f"fc_{index}", "type": kind, "status": "completed", key: text, **named}
    kind, section, part, key, _ = _FORMS[form]
    notes: dict[str, Any] = {"annotations": [], "logprobs": []} if form == "text" else {}
    made = {"id": f"it_{index}", "type": kind, "status": "completed", section: [{"type": part, key: text, **notes}]}
    return {**made, "role": "assistant"} if kind == "message" else {"summary": [], **made}


def response_json(*said: tuple[str, str], status: str = "completed", **fields: Any) -> bytes:
    """A whole response."""
    output = [item(index, form, text) for index, (form, text) in enumerate(said)]
    return orjson.dumps({**HEAD, "status": status, "output": output, "usage": usage(), **fields})


def event(type: str, number: int, **data: Any) -> bytes:
    """One event under its own name."""
    return sse(orjson.dumps({"type": type, "sequence_number": number, **data}), name=type)


def response_sse(*said: Said, status: str | None = "completed", **fields: Any) -> list[bytes]:
    """A streamed response as OpenAI streams it, one event a piece; ``status=None`` leaves the terminal out."""
    out: list[bytes] = []
    output: list[dict[str, Any]] = []

    def put(type: str, **data: Any) -> None:
        out.append(event(f"response.{type}", len(out), **data))

    head = {**HEAD, **fields}
    put("created", response=head)
    put("in_progress", response=head)
    for index, (form, pieces) in enumerate(said):
        done = item(index, form, "".join(pieces))
        at: dict[str, Any] = {"item_id": done["id"], "output_index": index}
        if form in _CALLS:
            _, key, name = _CALLS[form]
            put("output_item.added", output_index=index, item={**done, "status": "in_progress", key: ""})
            for piece in pieces:
                put(f"{name}.delta", **at, delta=piece)
            put(f"{name}.done", **at, **{key: done[key]}, **({"name": "send"} if form == "call" else {}))
        else:
            kind, section, _, key, name = _FORMS[form]
            empty = {"content": []} if kind == "message" else {"summary": []}
            started = {k: v for k, v in done.items() if k not in ("content", "summary")}
            put("output_item.added", output_index=index, item={**started, "status": "in_progress", **empty})
            begins = "reasoning_summary_part" if section == "summary" else "content_part"
            at["summary_index" if section == "summary" else "content_index"] = 0
            put(f"{begins}.added", **at, part={**done[section][0], key: ""})
            extra: dict[str, Any] = {"logprobs": []} if form == "text" else {}
            for piece in pieces:
                put(f"{name}.delta", **at, delta=piece, **extra)
            put(f"{name}.done", **at, **{key: "".join(pieces)}, **extra)
            put(f"{begins}.done", **at, part=done[section][0])
        put("output_item.done", output_index=index, item=done)
        output.append(done)
    if status is not None:
        details = {"incomplete_details": {"reason": "max_output_tokens"}} if status == "incomplete" else {}
        put(status, response={**head, **details, "status": status, "output": output, "usage": usage()})
    return out


@dataclass(slots=True)
class Heard:
    """A streamed response as a client sees it, checked for its order.

    Attributes:
        events: Every event, parsed.
        output: What the deltas of each item joined to, by item.
    """

    events: list[dict[str, Any]]
    output: list[dict[str, Any]]

    @property
    def types(self) -> list[str]:
        return [str(one["type"]) for one in self.events]

    @property
    def final(self) -> dict[str, Any]:
        found: dict[str, Any] = self.events[-1]["response"]
        return found

    def text(self, key: str = "text") -> str:
        """All that deltas said under one key of parts, or of items."""
        return "".join(one.get(key) or "" for one in self.output)


def hear(stream: bytes) -> Heard:
    """Read a stream strictly: what every client relies on holds, or it fails here."""
    events = []
    for chunk in stream.split(b"\n\n")[:-1]:
        if chunk.startswith(b":"):
            continue
        name, data = chunk.split(b"\n", 1)
        parsed = orjson.loads(data.removeprefix(b"data: "))
        assert name == b"event: " + parsed["type"].encode()
        events.append(parsed)
    assert stream.endswith(b"\n\n")
    assert [one["sequence_number"] for one in events] == list(range(len(events)))
    assert events[0]["type"] == "response.created"
    output: list[dict[str, Any]] = []
    done: list[dict[str, Any]] = []
    part: dict[str, Any] | None = None
    for one in events:
        kind = one["type"].removeprefix("response.")
        if kind == "output_item.added":
            assert one["output_index"] == len(output) == len(done), "an item begins while another is open"
            output.append({"type": one["item"]["type"], "id": one["item"]["id"], "text": "", "parts": 0})
        elif kind in ("content_part.added", "reasoning_summary_part.added"):
            assert part is None
            assert one["output_index"] == len(output) - 1
            part = {"text": ""}
        elif kind.endswith(".delta"):
            assert one["output_index"] == len(output) - 1
            assert one["item_id"] == output[-1]["id"]
            assert one["delta"] != ""
            key = {"refusal": "refusal", "reasoning": "thoughts", "function": "arguments", "custom": "input"}
            name = next((value for start, value in key.items() if kind.startswith(start)), "text")
            output[-1][name] = (output[-1].get(name) or "") + one["delta"]
            if part is not None:
                part["text"] += one["delta"]
        elif kind in ("output_text.done", "reasoning_text.done", "reasoning_summary_text.done", "refusal.done"):
            assert part is not None
            assert one.get("text", one.get("refusal")) == part["text"]
        elif kind in ("content_part.done", "reasoning_summary_part.done"):
            assert part is not None
            assert one["part"].get("text", one["part"].get("refusal")) == part["text"]
            part = None
        elif kind == "function_call_arguments.done":
            assert one["arguments"] == output[-1].get("arguments", "")
        elif kind == "output_item.done":
            assert part is None
            assert one["output_index"] == len(output) - 1
            done.append(one["item"])
    assert len(done) == len(output)
    assert events[-1]["type"] in ("response.completed", "response.incomplete", "response.failed")
    whole = [one for one in done if not (one["type"].endswith("_call") and one["status"] == "incomplete")]
    assert events[-1]["response"]["output"] == whole
    assert events[-1]["response"]["status"] == events[-1]["type"].removeprefix("response.")
    return Heard(events, output)


@dataclass(frozen=True, slots=True)
class BeforeOpenAI:
    """What stands on the two sides of a gateway.

    Attributes:
        client: OpenAI's SDK, pointed at the gateway; retries as by default.
        gate: The gateway; its model is called ``up``.
        upstream: What lies behind it.
    """

    client: AsyncOpenAI
    gate: Running
    upstream: ScriptedUpstream

    async def ask(self, said: Any, **more: Any) -> Any:
        return await self.client.responses.create(model="up", input=said, **more)

    async def hear(self, said: Any, **more: Any) -> Heard:
        """Ask for a stream; read it with the SDK, and check what is on the wire."""
        stream = await self.client.responses.create(model="up", input=said, stream=True, **more)
        raw = b""
        async for event in stream:
            data = json.loads(event.to_json(exclude_unset=True, indent=None))
            raw += b"event: " + event.type.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n"
        return hear(raw)


@contextlib.asynccontextmanager
async def before_openai(
    plan: Plan,
    *script: Script,
    ring: Keyring | None = None,
    provider: Provider | None = None,
    keys: tuple[str, ...] = (),
    headers: Mapping[str, str] | None = None,
    settings: Settings | None = None,
    producer: str | None = None,
    limits: Limits | None = None,
) -> AsyncIterator[BeforeOpenAI]:
    """Serve a gateway under ``plan`` before an upstream that answers by ``script``."""
    async with ScriptedUpstream(*script) as upstream:
        reached = provider or OpenAICompatible("up", upstream.url, "sk-upstream", timeouts=Timeouts(1.0, 1.0, 0.6))
        made = parts(plan, {"up": reached}, ring=ring, keys=keys, producer=producer, limits=limits)
        made = replace(made, turns=turns_of(settings or Settings(), {}, ring))
        async with serving(made) as gate:
            plain = DefaultAsyncHttpxClient(verify=False)  # loopback: no certificates to load
            url, key = gate.url + "/v1", keys[0] if keys else "sk-client"
            async with AsyncOpenAI(base_url=url, api_key=key, default_headers=headers, http_client=plain) as client:
                yield BeforeOpenAI(client, gate, upstream)
