"""Who asks: a key that was made for them, or a shared one; compared in constant time, never kept in the clear."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from starlette.types import Scope

from gateway.errors import RequestError
from gateway.exchange import ANYONE, Agreement, Caller
from gateway.ports import KeyBook
from gateway.server.endpoint import Authenticate


def authenticator(keys: Iterable[str], book: KeyBook | None = None) -> Authenticate:
    """Return a check for ``Authorization: Bearer KEY`` or ``x-api-key: KEY``; without keys everybody may ask.

    Args:
        keys: Keys that several may share; such a caller is named by the first eight hex digits of its digest.
        book: Knows the keys that were made one by one (``sluice keys create``). As soon as one was made,
            nobody asks without a key.
    """
    digests = {hashlib.sha256(key.strip().encode()).digest() for key in keys if key.strip()}
    if not digests and book is None:
        return lambda _scope: ANYONE

    def authenticate(scope: Scope) -> Caller:
        shown = _bearer(scope)
        if book is not None and (caller := book.caller(shown)) is not None:
            return caller
        if not digests and (book is None or not book.asks):
            return ANYONE
        digest = hashlib.sha256(shown).digest()
        if not any(hmac.compare_digest(digest, known) for known in digests):
            text = "This gateway asks for a key: send it as `Authorization: Bearer KEY` or `x-api-key: KEY`."
            raise RequestError(text, status=401, code="invalid_api_key")
        return Caller(key=digest.hex()[:8])

    return authenticate


def waivers(agreements: Mapping[str, Agreement]) -> Callable[[Scope, Caller], Caller]:
    """Return what notes that a caller asks for an answer without a visible label: ``x-sluice-unlabelled: yes``.

    Args:
        agreements: The agreement of each key that has one, by the first hex digits of the key's SHA-256.
    """

    def waive(scope: Scope, caller: Caller) -> Caller:
        """Return the caller with its agreement; raises ``RequestError`` 403 for one that has none."""
        asked = next((bytes(value) for name, value in scope["headers"] if name == b"x-sluice-unlabelled"), b"no")
        if asked not in (b"yes", b"no"):
            text = "The header x-sluice-unlabelled takes yes or no."
            raise RequestError(text, status=400, code="invalid_header", param="x-sluice-unlabelled")
        if asked == b"no":
            return caller
        digest = hashlib.sha256(_bearer(scope)).hexdigest()
        agreement = caller.grant.agreement
        agreement = agreement or next((agreed for key, agreed in agreements.items() if digest.startswith(key)), None)
        if agreement is None or caller == ANYONE:
            text = (
                "An answer without a visible label is given only to a key whose agreement is on record (Measures for "
                "Labelling AI-Generated Content, art. 9): ask the operator for one, or leave out x-sluice-unlabelled."
            )
            raise RequestError(text, status=403, code="unlabelled_not_agreed", param="x-sluice-unlabelled")
        return replace(caller, unlabelled=agreement)

    return waive


def _bearer(scope: Scope) -> bytes:
    named = b""
    for name, value in scope["headers"]:
        if name == b"authorization":
            word, _, key = bytes(value).partition(b" ")
            return key.strip() if word.lower() == b"bearer" else b""
        if name == b"x-api-key":
            named = named or bytes(value).strip()
    return named
