"""Keys are read whole or refused without being shown; each tenant and conversation has its own."""

from __future__ import annotations

import base64

import pytest

from gateway.errors import SettingsError
from gateway.privacy.keys import CURRENT, PREVIOUS, Keyring, Retired, conversation_keys, derive, read_keyring

A, B, C = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2, 3))


def test_without_a_key_there_is_no_ring() -> None:
    assert read_keyring({}) is None


def test_a_ring_holds_the_key_in_use_and_those_before_it() -> None:
    ring = read_keyring({CURRENT: A, PREVIOUS: f"{B}@2030-01-01T00:00:00+08:00, {C}@2031-01-01T00:00:00+00:00"})
    assert ring is not None
    assert ring.current == b"\1" * 32
    assert [one.key for one in ring.previous] == [b"\3" * 32, b"\2" * 32]
    before, after = ring.previous[1].until - 1, ring.previous[1].until
    assert ring.live(before) == (b"\1" * 32, b"\3" * 32, b"\2" * 32)
    assert ring.live(after) == (b"\1" * 32, b"\3" * 32)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({CURRENT: "not base64!"}, f"{CURRENT} is not Base64"),
        ({CURRENT: base64.b64encode(b"k" * 31).decode()}, f"{CURRENT} has 31 bytes; a key needs 32"),
        ({PREVIOUS: f"{B}@2030-01-01T00:00:00+00:00"}, f"{PREVIOUS} is set, but {CURRENT} is not"),
        ({CURRENT: A, PREVIOUS: B}, "item 1 of"),
        ({CURRENT: A, PREVIOUS: f"{B}@2030-01-01T00:00:00+00:00,{C}@soon"}, "item 2 of"),
        ({CURRENT: A, PREVIOUS: f"{B}@2030-01-01T00:00:00"}, "does not say until when"),
        ({CURRENT: A, PREVIOUS: "short@2030-01-01T00:00:00Z"}, "item 1 of"),
    ],
)
def test_what_is_no_key_is_refused_and_not_shown(environment: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError) as error:
        read_keyring(environment)
    assert said in str(error.value)
    assert not any(value in str(error.value) for value in environment.values())


def test_a_ring_shows_no_key() -> None:
    assert "\\x01" not in repr(Keyring(b"\1" * 32, (Retired(b"\1" * 32, 0.0),)))


def test_every_tenant_and_conversation_has_keys_of_its_own() -> None:
    keys = conversation_keys(Keyring(b"\1" * 32, (Retired(b"\2" * 32, 10.0),)))
    seen = {keys(tenant, talk, 0.0) for tenant in ("a", "b", "ab") for talk in ("", "b", "c")}
    assert len(seen) == 9
    assert keys("a", "b", 0.0) == keys("a", "b", 9.0)
    assert keys("a", "b", 10.0) == keys("a", "b", 0.0)[:1]
    assert derive(b"k" * 32, "ab", "c") != derive(b"k" * 32, "a", "bc")
