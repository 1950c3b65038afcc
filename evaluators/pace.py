"""How fast an endpoint may be asked, and what a run may use: both are asked before every call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Sleep = Callable[[float], Awaitable[None]]
"""Waits that many seconds."""

_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 60.0
_PROBE: Final = 1.0
"""Seconds between two calls to an endpoint that said 429 last: nobody rushes in when a pause ends."""


def guess_tokens(text: str) -> int:
    """Return about how many tokens a text has: one for a Chinese character, one for four others."""
    wide = sum(character > "\u2e7f" for character in text)
    return wide + (len(text) - wide + 3) // 4


@dataclass(frozen=True, slots=True)
class Limits:
    """What an endpoint takes.

    Attributes:
        requests: In a minute; None for no limit.
        tokens: In a minute, of questions and answers; None for no limit.
        patience: Seconds that it may go on saying 429 until a call counts as failed.
    """

    requests: float | None = None
    tokens: float | None = None
    patience: float = 900.0


class Pace:
    """Spaces out the calls to one endpoint, and holds all of them while it says 429.

    Args:
        limits: What the endpoint takes.
        ticker: A monotonic clock in seconds.
        sleep: Waits.
    """

    def __init__(self, limits: Limits, ticker: Callable[[], float], sleep: Sleep = asyncio.sleep) -> None:
        self._limits, self._ticker, self._sleep = limits, ticker, sleep
        self._request = self._token = self._held = float("-inf")
        self._since: float | None = None
        self._pause = _FIRST_PAUSE

    async def turn(self, tokens: int) -> None:
        """Wait until it is a call's turn.

        Args:
            tokens: About how many it will take.
        """
        now = self._ticker()
        start = max(now, self._request, self._token, self._held)
        limits = self._limits
        apart = max(60 / limits.requests if limits.requests else 0.0, 0.0 if self._since is None else _PROBE)
        self._request = start + apart
        if limits.tokens:
            self._token = start + 60 * tokens / limits.tokens
        while (left := max(start, self._held) - self._ticker()) > 0:
            await self._sleep(left)

    def settle(self, guessed: int, used: int) -> None:
        """Note how many tokens a call took after all."""
        self._since, self._pause = None, _FIRST_PAUSE
        if self._limits.tokens:
            self._token += 60 * (used - guessed) / self._limits.tokens

    def busy(self, asked_for: float) -> bool:
        """Note a 429, and hold everybody; False if patience is at its end.

        Args:
            asked_for: Seconds that the endpoint wants to be left alone; 0 if it does not say.
        """
        now = self._ticker()
        if self._since is None:
            self._since = now
        if now >= self._held:  # one pause for all calls that came back together
            pause = max(asked_for, self._pause)
            self._pause = min(_LONGEST_PAUSE, 2 * self._pause)
            self._held = now + pause
        elif asked_for:
            self._held = max(self._held, now + asked_for)
        if self._held - self._since > self._limits.patience:
            self._held = now
            return False
        return True


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens of questions and of answers cost."""

    input: float
    output: float
    currency: str

    def of(self, asked: int, answered: int) -> float:
        """Return what so many tokens cost."""
        return (asked * self.input + answered * self.output) / 1e6


@dataclass(frozen=True, slots=True)
class Caps:
    """What a run may use; None is no cap. ``money`` is in the currency of the prices."""

    calls: int | None = None
    tokens: int | None = None
    money: float | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run has used."""

    calls: int = 0
    input: int = 0
    output: int = 0
    money: float = 0.0

    @property
    def tokens(self) -> int:
        """Of questions and answers together."""
        return self.input + self.output


class OverBudget(Exception):
    """A cap would be passed; ``cap`` says which: ``calls``, ``tokens`` or ``money``."""

    def __init__(self, cap: str) -> None:
        self.cap = cap
        super().__init__(cap)


@dataclass(slots=True)
class Purse:
    """Counts what a run uses, and refuses what would pass a cap.

    Attributes:
        caps: What it may use.
        spent: What it has used.
        refused: The cap that something was refused for; empty if nothing was.
    """

    caps: Caps = Caps()
    spent: Spent = Spent()
    refused: str = ""
    _held: list[tuple[int, float]] = field(default_factory=list)

    def take(self, tokens: int, money: float) -> tuple[int, float]:
        """Set aside what a call will take, and count it; hand what is returned to ``settle``.

        Raises:
            OverBudget: A cap would be passed.
        """
        held_tokens = self.spent.tokens + sum(one for one, _ in self._held)
        held_money = self.spent.money + sum(one for _, one in self._held)
        caps = self.caps
        over = (
            ("calls", caps.calls is not None and self.spent.calls + 1 > caps.calls),
            ("tokens", caps.tokens is not None and held_tokens + tokens > caps.tokens),
            ("money", caps.money is not None and held_money + money > caps.money),
        )
        for cap, passed in over:
            if passed:
                self.refused = cap
                raise OverBudget(cap)
        self.spent = Spent(self.spent.calls + 1, self.spent.input, self.spent.output, self.spent.money)
        held = (tokens, money)
        self._held.append(held)
        return held

    def settle(self, held: tuple[int, float], asked: int, answered: int, money: float) -> None:
        """Note what a call took after all; nothing where it failed."""
        self._held.remove(held)
        spent = self.spent
        self.spent = Spent(spent.calls, spent.input + asked, spent.output + answered, spent.money + money)


@dataclass(frozen=True, slots=True)
class Meter:
    """What stands between a caller and one endpoint: its pace, the run's purse, and what its tokens cost."""

    pace: Pace
    purse: Purse
    price: Price | None = None
    answer_tokens: int = 512

    async def begin(self, text: str, most: int | None) -> tuple[int, tuple[int, float]]:
        """Wait for a turn and set aside what the call may take; returns what ``end`` wants.

        Args:
            text: What is asked.
            most: Tokens that the answer may have, if that is known.

        Raises:
            OverBudget: A cap would be passed.
        """
        asked, answered = guess_tokens(text), most or self.answer_tokens
        await self.pace.turn(asked + answered)
        held = self.purse.take(asked + answered, self.price.of(asked, answered) if self.price else 0.0)
        return asked + answered, held

    def end(self, begun: tuple[int, tuple[int, float]], used: tuple[int, int] | None) -> None:
        """Note what a call took: tokens of question and answer, or None where it failed."""
        guessed, held = begun
        asked, answered = used or (0, 0)
        self.purse.settle(held, asked, answered, self.price.of(asked, answered) if self.price else 0.0)
        if used is not None:
            self.pace.settle(guessed, asked + answered)


def usage_of(body: Mapping[str, Any]) -> tuple[int, int] | None:
    """Read how many tokens question and answer had, as OpenAI or Anthropic say it; None if it is not said."""
    said = body.get("usage")
    if not isinstance(said, dict):
        return None
    for asked, answered in (("prompt_tokens", "completion_tokens"), ("input_tokens", "output_tokens")):
        one, other = said.get(asked), said.get(answered, 0)
        if isinstance(one, int) and isinstance(other, int) and min(one, other) >= 0:
            return int(one), int(other)
    return None


class Meters:
    """The meters of a run: one pace for each address, one purse for all.

    Args:
        purse: What the run may use.
        ticker: A monotonic clock in seconds.
        sleep: Waits.
    """

    def __init__(self, purse: Purse, ticker: Callable[[], float], sleep: Sleep = asyncio.sleep) -> None:
        self.purse, self._ticker, self._sleep = purse, ticker, sleep
        self._paces: dict[str, Pace] = {}

    def of(self, limits: Limits, price: Price | None) -> Callable[[str], Meter]:
        """Return what gives the meter of an address; the first limits that are said for an address hold for it."""

        def meter(address: str) -> Meter:
            pace = self._paces.setdefault(address, Pace(limits, self._ticker, self._sleep))
            return Meter(pace, self.purse, price)

        return meter
