"""The load generator asks as often as it is told, and sees what went wrong."""

import asyncio
import itertools

import pytest

from benchmarks.speed.load import LoadError, Reply, load
from benchmarks.speed.texts import Requests
from benchmarks.speed.upstream import Upstream


@pytest.mark.parametrize("cut", [1, 7, 40, 10_000])
@pytest.mark.parametrize(
    "response",
    [Upstream.whole, b"".join(Upstream.stream), *Upstream.others.values()],
    ids=["whole", "stream", "responses", "messages"],
)
def test_an_answer_is_complete_with_its_last_byte_however_it_is_cut(response, cut):
    reply = Reply()
    done = [reply.feed(response[at : at + cut]) for at in range(0, len(response), cut)]
    assert done == [False] * (len(done) - 1) + [True]
    assert reply.ok
    assert reply.spoke


def test_an_error_and_a_first_event_without_words_are_seen_as_such():
    failed, silent = Reply(), Reply()
    assert failed.feed(b"HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n{}")
    assert not failed.ok
    silent.feed(b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1f\r\ndata: {"delta":{"content":""}}\n\n\r\n')
    assert not silent.spoke


async def served(protocol):
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


@pytest.mark.parametrize(
    ("stream", "dialect"), [(False, "chat"), (True, "chat"), (True, "responses"), (True, "messages")]
)
async def test_the_load_generator_asks_as_often_as_it_is_told(stream, dialect):
    server, port = await served(Upstream)
    async with server:
        leg = await load(port, Requests(itertools.count(1), stream=stream, dialect=dialect), at_once=3, each=4)
    assert (len(leg.times), leg.failed) == (12, 0)
    assert len(leg.firsts) == 12
    assert all(first <= whole for first, whole in zip(leg.firsts, leg.times, strict=True))


async def test_a_server_that_closes_connections_is_an_error():
    class Closes(asyncio.Protocol):
        def connection_made(self, transport):
            transport.close()

    server, port = await served(Closes)
    async with server:
        with pytest.raises(LoadError, match="closed"):
            await load(port, Requests(itertools.count(1)), at_once=1, each=1)
