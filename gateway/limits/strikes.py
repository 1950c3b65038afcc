"""Counts of illegal questions, in a row and in a day: in this process, or in Redis for all replicas."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from gateway.limits.redis import PATIENCE, run
from gateway.ports import Terms

if TYPE_CHECKING:
    from redis.asyncio import Redis

_SCRIPT: Final = """
local day = ARGV[1]
if ARGV[2] == '0' then
  if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 's', 0) end
  return {0, redis.call('HGET', KEYS[1], 'd') == day and tonumber(redis.call('HGET', KEYS[1], 'c')) or 0, 0}
end
local row = redis.call('HINCRBY', KEYS[1], 's', 1)
if redis.call('HGET', KEYS[1], 'd') ~= day then redis.call('HSET', KEYS[1], 'd', day, 'c', 0) end
local today = redis.call('HINCRBY', KEYS[1], 'c', 1)
redis.call('EXPIRE', KEYS[1], 604800)
if row >= tonumber(ARGV[3]) or today >= tonumber(ARGV[4]) then
  redis.call('DEL', KEYS[1])
  return {row, today, 1}
end
return {row, today, 0}
"""


class Struck(NamedTuple):
    """How a user stands after a question.

    Attributes:
        consecutive: Illegal questions in a row.
        today: Illegal questions today.
        out: Whether that is too many; then counting begins anew, so that of several at once one says so.
    """

    consecutive: int
    today: int
    out: bool


class Strikes(Protocol):
    """Counts the illegal questions of users."""

    async def count(self, user: str, day: int, terms: Terms, *, illegal: bool) -> Struck:
        """Count a question; raises ``QuotaError``."""
        ...

    async def aclose(self) -> None:
        """Let go of whatever it holds."""
        ...


class MemoryStrikes:
    """Counts in this process.

    Args:
        most: How many users are kept; those whose last illegal question is longest ago go first.
    """

    def __init__(self, most: int = 100_000) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[int, int, int]] = OrderedDict()

    async def count(self, user: str, day: int, terms: Terms, *, illegal: bool) -> Struck:
        """Count a question."""
        row, known_day, today = self._kept.get(user, (0, day, 0))
        today = today if known_day == day else 0
        if not illegal:
            if user in self._kept:
                self._kept[user] = (0, day, today)
            return Struck(0, today, out=False)
        row, today = row + 1, today + 1
        if row >= terms.consecutive or today >= terms.daily:
            self._kept.pop(user, None)
            return Struck(row, today, out=True)
        self._kept[user] = (row, day, today)
        self._kept.move_to_end(user)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return Struck(row, today, out=False)

    async def aclose(self) -> None:
        """Nothing is held."""


class RedisStrikes:
    """Counts in Redis, for all replicas. A row of questions is forgotten after a week without an illegal one.

    Args:
        redis: A client.
        patience: Seconds to wait for it.
    """

    def __init__(self, redis: Redis, patience: float = PATIENCE) -> None:
        self._redis, self._patience = redis, patience
        self._script = redis.register_script(_SCRIPT)

    async def count(self, user: str, day: int, terms: Terms, *, illegal: bool) -> Struck:
        """Count a question; raises ``QuotaError``."""
        arguments = [day, int(illegal), terms.consecutive, terms.daily]
        row, today, out = await run(self._script, [f"sluice:conduct:{user}"], arguments, self._patience)
        return Struck(int(row), int(today), out=bool(out))

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._redis.aclose()
