"""JSON bodies: read strictly, rewritten in place, every number kept as it was written.

Two readers that disagree about a body are an open door: a key that stands twice, or a string that
is no text, could show the detectors one thing and the model another. Such bodies are refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson

from gateway.errors import RequestError
from gateway.exchange import Path


def parse(raw: bytes) -> dict[str, Any]:
    """Parse a request body, an object.

    Raises:
        RequestError: 400 with code ``invalid_json``: not UTF-8, not JSON, half a surrogate pair, nested
            too deep, a key that stands twice, or no object.
    """
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _invalid(
            f"The body is not valid JSON: {error.msg} at line {error.lineno} column {error.colno}."
        ) from None
    if not isinstance(body, dict):
        raise _invalid(f"The body must be a JSON object, not {kind(body)}.")
    try:
        json.loads(raw, object_pairs_hook=_refuse_twins)
    except RecursionError:
        raise _invalid("The body is nested too deep.") from None
    return body


def rewrite(raw: bytes, changes: Mapping[Path, Any]) -> bytes:
    """Return ``raw`` with the value at each path replaced; all else keeps its meaning and digits.

    Only for a body that ``parse`` took.
    """
    body = json.loads(raw, parse_float=_verbatim, parse_int=_verbatim)
    for path, value in changes.items():
        place = body
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = value
    return orjson.dumps(body)


def kind(value: object) -> str:
    """Name the JSON type of a value, for messages."""
    names = {
        dict: "an object",
        list: "an array",
        str: "a string",
        bool: "a boolean",
        int: "a number",
        float: "a number",
    }
    return "null" if value is None else names.get(type(value), "something else")


def _verbatim(digits: str) -> orjson.Fragment:
    return orjson.Fragment(digits)


def _refuse_twins(pairs: list[tuple[str, Any]]) -> None:
    if len(pairs) != len({key for key, _ in pairs}):
        raise _invalid("An object in the body has the same key twice.")


def _invalid(message: str) -> RequestError:
    return RequestError(message, code="invalid_json")
