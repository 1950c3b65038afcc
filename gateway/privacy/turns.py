"""Keeps answers for the requests that go on from them: sealed, each tenant apart, none beyond its time."""

from __future__ import annotations

from typing import Final

from gateway.privacy.vault import SealedVault

_KEY: Final = "turn"


class SealedTurns:
    """Answers in a vault.

    Args:
        vault: Seals and keeps.
    """

    def __init__(self, vault: SealedVault) -> None:
        self._vault = vault

    async def put(self, tenant: str, id: str, kept: bytes) -> None:
        """Keep bytes under an id; raises ``VaultError``."""
        await self._vault.put(tenant, _name(id), {_KEY: kept.decode()})

    async def get(self, tenant: str, id: str) -> bytes | None:
        """Return them, or None if nothing is kept (any more); raises ``VaultError``."""
        found = await self._vault.get(tenant, _name(id))
        return found[_KEY].encode() if found is not None else None

    async def drop(self, tenant: str, id: str) -> None:
        """Forget them; raises ``VaultError``."""
        await self._vault.drop(tenant, _name(id))

    async def aclose(self) -> None:
        """Let go of the vault."""
        await self._vault.aclose()


def _name(id: str) -> str:
    return f"response {id}"
