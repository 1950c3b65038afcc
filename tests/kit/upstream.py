"""A real HTTP server on a loopback port that answers by script, well or badly.

::

    async with ScriptedUpstream(whole(chat_json("你好"))) as upstream:
        provider = OpenAICompatible("up", upstream.url, "key")
        ...
        assert upstream.requests[0].json["model"] == "m"

An answer is a list of pieces: bytes are sent as they stand (so the list is how the stream is cut),
a number waits that many seconds, an ``asyncio.Event`` waits until the test sets it. Answers are
used in order, and the last one for every request after it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

Piece = bytes | float | asyncio.Event
DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came over the wire; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return orjson.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server does with one request.

    Attributes:
        pieces: The body, cut as it is to be sent; with ``framing="raw"`` everything, head included.
        framing: How the body's end is told: its length, chunks, or the end of the connection.
        then: What follows the last piece: a proper end and the next request, a close without the
            end of the framing, a TCP reset, or silence until the client leaves.
    """

    pieces: Iterable[Piece] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    framing: Literal["length", "chunked", "close", "raw"] = "chunked"
    then: Literal["end", "close", "reset", "stall"] = "end"


def whole(body: bytes, status: int = 200, content_type: str = "application/json", **headers: str) -> Answer:
    """Answer with one body of known length; ``retry_after="1"`` gives ``retry-after: 1``."""
    return Answer([body], status, {"content-type": content_type, **_header_names(headers)}, framing="length")


def events(pieces: Iterable[Piece], then: Literal["end", "close", "reset", "stall"] = "end", **headers: str) -> Answer:
    """Answer with an event stream, cut as ``pieces`` are."""
    return Answer(pieces, 200, {"content-type": "text/event-stream", **_header_names(headers)}, then=then)


def redirect(location: str, status: int = 307) -> Answer:
    """Send the client elsewhere."""
    return Answer([b""], status, {"location": location}, framing="length")


def silence() -> Answer:
    """Take the request and never answer."""
    return Answer(framing="raw", then="stall")


def hangup() -> Answer:
    """Take the request and close the connection without a byte."""
    return Answer(framing="raw", then="close")


def raw(*pieces: Piece, then: Literal["close", "reset", "stall"] = "close") -> Answer:
    """Send exactly these bytes, status line included, or nothing like HTTP at all."""
    return Answer(pieces, framing="raw", then=then)


def cut(data: bytes, size: int) -> list[bytes]:
    """Cut bytes into pieces of ``size``, through characters and events alike."""
    return [data[at : at + size] for at in range(0, len(data), size)]


Script = Answer | Callable[[Received], Answer]


class ScriptedUpstream:
    """Serves while its ``async with`` block runs.

    Attributes:
        url: The base URL, ending in ``/v1``.
        requests: Every request received, in order.
        connections: How many connections were ever made.
        left: Set when a client closed its connection before its answer was complete.
    """

    def __init__(self, *script: Script) -> None:
        self._script = list(script)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.url = ""
        self.requests: list[Received] = []
        self.connections = 0
        self.left = asyncio.Event()

    async def __aenter__(self) -> ScriptedUpstream:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def then(self, *script: Script) -> None:
        """Replace what is still to be answered."""
        self._script = list(script)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer, self.connections))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        try:
            while request := await _receive(reader, number):
                self.requests.append(request)
                step = self._script[0] if len(self._script) == 1 else self._script.pop(0)
                answer = step(request) if callable(step) else step
                try:
                    await _send(answer, reader, writer)
                except ConnectionError:
                    self.left.set()
                    return
                if answer.then == "reset":
                    writer.transport.abort()
                if answer.then != "end" or answer.framing in ("close", "raw"):
                    return
        except ConnectionError:
            return
        finally:
            with contextlib.suppress(ConnectionError):
                writer.close()


async def _receive(reader: asyncio.StreamReader, number: int) -> Received | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    start, *lines = head.rstrip().split("\r\n")
    method, path, _ = start.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = b""
    if headers.get("transfer-encoding") == "chunked":
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
    else:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Received(method, path, headers, body, number)


async def _send(answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    pieces: Iterable[Piece] = answer.pieces
    if answer.framing != "raw":
        head = dict(answer.headers)
        if answer.framing == "length":
            pieces = list(pieces)
            head["content-length"] = str(sum(len(piece) for piece in pieces if isinstance(piece, bytes)))
        elif answer.framing == "chunked":
            head["transfer-encoding"] = "chunked"
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        writer.write(f"HTTP/1.1 {answer.status} Scripted\r\n{lines}\r\n".encode("latin-1"))
    for piece in pieces:
        if isinstance(piece, bytes):
            if piece:
                writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if answer.framing == "chunked" else piece)
            await writer.drain()
            await asyncio.sleep(0)
        else:
            await _wait(piece, reader)
    if answer.then == "stall":
        await _wait(asyncio.Event(), reader)
    if answer.then == "end" and answer.framing == "chunked":
        writer.write(b"0\r\n\r\n")
    await writer.drain()


async def _wait(pause: float | asyncio.Event, reader: asyncio.StreamReader) -> None:
    """Wait, and notice if the client leaves meanwhile."""
    waiter = asyncio.ensure_future(pause.wait() if isinstance(pause, asyncio.Event) else asyncio.sleep(pause))
    leaving = asyncio.ensure_future(reader.read(1))
    try:
        await asyncio.wait([waiter, leaving], return_when=asyncio.FIRST_COMPLETED)
        if leaving.done() and not leaving.result():
            raise ConnectionResetError
    finally:
        for task in (waiter, leaving):
            task.cancel()
        await asyncio.gather(waiter, leaving, return_exceptions=True)


def _header_names(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


# --- OpenAI's chat shapes ------------------------------------------------------------------------


def chat_json(
    text: str | None,
    *,
    n: int = 1,
    reasoning: str | None = None,
    tool_calls: Sequence[tuple[str, str]] = (),
    usage: tuple[int, int] | None = (7, 5),
    finish: str | None = "stop",
    model: str = "m",
    **fields: Any,
) -> bytes:
    """A whole chat completion; ``tool_calls`` are (name, arguments), ``usage`` is (prompt, completion)."""
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if reasoning is not None:
        message["reasoning_content"] = reasoning
    if tool_calls:
        message["tool_calls"] = [_tool_call(at, name, said) for at, (name, said) in enumerate(tool_calls)]
    choices = [{"index": at, "message": message, "logprobs": None, "finish_reason": finish} for at in range(n)]
    body = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1_700_000_000, "model": model}
    return orjson.dumps({**body, "choices": choices, **({"usage": _usage(usage)} if usage else {}), **fields})


def chat_sse(
    pieces: Sequence[str],
    *,
    n: int = 1,
    reasoning: Sequence[str] = (),
    tool_calls: Sequence[tuple[str, Sequence[str]]] = (),
    usage: tuple[int, int] | None = None,
    finish: str | None = "stop",
    done: bool = True,
    eol: str = "\n",
    heartbeat: bool = False,
    model: str = "m",
) -> list[bytes]:
    """A streamed chat completion, one event a piece.

    ``tool_calls`` are (name, pieces of arguments). ``finish=None`` leaves the finish chunks out,
    ``done=False`` the terminal, ``heartbeat=True`` puts a comment before every event.
    """
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"reasoning_content": piece} for piece in reasoning]
    deltas += [{"content": piece} for piece in pieces]
    for at, (name, arguments) in enumerate(tool_calls):
        deltas.append({"tool_calls": [{"index": at, **_tool_call(at, name, "")}]})
        deltas += [{"tool_calls": [{"index": at, "function": {"arguments": said}}]} for said in arguments]
    parts = [_choice(index, delta, None) for delta in deltas for index in range(n)]
    if finish is not None:
        parts += [_choice(index, {}, finish) for index in range(n)]
    if usage:
        parts.append({"choices": [], "usage": _usage(usage)})
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": model}
    out = [sse(orjson.dumps({**head, **part}), eol) for part in parts]
    if done:
        out.append(sse(b"[DONE]", eol))
    return [f": ping{eol}{eol}".encode() + event for event in out] if heartbeat else out


def sse(data: bytes, eol: str = "\n", name: str = "") -> bytes:
    """One server-sent event."""
    end = eol.encode()
    return (b"event: " + name.encode() + end if name else b"") + b"data: " + data + end + end


def _choice(index: int, delta: dict[str, Any], finish: str | None) -> dict[str, Any]:
    return {"choices": [{"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}]}


def _tool_call(at: int, name: str, arguments: str) -> dict[str, Any]:
    return {"id": f"call_{at}", "type": "function", "function": {"name": name, "arguments": arguments}}


def _usage(usage: tuple[int, int]) -> dict[str, int]:
    return {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
