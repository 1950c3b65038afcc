"""``sluice keys``: a key is shown once, does what it may, and is taken back; wrong wishes are refused at once."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import orjson
import pytest

from gateway.exchange import Agreement, Grant, Quota
from gateway.limits.keys import Book
from gateway.ports import ClientKey
from gateway.stores.keys import Keys
from gateway.stores.sql import SqlStore

from .conftest import Sluice

PRODUCER = "001191110102MAD55U9H0F10002"
CONFIG = """\
database: sqlite:///{folder}/s.db
policies: {{strict: examples/strict.yaml}}
models:
  qwen: {{provider: echo, price: {{input: 2, output: 8}}}}
  unpriced: {{provider: echo}}
producer: {producer}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "sluice.yaml"
    file.write_text(CONFIG.format(folder=tmp_path, producer=PRODUCER), encoding="utf-8")
    return file


def kept(config: Path) -> list[ClientKey]:
    keys = Keys(SqlStore(f"sqlite:///{config.parent}/s.db", time.time), time.time)
    try:
        return keys.all()
    finally:
        keys.close()


def opens(config: Path, secret: str) -> bool:
    book = Book(lambda: kept(config), time.time)
    book.load()
    return book.caller(secret.encode()) is not None


def test_a_key_is_shown_once_and_only_its_digest_is_kept(sluice: Sluice, config: Path) -> None:
    made = sluice("keys", "create", "--tenant", "acme", "--name", "前台", "--config", config)
    secret = made.out.strip()
    assert made.code == 0
    assert secret.startswith("sk-sluice-")
    assert secret not in made.err
    assert "只显示这一次" in made.err
    (key,) = kept(config)
    assert (key.tenant, key.name, key.grant) == ("acme", "前台", Grant())
    assert key.digest == hashlib.sha256(secret.encode()).digest()
    assert opens(config, secret)
    listed = sluice("keys", "list", "--config", config)
    assert key.id in listed.out
    assert secret.rpartition("-")[2] not in listed.out
    assert secret.rpartition("-")[2].encode() not in b"".join(p.read_bytes() for p in config.parent.glob("s.db*"))


def test_a_key_may_what_was_said(sluice: Sluice, config: Path) -> None:
    said = [
        "--requests-per-minute",
        "60",
        "--tokens-per-minute",
        "9000",
        "--tokens-per-day",
        "2000000",
        "--money-per-day",
        "12.5",
    ]
    said += ["--policy", "strict", "--model", "qwen", "--model", "qwen", "--service", "1A001", "--days", "2"]
    said += ["--agreement", "A-17", "--agreement-date", "2026-10-01"]
    said += ["--label", "hr", "--label", "董事会", "--label", "hr"]
    made = sluice("keys", "create", "--tenant", "acme", *said, "--format", "json", "--config", config)
    assert made.code == 0
    shown = orjson.loads(made.out)
    (key,) = kept(config)
    quota = Quota(60, 9000, 2_000_000, 12_500_000)
    assert key.grant == Grant("strict", ("qwen",), quota, "1A001", Agreement("A-17", "2026-10-01"), ("hr", "董事会"))
    assert key.until is not None
    assert key.until - key.created == pytest.approx(2 * 86_400)
    assert opens(config, shown["key"])
    assert shown["quota"]["day_micros"] == 12_500_000
    listed = sluice("keys", "list", "--config", config).out
    for part in (
        "60 req/min",
        "12.5 CNY/day",
        "policy strict",
        "service 1A001",
        "unlabelled (A-17)",
        "label hr",
        "valid",
    ):
        assert part in listed
    assert "unpriced" in made.err
    assert "no knowledge base is configured" in made.err


@pytest.mark.parametrize(
    ("said", "code", "message"),
    [
        ("--policy strikt", 3, "policies: in sluice.yaml has no 'strikt' — did you mean 'strict'?"),
        ("--model qwem", 3, "models: in sluice.yaml has no 'qwem' — did you mean 'qwen'?"),
        ("--service 9A001", 3, "must have 1 (generation) or 2 (propagation)"),
        ("--service 1A0", 3, "needs five characters"),
        ("--label=", 2, "a label needs a name"),
        ("--agreement A-17", 2, "needs both --agreement and --agreement-date"),
        ("--requests-per-minute 0", 2, "0 is not in the range"),
        ("--money-per-day 0", 2, "is not in the range"),
        ("--agreement A --agreement-date tomorrow", 2, "does not match the format"),
    ],
)
def test_what_a_key_could_never_use_is_refused_at_once(
    sluice: Sluice, config: Path, said: str, code: int, message: str
) -> None:
    ran = sluice("keys", "create", "--tenant", "acme", *said.split(), "--config", config)
    assert (ran.code, ran.out) == (code, "")
    assert message in ran.err
    assert "Traceback" not in ran.err
    assert not (config.parent / "s.db").exists() or kept(config) == []


def test_a_service_needs_a_producer_code(sluice: Sluice, config: Path) -> None:
    config.write_text(config.read_text("utf-8").replace(PRODUCER, "acme"), "utf-8")
    ran = sluice("keys", "create", "--tenant", "a", "--service", "1A001", "--config", config)
    assert ran.code == 3
    assert "set producer:" in ran.err


def test_a_rotated_key_is_taken_beside_the_old_one_for_its_grace(sluice: Sluice, config: Path) -> None:
    old = sluice("keys", "create", "--tenant", "acme", "--config", config).out.strip()
    (key,) = kept(config)
    rotated = sluice("keys", "rotate", key.id, "--grace", "7d", "--config", config)
    new = rotated.out.strip()
    assert new != old
    assert "有效至" in rotated.err
    assert opens(config, old)
    assert opens(config, new)
    assert "rotating" in sluice("keys", "list", "--config", config).out
    assert kept(config)[0].previous_until == pytest.approx(time.time() + 7 * 86_400, abs=60)
    newest = sluice("keys", "rotate", key.id, "--grace", "0", "--config", config).out.strip()
    assert [opens(config, secret) for secret in (old, new, newest)] == [False, False, True]


@pytest.mark.parametrize("grace", ["soon", "-1h", "5", "1w", "999999999999s"])
def test_a_grace_that_is_no_time_is_refused(sluice: Sluice, config: Path, grace: str) -> None:
    ran = sluice("keys", "rotate", "x", f"--grace={grace}", "--config", config)
    assert ran.code == 2
    assert "write it like 30m, 24h or 7d, or 0" in ran.err


def test_a_revoked_key_opens_nothing_and_stays_listed(sluice: Sluice, config: Path) -> None:
    one = sluice("keys", "create", "--tenant", "one", "--config", config).out.strip()
    two = sluice("keys", "create", "--tenant", "two", "--config", config).out.strip()
    id = one.split("-")[2]
    assert sluice("keys", "revoke", id, "--config", config).code == 0
    assert [opens(config, secret) for secret in (one, two)] == [False, True]
    assert id not in sluice("keys", "list", "--config", config).out
    assert f"{id}  one" in sluice("keys", "list", "--all", "--config", config).out
    assert orjson.loads(sluice("keys", "list", "--tenant", "two", "--format", "json", "--config", config).out)
    for command in (["revoke", id], ["rotate", id]):
        again = sluice("keys", *command, "--config", config)
        assert (again.code, again.out) == (3, "")
        assert "is revoked" in again.err


def test_an_unknown_key_is_told_with_one_that_is_like_it(sluice: Sluice, config: Path) -> None:
    id = sluice("keys", "create", "--tenant", "one", "--config", config).out.split("-")[2]
    ran = sluice("keys", "revoke", f"{id[:-1]}", "--config", config)
    assert ran.code == 3
    assert id in ran.err
    assert kept(config)[0].revoked is None


def test_no_key_at_all_is_said(sluice: Sluice, config: Path) -> None:
    ran = sluice("keys", "list", "--config", config)
    assert (ran.code, ran.out) == (0, "")
    assert "no key is valid" in ran.err


def test_a_database_that_is_none_is_told_without_a_trace(sluice: Sluice, config: Path) -> None:
    (config.parent / "s.db").write_bytes(b"no database at all, but long enough to be looked at as one" * 20)
    ran = sluice("keys", "list", "--config", config)
    assert ran.code == 3
    assert "Traceback" not in ran.err
    assert "see database: in sluice.yaml" in ran.err


def test_help_begins_with_examples_that_work(sluice: Sluice) -> None:
    text = sluice("keys", "-h").out
    assert text.index("sluice keys create --tenant acme") < text.index("Commands:")


@pytest.mark.parametrize(
    ("listen", "counters", "options", "code"),
    [
        (2, "memory", ["--requests-per-minute", 5], 3),
        (2, "memory", [], 0),
        (2, "redis://r:6379/0", ["--requests-per-minute", 5], 0),
        (1, "memory", ["--requests-per-minute", 5], 0),
    ],
)
def test_a_quota_that_several_workers_would_count_alone_is_refused(
    sluice: Sluice, config: Path, listen: int, counters: str, options: list[object], code: int
) -> None:
    more = f"listen: {{workers: {listen}}}\nkeys: {{counters: '{counters}'}}\n"
    config.write_text(config.read_text(encoding="utf-8") + more, encoding="utf-8")
    ran = sluice("keys", "create", "--tenant", "acme", *options, "--config", config)
    assert ran.code == code, ran.err
    assert ("a quota needs counters that all workers share" in ran.err) is (code != 0)
    assert len(kept(config)) == (code == 0)
