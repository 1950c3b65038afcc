"""Puts one question to a server and reads one JSON answer; whatever goes wrong is a ``DetectorError``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from gateway.errors import JudgeAway, JudgeNonsense, JudgeTimeout, UpstreamError, UpstreamRefused, UpstreamTimeout
from gateway.ports import Call, Route

MOST_BYTES: Final = 1_000_000
"""The largest answer that is taken: verdicts are short, and many are under way at once."""
# What a text may have caused says nothing about the judge: bad request, too large, cannot be processed.
_BLAMELESS: Final = frozenset({400, 413, 414, 422})


async def post(route: Route, path: str, body: bytes, *, id: str, headers: Mapping[str, str] | None = None) -> Any:
    """Return the JSON that a server answers.

    Args:
        route: Where, and which model.
        path: Below the server's base URL.
        body: The question, JSON or a form.
        id: Names the call.
        headers: Further headers.

    Raises:
        JudgeTimeout: No answer in time.
        JudgeAway: No connection, an HTTP error, an answer that broke off or has no end.
        JudgeNonsense: The answer is no JSON.
    """
    call = Call(id, path, route.model, body, stream=False, headers=headers or {})
    try:
        answer = await route.provider.open(call)
        try:
            said = b""
            async for chunk in answer.chunks():
                said += chunk
                if len(said) > MOST_BYTES:
                    raise JudgeAway("its answer has no end")
        finally:
            await answer.aclose()
    except UpstreamTimeout:
        raise JudgeTimeout("no answer in time") from None
    except UpstreamRefused as error:
        raise JudgeAway(str(error), counts=error.status not in _BLAMELESS) from None
    except UpstreamError as error:
        raise JudgeAway(str(error)) from None
    try:
        return orjson.loads(said)
    except orjson.JSONDecodeError:
        raise JudgeNonsense("its answer is no JSON") from None


def at(value: Any, *path: str | int) -> Any:
    """Return what stands in a parsed answer under keys and indexes; None if there is nothing."""
    for part in path:
        if isinstance(part, str):
            value = value.get(part) if isinstance(value, dict) else None
        else:
            value = value[part] if isinstance(value, list) and -len(value) <= part < len(value) else None
    return value
