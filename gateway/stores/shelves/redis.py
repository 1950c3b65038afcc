"""Keeps sealed bytes in Redis, for all replicas; Redis itself lets them go when their time is up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.errors import SettingsError, VaultError
from gateway.ports import Clock

if TYPE_CHECKING:
    from redis.asyncio import Redis


class RedisShelf:
    """A shelf in Redis.

    Args:
        url: ``redis://…``, ``rediss://…`` or ``unix://…``.
        clock: The time.

    Raises:
        SettingsError: The client for Redis is not installed, or the address cannot be read.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        try:
            from redis.asyncio import Redis  # noqa: PLC0415
        except ModuleNotFoundError:
            what = "the vault is kept in Redis, but its client is not installed"
            raise SettingsError(what, hint="pip install 'sluice-gateway[redis]'") from None
        try:
            self._redis: Redis = Redis.from_url(url, socket_timeout=2.0, socket_connect_timeout=2.0)
        except ValueError:
            # The address may hold a password, so it is not repeated.
            raise SettingsError("the address of the vault cannot be read", hint="write redis://host:6379/0") from None
        self._clock = clock

    async def put(self, name: str, sealed: bytes, until: float) -> None:
        """Keep bytes under a name until a time; raises ``VaultError``."""
        from redis.exceptions import RedisError  # noqa: PLC0415

        milliseconds = max(int((until - self._clock()) * 1000), 1)
        try:
            await self._redis.set(_key(name), sealed, px=milliseconds)
        except (RedisError, OSError) as error:
            raise VaultError(f"Redis keeps nothing: {type(error).__name__}") from None

    async def get(self, name: str) -> bytes | None:
        """Return what is kept under a name, or None; raises ``VaultError``."""
        from redis.exceptions import RedisError  # noqa: PLC0415

        try:
            found = await self._redis.get(_key(name))
        except (RedisError, OSError) as error:
            raise VaultError(f"Redis gives nothing: {type(error).__name__}") from None
        return found.encode() if isinstance(found, str) else found

    async def aclose(self) -> None:
        """Let go of the connections; what is kept stays until its time is up."""
        await self._redis.aclose()


def _key(name: str) -> str:
    return f"sluice:vault:{name}"
