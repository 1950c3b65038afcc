"""A key opens what it may and nothing else; it is found by its id, proved by its digest, kept by neither.

Mutants killed: a digest that is not compared; an expired or revoked key that opens; a grace that never ends;
a key before the last but one that opens; a door that opens when the last key is revoked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import pytest

from gateway.errors import RecordError
from gateway.exchange import EVERYTHING, Grant, Quota
from gateway.limits.keys import Book, make_key, rotated
from gateway.ports import ClientKey

NOW = 1_790_000_000.0


class Dice:
    """Random bytes that are not: every call gives others."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, size: int) -> bytes:
        self._count += 1
        return hashlib.shake_128(bytes([self._count])).digest(size)


def made(dice: Dice | None = None, **more: object) -> tuple[ClientKey, str]:
    given: dict[str, object] = {"name": "前台", "tenant": "acme", "grant": EVERYTHING, **more}
    return make_key(dice or Dice(), NOW, **given)  # type: ignore[arg-type]


def book(*keys: ClientKey, now: float = NOW) -> Book:
    made = Book(lambda: keys, lambda: now)
    made.load()
    return made


def test_a_key_has_its_id_in_it_and_is_not_kept() -> None:
    key, secret = made()
    assert secret.startswith(f"sk-sluice-{key.id}-")
    assert len(secret.rpartition("-")[2]) == 52
    assert key.digest == hashlib.sha256(secret.encode()).digest()
    assert secret not in repr(key)
    assert key.digest.hex() not in repr(key)
    assert made(Dice())[1] == secret
    assert len({made(dice)[1] for dice in [Dice()] for _ in range(50)}) == 50


def test_a_key_is_its_tenants_with_what_it_may_do() -> None:
    grant = Grant("strict", ("qwen",), Quota(requests=3), access=("hr", "board"))
    key, secret = made(grant=grant)
    caller = book(key).caller(secret.encode())
    assert caller is not None
    assert (caller.tenant, caller.key, caller.grant) == ("acme", key.id, grant)
    assert caller.labels == {"hr", "board"}


@pytest.mark.parametrize(
    "change",
    [
        lambda secret: b"",
        lambda secret: secret[:-1],
        lambda secret: secret + b"a",
        lambda secret: secret.upper(),
        lambda secret: b" " + secret,
        lambda secret: secret[:-1] + (b"a" if secret[-1:] != b"a" else b"b"),
        lambda secret: secret.replace(b"sk-sluice-", b"sk-"),
        lambda secret: secret[:20] + b"-" + b"a" * 52,
        lambda secret: b"\xff" * 73,
        lambda secret: b"sk-sluice-aaaaaaaaaa-" + b"a" * 52,
    ],
)
def test_what_is_not_quite_the_key_opens_nothing(change: object) -> None:
    key, secret = made()
    assert book(key).caller(change(secret.encode())) is None  # type: ignore[operator]


def test_a_key_of_another_id_opens_nothing_with_this_secret() -> None:
    dice = Dice()
    (one, first), (other, second) = made(dice), made(dice)
    mixed = f"sk-sluice-{other.id}-{first.rpartition('-')[2]}"
    shelf = book(one, other)
    assert shelf.caller(mixed.encode()) is None
    assert shelf.caller(second.encode()) is not None


@pytest.mark.parametrize(
    ("change", "opens"),
    [({}, True), ({"until": NOW + 1}, True), ({"until": NOW}, False), ({"revoked": NOW - 9}, False)],
)
def test_a_key_opens_until_it_expires_or_is_revoked(change: dict[str, float], opens: bool) -> None:
    key, secret = made()
    assert (book(replace(key, **change)).caller(secret.encode()) is not None) == opens  # type: ignore[arg-type]


def test_the_key_before_a_rotation_opens_for_its_grace_and_no_longer() -> None:
    dice = Dice()
    key, first = made(dice)
    once, second = rotated(key, dice, NOW, 60.0)
    for now, opens in ((NOW, True), (NOW + 59.9, True), (NOW + 60.0, False)):
        shelf = book(once, now=now)
        assert (shelf.caller(first.encode()) is not None) == opens
        assert shelf.caller(second.encode()) is not None
    twice, third = rotated(once, dice, NOW + 1, 60.0)
    opened = [book(twice, now=NOW + 2).caller(secret.encode()) is not None for secret in (first, second, third)]
    assert opened == [False, True, True]
    at_once, fourth = rotated(twice, dice, NOW + 2, 0.0)
    opened = [book(at_once, now=NOW + 2).caller(secret.encode()) is not None for secret in (third, fourth)]
    assert opened == [False, True]
    assert at_once.id == key.id


def test_as_soon_as_one_key_was_made_everybody_is_asked_for_one() -> None:
    key, _ = made()
    assert not book().asks
    assert book(key).asks
    assert book(replace(key, revoked=NOW)).asks


def test_keys_that_cannot_be_read_anew_stand_as_they_were(caplog: pytest.LogCaptureFixture) -> None:
    key, secret = made()
    said: list[Sequence[ClientKey] | RecordError] = [[key], RecordError("no database"), RecordError("no database"), []]

    def read() -> Sequence[ClientKey]:
        found = said.pop(0)
        if isinstance(found, RecordError):
            raise found
        return found

    shelf = Book(read, lambda: NOW)
    shelf.load()
    for _ in range(2):
        shelf.poll()
        assert shelf.fault == "no database"
        assert shelf.caller(secret.encode()) is not None
    assert len(caplog.records) == 1
    shelf.poll()
    assert (shelf.fault, shelf.caller(secret.encode())) == ("", None)


def test_a_book_knows_whether_any_key_has_a_quota() -> None:
    free, limited = made()[0], made(grant=Grant(quota=Quota(tokens=1)))[0]
    assert not book(free).limited
    assert book(free, replace(limited, id="other")).limited
    assert not book(replace(limited, revoked=NOW)).limited
