"""Errors have the kinds that Anthropic's clients know, and any other status the kind of its class."""

from __future__ import annotations

import pytest
from anthropic.types import ErrorResponse

from gateway.wire.messages_error import error_object


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (402, "billing_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (409, "invalid_request_error"),
        (413, "request_too_large"),
        (422, "invalid_request_error"),
        (429, "rate_limit_error"),
        (499, "invalid_request_error"),
        (500, "api_error"),
        (502, "api_error"),
        (504, "timeout_error"),
        (529, "overloaded_error"),
    ],
)
def test_an_error_has_the_kind_of_its_status_and_says_why(status: int, kind: str) -> None:
    assert error_object(status, "太多 too many") == {
        "type": "error",
        "error": {"type": kind, "message": "太多 too many"},
    }


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 429, 500, 503, 504, 529])
def test_anthropics_own_types_take_it(status: int) -> None:
    read = ErrorResponse.model_validate(error_object(status, "拒绝 no"), strict=True)
    assert read.error.message == "拒绝 no"
