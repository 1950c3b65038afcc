"""Errors as Anthropic's clients expect them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_KINDS: Final[Mapping[int, str]] = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def error_object(status: int, message: str) -> dict[str, Any]:
    """Return Anthropic's error envelope."""
    fault = "api_error" if status >= 500 else "invalid_request_error"
    return {"type": "error", "error": {"type": _KINDS.get(status, fault), "message": message}}
