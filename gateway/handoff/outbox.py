"""Tell the people's system of every ticket at least once, however often it fails and whatever is killed.

A ticket is on disk before anybody hears of it. It is told at once, then after pauses that double and differ by
chance, and after so many tries it is set aside (``sluice handoff list --state undelivered``) and counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from gateway.errors import SluiceError
from gateway.handoff.webhook import Told
from gateway.ports import Clock, Counters, Handed, Ticket
from gateway.telemetry import names

log = logging.getLogger("sluice")

_AT_ONCE: Final = 8
_LOOK: Final = 2.0
"""Seconds after which the store is looked at again: another process may have left something there."""
_GRACE: Final = 5.0

Tell = Callable[[Ticket, str | None], Awaitable[Told]]
Open = Callable[[Ticket], str | None]
"""Returns the question of a ticket as it may be told; raises ``SluiceError``."""


class Kept(Protocol):
    """Where tickets are kept; its methods are called in threads and raise ``RecordError``."""

    def add(self, ticket: Ticket) -> None:
        """Keep a ticket."""
        ...

    def take(self, most: int, seconds: float) -> Sequence[Handed]:
        """Take tickets that are due; they count as tried."""
        ...

    def next_due(self) -> float | None:
        """Return when the next one is due."""
        ...

    def told(self, id: str) -> None:
        """Note that it was delivered."""
        ...

    def failed(self, id: str, fault: str, again: float | None) -> None:
        """Note that it was not, and when it is tried again."""
        ...

    def find(self, id: str) -> Handed | None:
        """Return a ticket and what has become of it."""
        ...

    def answer(self, id: str, text: str, by: str) -> bool:
        """Keep the first answer; return whether it is this one."""
        ...

    def close(self) -> None:
        """Let go of the store."""
        ...


@dataclass(frozen=True, slots=True)
class Tries:
    """How often and when somebody is told who does not listen.

    Attributes:
        most: So often, the first time included.
        base: Seconds before the second time; each further pause is twice as long,
        longest: up to this. What is really waited is between half of it and all of it.
        seconds: How long one try may take.
    """

    most: int
    base: float
    longest: float
    seconds: float

    def pause(self, tried: int, chance: float) -> float:
        """Return the seconds to wait after so many tries.

        Args:
            tried: How often it was tried, at least 1.
            chance: A number in [0, 1).
        """
        full = min(self.longest, self.base * 2.0 ** min(tried - 1, 40))
        return full * (1 + chance) / 2


class Outbox:
    """Keeps tickets and tells of them. A ``gateway.ports.Handoffs``.

    Args:
        kept: Where they are kept.
        tell: Tells the people's system of one.
        tries: How often.
        opened: Returns a question as it may be told.
        clock: The time.
        random: Gives numbers in [0, 1).
        counters: Counts what is told and what is not.

    Attributes:
        fault: Why the store could not be used at the last look; empty if it could.
    """

    def __init__(
        self,
        kept: Kept,
        tell: Tell,
        tries: Tries,
        *,
        opened: Open,
        clock: Clock,
        random: Callable[[], float],
        counters: Counters,
    ) -> None:
        self._kept, self._tell, self._tries, self._opened = kept, tell, tries, opened
        self._clock, self._random, self._counters = clock, random, counters
        self._news = asyncio.Event()
        self.fault = ""

    async def open(self, ticket: Ticket) -> None:
        """Keep a ticket; when this returns it is on disk, and will be told. Raises ``RecordError``."""
        await asyncio.to_thread(self._kept.add, ticket)
        self._news.set()

    async def find(self, id: str) -> Handed | None:
        """Return what has become of a ticket, or None; raises ``RecordError``."""
        return await asyncio.to_thread(self._kept.find, id)

    async def answer(self, id: str, text: str, by: str) -> bool:
        """Keep a person's answer; False if there is another one already. Raises ``RecordError``."""
        return await asyncio.to_thread(self._kept.answer, id, text, by)

    async def run(self) -> None:
        """Tell of what is due, for ever; whatever goes wrong is tried again."""
        while True:
            self._news.clear()
            wait = _LOOK
            try:
                while await self.deliver():
                    pass
                wait = await self._until_due()
                self.fault = ""
            except SluiceError as error:
                if self.fault != str(error):
                    log.error("tickets cannot be delivered at present: %s", error)
                self.fault = str(error)
            except Exception as error:
                log.error("delivering tickets failed with %s and goes on", type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), wait)

    async def deliver(self) -> int:
        """Tell of some that are due; return how many there were. Raises ``RecordError``."""
        due = await asyncio.to_thread(self._kept.take, _AT_ONCE, self._tries.seconds + _GRACE)
        await asyncio.gather(*map(self._one, due))
        return len(due)

    async def _one(self, one: Handed) -> None:
        id = one.ticket.id
        if one.attempts > self._tries.most:
            # Its last try ended with the process: it is not known whether it was heard.
            await self._give_up(id, one.fault or "interrupted")
            return
        try:
            question = self._opened(one.ticket)
        except SluiceError:
            question, told = None, Told("unsealable")
        else:
            told = await self._tell(one.ticket, question)
        if not told.fault:
            self._counters.add(names.HANDOFFS_TOLD, outcome="delivered")
            await asyncio.to_thread(self._kept.told, id)
            return
        self._counters.add(names.HANDOFFS_TOLD, outcome=told.fault)
        if one.attempts >= self._tries.most:
            await self._give_up(id, told.fault)
            return
        pause = max(self._tries.pause(one.attempts, self._random()), told.wait)
        log.warning("ticket %s was not delivered (%s), try %d of %d", id, told.fault, one.attempts, self._tries.most)
        await asyncio.to_thread(self._kept.failed, id, told.fault, self._clock() + pause)

    async def _give_up(self, id: str, fault: str) -> None:
        self._counters.add(names.HANDOFFS_UNDELIVERED)
        log.error("ticket %s is undelivered (%s): `sluice handoff retry %s` tries it again", id, fault, id)
        await asyncio.to_thread(self._kept.failed, id, fault, None)

    async def _until_due(self) -> float:
        due = await asyncio.to_thread(self._kept.next_due)
        return _LOOK if due is None else min(_LOOK, max(0.01, due - self._clock()))

    async def aclose(self) -> None:
        """Let go of the store."""
        await asyncio.to_thread(self._kept.close)
