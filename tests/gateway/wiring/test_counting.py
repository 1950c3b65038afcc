"""Keys, quotas and suspensions are wired as the settings say, and a running gateway learns of every change."""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from kit.asgi import ask
from kit.asking import chat

from gateway.errors import SettingsError
from gateway.exchange import Grant, Quota
from gateway.limits.conduct import UserConduct
from gateway.limits.keys import make_key
from gateway.limits.memory import MemoryQuotas
from gateway.limits.redis import RedisQuotas
from gateway.ports import Suspension, Terms
from gateway.privacy.keys import Keyring, Retired
from gateway.settings import Settings
from gateway.settings.schema import KeySettings, Listen
from gateway.stores.keys import Keys
from gateway.stores.sql import SqlStore
from gateway.stores.suspensions import Suspensions
from gateway.wiring import Parts, assemble, check_counting, counters_of, parts, quotas_of, user_digests

pytestmark = pytest.mark.anyio

POLICY = """\
sluice: 1
name: tiny
detectors: [{id: drug, use: pattern, options: {risk: drug, pattern: '毒品'}}]
request:
  rules: [{id: refuse-drug, when: {risk: drug}, then: refuse, on_error: refuse}]
replies: {safe: {zh: 抱歉。, en: Sorry.}, suspended: {zh: 已暂停。, en: Suspended.}}
withheld: {zh: （略）, en: (omitted)}
misuse: {rules: [refuse-drug], reply: suspended}
"""


def test_quotas_are_counted_where_the_settings_say() -> None:
    memory = quotas_of(Settings(keys=KeySettings(assumed_output=7)), {})
    assert isinstance(memory, MemoryQuotas)
    assert (memory.assumed, memory.on_lost) == (7, "refuse")
    said = KeySettings(counters="redis://r:6379/1", on_lost="pass")
    shared = quotas_of(Settings(keys=said), {})
    assert isinstance(shared, RedisQuotas)
    assert shared.on_lost == "pass"
    assert counters_of(Settings(keys=KeySettings(counters_env="QUOTAS")), {"QUOTAS": "redis://r"}) == "redis://r"
    with pytest.raises(SettingsError, match="QUOTAS is not set"):
        quotas_of(Settings(keys=KeySettings(counters_env="QUOTAS")), {})


def test_a_user_is_known_by_a_digest_of_their_tenants() -> None:
    plain = user_digests(None, "acme", "u-1")
    assert plain != user_digests(None, "acme", "u-2")
    assert plain != user_digests(None, "acm", "eu-1")
    assert "u-1" not in plain[0]
    old, new = b"1" * 32, b"2" * 32
    before = user_digests(Keyring(old), "acme", "u-1")
    after = user_digests(Keyring(new, (Retired(old, 9.0),)), "acme", "u-1")
    assert after[1:] == before
    assert len({*plain, *after}) == 3


def built(folder: Path, **more: object) -> Parts:
    (folder / "tiny.yaml").write_text(POLICY, encoding="utf-8")
    settings = Settings(
        policy=str(folder / "tiny.yaml"),
        policies={"other": str(folder / "tiny.yaml")},
        database=f"sqlite:///{folder}/s.db",
        spool=str(folder / "spool"),
        keys=KeySettings(reload_seconds=0.02),
    )
    return parts(settings.model_copy(update=more), {})


async def until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        await asyncio.sleep(0.01)
    assert true()


async def test_a_running_gateway_learns_of_keys_that_are_made_and_revoked(tmp_path: Path) -> None:
    made, body = built(tmp_path), orjson.dumps(chat("你好"))
    kept = Keys(SqlStore(made.settings.database, time.time), time.time)
    key, secret = make_key(secrets.token_bytes, time.time(), name="", tenant="acme", grant=Grant("other"))
    header = {"authorization": f"Bearer {secret}"}
    app = assemble(made)
    assert made.book is not None
    async with made.running(None):
        assert (await ask(app, body)).status == 200
        kept.add(key)
        await until(lambda: made.book is not None and made.book.asks)
        assert (await ask(app, body)).status == 401
        assert (await ask(app, body, headers=header)).status == 200
        kept.revoke(key.id)
        await until(lambda: made.book is not None and made.book.caller(secret.encode()) is None)
        assert (await ask(app, body, headers=header)).status == 401
    kept.close()


async def test_a_suspension_outlives_a_restart_and_ends_by_an_operators_hand(tmp_path: Path) -> None:
    body = orjson.dumps(chat("毒品", user="u-1"))
    harmless = orjson.dumps(chat("你好", user="u-1"))
    first = built(tmp_path)
    async with first.running(None):
        app = assemble(first)
        for _ in range(3):
            await ask(app, body)
        assert "已暂停。" in (await ask(app, harmless)).text()
    second = built(tmp_path)
    kept = Suspensions(SqlStore(second.settings.database, time.time), time.time)
    async with second.running(None):
        app, conduct = assemble(second), second.ports.conduct
        assert "已暂停。" in (await ask(app, harmless)).text()
        (one,) = kept.active()
        assert kept.release("default", one.digest, "li.na") == 1
        await until(lambda: conduct is not None and not conduct.suspended("default", "u-1"))
        assert "已暂停。" not in (await ask(app, harmless)).text()
    kept.close()


def kept_key(settings: Settings, quota: Quota) -> str:
    """Keep a key in the settings' database; return it as a client shows it."""
    kept = Keys(SqlStore(settings.database, time.time), time.time)
    key, secret = make_key(secrets.token_bytes, time.time(), name="", tenant="acme", grant=Grant(quota=quota))
    assert kept.add(key)
    kept.close()
    return secret


@pytest.mark.parametrize(
    ("workers", "counters", "quota", "refused"),
    [
        (2, "memory", Quota(requests=5), True),
        (2, "memory", Quota(), False),
        (1, "memory", Quota(requests=5), False),
        (2, "redis://127.0.0.1:1", Quota(requests=5), False),
    ],
)
def test_several_workers_do_not_start_where_each_would_count_a_quota_alone(
    tmp_path: Path, workers: int, counters: str, quota: Quota, refused: bool
) -> None:
    settings = Settings(
        database=f"sqlite:///{tmp_path}/s.db", listen=Listen(workers=workers), keys=KeySettings(counters=counters)
    )
    kept_key(settings, quota)
    if not refused:
        check_counting(settings, {})
        return
    with pytest.raises(SettingsError, match="each of several workers would count alone") as caught:
        check_counting(settings, {})
    assert "redis://" in str(caught.value)


def test_several_workers_do_not_start_where_each_would_suspend_users_alone(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"'tiny' suspends users \(misuse\), but each of several workers"):
        built(tmp_path, listen=Listen(workers=2))
    shared = KeySettings(counters="redis://127.0.0.1:1")
    assert built(tmp_path, listen=Listen(workers=2), keys=shared).ports.quotas is not None
    (tmp_path / "policy.yaml").write_text(POLICY.partition("misuse:")[0], encoding="utf-8")
    settings = Settings(policy=str(tmp_path / "policy.yaml"), listen=Listen(workers=2))
    assert parts(settings, {}).warnings() == {}


async def test_workers_that_would_count_alone_serve_no_key_with_a_quota(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY.partition("misuse:")[0], encoding="utf-8")
    made = built(tmp_path, policy=str(tmp_path / "policy.yaml"), policies={}, listen=Listen(workers=2))
    free, limited = kept_key(made.settings, Quota()), kept_key(made.settings, Quota(requests=5))
    app, body = assemble(made), orjson.dumps(chat("你好"))
    assert made.book is not None
    made.book.load()
    async with made.running(None):
        seen = await ask(app, body, headers={"authorization": f"Bearer {limited}"})
        assert (seen.status, seen.json["error"]["code"]) == (503, "quota_unavailable")
        assert (await ask(app, body, headers={"authorization": f"Bearer {free}"})).status == 200
    assert "each of several workers would count alone" in made.warnings()["quotas"]


def test_what_cannot_be_read_anew_is_a_warning(tmp_path: Path) -> None:
    made = built(tmp_path)
    assert made.warnings() == {}
    assert made.book is not None
    assert isinstance(made.ports.conduct, UserConduct)
    made.book.fault, made.ports.conduct.fault = "no keys", "no users"
    assert made.warnings() == {"keys": "no keys", "conduct": "no users"}


async def test_a_key_of_the_privacy_ring_names_users(tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text(POLICY, encoding="utf-8")
    settings = Settings(policy=str(tmp_path / "tiny.yaml"), database=f"sqlite:///{tmp_path}/s.db")
    ring = base64.b64encode(b"k" * 32).decode()
    conduct = parts(settings, {"SLUICE_PRIVACY_KEY": ring}).ports.conduct
    assert isinstance(conduct, UserConduct)
    seen: list[Suspension] = []
    conduct._keep = seen.append
    await conduct.note("acme", "u", illegal=True, terms=Terms(1, 1, None), policy="p")
    assert [one.digest for one in seen] == [user_digests(Keyring(b"k" * 32), "acme", "u")[0]]
