"""What a key looks like, and what is kept of it: never the key itself.

A key is ``sk-sluice-ID-SECRET``. The id finds it in one step, the digest of the whole proves it. The secret
is 256 random bits, which nobody guesses, so one SHA-256 is enough: a slow hash protects passwords that
people chose, and would cost every request a tenth of a second.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from gateway.errors import SluiceError
from gateway.exchange import UNLIMITED, Caller, Grant
from gateway.ports import ClientKey, Clock

log = logging.getLogger("sluice")

PREFIX: Final = "sk-sluice-"

_SHAPE: Final = re.compile(rb"sk-sluice-([a-z2-7]{10})-[a-z2-7]{52}")
_NOBODY: Final = hashlib.sha256(b"").digest()


def make_key(
    random: Callable[[int], bytes], now: float, *, name: str, tenant: str, grant: Grant, until: float | None = None
) -> tuple[ClientKey, str]:
    """Make a key; return what is kept of it, and the key itself, which is shown once.

    Args:
        random: Gives so many random bytes.
        now: Seconds since the epoch.
        name: What people call it.
        tenant: Whose it is.
        grant: What it may do.
        until: When it expires, or None.
    """
    id = _letters(random(7))[:10]
    secret = f"{PREFIX}{id}-{_letters(random(32))}"
    return ClientKey(id, name, tenant, _digest(secret.encode()), grant, now, until), secret


def rotated(key: ClientKey, random: Callable[[int], bytes], now: float, grace: float) -> tuple[ClientKey, str]:
    """Give a key a new secret; return both as ``make_key`` does.

    The secret before it is taken for ``grace`` seconds more; one before that is not.
    """
    secret = f"{PREFIX}{key.id}-{_letters(random(32))}"
    previous, until = (key.digest, now + grace) if grace > 0 else (None, None)
    return replace(key, digest=_digest(secret.encode()), previous=previous, previous_until=until), secret


class Book:
    """Knows every key that was made; implements the port ``KeyBook``.

    Looking one up takes as long for a wrong key as for a right one, and one step however many there are.

    Args:
        read: Reads all keys; raises ``SluiceError`` if the store does not answer.
        clock: The time.
        close: Lets go of the store.

    Attributes:
        fault: Why the keys could not be read anew; empty if they could. Those that were read last stand.
    """

    def __init__(
        self, read: Callable[[], Iterable[ClientKey]], clock: Clock, *, close: Callable[[], None] = lambda: None
    ) -> None:
        self._read, self._clock, self.close = read, clock, close
        self._keys: Mapping[bytes, ClientKey] = {}
        self.fault = ""

    @property
    def asks(self) -> bool:
        """Whether any key was ever made: a revoked one counts, or revoking the last would open the door."""
        return bool(self._keys)

    def load(self) -> None:
        """Read all keys; raises what reading raises. Meant for a thread."""
        self._keys = {key.id.encode(): key for key in self._read()}

    def poll(self) -> None:
        """Read all keys anew; what cannot be read is told in ``fault``. Meant for a thread."""
        try:
            self.load()
        except SluiceError as error:
            if self.fault != str(error):
                log.error("keys could not be read anew, those that were read last stand: %s", error)
            self.fault = str(error)
            return
        self.fault = ""

    @property
    def limited(self) -> bool:
        """Whether any key that is in use has a quota."""
        return any(key.grant.quota != UNLIMITED and key.revoked is None for key in self._keys.values())

    def caller(self, shown: bytes) -> Caller | None:
        """Return whose key this is, or None."""
        match = _SHAPE.fullmatch(shown)
        key = self._keys.get(match[1]) if match else None
        digest, now = _digest(shown), self._clock()
        known = hmac.compare_digest(digest, key.digest if key else _NOBODY)
        older = hmac.compare_digest(digest, (key.previous if key else None) or _NOBODY)
        if key is None or key.revoked is not None or (key.until is not None and key.until <= now):
            return None
        if known or (older and key.previous_until is not None and now < key.previous_until):
            return Caller(tenant=key.tenant, key=key.id, grant=key.grant, labels=frozenset(key.grant.access))
        return None


def _letters(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()
