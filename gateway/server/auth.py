"""Who asks: a shared key for now, compared in constant time and never kept in the clear."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from starlette.types import Scope

from gateway.errors import RequestError
from gateway.exchange import ANYONE, Caller
from gateway.server.endpoint import Authenticate


def authenticator(keys: Iterable[str]) -> Authenticate:
    """Return a check for ``Authorization: Bearer KEY``; without keys everybody may ask.

    A caller is named by the first eight hex digits of its key's digest.
    """
    digests = {hashlib.sha256(key.strip().encode()).digest() for key in keys if key.strip()}
    if not digests:
        return lambda _scope: ANYONE

    def authenticate(scope: Scope) -> Caller:
        digest = hashlib.sha256(_bearer(scope)).digest()
        if not any(hmac.compare_digest(digest, known) for known in digests):
            text = "This gateway asks for a key: send it as `Authorization: Bearer KEY`."
            raise RequestError(text, status=401, code="invalid_api_key")
        return Caller(key=digest.hex()[:8])

    return authenticate


def _bearer(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"authorization":
            word, _, key = bytes(value).partition(b" ")
            return key.strip() if word.lower() == b"bearer" else b""
    return b""
