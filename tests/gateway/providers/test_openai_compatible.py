from __future__ import annotations

import asyncio
import gzip
import socket
import traceback
from collections.abc import AsyncIterator, Callable

import pytest
from kit.upstream import (
    Answer,
    Received,
    ScriptedUpstream,
    chat_json,
    chat_sse,
    cut,
    events,
    hangup,
    raw,
    redirect,
    silence,
    whole,
)

from gateway.errors import (
    SettingsError,
    UpstreamBroke,
    UpstreamError,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from gateway.ports import Call
from gateway.providers.openai_compatible import OpenAICompatible
from gateway.providers.timeouts import Timeouts

pytestmark = pytest.mark.anyio

KEY = "sk-our-own-secret"
SECRET_TEXT = "绝密 top secret"
SECRET_TRACES = ("绝密", "top secret", "xe7")  # the last as the bytes are shown in a repr
STREAM = b"".join(chat_sse(["你好", "，", "world"]))


def call(body: bytes = b'{"model":"m"}', *, stream: bool = False, path: str = "/chat/completions") -> Call:
    return Call("01X", path, "m", body, stream)


async def read(provider: OpenAICompatible, asked: Call) -> list[bytes]:
    answer = await provider.open(asked)
    try:
        return [chunk async for chunk in answer.chunks()]
    finally:
        await answer.aclose()


Build = Callable[..., OpenAICompatible]


@pytest.fixture
async def build() -> AsyncIterator[Build]:
    made: list[OpenAICompatible] = []

    def make(url: str, key: str | None = KEY, **options: object) -> OpenAICompatible:
        made.append(OpenAICompatible("up", url, key, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for provider in made:
        await provider.aclose()


# --- What goes out -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b'{"model":"m","messages":[{"role":"user","content":"hi"}]}',
        '{ "model" : "m",\n "x_unknown": 1.50, "messages":[{"role":"user","content":"你好\\u4f60 🙂"}] }'.encode(),
        b'{"pad":"' + b"x" * 300_000 + b'"}',
    ],
    ids=["latin", "chinese with odd spacing", "large"],
)
async def test_the_body_reaches_the_upstream_byte_for_byte(build: Build, body: bytes) -> None:
    async with ScriptedUpstream(whole(chat_json("好"))) as upstream:
        await read(build(upstream.url), call(body))
    assert [request.body for request in upstream.requests] == [body]


@pytest.mark.parametrize("slash", ["", "/"])
async def test_the_path_is_joined_to_the_base_url(build: Build, slash: str) -> None:
    async with ScriptedUpstream(whole(b"{}")) as upstream:
        await read(build(upstream.url + slash), call(path="/embeddings"))
    assert (upstream.requests[0].method, upstream.requests[0].path) == ("POST", "/v1/embeddings")


async def test_only_our_own_headers_are_sent(build: Build) -> None:
    async with ScriptedUpstream(whole(b"{}")) as upstream:
        provider = build(upstream.url, KEY + "\n", headers={"X-Team": "blue"})
        await read(provider, call(stream=True))
    headers = dict(upstream.requests[0].headers)
    assert headers.pop("user-agent").startswith("sluice/")
    assert headers.pop("host").startswith("127.0.0.1:")
    assert headers == {
        "authorization": f"Bearer {KEY}",
        "content-type": "application/json",
        "accept": "text/event-stream",
        "accept-encoding": "identity",
        "content-length": "13",
        "x-team": "blue",
    }


async def test_without_a_key_no_authorization_is_sent(build: Build) -> None:
    async with ScriptedUpstream(whole(b"{}")) as upstream:
        await read(build(upstream.url, None), call())
    assert "authorization" not in upstream.requests[0].headers


async def test_a_cookie_of_the_upstream_is_not_sent_back(build: Build) -> None:
    async with ScriptedUpstream(whole(b"{}", set_cookie="who=me; Path=/")) as upstream:
        provider = build(upstream.url.replace("127.0.0.1", "localhost"))
        await read(provider, call())
        await read(provider, call())
    assert [request.headers.get("cookie") for request in upstream.requests] == [None, None]


# --- What comes back -----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 10_000])
async def test_a_stream_comes_back_byte_for_byte_however_it_is_cut(build: Build, size: int) -> None:
    async with ScriptedUpstream(events(cut(STREAM, size))) as upstream:
        assert b"".join(await read(build(upstream.url), call(stream=True))) == STREAM


async def test_a_piece_is_handed_on_before_the_next_one_exists(build: Build) -> None:
    go = asyncio.Event()
    first, *rest = chat_sse(["你好"])
    async with ScriptedUpstream(events([first, go, *rest])) as upstream:
        answer = await build(upstream.url).open(call(stream=True))
        chunks = answer.chunks()
        assert await anext(chunks) == first
        go.set()
        assert b"".join([chunk async for chunk in chunks]) == b"".join(rest)
        await answer.aclose()


@pytest.mark.parametrize("stream", [False, True], ids=["asked for one body", "asked for a stream"])
async def test_a_json_answer_is_one_chunk(build: Build, stream: bool) -> None:
    body = chat_json("很长" * 200_000)
    answer = Answer(cut(body, 50_000), headers={"content-type": "application/json; charset=utf-8"})
    async with ScriptedUpstream(answer) as upstream:
        assert await read(build(upstream.url), call(stream=stream)) == [body]


async def test_the_content_type_is_the_upstreams(build: Build) -> None:
    async with ScriptedUpstream(events([STREAM]), whole(b"ID3", content_type="audio/mpeg")) as upstream:
        provider = build(upstream.url)
        kinds = [(await provider.open(call(stream=True))).content_type for _ in range(2)]
    assert kinds == ["text/event-stream", "audio/mpeg"]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_compressed_answer_is_unpacked(build: Build, stream: bool) -> None:
    body = STREAM if stream else chat_json("你好")
    packed = gzip.compress(body)
    answer = events(cut(packed, 9), content_encoding="gzip") if stream else whole(packed, content_encoding="gzip")
    async with ScriptedUpstream(answer) as upstream:
        assert b"".join(await read(build(upstream.url), call(stream=stream))) == body


# --- What goes wrong before an answer ------------------------------------------------------------

QUICK = Timeouts(connect=5, first_byte=0.05, idle=0.05)


@pytest.mark.parametrize(
    ("answer", "kind", "status", "says"),
    [
        (silence(), UpstreamTimeout, 504, "no answer within 0.05 s"),
        (raw(b"HTTP/1.1 200 OK\r\ncontent-", then="stall"), UpstreamTimeout, 504, "no answer"),
        (hangup(), UpstreamBroke, 502, "without an answer"),
        (Answer(framing="raw", then="reset"), UpstreamBroke, 502, "without an answer"),
        (raw(b"HTTP/1.1 200 OK\r\ncontent-"), UpstreamBroke, 502, "without an answer"),
        (raw(f"220 {SECRET_TEXT}\r\n\r\n".encode()), UpstreamBroke, 502, "not HTTP"),
        (redirect("http://127.0.0.1:1/"), UpstreamUnreachable, 502, "redirects (HTTP 307)"),
        (whole(SECRET_TEXT.encode(), 302), UpstreamUnreachable, 502, "redirects (HTTP 302)"),
        (whole(SECRET_TEXT.encode(), 400), UpstreamRefused, 400, "HTTP 400"),
        (whole(SECRET_TEXT.encode(), 401), UpstreamRefused, 502, "refuses our key (HTTP 401)"),
        (whole(SECRET_TEXT.encode(), 404), UpstreamRefused, 404, "HTTP 404"),
        (whole(SECRET_TEXT.encode(), 429), UpstreamRefused, 429, "HTTP 429"),
        (whole(SECRET_TEXT.encode(), 503), UpstreamRefused, 503, "HTTP 503"),
        (whole(SECRET_TEXT.encode(), 777), UpstreamRefused, 502, "HTTP 777"),
    ],
)
async def test_each_failure_before_an_answer_has_its_own_error(
    build: Build, answer: Answer, kind: type[UpstreamError], status: int, says: str
) -> None:
    async with ScriptedUpstream(answer) as upstream:
        with pytest.raises(UpstreamError) as caught:
            await build(upstream.url, timeouts=QUICK).open(call())
        assert len(upstream.requests) == 1
    error = caught.value
    assert (type(error), error.status, error.upstream) == (kind, status, "up")
    assert "'up'" in str(error)
    assert says in str(error)
    trace = "".join(traceback.format_exception(error))
    assert not any(word in trace for word in (KEY, *SECRET_TRACES))


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


async def test_a_closed_port_is_unreachable(build: Build) -> None:
    with pytest.raises(UpstreamUnreachable, match=r"Upstream 'up': cannot connect \(.+\)"):
        await build(f"http://127.0.0.1:{closed_port()}/v1").open(call())


async def test_an_unknown_host_is_unreachable(build: Build) -> None:
    with pytest.raises(UpstreamUnreachable, match="host name is not known"):
        await build("http://no-such-host.invalid/v1").open(call())


async def test_a_server_without_tls_is_unreachable_over_https(build: Build) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(UpstreamUnreachable, match="TLS failed"):
            await build(f"https://127.0.0.1:{port}/v1").open(call())


async def test_a_host_that_takes_no_connection_times_out(build: Build) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        port = deaf.getsockname()[1]
        fill = [socket.socket() for _ in range(4)]  # the backlog is full after these: no more SYN is answered
        try:
            for one in fill:
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", port))
            timeouts = Timeouts(connect=0.1, first_byte=9, idle=9)
            with pytest.raises(UpstreamTimeout, match=r"no connection within 0\.1 s"):
                await build(f"http://127.0.0.1:{port}/v1", timeouts=timeouts).open(call())
        finally:
            for one in fill:
                one.close()


async def test_waiting_for_a_free_connection_ends_too(build: Build) -> None:
    async with ScriptedUpstream(events([b": hi\n\n"], then="stall")) as upstream:
        provider = build(upstream.url, connections=1, timeouts=Timeouts(connect=0.05, first_byte=0.05, idle=9))
        held = await provider.open(call(stream=True))
        with pytest.raises(UpstreamTimeout):
            await provider.open(call(stream=True))
        await held.aclose()


async def test_a_refusal_brings_its_body_and_retry_after_but_never_our_key(build: Build) -> None:
    body = f'{{"error":{{"message":"{SECRET_TEXT}, your key {KEY} is over quota"}}}}'.encode()
    async with ScriptedUpstream(whole(body, 429, retry_after="7")) as upstream:
        with pytest.raises(UpstreamRefused) as caught:
            await build(upstream.url).open(call())
    assert caught.value.body == body.replace(KEY.encode(), b"***")
    assert caught.value.retry_after == "7"


async def test_a_huge_refusal_is_capped_at_64_kb(build: Build) -> None:
    async with ScriptedUpstream(whole(b"x" * 10_000_000, 500)) as upstream:
        with pytest.raises(UpstreamRefused) as caught:
            await build(upstream.url).open(call())
    assert caught.value.body == b"x" * 65536


async def test_a_refusal_whose_body_never_ends_is_still_the_refusal(build: Build) -> None:
    async with ScriptedUpstream(Answer([b"half"], 503, then="stall")) as upstream:
        with pytest.raises(UpstreamRefused) as caught:
            await build(upstream.url, timeouts=QUICK).open(call())
    assert (caught.value.status, caught.value.body) == (503, b"half")


# --- What goes wrong in mid-answer ---------------------------------------------------------------

HALF = [SECRET_TEXT.encode(), 0.01]
LENGTH = {"content-length": "1000", "content-type": "text/event-stream"}
CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (events(HALF, then="close"), UpstreamBroke, "broke off"),
        (events(HALF, then="reset"), UpstreamBroke, "broke off"),
        (Answer(HALF, headers=LENGTH, framing="close"), UpstreamBroke, "broke off"),
        (raw(CHUNKED + b"4\r\nhalf\r\n", 0.01, SECRET_TEXT.encode() + b"\r\n"), UpstreamBroke, "broke off"),
        (raw(CHUNKED, 0.01, b"zz\r\nhalf\r\n"), UpstreamBroke, "broke off"),
        (events([0.01, b"not gzip at all"], content_encoding="gzip"), UpstreamBroke, "broke off"),
        (events(HALF, then="stall"), UpstreamTimeout, "no further piece"),
        (events([], then="stall"), UpstreamTimeout, "no further piece"),
        (Answer([b"{"], headers={"content-type": "application/json"}, then="stall"), UpstreamTimeout, "no further"),
    ],
)
async def test_each_failure_in_mid_answer_has_its_own_error(
    build: Build, answer: Answer, kind: type[UpstreamError], says: str
) -> None:
    timeouts = Timeouts(connect=5, first_byte=0.2, idle=0.1)
    async with ScriptedUpstream(answer) as upstream:
        with pytest.raises(UpstreamError) as caught:
            await read(build(upstream.url, timeouts=timeouts), call(stream=True))
    assert (type(caught.value), caught.value.upstream) == (kind, "up")
    assert says in str(caught.value)
    trace = "".join(traceback.format_exception(caught.value))
    assert not any(word in trace for word in (KEY, *SECRET_TRACES))


@pytest.mark.parametrize("kept", [False, True], ids=["new connection", "kept connection"])
@pytest.mark.parametrize("answer", [raw(CHUNKED + b"zz\r\n"), raw(CHUNKED, b"zz\r\n")], ids=["at once", "soon"])
async def test_a_break_right_behind_the_head_is_noticed(build: Build, answer: Answer, kept: bool) -> None:
    async with ScriptedUpstream(whole(b"{}"), answer) as upstream:
        provider = build(upstream.url)
        if kept:
            await read(provider, call())
        else:
            upstream.then(answer)
        with pytest.raises(UpstreamBroke):
            await read(provider, call(stream=True))


async def test_what_came_before_the_break_is_handed_on(build: Build) -> None:
    first, *_ = chat_sse(["你好"])
    async with ScriptedUpstream(events([first, 0.01], then="close")) as upstream:
        answer = await build(upstream.url).open(call(stream=True))
        chunks = answer.chunks()
        assert await anext(chunks) == first
        with pytest.raises(UpstreamBroke):
            await anext(chunks)


async def test_a_slow_reader_is_not_a_slow_upstream(build: Build) -> None:
    """A client that takes its time stops the reading; the clock for the upstream stops too."""
    pieces = [b"x" * 60_000] * 40
    async with ScriptedUpstream(events(pieces)) as upstream:
        provider = build(upstream.url, timeouts=Timeouts(connect=5, first_byte=0.1, idle=0.1))
        answer = await provider.open(call(stream=True))
        size = 0
        async for chunk in answer.chunks():
            if not size:
                await asyncio.sleep(0.3)
            size += len(chunk)
    assert size == 60_000 * 40


async def test_an_answer_larger_than_allowed_breaks(build: Build) -> None:
    async with ScriptedUpstream(whole(b"x" * 101), whole(b"x" * 100)) as upstream:
        provider = build(upstream.url, most_bytes=100)
        with pytest.raises(UpstreamBroke, match="larger than 100 bytes"):
            await read(provider, call())
        assert await read(provider, call()) == [b"x" * 100]


# --- Connections ---------------------------------------------------------------------------------


async def test_a_connection_is_kept_for_the_next_call(build: Build) -> None:
    async with ScriptedUpstream(events([STREAM]), whole(b"{}")) as upstream:
        provider = build(upstream.url)
        await read(provider, call(stream=True))
        for _ in range(5):
            await read(provider, call())
    assert [request.connection for request in upstream.requests] == [1] * 6


async def test_closing_in_mid_answer_closes_the_connection(build: Build) -> None:
    first, *_ = chat_sse(["你好"])
    async with ScriptedUpstream(events([first], then="stall"), whole(b"{}")) as upstream:
        provider = build(upstream.url)
        answer = await provider.open(call(stream=True))
        assert await anext(answer.chunks()) == first
        await answer.aclose()
        await asyncio.wait_for(upstream.left.wait(), 5)
        await answer.aclose()
        assert await read(provider, call()) == [b"{}"]
    assert upstream.connections == 2


async def test_a_cancelled_reader_can_close(build: Build) -> None:
    async with ScriptedUpstream(events([], then="stall")) as upstream:
        answer = await build(upstream.url).open(call(stream=True))

        async def reader() -> None:
            try:
                async for _ in answer.chunks():
                    pass
            finally:
                await answer.aclose()

        task = asyncio.create_task(reader())
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(upstream.left.wait(), 5)


async def test_a_call_cancelled_before_its_answer_closes_the_connection(build: Build) -> None:
    arrived = asyncio.Event()

    def take(request: Received) -> Answer:
        arrived.set()
        return silence()

    async with ScriptedUpstream(take) as upstream:
        task = asyncio.create_task(build(upstream.url).open(call()))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(upstream.left.wait(), 5)


STALE = [hangup(), Answer(framing="raw", then="reset")]


@pytest.mark.parametrize("end", STALE, ids=["closed", "reset"])
async def test_a_kept_connection_closed_without_a_byte_is_tried_again_once(build: Build, end: Answer) -> None:
    async with ScriptedUpstream(whole(b"{}"), end, whole(b'{"second":1}')) as upstream:
        provider = build(upstream.url)
        await read(provider, call())
        assert await read(provider, call(b'{"again":1}')) == [b'{"second":1}']
    assert [(request.connection, request.body) for request in upstream.requests[1:]] == [
        (1, b'{"again":1}'),
        (2, b'{"again":1}'),
    ]


@pytest.mark.parametrize("end", STALE, ids=["closed", "reset"])
async def test_a_new_connection_closed_without_a_byte_is_not_tried_again(build: Build, end: Answer) -> None:
    async with ScriptedUpstream(end, whole(b"{}")) as upstream:
        with pytest.raises(UpstreamBroke):
            await build(upstream.url).open(call())
    assert len(upstream.requests) == 1


async def test_a_kept_connection_closed_after_a_byte_is_not_tried_again(build: Build) -> None:
    async with ScriptedUpstream(whole(b"{}"), raw(b"HTTP/1.1 200 OK\r\nx-half"), whole(b"{}")) as upstream:
        provider = build(upstream.url)
        await read(provider, call())
        with pytest.raises(UpstreamBroke):
            await provider.open(call())
    assert len(upstream.requests) == 2


async def test_many_calls_at_once_each_get_their_own_answer(build: Build) -> None:
    def echo(request: Received) -> Answer:
        return whole(request.body)

    async with ScriptedUpstream(echo) as upstream:
        provider = build(upstream.url, connections=4)
        bodies = [b'{"n":%d}' % number for number in range(40)]
        answers = await asyncio.gather(*(read(provider, call(body)) for body in bodies))
    assert answers == [[body] for body in bodies]
    assert upstream.connections <= 4


# --- Settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.com/v1",
        "ftp://h/v1",
        "http://",
        "http://h:x/v1",
        "http://[abc/v1",
        "http://h/v1?a=1",
        "http://u:p@h/v1",
    ],
)
def test_an_address_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="base_url of upstream 'up'"):
        OpenAICompatible("up", url)


@pytest.mark.parametrize("key", ["sk-线上", "sk-a\nb", "sk-a\x00"])
def test_a_key_that_cannot_be_sent_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(SettingsError, match="key of upstream 'up'") as caught:
        OpenAICompatible("up", "http://h/v1", key)
    assert "sk-" not in str(caught.value)


def test_building_a_provider_needs_no_loop_and_no_network() -> None:
    assert OpenAICompatible("up", "https://no-such-host.invalid/v1", KEY).name == "up"
