"""Find the model that a request asks for, in the format that it asks in, or through what translates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.ports import Resolve, Route

if TYPE_CHECKING:
    from gateway.providers.translated import Translation


def in_messages(resolve: Resolve) -> Resolve:
    """Return what finds models that take messages: as they are, or through a translation."""
    from gateway.providers.translated import Counting, Translated  # noqa: PLC0415
    from gateway.wire.messages_chat import OverChat  # noqa: PLC0415

    translation = OverChat()

    def find(model: str) -> Route:
        route = resolve(model)
        # One that speaks messages is asked in messages, whatever else it might be asked in.
        kind = Counting if route.wire == "anthropic" else Translated
        return replace(route, provider=kind(route.provider, translation))

    return find


def in_responses(resolve: Resolve) -> Resolve:
    """Return what finds models that take responses: as they are, or, where that is not served, through a chat."""
    from gateway.wire.responses_chat import OverChat  # noqa: PLC0415

    return _or_chat(resolve, OverChat())


def in_completions(resolve: Resolve) -> Resolve:
    """Return what finds models that complete prompts: as they are, or, where that is not served, through a chat."""
    from gateway.wire.completions_chat import OverChat  # noqa: PLC0415

    return _or_chat(resolve, OverChat())


def _or_chat(resolve: Resolve, translation: Translation) -> Resolve:
    """Return what finds models that are asked as the client asks, or through a chat where that is not served."""
    from gateway.providers.preferring import Preferring  # noqa: PLC0415

    served: dict[str, bool] = {}

    def find(model: str) -> Route:
        route = resolve(model)
        return replace(route, provider=Preferring(route.provider, translation, served))

    return find


def in_chat(resolve: Resolve) -> Resolve:
    """Return what finds models that take chats: as they are, or through what translates for them."""

    def find(model: str) -> Route:
        route = resolve(model)
        return route if route.openai is None else replace(route, provider=route.openai, wire="openai", openai=None)

    return find
