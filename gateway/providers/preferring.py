"""Reach a model in the client's own wire format where its server speaks it, and through a translation where not."""

from __future__ import annotations

from typing import Final

from gateway.errors import UpstreamError, UpstreamRefused
from gateway.ports import Call, Provider, Upstream
from gateway.providers.translated import Translated, Translation

_UNKNOWN: Final = (404, 405, 501)
"""What servers answer where they do not serve a path."""


class Preferring:
    """Asks a server as the client asked; one that does not serve that path is asked through the translation.

    Which of its paths a server serves is found out once and remembered.

    Args:
        inner: Reaches the server.
        translation: Translates requests and answers.
        served: Remembers, for each model's name, which way it answered.
    """

    def __init__(self, inner: Provider, translation: Translation, served: dict[str, bool]) -> None:
        self.name = inner.name
        self._inner, self._served = inner, served
        self._translated = Translated(inner, translation)

    async def open(self, call: Call) -> Upstream:
        """Begin an answer; raises what the inner provider raises."""
        served = self._served.get(self.name)
        if served is False:
            return await self._translated.open(call)
        try:
            upstream = await self._inner.open(call)
        except UpstreamRefused as error:
            if served or error.status not in _UNKNOWN:
                raise
            try:
                upstream = await self._translated.open(call)
            except UpstreamRefused as other:
                raise (error if other.status in _UNKNOWN else other) from None
            except UpstreamError:
                raise
            self._served[self.name] = False
            return upstream
        self._served[self.name] = True
        return upstream

    async def aclose(self) -> None:
        """Close what the inner provider holds."""
        await self._inner.aclose()
