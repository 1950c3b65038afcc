"""Counts what keys use in Redis, for all replicas: each step is one script, which Redis runs undisturbed.

The scripts do what ``window`` says, by Redis' own clock: replicas whose clocks differ still agree. A key's
counts are one hash: ``r``, ``t`` and a second, ``T``, ``M`` and a day.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from gateway.errors import QuotaError, SettingsError
from gateway.exchange import Quota
from gateway.limits.window import DAY, Answer, amounts_of, changes_of, limits_of, reservation
from gateway.ports import Clock, Reservation, Spend, Ticker
from gateway.verdict import OnError

if TYPE_CHECKING:
    from redis.asyncio import Redis

PATIENCE: Final = 1.0
"""Seconds to wait for Redis: longer, and every exchange would wait as long."""

_CONNECTIONS: Final = 16

_NOW: Final = """
local now = tonumber(ARGV[1])
if now < 0 then
  local time = redis.call('TIME')
  now = tonumber(time[1]) + tonumber(time[2]) / 1000000
end
local offset = tonumber(ARGV[2])
local second = math.floor(now)
local today = math.floor((now + offset) / 86400)
"""

_RESERVE: Final = (
    "if redis.replicate_commands then redis.replicate_commands() end\n"
    + _NOW
    + """
local limits = {tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])}
local needs = {1, tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])}
local used = {0, 0, 0, 0}
local newest = {second - 61, second - 61}
local minutes = {{}, {}}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local kind, at, count = string.sub(all[i], 1, 1), tonumber(string.sub(all[i], 2)), tonumber(all[i + 1])
  if kind == 'r' or kind == 't' then
    local n = kind == 'r' and 1 or 2
    if at <= second - 61 then
      redis.call('HDEL', KEYS[1], all[i])
    else
      used[n] = used[n] + count
      minutes[n][#minutes[n] + 1] = {at, count}
      if at > newest[n] then newest[n] = at end
    end
  elseif at < today - 1 then
    redis.call('HDEL', KEYS[1], all[i])
  elseif at == today then
    local n = kind == 'T' and 3 or 4
    used[n] = used[n] + count
  end
end
local day_ends = 86400 - (now + offset) % 86400
local spent, wait = -1, 0
for n = 1, 4 do
  if limits[n] >= 0 and used[n] + needs[n] > limits[n] then
    local longer = day_ends
    if n < 3 then
      local over, last = used[n] + needs[n] - limits[n], second
      table.sort(minutes[n], function(a, b) return a[1] < b[1] end)
      for _, pair in ipairs(minutes[n]) do
        last = pair[1]
        over = over - pair[2]
        if over <= 0 then break end
      end
      longer = last + 61 - now
    end
    if spent < 0 or longer > wait then spent, wait = n - 1, longer end
  end
end
if spent < 0 then
  redis.call('HINCRBY', KEYS[1], 'r' .. second, 1)
  if needs[2] ~= 0 then redis.call('HINCRBY', KEYS[1], 't' .. second, needs[2]) end
  if needs[3] ~= 0 then redis.call('HINCRBY', KEYS[1], 'T' .. today, needs[3]) end
  if needs[4] ~= 0 then redis.call('HINCRBY', KEYS[1], 'M' .. today, needs[4]) end
  redis.call('EXPIRE', KEYS[1], 172800)
  for n = 1, 4 do used[n] = used[n] + needs[n] end
end
local resets = {}
for n = 1, 2 do
  resets[n] = (spent < 0 and needs[n] ~= 0) and second or newest[n]
  resets[n] = math.max(resets[n] + 61 - now, 0)
end
local function text(number) return string.format('%.6f', number) end
return {spent, text(wait), text(now), used[1], used[2], used[3], used[4],
        text(resets[1]), text(resets[2]), text(day_ends)}
"""
)

_SETTLE: Final = (
    "if redis.replicate_commands then redis.replicate_commands() end\n"
    + _NOW
    + """
local then_second, then_day = tonumber(ARGV[3]), tonumber(ARGV[4])
local function change(kind, before, present, by)
  if by > 0 then
    redis.call('HINCRBY', KEYS[1], kind .. present, by)
  elseif by < 0 then
    local had = redis.call('HGET', KEYS[1], kind .. before)
    if had then redis.call('HSET', KEYS[1], kind .. before, math.max(tonumber(had) + by, 0)) end
  end
end
change('t', then_second, second, tonumber(ARGV[5]))
change('T', then_day, today, tonumber(ARGV[6]))
change('M', then_day, today, tonumber(ARGV[7]))
redis.call('EXPIRE', KEYS[1], 172800)
return 1
"""
)


class RedisQuotas:
    """Implements the port ``Quotas`` for all replicas that share a Redis.

    Args:
        url: ``redis://…``, ``rediss://…`` or ``unix://…``.
        offset: Seconds that the operator's own time is ahead of UTC: when a day begins.
        assumed: Tokens that an answer is taken to have where the request states no most.
        on_lost: What it means that Redis cannot be reached.
        clock: The time; None for Redis' own.
        ticker: A monotonic clock.
        rest: Seconds for which a Redis that did not answer is taken to be lost without asking it again: else
            every exchange would wait for it.
        patience: Seconds to wait for Redis.

    Raises:
        SettingsError: The client for Redis is not installed, or the address cannot be read.
    """

    def __init__(
        self,
        url: str,
        *,
        offset: int = 0,
        assumed: int = 1024,
        on_lost: OnError = "refuse",
        clock: Clock | None = None,
        ticker: Ticker = time.monotonic,
        rest: float = 1.0,
        patience: float = PATIENCE,
    ) -> None:
        self._redis = connect(url, patience)
        self._patience = patience
        self._ticker, self._rest, self._lost_until = ticker, rest, float("-inf")
        self._offset, self._clock = offset, clock
        self.assumed, self.on_lost = assumed, on_lost
        self._reserve = self._redis.register_script(_RESERVE)
        self._settle = self._redis.register_script(_SETTLE)

    async def reserve(self, key: str, quota: Quota, least: Spend, likely: Spend) -> Reservation:
        """Set aside what an exchange will use; raises ``QuotaError``."""
        amounts = amounts_of(quota, least, likely)
        said = await self._run(self._reserve, key, (*limits_of(quota), *amounts))
        spent, wait, now, *rest = said
        used = [int(number) for number in rest[:4]]
        requests, tokens, ends = (float(text) for text in rest[4:])
        answer = Answer(int(spent), float(wait), (used[0], used[1], used[2], used[3]), (requests, tokens, ends, ends))
        return reservation(key, quota, now=float(now), amounts=amounts, least=least, answer=answer)

    async def settle(self, reservation: Reservation, used: Spend) -> None:
        """Count what was really used; raises ``QuotaError``."""
        began = int(reservation.at + self._offset) // DAY
        changes = changes_of(reservation, used)
        if any(changes):
            await self._run(self._settle, reservation.key, (int(reservation.at), began, *changes))

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._redis.aclose()

    async def _run(self, script: Callable[..., Any], key: str, arguments: Sequence[int]) -> Any:
        if self._ticker() < self._lost_until:
            raise QuotaError("the counters in Redis could not be reached a moment ago")
        now = -1.0 if self._clock is None else self._clock()
        try:
            return await run(script, [f"sluice:quota:{key}"], [f"{now:.6f}", self._offset, *arguments], self._patience)
        except QuotaError:
            self._lost_until = self._ticker() + self._rest
            raise


def connect(url: str, patience: float = PATIENCE) -> Redis:
    """Return a client; connects to nothing yet. Raises ``SettingsError``.

    Few connections for all: a step takes Redis well under a millisecond, a connection takes longer.
    """
    try:
        from redis.asyncio import BlockingConnectionPool, Redis  # noqa: PLC0415
    except ModuleNotFoundError:
        what = "quotas are counted in Redis, but its client is not installed"
        raise SettingsError(what, hint="pip install 'sluice-gateway[redis]'") from None
    try:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=_CONNECTIONS,
            timeout=patience,
            socket_timeout=patience,
            socket_connect_timeout=patience,
        )
    except ValueError:
        # The address may hold a password, so it is not repeated.
        raise SettingsError("keys: the address of the counters cannot be read", hint="redis://host:6379/0") from None
    return Redis.from_pool(pool)


async def run(
    script: Callable[..., Any], keys: Sequence[str], arguments: Sequence[object], patience: float = PATIENCE
) -> Any:
    """Run a script; raises ``QuotaError`` if Redis does not answer in time."""
    from redis.exceptions import RedisError  # noqa: PLC0415

    try:
        async with asyncio.timeout(2 * patience):
            return await script(keys=keys, args=arguments)
    except (RedisError, OSError, TimeoutError) as error:
        raise QuotaError(f"the counters in Redis cannot be reached: {type(error).__name__}") from None
