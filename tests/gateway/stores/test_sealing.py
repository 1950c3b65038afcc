from __future__ import annotations

import base64
import itertools
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import RecordError, SettingsError
from gateway.stores.sealing import key_id, read_key, sealer, unsealer

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
TEXT = "我的身份证号是……, my number is …"


@given(text=st.text(st.characters()), exchange=st.text("01AZ", min_size=1, max_size=26))
def test_what_is_sealed_opens(text: str, exchange: str) -> None:
    assert unsealer([KEY])(sealer(KEY, os.urandom)(text, exchange), exchange) == text


@pytest.mark.parametrize("text", ["", "中文", "a\0b", "half \ud800 pair", "😀" * 1000])
def test_every_text_can_be_sealed(text: str) -> None:
    assert unsealer([KEY])(sealer(KEY, os.urandom)(text, "1"), "1") == text


def test_a_sealed_text_names_its_form_and_key_and_hides_the_rest() -> None:
    sealed = sealer(KEY, os.urandom)(TEXT, "1")
    assert sealed.startswith(f"sealed:v1:{key_id(KEY)}:")
    raw = base64.b64decode(sealed.rpartition(":")[2])
    assert len(raw) == 12 + len(TEXT.encode()) + 16
    assert TEXT.encode()[:6] not in raw
    assert KEY[:4].hex() != key_id(KEY) != key_id(OTHER)


def test_the_same_text_is_never_sealed_the_same_way() -> None:
    seal = sealer(KEY, os.urandom)
    assert len({seal(TEXT, "1") for _ in range(50)}) == 50


def test_the_nonce_is_from_the_given_source_and_each_exchange_has_its_own_key() -> None:
    fixed = sealer(KEY, lambda n: b"n" * n)
    first, again, other = fixed(TEXT, "1"), fixed(TEXT, "1"), fixed(TEXT, "2")
    assert first == again
    assert base64.b64decode(first.rpartition(":")[2])[:12] == b"n" * 12
    assert first[:60] != other[:60]


def test_a_text_of_another_exchange_does_not_open() -> None:
    with pytest.raises(RecordError, match="exchange 2 does not open: it was changed, or belongs to another exchange"):
        unsealer([KEY])(sealer(KEY, os.urandom)(TEXT, "1"), "2")


def test_one_changed_character_anywhere_is_noticed() -> None:
    sealed = sealer(KEY, os.urandom)("ab", "1")  # 30 bytes: base64 without spare bits
    for at in range(sealed.rindex(":") + 1, len(sealed)):
        swap = "A" if sealed[at] != "A" else "B"
        with pytest.raises(RecordError):
            unsealer([KEY])(sealed[:at] + swap + sealed[at + 1 :], "1")


@pytest.mark.parametrize(
    ("sealed", "message"),
    [
        ("words of a user", "is not sealed"),
        ("sealed:v2:00000000:AAAA", "is not sealed"),
        ("sealed:v1:AAAA", "is not sealed"),
        ("sealed:v1:00000000:AAAA", "with key 00000000, which is not at hand"),
        (f"sealed:v1:{key_id(KEY)}:***", "does not open"),
        (f"sealed:v1:{key_id(KEY)}:", "does not open"),
        (f"sealed:v1:{key_id(KEY)}:AAAA", "does not open"),
    ],
)
def test_what_cannot_be_opened_is_explained_without_its_text(sealed: str, message: str) -> None:
    with pytest.raises(RecordError, match=message) as caught:
        unsealer([KEY])(sealed, "1")
    assert "words of a user" not in str(caught.value)


def test_texts_sealed_with_earlier_keys_still_open() -> None:
    unseal = unsealer([KEY, OTHER])
    for key in (KEY, OTHER):
        assert unseal(sealer(key, os.urandom)(TEXT, "1"), "1") == TEXT
    with pytest.raises(RecordError, match="which is not at hand"):
        unsealer([OTHER])(sealer(KEY, os.urandom)(TEXT, "1"), "1")


@pytest.mark.parametrize(
    "setting",
    [
        KEY.hex(),
        KEY.hex().upper(),
        f" {KEY.hex()}\n",
        base64.b64encode(KEY).decode(),
        base64.urlsafe_b64encode(KEY).decode(),
    ],
)
def test_a_key_is_read_from_hex_and_base64(setting: str) -> None:
    assert read_key(setting) == KEY


def test_a_key_in_url_safe_base64_is_the_same_key() -> None:
    key = b"\xfb\xff" * 16
    assert read_key(base64.urlsafe_b64encode(key).decode()) == read_key(base64.b64encode(key).decode()) == key


def test_a_longer_secret_gives_a_key_of_its_own() -> None:
    secrets = ["a long secret that somebody typed in once", "a long secret that somebody typed in twice", "长" * 40]
    keys = [read_key(secret) for secret in secrets]
    assert [len(key) for key in keys] == [32, 32, 32]
    assert all(a != b for a, b in itertools.combinations(keys, 2))
    # HKDF-SHA-256 without salt: pinned, for a change would make every sealed record unreadable.
    assert keys[0].hex() == "fd5dd30dacf430bc911c4f8995bbb54ec34f69d180e2f690a453c133f4bdb94e"


@pytest.mark.parametrize("setting", ["", "hunter2", "a" * 32, base64.b64encode(b"short").decode(), KEY.hex()[:32]])
def test_a_key_that_is_too_short_is_refused_and_not_repeated(setting: str) -> None:
    with pytest.raises(SettingsError, match="openssl rand -base64 32") as caught:
        read_key(setting)
    assert not setting or setting not in str(caught.value)


@pytest.mark.parametrize("make", [lambda key: sealer(key, os.urandom), lambda key: unsealer([key])])
def test_a_key_of_the_wrong_length_is_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(SettingsError, match="has 16 bytes and needs 32"):
        make(b"k" * 16)
