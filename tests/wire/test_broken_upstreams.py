"""Whatever a streaming upstream does, in every dialect: the client gets a well-formed end, and nothing forbidden.

Mutants killed: a stream without its terminal; an error in mid-stream that is the end of the connection; an event after
the end; a character that is lost where bytes are cut; a gzip body that is read as text.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import orjson
import pytest
from kit.asking import Seen, post
from kit.messages import message_sse
from kit.plans import pattern, plan, rule, side
from kit.responses import before_openai, hear, response_sse
from kit.upstream import DONE, Answer, chat_sse, cut, events, sse

from gateway.wire import forms

SIDE = side(
    {"drug": pattern("drug", "毒品"), "number": pattern("number", "[0-9]{6,11}")},
    [rule("drug", "refuse"), rule("number", "mask", keep=(2, 2))],
)
PLAN = plan(SIDE, SIDE)


class Kind(NamedTuple):
    """A dialect that streams.

    Attributes:
        path: Where it is served.
        body: What asks for a stream.
        stream: Writes a text in pieces, one event a piece.
        text: What a client reads of a stream; checks that it ends as the dialect ends.
    """

    path: str
    body: dict[str, Any] | bytes
    stream: Callable[[Sequence[str]], list[bytes]]
    text: Callable[[bytes], tuple[str, bool]]


def _completion(pieces: Sequence[str]) -> list[bytes]:
    head = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m"}
    said = [{"index": 0, "text": piece, "finish_reason": None} for piece in pieces]
    said.append({"index": 0, "text": "", "finish_reason": "stop"})
    return [*(sse(orjson.dumps({**head, "choices": [one]})) for one in said), DONE]


def _transcript(pieces: Sequence[str]) -> list[bytes]:
    said = [{"type": "transcript.text.delta", "delta": piece} for piece in pieces]
    return [sse(orjson.dumps(one)) for one in [*said, {"type": "transcript.text.done", "text": "".join(pieces)}]]


def _data(stream: bytes) -> list[Any]:
    lines = [line[6:] for line in stream.split(b"\n") if line.startswith(b"data: ")]
    return [orjson.loads(line) for line in lines if line != b"[DONE]"]


def _of_choices(key: str) -> Callable[[bytes], tuple[str, bool]]:
    def read(stream: bytes) -> tuple[str, bool]:
        assert stream.endswith(DONE)
        assert stream.count(DONE) == 1
        said = [choice for one in _data(stream) for choice in one.get("choices", ())]
        text = "".join((one["delta"].get("content") if key == "delta" else one.get(key)) or "" for one in said)
        return text, b'"error":{' in stream

    return read


def _of_message(stream: bytes) -> tuple[str, bool]:
    assert stream.endswith(b'data: {"type":"message_stop"}\n\n')
    said = _data(stream)
    kinds = [one["type"] for one in said]
    assert kinds.count("content_block_start") == kinds.count("content_block_stop")
    return "".join(
        one["delta"].get("text", "") for one in said if one["type"] == "content_block_delta"
    ), "error" in kinds


def _of_transcript(stream: bytes) -> tuple[str, bool]:
    failed = stream.endswith(DONE)
    said = _data(stream)
    assert ("error" in said[-1]) if failed else (said[-1]["type"] == "transcript.text.done")
    text = "".join(one["delta"] for one in said if one.get("type") == "transcript.text.delta")
    assert failed or said[-1]["text"] == text
    return text, failed


FIELD = forms.Field("file", b"x", ".wav", "audio/wav", True)
FORM = forms.write(forms.Form((forms.Field("model", b"up"), forms.Field("stream", b"true"), FIELD), "b0"), {})
KINDS = {
    "chat": Kind(
        "/v1/chat/completions",
        {"model": "up", "messages": [{"role": "user", "content": "问"}], "stream": True},
        chat_sse,
        _of_choices("delta"),
    ),
    "completions": Kind(
        "/v1/completions", {"model": "up", "prompt": "问", "stream": True}, _completion, _of_choices("text")
    ),
    "responses": Kind(
        "/v1/responses",
        {"model": "up", "input": "问", "stream": True},
        lambda pieces: response_sse(("text", pieces)),
        lambda stream: (hear(stream).text(), hear(stream).types[-1] == "response.failed"),
    ),
    "transcription": Kind("/v1/audio/transcriptions", FORM, _transcript, _of_transcript),
    "messages over chat": Kind(
        "/v1/messages",
        {"model": "up", "max_tokens": 9, "messages": [{"role": "user", "content": "问"}], "stream": True},
        chat_sse,
        _of_message,
    ),
}
DIALECTS = pytest.mark.parametrize("kind", list(KINDS.values()), ids=list(KINDS))
TEXT = ["你好", "🎈", "号13812", "345678", "，完。"]
SEEN = "你好🎈号13*******78，完。"


async def ask(kind: Kind, answer: Answer) -> Seen:
    async with before_openai(PLAN, answer) as here:
        return await post(here.gate.url, kind.body, path=kind.path, accept_encoding="identity")


async def read(kind: Kind, answer: Answer) -> tuple[str, bool]:
    seen = await ask(kind, answer)
    assert seen.status == 200, seen.body
    return kind.text(seen.body.replace(b"\r\n", b"\n").replace(b": ping\n\n", b""))


@DIALECTS
@pytest.mark.parametrize("size", [1, 2, 7])
async def test_half_a_character_in_each_piece_changes_nothing(kind: Kind, size: int) -> None:
    assert await read(kind, events(cut(b"".join(kind.stream(TEXT)), size))) == (SEEN, False)


@DIALECTS
async def test_a_stream_in_gzip_is_read(kind: Kind) -> None:
    packed = gzip.compress(b"".join(kind.stream(TEXT)))
    assert await read(kind, events(cut(packed, 40), content_encoding="gzip")) == (SEEN, False)


@DIALECTS
async def test_an_enormous_piece_is_judged_to_its_end(kind: Kind) -> None:
    text, failed = await read(kind, events(kind.stream(["字" * 300_000 + "13812345678"])))
    assert (text[-12:], failed) == ("字13*******78", False)


@DIALECTS
async def test_a_piece_beyond_all_bounds_ends_the_answer(kind: Kind) -> None:
    pieces = kind.stream(["好的", "。"])
    huge = [b'data: {"x": "' + b"y" * 9 * 2**20]
    seen = await ask(kind, events([*pieces[:-2], *huge]))
    assert seen.status == 502 or kind.text(seen.body)[1]


def middle(pieces: list[bytes]) -> int:
    """The place of the second piece of text."""
    return next(at for at, piece in enumerate(pieces) if b"\xf0\x9f\x8e\x88" in piece or b"\\ud83c" in piece)


ERROR = b'data: {"error": {"message": "500", "code": 500}}\n\n'
BROKEN: list[tuple[str, Callable[[list[bytes]], Answer]]] = [
    ("no terminal", lambda p: events(p[: middle(p)])),
    ("a connection that is cut", lambda p: events(p[: middle(p)], then="close")),
    ("a connection that is reset", lambda p: events(p[: middle(p)], then="reset")),
    ("nonsense", lambda p: events([*p[: middle(p)], b"data: {nonsense\n\n", *p[middle(p) :]])),
    ("no UTF-8", lambda p: events([*p[: middle(p)], b'data: {"a": "\xff"}\n\n', *p[middle(p) :]])),
    ("half an event", lambda p: events([*p[: middle(p)], p[middle(p)][:20]])),
    (
        "an error of the server",
        lambda p: events([*p[: middle(p)], ERROR]),
    ),
    ("an array", lambda p: events([*p[: middle(p)], b"data: []\n\n", *p[middle(p) :]])),
    ("silence", lambda p: events(p[: middle(p)], then="stall")),
]


@DIALECTS
@pytest.mark.parametrize(("what", "broken"), BROKEN, ids=[what for what, _ in BROKEN])
async def test_a_stream_that_breaks_ends_well_and_says_so(kind: Kind, what: str, broken: Callable[..., Answer]) -> None:
    text, failed = await read(kind, broken(kind.stream(["天气很好。", "🎈", "完"])))
    assert (text, failed) == ("天气很好。", True)


@DIALECTS
async def test_events_out_of_order_end_well(kind: Kind) -> None:
    pieces = kind.stream(TEXT)
    seen = await ask(kind, events([*pieces[::-1]]))
    assert seen.status == 502 or kind.text(seen.body)
    swapped = [*pieces[:-3], *pieces[-1:], *pieces[-3:-1]]
    seen = await ask(kind, events(swapped))
    assert seen.status == 502 or "13812345678" not in kind.text(seen.body)[0]


@DIALECTS
async def test_comments_line_ends_and_fields_that_nobody_knows_change_nothing(kind: Kind) -> None:
    pieces = [b": ping\n\n" + piece.replace(b'"index":0', b'"index":0,"hint":7') for piece in kind.stream(TEXT)]
    raw = b"".join(pieces).replace(b"\n", b"\r\n")
    assert await read(kind, events([raw])) == (SEEN, False)


@DIALECTS
async def test_a_refusal_in_mid_stream_ends_well(kind: Kind) -> None:
    text, failed = await read(kind, events(kind.stream(["天气很好。", "毒", "品", "到处"])))
    assert "毒" not in text
    assert not failed
    assert text.startswith("天气很好。")


async def test_an_anthropic_server_that_breaks_off_ends_well_too() -> None:
    """Its own table stands in ``test_anthropic_sdk``; here only that the two agree."""
    kind = KINDS["messages over chat"]
    assert kind.text(b"".join(message_sse(("text", ["好"])))) == ("好", False)
