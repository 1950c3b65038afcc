"""A circuit breaker: after so many failures in a row nobody is asked for a while, then one probe decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from gateway.ports import Ticker

State = Literal["closed", "open", "half_open"]
Permit = Literal["call", "probe"]


class Breaker:
    """Counts failures in a row.

    Args:
        failures: So many in a row open it.
        seconds: So long it stays open; then one probe is let through, and its outcome decides.
        ticker: A monotonic clock.
        changed: Is told of every change of state.

    Attributes:
        state: Closed (calls go through), open (none does), or half open (a probe is under way).
    """

    def __init__(self, failures: int, seconds: float, ticker: Ticker, changed: Callable[[State], None]) -> None:
        self._most, self._seconds, self._ticker, self._changed = failures, seconds, ticker, changed
        self._row = 0
        self._since = 0.0
        self.state: State = "closed"

    def admit(self) -> Permit | None:
        """Ask to make a call; None if none may be made now. Whoever gets a permit settles it."""
        if self.state == "closed":
            return "call"
        if self.state == "open" and self._ticker() - self._since >= self._seconds:
            self._turn("half_open")
            return "probe"
        return None

    def settle(self, permit: Permit, well: bool | None) -> None:
        """Say what came of a call.

        Args:
            permit: What ``admit`` returned.
            well: Whether the judge answered; None if the call says nothing about it (it was given up).
        """
        if permit == "probe":
            if well:
                self._row = 0
                self._turn("closed")
            else:  # a probe that was given up proved nothing: the next comes at once
                self._since = self._ticker() - (0.0 if well is False else self._seconds)
                self._turn("open")
        elif self.state != "closed" or well is None:
            return  # of calls from before it opened, none decides any more
        elif well:
            self._row = 0
        else:
            self._row += 1
            if self._row >= self._most:
                self._since = self._ticker()
                self._turn("open")

    def _turn(self, state: State) -> None:
        self.state = state
        self._changed(state)
