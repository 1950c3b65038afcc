"""Signs requests to Alibaba Cloud: ACS3-HMAC-SHA256, "V3 request structure and signature"."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final, NamedTuple

_METHOD: Final = "ACS3-HMAC-SHA256"


class Key(NamedTuple):
    """An access key of Alibaba Cloud."""

    id: str
    secret: str


def authorization(key: Key, headers: Mapping[str, str], body: bytes, *, query: str = "") -> str:
    """Return the ``authorization`` header of a POST to the root of an API.

    Args:
        key: Who asks.
        headers: Every header that is signed, names in lower case, ``host`` and ``x-acs-*`` among them.
        body: What is sent; ``x-acs-content-sha256`` is its digest.
        query: The query in canonical form, if there is one.
    """
    names = sorted(headers)
    listed = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    signed = ";".join(names)
    digest = hashlib.sha256(body).hexdigest()
    canonical = f"POST\n/\n{query}\n{listed}\n{signed}\n{digest}"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    signature = hmac.new(key.secret.encode(), f"{_METHOD}\n{hashed}".encode(), hashlib.sha256).hexdigest()
    return f"{_METHOD} Credential={key.id},SignedHeaders={signed},Signature={signature}"
