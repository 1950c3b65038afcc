"""The plan in force: a reload gives new exchanges the new plan, or keeps the old one (law 7).

Every worker of a machine watches the same files and switches at the same moment: the time of the
change on disk plus a delay in which all of them notice and compile; beside a file that is dated in the future, the
delay after each of them noticed. A policy that is wrong is reported and changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from gateway.errors import SluiceError
from gateway.policy.plan import Plan
from gateway.ports import Clock, Counters
from gateway.telemetry import names

log = logging.getLogger("sluice")

Stamp = tuple[tuple[str, float, int], ...]
"""For each file its name, the time of its last change (seconds since the epoch) and its size."""


class CurrentPlan:
    """Returns the plan in force; ``poll`` notices changes.

    Args:
        plan: The plan to begin with.
        load: Reads and compiles the policy again; raises ``SluiceError`` if it is wrong.
        stamp: Looks at files without reading them.
        clock: Seconds since the epoch.
        counters: Counts reloads by what became of them.
        delay: Seconds from a change to the switch; longer than two polls and a compilation.

    Attributes:
        fault: Why the policy on disk is not in force; empty if it is.
    """

    def __init__(
        self,
        plan: Plan,
        load: Callable[[], Plan],
        stamp: Callable[[Iterable[str]], Stamp],
        clock: Clock,
        *,
        delay: float = 3.0,
        counters: Counters | None = None,
    ) -> None:
        self._plan, self._load, self._look, self._clock, self._delay = plan, load, stamp, clock, delay
        self._counters = counters
        self._seen = stamp(plan.files)
        self._next: tuple[float, Plan] | None = None
        self.fault = ""

    def __call__(self) -> Plan:
        """Return the plan for a new exchange."""
        coming = self._next  # looked at once: another thread polls
        if coming is not None and self._clock() >= coming[0]:
            self._plan = coming[1]
            if self._next is coming:
                self._next = None
            self._count("in_force")
            log.info("policy %s is in force as %s", self._plan.name, self._plan.digest[:12])
        return self._plan

    def poll(self) -> None:
        """Look at the files; compile the policy anew if one changed. Meant for a thread: it may take long.

        A policy that is wrong is read again each time: what mends it may be a file that is not watched
        yet, such as a list that was missing.
        """
        coming = self._next
        watched = coming[1] if coming else self._plan
        stamp = self._look(watched.files)
        if stamp == self._seen and not self.fault:
            return
        self._seen = stamp
        try:
            plan = self._load()
        except SluiceError as error:
            self._next = None
            if self.fault != (fault := str(error)):
                self.fault = fault
                self._count("wrong")
                log.error("the changed policy is wrong, %s stays in force: %s", self._plan.digest[:12], fault)
            return
        self.fault = ""
        # A file that changed while it was read keeps its older stamp: the next poll reads it again.
        before = {entry[0]: entry for entry in stamp}
        self._seen = tuple(before.get(entry[0], entry) for entry in self._look(plan.files))
        now = self._clock()
        # A file may be dated in the future (a copy that kept its time, a wrong clock): that holds nothing up.
        changed = min(now, max((time for _, time, _ in self._seen), default=now))
        self._next = (changed + self._delay, plan) if plan.digest != self._plan.digest else None

    def _count(self, outcome: str) -> None:
        if self._counters is not None:
            self._counters.add(names.RELOADS, outcome=outcome)
