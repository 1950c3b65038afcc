"""What stands for what is kept sealed, for its own tenant, and not longer than its time."""

from __future__ import annotations

import itertools

from gateway.privacy.keys import Keyring, Retired
from gateway.privacy.vault import SealedVault
from gateway.stores.shelves.memory import MemoryShelf

LIVE = {"潘俊": "张伟", "15412345678": "13812345678"}


class Time:
    """A clock that is set by hand."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def made(ring: Keyring | None = None) -> tuple[SealedVault, MemoryShelf, Time]:
    clock = Time()
    shelf = MemoryShelf(clock)
    numbers = itertools.count()
    vault = SealedVault(
        shelf, ring or Keyring(b"k" * 32), clock, lambda size: next(numbers).to_bytes(size), seconds=60.0
    )
    return vault, shelf, clock


async def test_what_was_put_comes_back_to_its_own_tenant_and_exchange_only() -> None:
    vault, _, _ = made()
    await vault.put("acme", "X1", LIVE)
    assert await vault.get("acme", "X1") == LIVE
    assert await vault.get("acme", "X2") is None
    assert await vault.get("other", "X1") is None


async def test_nothing_outlives_its_time() -> None:
    vault, shelf, clock = made()
    await vault.put("acme", "X1", LIVE)
    clock.now += 59.9
    assert await vault.get("acme", "X1") == LIVE
    clock.now += 0.2
    assert await vault.get("acme", "X1") is None
    await vault.put("acme", "X2", LIVE)
    assert len(shelf._kept) == 1, "what is over is swept out"


async def test_an_entry_whose_shelf_forgets_the_time_is_over_all_the_same() -> None:
    vault, shelf, clock = made()
    await vault.put("acme", "X1", LIVE)
    name, (sealed, _) = next(iter(shelf._kept.items()))
    shelf._kept[name] = sealed, 1e12
    clock.now += 61
    assert await vault.get("acme", "X1") is None


async def test_the_shelf_sees_neither_values_nor_names() -> None:
    vault, shelf, _ = made()
    await vault.put("acme", "X1", LIVE)
    seen = repr(shelf._kept).encode()
    for word in ("acme", "X1", "张伟", "13812345678", "15412345678"):
        assert word.encode() not in seen


async def test_an_entry_that_was_changed_or_moved_does_not_open() -> None:
    vault, shelf, _ = made()
    await vault.put("acme", "X1", LIVE)
    await vault.put("acme", "X2", {"a": "b"})
    (one, (sealed, until)), (two, _) = shelf._kept.items()
    shelf._kept[two] = sealed, until
    assert await vault.get("acme", "X2") is None
    for at in (0, 9, len(sealed) - 1):
        shelf._kept[one] = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], until
        assert await vault.get("acme", "X1") is None
    shelf._kept[one] = b"", until
    assert await vault.get("acme", "X1") is None


async def test_entries_of_a_rotated_key_open_until_its_time_is_up() -> None:
    old, shelf, clock = made(Keyring(b"o" * 32))
    await old.put("acme", "X1", LIVE)
    now = SealedVault(shelf, Keyring(b"k" * 32, (Retired(b"o" * 32, 1_030.0),)), clock, bytes, seconds=60.0)
    assert await now.get("acme", "X1") == LIVE
    clock.now = 1_031.0
    assert await now.get("acme", "X1") is None
