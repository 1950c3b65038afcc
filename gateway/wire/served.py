"""Every URL that is answered by a dialect: the one place where dialects are registered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from gateway.ports import Dialect
from gateway.wire import completions, embeddings, formed, messages, responses
from gateway.wire.chat import Chat
from gateway.wire.completions import Completions
from gateway.wire.embeddings import Embeddings
from gateway.wire.formed import PictureForms, SpeechForms
from gateway.wire.images import Images
from gateway.wire.messages import CountTokens, Messages
from gateway.wire.responses import Responses
from gateway.wire.speech import Speech


class Served(NamedTuple):
    """One URL and its dialect.

    Attributes:
        url: Where clients ask.
        upstream: The endpoint below an upstream's base URL.
        build: Makes the dialect; ``most`` is how many messages a request may have.
        passing: Headers that go on to the upstream, in lower case.
        declared: Whether answers carry metadata that says that AI made them.
        over: The dialect that stands in where a server does not speak this one: ``messages``, ``responses`` or
            ``completions`` before a chat; empty for none.
    """

    url: str
    upstream: str
    build: Callable[[int], Dialect]
    passing: tuple[bytes, ...] = ()
    declared: bool = True
    over: str = ""


_ANTHROPIC: Final = (b"anthropic-version", b"anthropic-beta")

MODERATIONS: Final = "/v1/moderations"
"""Answered without a model."""

SERVED: Final = (
    Served("/v1/chat/completions", "/chat/completions", Chat),
    Served("/v1/responses", responses.PATH, Responses, over="responses"),
    Served("/v1/completions", completions.PATH, Completions, over="completions"),
    Served("/v1/embeddings", embeddings.PATH, Embeddings, declared=False),  # nor are numbers
    Served("/v1/images/generations", "/images/generations", lambda _: Images()),
    Served("/v1/images/edits", formed.EDITS, lambda _: PictureForms(edits=True)),
    Served("/v1/images/variations", formed.VARIATIONS, lambda _: PictureForms(edits=False)),
    Served("/v1/audio/transcriptions", formed.TRANSCRIPTIONS, lambda _: SpeechForms(), declared=False),
    Served("/v1/audio/translations", formed.TRANSLATIONS, lambda _: SpeechForms(), declared=False),
    Served("/v1/audio/speech", "/audio/speech", lambda _: Speech()),
    Served("/v1/messages", messages.PATH, Messages, _ANTHROPIC, over="messages"),
    Served(
        "/v1/messages/count_tokens", messages.COUNT, CountTokens, _ANTHROPIC, declared=False, over="messages"
    ),  # a number is not labelled
)
