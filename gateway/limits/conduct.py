"""Suspends users who keep asking what is not allowed (TC260-003 §7): a user, never their whole tenant.

A user is known by a digest of the id that the client names; the id itself is not kept here. Who is
suspended stands in the database, so that a restart releases nobody and every replica knows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence

from gateway.errors import QuotaError, SluiceError
from gateway.limits.strikes import MemoryStrikes, Strikes, Struck
from gateway.limits.window import day_of
from gateway.ports import Clock, Conducted, Counters, Suspension, Terms
from gateway.telemetry import names

log = logging.getLogger("sluice")

Digests = Callable[[str, str], Sequence[str]]
"""``digests(tenant, user)``: what stands for a user; the first is the present one."""


class UserConduct:
    """Implements the port ``Conduct``.

    Args:
        strikes: Counts for all replicas, or for this process where there is only one.
        digests: Says what stands for a user.
        read: Reads who is suspended; raises ``SluiceError``.
        keep: Keeps a suspension; raises ``SluiceError``. Both are run in a thread.
        clock: The time.
        counters: Counts suspensions, and what could not be kept.
        offset: Seconds that the operator's own time is ahead of UTC: when a day begins.
        close: Lets go of what ``read`` and ``keep`` use.

    Attributes:
        fault: Why who is suspended could not be read anew; empty if it could.
    """

    def __init__(
        self,
        strikes: Strikes,
        digests: Digests,
        *,
        read: Callable[[], Iterable[Suspension]],
        keep: Callable[[Suspension], None],
        clock: Clock,
        counters: Counters,
        offset: int = 0,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self._close = close
        self._strikes, self._digests, self._read, self._keep = strikes, digests, read, keep
        self._clock, self._counters, self._offset = clock, counters, offset
        self._alone = MemoryStrikes()
        self._suspended: Mapping[tuple[str, str], float | None] = {}
        self._fresh: dict[tuple[str, str], Suspension] = {}
        self.fault = ""

    def load(self) -> None:
        """Read who is suspended; what is new here is kept first, if need be again. Meant for a thread."""
        fresh = list(self._fresh.items())
        for _, one in fresh:
            self._keep(one)
        self._suspended = {(one.tenant, one.digest): one.until for one in self._read()}
        # Only now: what was read may be from before, and nobody is let in between.
        for known, one in fresh:
            if self._fresh.get(known) is one:
                del self._fresh[known]

    def poll(self) -> None:
        """Read who is suspended anew; what cannot be read is told in ``fault``. Meant for a thread."""
        try:
            self.load()
        except SluiceError as error:
            if self.fault != str(error):
                log.error("who is suspended could not be read anew: %s", error)
            self.fault = str(error)
            return
        self.fault = ""

    def suspended(self, tenant: str, user: str) -> bool:
        """Whether this user is suspended now."""
        if not self._suspended and not self._fresh:
            return False
        now = self._clock()
        for digest in self._digests(tenant, user):
            known = tenant, digest
            if known in self._fresh:
                until = self._fresh[known].until
            elif known in self._suspended:
                until = self._suspended[known]
            else:
                continue
            if until is None or now < until:
                return True
        return False

    async def note(self, tenant: str, user: str, *, illegal: bool, terms: Terms, policy: str) -> Conducted:
        """Count a question; suspend the user if it is one too many. Never raises."""
        digest, now = self._digests(tenant, user)[0], self._clock()
        struck, shared = await self._count(f"{tenant}:{digest}", day_of(now, self._offset), terms, illegal=illegal)
        if struck.out:
            until = None if terms.seconds is None else now + terms.seconds
            await self._suspend(Suspension(tenant, digest, now, until, policy, struck.consecutive, struck.today))
        return Conducted(struck.consecutive, struck.today, struck.out, shared)

    async def _count(self, user: str, day: int, terms: Terms, *, illegal: bool) -> tuple[Struck, bool]:
        try:
            return await self._strikes.count(user, day, terms, illegal=illegal), True
        except QuotaError:
            # Counting alone is less than counting together, and more than not counting.
            self._counters.add(names.CONDUCT_ALONE)
            return await self._alone.count(user, day, terms, illegal=illegal), False

    async def _suspend(self, one: Suspension) -> None:
        self._fresh[one.tenant, one.digest] = one  # from now on, whatever the database does
        self._counters.add(names.SUSPENSIONS, policy=one.policy)
        try:
            await asyncio.to_thread(self._keep, one)
        except SluiceError as error:
            log.error("a suspension could not be kept and is tried again: %s", error)

    async def aclose(self) -> None:
        """Let go of the counters and of the store."""
        await asyncio.to_thread(self._close)
        await self._strikes.aclose()
