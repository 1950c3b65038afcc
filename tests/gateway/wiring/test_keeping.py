"""The vault of the settings: sealed with a key, and shared where several processes serve."""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest
from kit.people import ENCODED, SECRET

from gateway import wiring
from gateway.errors import ConfigError, LabelError, SettingsError
from gateway.ports import Ticket
from gateway.privacy.keys import Keyring, read_keyring
from gateway.settings import Settings
from gateway.settings.places import HandoffPlace, ResponsesPlace, VaultPlace
from gateway.settings.schema import Listen
from gateway.stores.sealing import read_key, sealer, unsealer
from gateway.stores.shelves.memory import MemoryShelf
from gateway.stores.shelves.redis import RedisShelf
from gateway.stores.shelves.sql import SqlShelf
from gateway.telemetry.metrics import Metrics
from gateway.wiring import (
    client_keys,
    fetch_of,
    handoff_secret,
    outbox_of,
    question_of,
    seal,
    shelf_at,
    turns_of,
    vault_of,
)

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


KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.mark.parametrize(
    ("said", "keys"),
    [(None, ()), ("", ()), ("k", ("k",)), ("k1,k2", ("k1", "k2")), (" k1 , k2 ,", ("k1", "k2")), ("钥匙", ("钥匙",))],
)
def test_client_keys_are_separated_by_commas(said: str | None, keys: tuple[str, ...]) -> None:
    assert client_keys({} if said is None else {"SLUICE_CLIENT_KEYS": said}) == keys


@pytest.mark.parametrize("said", [",", " ", " , ,", "\n"])
def test_keys_that_are_none_do_not_open_the_door(said: str) -> None:
    with pytest.raises(SettingsError, match="holds no key"):
        client_keys({"SLUICE_CLIENT_KEYS": said})


def test_text_is_sealed_if_there_is_a_key() -> None:
    assert seal({}) is None
    sealing = seal({"SLUICE_SEAL_KEY": KEY})
    assert sealing is not None
    sealed = sealing("秘密", "ID")
    assert "秘密" not in sealed
    assert unsealer([read_key(KEY)])(sealed, "ID") == "秘密"
    with pytest.raises(ConfigError):
        seal({"SLUICE_SEAL_KEY": "short"})


def test_an_agreement_of_a_key_that_no_client_can_show_is_told() -> None:
    digest = hashlib.sha256(b"sk-one").hexdigest()[:16]
    entry = {"key": digest, "agreement": "A-1", "date": "2026-10-01"}
    settings = Settings.model_validate({"unlabelled": [entry]})
    wiring.check_waivers(settings, ("sk-two", "sk-one"))
    with pytest.raises(SettingsError, match=f"no client key has the digest {digest} .A-1. — write the first 16"):
        wiring.check_waivers(settings, ("sk-two",))


def test_without_a_word_nothing_is_fetched() -> None:
    assert fetch_of(Settings()) is None


async def test_what_the_settings_allow_is_what_is_fetched() -> None:
    fetch = fetch_of(Settings.model_validate({"fetch": {"hosts": ["pictures.example"]}}))
    assert fetch is not None
    with pytest.raises(LabelError, match="none of the hosts"):
        await fetch("https://other.example/1.png")
    with pytest.raises(LabelError, match="only https"):
        await fetch("http://pictures.example/1.png")


PLACE = HandoffPlace(url="https://desk.example.com/tickets", secret_env="DESK_SECRET")


SEAL_KEY = "k" * 40


def test_without_a_place_nobody_is_told() -> None:
    assert outbox_of(Settings(), {}, Metrics()) is None
    assert handoff_secret(Settings(), {}) == b""


def test_the_secret_is_in_the_environment() -> None:
    settings = Settings(handoff=PLACE)
    assert handoff_secret(settings, {"DESK_SECRET": ENCODED}) == SECRET
    with pytest.raises(SettingsError, match=r"DESK_SECRET is not set — .*openssl"):
        outbox_of(settings, {}, Metrics())


def test_sealed_words_are_opened_for_people_only_with_the_key() -> None:
    ticket = Ticket("T", "E", 0, "", "", "p", "d", "r", "", "", "zh", "raw", None)
    sealed = sealer(read_key(SEAL_KEY), os.urandom)("原话", "E")
    assert question_of({"SLUICE_SEAL_KEY": SEAL_KEY}, replace(ticket, question=sealed)) == "原话"
    assert question_of({}, ticket) is None
    assert question_of({}, replace(ticket, form="masked", question="问")) == "问"
    with pytest.raises(Exception, match="not at hand"):
        question_of({}, replace(ticket, question=sealed))


@pytest.mark.parametrize(
    ("place", "workers", "ring", "kept"),
    [
        (ResponsesPlace(), 1, None, True),  # in memory, under a key that dies with the process
        (ResponsesPlace(), 2, RING, False),  # each worker would know only its own
        (ResponsesPlace(at="nowhere"), 1, RING, False),
        (ResponsesPlace(at="database"), 2, RING, True),
        (ResponsesPlace(at_env="AT"), 2, RING, True),
    ],
)
def test_answers_are_kept_where_every_worker_finds_them(
    place: ResponsesPlace, workers: int, ring: Keyring | None, kept: bool
) -> None:
    settings = Settings(responses=place, listen=Listen(workers=workers))
    assert (turns_of(settings, {"AT": "redis://127.0.0.1:1/0"}, ring) is not None) is kept


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (ResponsesPlace(at="database"), "needs a key, but SLUICE_PRIVACY_KEY is not set — openssl"),
        (ResponsesPlace(at_env="AT"), "responses: the environment variable AT is not set"),
    ],
)
def test_answers_that_cannot_be_kept_are_told(place: ResponsesPlace, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        turns_of(Settings(responses=place), {}, None)


@pytest.mark.parametrize(
    ("at", "kind"), [("memory", MemoryShelf), ("database", SqlShelf), ("redis://127.0.0.1:1/0", RedisShelf)]
)
def test_an_address_is_a_shelf_of_its_kind(at: str, kind: type, tmp_path: Path) -> None:
    assert isinstance(shelf_at(at, Settings(database=f"sqlite:///{tmp_path}/s.db")), kind)
    assert not (tmp_path / "s.db").exists()


async def test_a_shelf_in_memory_holds_so_many_megabytes() -> None:
    shelf = shelf_at("memory", Settings(), 0.001)
    for name in "ab":
        await shelf.put(name, bytes(600), 1e12)
    assert [await shelf.get(name) for name in "ab"] == [None, bytes(600)]
