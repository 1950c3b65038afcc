"""Keeps for a while what stands for what in an exchange, for those who come back later: tools, batches.

Entries are sealed with AES-256-GCM under a key of the tenant's, bound to tenant, exchange and time, and lie
under names that say nothing. Nobody reads another tenant's, and none outlives its time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import orjson

from gateway.ports import Clock, Shelf
from gateway.privacy.keys import Keyring, derive

_NONCE: Final = 12
_TIME: Final = 8


class SealedVault:
    """The vault.

    Args:
        shelf: Where sealed entries lie.
        ring: The keys; entries of keys that were rotated out open until their time is up.
        clock: The time.
        random: Gives so many unpredictable bytes.
        seconds: How long an entry is kept.
    """

    def __init__(
        self, shelf: Shelf, ring: Keyring, clock: Clock, random: Callable[[int], bytes], *, seconds: float
    ) -> None:
        self._shelf, self._ring, self._clock = shelf, ring, clock
        self._random, self._seconds = random, seconds

    async def put(self, tenant: str, exchange: str, live: Mapping[str, str]) -> None:
        """Keep what stands for what in an exchange; raises ``VaultError``."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - only for who keeps something

        key = self._ring.current
        until = self._clock() + self._seconds
        time = int(until * 1000).to_bytes(_TIME)
        nonce = self._random(_NONCE)
        sealed = AESGCM(_key(key, tenant)).encrypt(nonce, orjson.dumps(dict(live)), _bound(exchange, time))
        await self._shelf.put(_name(key, tenant, exchange), time + nonce + sealed, until)

    async def get(self, tenant: str, exchange: str) -> Mapping[str, str] | None:
        """Return what stood for what, or None if nothing is kept (any more); raises ``VaultError``."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as above
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        now = self._clock()
        for key in self._ring.live(now):
            entry = await self._shelf.get(_name(key, tenant, exchange))
            if entry is None:
                continue
            time, nonce, sealed = entry[:_TIME], entry[_TIME : _TIME + _NONCE], entry[_TIME + _NONCE :]
            try:
                opened = AESGCM(_key(key, tenant)).decrypt(nonce, sealed, _bound(exchange, time))
            except (InvalidTag, ValueError):
                return None  # somebody changed it: that is as good as gone
            if int.from_bytes(time) > now * 1000:
                live: Mapping[str, str] = orjson.loads(opened)
                return live
        return None

    async def drop(self, tenant: str, exchange: str) -> None:
        """Forget what is kept of an exchange; raises ``VaultError``."""
        now = self._clock()
        for key in self._ring.live(now):
            await self._shelf.put(_name(key, tenant, exchange), b"", now)

    async def aclose(self) -> None:
        """Let go of the shelf."""
        await self._shelf.aclose()


def _key(key: bytes, tenant: str) -> bytes:
    return derive(key, "vault", tenant)


def _name(key: bytes, tenant: str, exchange: str) -> str:
    return derive(key, "vault name", tenant, exchange).hex()[:48]


def _bound(exchange: str, time: bytes) -> bytes:
    return time + exchange.encode()
