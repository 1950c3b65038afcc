"""Sign what goes to the people's system and check what comes from it, as Standard Webhooks says.

The three headers ``webhook-id``, ``webhook-timestamp`` and ``webhook-signature`` are those of
https://www.standardwebhooks.com, for which most languages have a library: HMAC-SHA-256 over id, time and body, so
that nothing can be changed, and nothing be sent again later.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from gateway.errors import SettingsError

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
TOLERANCE: Final = 300.0
"""Seconds that a message's time may be away from ours."""

_PREFIX: Final = "whsec_"
_LEAST, _MOST = 24, 64
_HINT: Final = "make one with: openssl rand -base64 32"


def read_secret(said: str, variable: str) -> bytes:
    """Return the secret that an environment variable holds: 24 to 64 bytes in Base64, ``whsec_`` before it or not.

    Args:
        said: What it holds.
        variable: Its name, for errors; they never repeat the secret.

    Raises:
        SettingsError: It is no such secret.
    """
    try:
        secret = base64.b64decode(said.strip().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise SettingsError(f"handoff: {variable} holds no Base64", hint=_HINT) from None
    if not _LEAST <= len(secret) <= _MOST:
        what = f"handoff: {variable} holds {len(secret)} bytes; a secret has {_LEAST} to {_MOST}"
        raise SettingsError(what, hint=_HINT)
    return secret


def signed(secret: bytes, id: str, at: int, body: bytes) -> dict[str, str]:
    """Return the headers that sign a message.

    Args:
        secret: Shared with whoever checks it.
        id: Of the message; the same each time that it is sent.
        at: Now, in whole seconds since the epoch.
        body: Exactly the bytes that are sent.
    """
    return {ID: id, TIMESTAMP: str(at), SIGNATURE: f"v1,{_digest(secret, id, str(at), body)}"}


def fault_of(secret: bytes, headers: Mapping[str, str], body: bytes, now: float) -> str:
    """Return why a message is not to be believed, as a code; empty for one that is.

    Args:
        secret: Shared with whoever signs it.
        headers: Of the message, names in lower case.
        body: Exactly the bytes that came.
        now: Seconds since the epoch.
    """
    id, at, signatures = (headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    if not (id and at and signatures):
        return "unsigned"
    wanted = f"v1,{_digest(secret, id, at, body)}".encode()
    # Several may stand there while a secret is exchanged for another.
    if not any(hmac.compare_digest(one.encode(), wanted) for one in signatures.split()):
        return "wrong_signature"
    if not at.isascii() or not at.isdigit() or abs(int(at[:20]) - now) > TOLERANCE:
        return "wrong_time"
    return ""


def _digest(secret: bytes, id: str, at: str, body: bytes) -> str:
    signed = b".".join((id.encode("utf-8", "replace"), at.encode("utf-8", "replace"), body))
    return base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
