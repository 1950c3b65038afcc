"""Answers are kept for their own tenant, whole, until they are dropped or their time is up."""

from __future__ import annotations

import secrets

import pytest

from gateway.privacy.keys import Keyring
from gateway.privacy.turns import SealedTurns
from gateway.privacy.vault import SealedVault
from gateway.stores.shelves.memory import MemoryShelf


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("text", ["", "你好", '{"a": "é 😀"}', "mixed 中文 and \\u0000"])
async def test_what_is_kept_comes_back_as_it_was_and_to_its_tenant_only(text: str) -> None:
    clock = Clock()
    turns = SealedTurns(SealedVault(MemoryShelf(clock), Keyring(b"k" * 32), clock, secrets.token_bytes, seconds=60))
    await turns.put("acme", "resp_1", text.encode())
    assert await turns.get("acme", "resp_1") == text.encode()
    assert await turns.get("other", "resp_1") is None
    assert await turns.get("acme", "resp_2") is None
    await turns.drop("acme", "resp_1")
    assert await turns.get("acme", "resp_1") is None
    await turns.put("acme", "resp_1", b"again")
    clock.now += 61
    assert await turns.get("acme", "resp_1") is None
    await turns.aclose()


async def test_an_answer_is_not_found_under_the_name_of_an_exchange() -> None:
    clock = Clock()
    vault = SealedVault(MemoryShelf(clock), Keyring(b"k" * 32), clock, secrets.token_bytes, seconds=60)
    await SealedTurns(vault).put("acme", "1", b"said")
    assert await vault.get("acme", "1") is None
