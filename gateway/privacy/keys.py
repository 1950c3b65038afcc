"""Keys from which surrogates are derived: one ring a gateway, one branch a tenant, none stored."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from gateway.errors import SettingsError
from gateway.ports import Keys, SubjectDigest
from gateway.privacy.plain import plain

SHORTEST: Final = 32
"""Bytes that a key needs at least."""

CURRENT: Final = "SLUICE_PRIVACY_KEY"
PREVIOUS: Final = "SLUICE_PRIVACY_KEYS_PREVIOUS"


@dataclass(frozen=True, slots=True)
class Retired:
    """A key that makes no surrogates any more, but whose surrogates still restore.

    Attributes:
        key: The key.
        until: When its time is up, in seconds since the epoch.
    """

    key: bytes = field(repr=False)
    until: float


@dataclass(frozen=True, slots=True)
class Keyring:
    """The key in use and those before it.

    Attributes:
        current: The key that makes surrogates.
        previous: Keys that were rotated out, the newest first.
    """

    current: bytes = field(repr=False)
    previous: tuple[Retired, ...] = ()

    def live(self, now: float) -> tuple[bytes, ...]:
        """Return the keys whose surrogates restore at this time, the one in use first."""
        return (self.current, *(retired.key for retired in self.previous if now < retired.until))


def derive(key: bytes, *purpose: str) -> bytes:
    """Return a key of 32 bytes for a purpose, such as a tenant's surrogates of one conversation.

    HMAC-SHA-256 over the purpose's parts, each with its length before it: no two purposes meet.
    """
    parts = [part.encode() for part in purpose]
    message = b"".join(len(part).to_bytes(4) + part for part in parts)
    return hmac.digest(key, message, hashlib.sha256)


def conversation_keys(ring: Keyring) -> Keys:
    """Return the port that gives the keys of a tenant's conversation."""

    def keys(tenant: str, conversation: str, now: float) -> tuple[bytes, ...]:
        return tuple(derive(key, "conversation", tenant, conversation) for key in ring.live(now))

    return keys


def subject_digest(ring: Keyring) -> SubjectDigest:
    """Return the port that gives the digest of a person's identifier, with the key in use."""
    return lambda tenant, identifier: _digest(ring.current, tenant, identifier)


def subject_digests(ring: Keyring, tenant: str, identifier: str) -> tuple[str, ...]:
    """Return the digests under which records may stand: of the key in use, and of every key before it."""
    keys = (ring.current, *(retired.key for retired in ring.previous))
    return tuple(_digest(key, tenant, identifier) for key in keys)


def _digest(key: bytes, tenant: str, identifier: str) -> str:
    return derive(key, "subject", tenant, plain(identifier)).hex()[:32]


def read_keyring(environment: Mapping[str, str]) -> Keyring | None:
    """Return the keyring of the environment, or None if it names none.

    ``SLUICE_PRIVACY_KEY`` is a key of at least 32 bytes in Base64;
    ``SLUICE_PRIVACY_KEYS_PREVIOUS`` holds ``KEY@2026-12-31T00:00:00+08:00`` items with commas between.

    Raises:
        SettingsError: A key is no Base64 or too short, or a time cannot be read. No message holds a key.
    """
    said = environment.get(CURRENT, "")
    before = environment.get(PREVIOUS, "")
    if not said:
        if before:
            raise SettingsError(f"{PREVIOUS} is set, but {CURRENT} is not", hint="set both, or neither")
        return None
    return Keyring(_key(said, CURRENT), tuple(_retired(before)))


def _retired(said: str) -> Sequence[Retired]:
    found = []
    for number, item in enumerate(filter(None, (part.strip() for part in said.split(","))), 1):
        name = f"item {number} of {PREVIOUS}"
        key, at, until = item.partition("@")
        try:
            time = datetime.fromisoformat(until)
        except ValueError:
            time = None
        if not at or time is None or time.tzinfo is None:
            hint = "write KEY@2026-12-31T00:00:00+08:00, with the offset from UTC"
            raise SettingsError(f"{name} does not say until when its surrogates restore", hint=hint)
        found.append(Retired(_key(key, name), time.timestamp()))
    return sorted(found, key=lambda one: -one.until)


def _key(said: str, name: str) -> bytes:
    hint = "make one with: openssl rand -base64 32"
    try:
        key = base64.b64decode(said, validate=True)
    except (binascii.Error, ValueError):
        raise SettingsError(f"{name} is not Base64", hint=hint) from None
    if len(key) < SHORTEST:
        raise SettingsError(f"{name} has {len(key)} bytes; a key needs {SHORTEST}", hint=hint)
    return key
