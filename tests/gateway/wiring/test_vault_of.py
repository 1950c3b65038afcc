"""The vault of the settings: sealed with a key, and shared where several processes serve."""

from __future__ import annotations

import base64

import pytest

from gateway.errors import SettingsError
from gateway.privacy.keys import read_keyring
from gateway.settings import Listen, Settings, VaultPlace
from gateway.wiring import vault_of

RING = read_keyring({"SLUICE_PRIVACY_KEY": base64.b64encode(b"k" * 32).decode()})


def test_without_a_word_there_is_no_vault() -> None:
    assert vault_of(Settings(), {}, RING) is None


@pytest.mark.parametrize("at", ["memory", "database", "redis://127.0.0.1:6379/0"])
def test_each_place_makes_one(at: str) -> None:
    assert vault_of(Settings(vault=VaultPlace(at=at)), {}, RING) is not None


def test_the_address_may_come_from_the_environment() -> None:
    settings = Settings(vault=VaultPlace(at_env="VAULT"))
    assert vault_of(settings, {"VAULT": "redis://:secret@127.0.0.1:6379/0"}, RING) is not None
    with pytest.raises(SettingsError, match="VAULT is not set"):
        vault_of(settings, {}, RING)


def test_a_vault_without_a_key_is_refused() -> None:
    with pytest.raises(SettingsError, match="a vault needs a key"):
        vault_of(Settings(vault=VaultPlace()), {}, None)


def test_workers_cannot_each_have_their_own() -> None:
    with pytest.raises(SettingsError, match="one worker's alone"):
        vault_of(Settings(vault=VaultPlace(), listen=Listen(workers=2)), {}, RING)
