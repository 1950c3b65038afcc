"""A server is asked as the client asked; only one that does not serve the path is asked in translation, from then on.

Mutants killed: a refusal of another status that leads to the translation; what was found out forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from gateway.errors import UpstreamRefused, UpstreamUnreachable
from gateway.ports import Call
from gateway.providers.preferring import Preferring

CALL = Call("1", "/responses", "m", b"{}", False, {})


class Answer:
    content_type = "application/json"

    def __init__(self, path: str) -> None:
        self.path = path


class Server:
    """Answers, or refuses, path by path."""

    name = "server"

    def __init__(self, refusals: dict[str, Exception]) -> None:
        self.refusals, self.asked, self.closed = refusals, list[str](), False

    async def open(self, call: Call) -> Any:
        self.asked.append(call.path)
        if call.path in self.refusals:
            raise self.refusals[call.path]
        return Answer(call.path)

    async def aclose(self) -> None:
        self.closed = True


class Chats:
    """A translation that changes nothing but the path."""

    path = "/chat/completions"

    def about(self, body: bytes) -> Chats:
        return self

    def alone(self, path: str, body: bytes) -> None:
        return None

    def request(self, body: bytes) -> bytes:
        return body

    def refusal(self, status: int, body: bytes) -> bytes:
        return body


def refused(status: int) -> UpstreamRefused:
    return UpstreamRefused("no", upstream="server", status=status)


def preferring(server: Server, served: dict[str, bool]) -> Preferring:
    return Preferring(cast(Any, server), cast(Any, Chats()), served)


@pytest.mark.parametrize(
    ("refusals", "paths", "served"),
    [
        ({}, ["/responses", "/responses"], True),
        ({"/responses": 404}, ["/responses", "/chat/completions", "/chat/completions"], False),
        ({"/responses": 405}, ["/responses", "/chat/completions", "/chat/completions"], False),
        ({"/responses": 501}, ["/responses", "/chat/completions", "/chat/completions"], False),
    ],
)
async def test_which_way_a_server_is_asked_is_found_out_once(
    refusals: dict[str, int], paths: Sequence[str], served: bool
) -> None:
    server, known = Server({path: refused(status) for path, status in refusals.items()}), dict[str, bool]()
    for _ in range(2):
        await preferring(server, known).open(CALL)
    assert server.asked == paths
    assert known == {"server": served}


@pytest.mark.parametrize(
    "error", [refused(400), refused(429), refused(500), UpstreamUnreachable("away", upstream="server")]
)
async def test_whatever_else_goes_wrong_is_told_and_teaches_nothing(error: Exception) -> None:
    server, known = Server({"/responses": error}), dict[str, bool]()
    with pytest.raises(type(error)):
        await preferring(server, known).open(CALL)
    assert (server.asked, known) == (["/responses"], {})


async def test_a_model_that_is_nowhere_is_refused_in_the_words_of_the_first_way() -> None:
    first = refused(404)
    server, known = Server({"/responses": first, "/chat/completions": refused(404)}), dict[str, bool]()
    with pytest.raises(UpstreamRefused) as caught:
        await preferring(server, known).open(CALL)
    assert caught.value is first
    assert known == {}


async def test_a_path_that_was_served_is_never_translated_later() -> None:
    server = Server({"/responses": refused(404)})
    with pytest.raises(UpstreamRefused):
        await preferring(server, {"server": True}).open(CALL)
    assert server.asked == ["/responses"]


async def test_closing_closes_the_server() -> None:
    server = Server({})
    await preferring(server, {}).aclose()
    assert server.closed
