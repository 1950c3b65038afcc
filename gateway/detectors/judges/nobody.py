"""Where judges may reach nobody: policies are checked without a network, without keys, without models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gateway.errors import SettingsError
from gateway.ports import Provider, Route


class Nobody:
    """An ``Outside`` in which nobody is asked and nothing is counted."""

    asks = False

    @property
    def counters(self) -> Nobody:
        """Counts nothing."""
        return self

    def clock(self) -> float:
        """Tells no time."""
        return 0.0

    def ticker(self) -> float:
        """Tells no time."""
        return 0.0

    def ids(self) -> str:
        """Gives no id."""
        return ""

    def add(self, name: str, amount: int = 1, **attributes: str) -> None:
        """Count nothing."""

    def observe(self, name: str, value: float, **attributes: str) -> None:
        """Note nothing."""

    def model(self, name: str) -> Route:
        """Know no model."""
        raise SettingsError(f"no model {name!r} can be reached here")

    def server(self, base_url: str, key: str | None) -> Provider:
        """Reach no server."""
        del key
        raise SettingsError(f"no server can be reached here: {base_url}")

    def secret(self, variable: str) -> str:
        """Know no secret."""
        raise SettingsError(f"no secret can be read here: {variable}")

    def watch(self, judge: str, resting: Callable[[], bool]) -> None:
        """Show nothing."""


NOBODY: Final = Nobody()
