"""Seal texts for the record with AES-256-GCM, so that the store's readers cannot read them without the key.

A sealed text is ``sealed:v1:<key id>:<base64 of nonce and ciphertext>``. It is bound to its exchange:
put under another exchange's id it does not open. Each exchange has its own key, derived from the
operator's, so the limit of 2³² messages under one key with random nonces (NIST SP 800-38D §8.3)
is never near.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from typing import Final

from gateway.errors import RecordError, SettingsError
from gateway.ports import Seal

PREFIX: Final = "sealed:v1:"
_NONCE: Final = 12
_HEX_KEY: Final = re.compile(r"[0-9a-fA-F]{64}")
_HINT: Final = "make one with: openssl rand -base64 32"

Unseal = Callable[[str, str], str]
"""Open a sealed text: ``unseal(sealed, exchange_id)``; raises ``RecordError``."""


def read_key(setting: str) -> bytes:
    """Return the 32-byte key that the operator set.

    Args:
        setting: 64 hex digits, or base64 of 32 bytes, or any longer secret, from which the key
            is derived (HKDF-SHA-256, RFC 5869).

    Raises:
        SettingsError: It is too short to be a key. The message does not repeat it.
    """
    setting = setting.strip()
    if _HEX_KEY.fullmatch(setting):
        return bytes.fromhex(setting)
    try:
        decoded = base64.b64decode(setting.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if len(decoded) == 32:
        return decoded
    if len(setting) <= 32:
        what = f"the key for sealed records has {len(setting)} characters and needs more than 32"
        raise SettingsError(what, hint=_HINT)
    return _derived(setting.encode(), b"sluice sealed records")


def key_id(key: bytes) -> str:
    """Return the 8 hex digits by which sealed texts name their key; they say nothing about it."""
    return hmac.digest(key, b"sluice key id", "sha256")[:4].hex()


def sealer(key: bytes, random: Callable[[int], bytes]) -> Seal:
    """Return the port ``Seal`` for a 32-byte key.

    Args:
        key: From ``read_key``.
        random: Gives so many unpredictable bytes, such as ``os.urandom``.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - only for policies that seal

    _check(key)
    head = f"{PREFIX}{key_id(key)}:"

    def seal(text: str, exchange: str) -> str:
        nonce = random(_NONCE)
        named = exchange.encode()
        sealed = AESGCM(_exchange_key(key, named)).encrypt(nonce, text.encode("utf-8", "surrogatepass"), named)
        return head + base64.b64encode(nonce + sealed).decode()

    return seal


def unsealer(keys: Iterable[bytes]) -> Unseal:
    """Return a function that opens what was sealed under any of ``keys``: today's and earlier ones."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - only for those who unseal
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    known = {key_id(key): key for key in keys}
    for key in known.values():
        _check(key)

    def unseal(sealed: str, exchange: str) -> str:
        name, mark, body = sealed.removeprefix(PREFIX).partition(":")
        if not sealed.startswith(PREFIX) or not mark:
            raise RecordError(f"the text of exchange {exchange} is not sealed: it does not begin with {PREFIX}")
        key = known.get(name)
        if key is None:
            raise RecordError(f"the text of exchange {exchange} is sealed with key {name}, which is not at hand")
        named = exchange.encode()
        try:
            raw = base64.b64decode(body, validate=True)
            opened = AESGCM(_exchange_key(key, named)).decrypt(raw[:_NONCE], raw[_NONCE:], named)
        except (InvalidTag, ValueError):  # binascii.Error is a ValueError
            what = f"the text of exchange {exchange} does not open: it was changed, or belongs to another exchange"
            raise RecordError(what) from None
        return opened.decode("utf-8", "surrogatepass")

    return unseal


def _check(key: bytes) -> None:
    if len(key) != 32:
        raise SettingsError(f"the key for sealed records has {len(key)} bytes and needs 32", hint=_HINT)


def _exchange_key(key: bytes, exchange: bytes) -> bytes:
    return hmac.digest(key, b"sluice exchange key\0" + exchange, hashlib.sha256)


def _derived(secret: bytes, purpose: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - only for policies that seal
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    return HKDF(hashes.SHA256(), 32, None, purpose).derive(secret)
