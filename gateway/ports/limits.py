"""What knows keys, counts what they use, and suspends users."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from gateway.exchange import Caller, Grant, Quota
from gateway.verdict import OnError


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A key as it is kept: what it may do, and digests of its secret. Times are seconds since the epoch.

    Attributes:
        id: Names it; the part of the key that is no secret.
        name: What people call it.
        tenant: Whose it is.
        digest: SHA-256 of the whole key.
        grant: What it may do.
        created: Since when it is there.
        until: When it expires, or None.
        revoked: When it was revoked, or None.
        previous: SHA-256 of the key before the last rotation, or None.
        previous_until: Until when that one is still taken.
    """

    id: str
    name: str
    tenant: str
    digest: bytes = field(repr=False)
    grant: Grant
    created: float
    until: float | None = None
    revoked: float | None = None
    previous: bytes | None = field(default=None, repr=False)
    previous_until: float | None = None


class KeyBook(Protocol):
    """Knows the keys that were made for clients."""

    @property
    def asks(self) -> bool:
        """Whether any key was ever made: from then on nobody asks without one."""
        ...

    def caller(self, shown: bytes) -> Caller | None:
        """Return whose key this is, or None for one that is unknown, revoked or expired."""
        ...


class Spend(NamedTuple):
    """What an exchange takes of a quota, besides being a request.

    Attributes:
        tokens: Asked and answered.
        micros: Millionths of the currency.
    """

    tokens: int = 0
    micros: int = 0


LimitName = Literal["requests", "tokens", "day_tokens", "day_money"]


class Balance(NamedTuple):
    """How a key stands with one of its limits.

    Attributes:
        name: Which limit.
        limit: What it allows.
        left: What is left of it.
        reset: Seconds until all of it is there again, if nobody asks any more.
    """

    name: LimitName
    limit: int
    left: int
    reset: float


@dataclass(frozen=True, slots=True)
class Reservation:
    """What was set aside for an exchange before it, or which limit does not allow it.

    Attributes:
        key: Whose quota.
        quota: What it is.
        at: When, seconds since the epoch by the counters' own clock.
        taken: Tokens of the minute, tokens of the day and millionths of the day that were set aside.
        standing: How the key stands now.
        spent: The limit that does not allow it; None if all do.
        wait: Seconds until it would allow it.
        never: Whether it asks for more than the limit ever allows.
    """

    key: str
    quota: Quota
    at: float
    taken: tuple[int, int, int] = (0, 0, 0)
    standing: tuple[Balance, ...] = ()
    spent: LimitName | None = None
    wait: float = 0.0
    never: bool = False


class Quotas(Protocol):
    """Counts what keys use, exactly: what is set aside is never more than the quota.

    Attributes:
        on_lost: What it means that the counters cannot be reached.
        assumed: Tokens that an answer is taken to have where the request states no most.
    """

    on_lost: OnError
    assumed: int

    async def reserve(self, key: str, quota: Quota, least: Spend, likely: Spend) -> Reservation:
        """Set aside what an exchange will use; raises ``QuotaError``.

        Args:
            key: Names whose quota it is.
            quota: What it is.
            least: What it uses in any case: more than a limit allows at all is refused.
            likely: What it probably uses; of that a limit sets aside as much as it allows at all.
        """
        ...

    async def settle(self, reservation: Reservation, used: Spend) -> None:
        """Count what was really used in the place of what was set aside; raises ``QuotaError``."""
        ...


class Conducted(NamedTuple):
    """What came of counting a question of a user.

    Attributes:
        consecutive: How many illegal ones in a row, this one included.
        today: How many today.
        suspended: Whether the user is suspended from now on.
        shared: Whether all replicas count together; False while the shared counters cannot be reached.
    """

    consecutive: int = 0
    today: int = 0
    suspended: bool = False
    shared: bool = True


@dataclass(frozen=True, slots=True)
class Suspension:
    """A user who is not served for a while. Times are seconds since the epoch.

    Attributes:
        tenant: Whose user.
        digest: Stands for the user's id.
        since: From when on.
        until: Until when; None until an operator releases them.
        policy: The policy that says so.
        consecutive: Illegal questions in a row, when it came to this,
        daily: and on that day.
    """

    tenant: str
    digest: str
    since: float
    until: float | None
    policy: str
    consecutive: int
    daily: int


class Conduct(Protocol):
    """Counts the illegal questions of users and suspends who asks too many (TC260-003 §7)."""

    def suspended(self, tenant: str, user: str) -> bool:
        """Whether this user is suspended now."""
        ...

    async def note(self, tenant: str, user: str, *, illegal: bool, terms: Terms, policy: str) -> Conducted:
        """Count a question; never raises."""
        ...


class Terms(NamedTuple):
    """After how many illegal questions a user is suspended, and for how long.

    Attributes:
        consecutive: So many in a row,
        daily: or so many in a day.
        seconds: For so long; None until an operator releases them.
    """

    consecutive: int
    daily: int
    seconds: float | None
