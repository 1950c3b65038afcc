"""JSON bodies: read strictly, rewritten in place, every number kept as it was written.

Two readers that disagree about a body are an open door: a key that stands twice, or a string that
is no text, could show the detectors one thing and the model another. Such bodies are refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from gateway.errors import RequestError
from gateway.exchange import Path

_KINDS: Final[Mapping[type, str]] = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
}


ABSENT: Final = object()
"""Stands for no value at all: what is replaced by it goes."""


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
        again = orjson.dumps(body)
    except orjson.JSONEncodeError:  # what could not be written back may not come in
        raise _invalid("The body is nested too deep: some 250 levels are taken.") from None
    if _count_quotes(raw) != _count_quotes(again):
        raise _invalid("An object in the body has the same key twice; which one counts depends on who reads it.")
    return body


def rewrite(raw: bytes, changes: Mapping[Path, Any]) -> bytes:
    """Return ``raw`` with the value at each path replaced; all else keeps its meaning and digits.

    Where the last part of a path is a number and stands for an object, it means the object's key of
    that number, which is renamed; ``ABSENT`` takes a key out. Only for a body that ``parse`` took.
    """
    return edit(raw, lambda body: _replace(body, changes))


def edit(raw: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """Return ``raw`` after ``change`` was made to it; numbers keep their digits. Only for what ``parse`` took."""
    body: dict[str, Any] = json.loads(raw, parse_float=_verbatim, parse_int=_verbatim)
    change(body)
    return orjson.dumps(body)


def _replace(body: dict[str, Any], changes: Mapping[Path, Any]) -> None:
    renamed: list[tuple[dict[str, Any], int, str]] = []
    for path, value in changes.items():
        place: Any = body
        for part in path[:-1]:
            place = place[part]
        last = path[-1]
        if isinstance(place, dict) and isinstance(last, int):
            renamed.append((place, last, value))
        elif value is ABSENT:
            place.pop(last, None)
        else:
            place[last] = value
    for place, number, name in renamed:
        _rename(place, number, name)


def kind(value: object) -> str:
    """Name the JSON type of a value, for messages."""
    return "null" if value is None else _KINDS.get(type(value), "something else")


def _count_quotes(raw: bytes) -> int:
    """Count the quotes around strings in valid JSON: with a key that stands twice a parsed body has lost some.

    An escaped backslash goes first, so that what is left before a quote escapes it.
    """
    escaped = 0
    if b"\\" in raw:
        raw = raw.replace(b"\\\\", b"")
        escaped = raw.count(b'\\"')
    return raw.count(b'"') - escaped


def _rename(place: dict[str, Any], number: int, name: str) -> None:
    """Rename a key in place; a name that is taken gets an underscore, so that nothing is lost."""
    while name in place:
        name += "_"
    items = list(place.items())
    items[number] = (name, items[number][1])
    place.clear()
    place.update(items)


def _verbatim(digits: str) -> orjson.Fragment:
    return orjson.Fragment(digits)


def _invalid(message: str) -> RequestError:
    return RequestError(message, code="invalid_json")
