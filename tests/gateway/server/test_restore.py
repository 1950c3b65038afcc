"""Whoever comes later gets values back from the vault, if they are their own tenant's."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from kit.asking import chat, post
from kit.gateway import parts, serving
from kit.plans import pattern, plan, rule, side

from gateway.errors import VaultError
from gateway.privacy.keys import Keyring
from gateway.privacy.techniques import techniques
from gateway.privacy.vault import SealedVault
from gateway.stores.shelves.memory import MemoryShelf

RING = Keyring(b"k" * 32)
PHONE = "pii.mobile_number"
SURROGATE = techniques()["surrogate"].build({})
PLAN = plan(side({PHONE: pattern(PHONE, "138[0-9]{8}")}, [rule(PHONE, "mask", how=SURROGATE)]))


class Broken:
    """A vault that cannot be reached."""

    async def put(self, tenant: str, exchange: str, live: Mapping[str, str]) -> None:
        raise VaultError("gone")

    async def get(self, tenant: str, exchange: str) -> Mapping[str, str] | None:
        raise VaultError("gone")


def made(vault: Any) -> Any:
    built = parts(PLAN, ring=RING)
    return replace(built, ports=replace(built.ports, vault=vault))


def memory() -> SealedVault:
    return SealedVault(MemoryShelf(time.time), RING, time.time, bytes, seconds=60)


async def test_a_text_that_comes_later_gets_its_values_back() -> None:
    vault = memory()
    async with serving(made(vault)) as gate:
        first = await post(gate.url, chat("我的号码是13812345678"))
        exchange = first.headers["x-sluice-request-id"]
        kept = await vault.get("default", exchange)
        assert kept is not None
        surrogate = next(iter(kept))
        got = await post(gate.url, {"exchange": exchange, "text": f"打{surrogate}"}, path="/v1/sluice/restore")
    assert (got.status, got.json) == (200, {"text": "打13812345678"})


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"exchange": "nobody", "text": "x"}, 404, "nothing_kept"),
        ({"exchange": 1, "text": "x"}, 400, "invalid_request"),
        ({"text": "x"}, 400, "invalid_request"),
        ([], 400, "invalid_request"),
        (b"{", 400, "invalid_json"),
        (b" " * 1_000_001, 413, "request_too_large"),
    ],
)
async def test_what_cannot_be_restored_is_told(body: Any, status: int, code: str) -> None:
    async with serving(made(memory())) as gate:
        got = await post(gate.url, body, path="/v1/sluice/restore")
    assert (got.status, got.json["error"]["code"]) == (status, code)


async def test_a_vault_that_cannot_be_reached_stops_what_would_need_it() -> None:
    async with serving(made(Broken())) as gate:
        asked = await post(gate.url, chat("我的号码是13812345678"))
        harmless = await post(gate.url, chat("你好"))
        restored = await post(gate.url, {"exchange": "x", "text": "y"}, path="/v1/sluice/restore")
    assert (asked.status, asked.json["error"]["code"]) == (503, "vault_unavailable")
    assert harmless.status == 200
    assert (restored.status, restored.json["error"]["code"]) == (503, "vault_unavailable")


async def test_without_a_vault_the_url_leads_nowhere() -> None:
    async with serving(parts(PLAN, ring=RING)) as gate:
        got = await post(gate.url, {"exchange": "x", "text": "y"}, path="/v1/sluice/restore")
    assert got.status == 404
