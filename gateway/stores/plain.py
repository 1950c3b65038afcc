"""Records as JSON, and back, without loss: what the spool and the JSON columns hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from gateway.exchange import Agreement, Attempt, Cost, Record, Subject, Unlabelled, Usage
from gateway.verdict import PASS, Hit, Verdict


def dumps(value: object) -> bytes:
    """Write a record, a verdict or plain data as one line of JSON.

    Text that UTF-8 cannot carry (half of a surrogate pair) has its broken half replaced.
    """
    try:
        return orjson.dumps(value, default=dict)
    except orjson.JSONEncodeError:
        return orjson.dumps(_mended(value))


def record_of(line: bytes | str) -> Record:
    """Read a record from its JSON; raises ``ValueError`` for anything else."""
    try:
        data = orjson.loads(line)
        usage = data.pop("usage")
        unlabelled = unlabelled_of(data.pop("unlabelled", None))
        subjects = tuple(Subject(*one) for one in data.pop("subjects", ()))
        sources = tuple(data.pop("sources", ()))
        cost, limits = data.pop("cost", None), tuple(data.pop("limits", ()))
        attempts = tuple(Attempt(**one) for one in data.pop("attempts", ()))
        request, response = verdict_of(data.pop("request")), verdict_of(data.pop("response"))
        return Record(
            **data,
            request=request,
            response=response,
            usage=Usage(**usage) if usage else None,
            unlabelled=unlabelled,
            subjects=subjects,
            sources=sources,
            cost=Cost(**cost) if cost else None,
            limits=limits,
            attempts=attempts,
        )
    except (TypeError, KeyError, AttributeError):
        # The data may hold words of a user: their values stay out of the message (law 6).
        raise ValueError("this line is JSON, but not a record") from None


def unlabelled_of(data: Mapping[str, Any] | None) -> Unlabelled | None:
    """Read what left without a visible label from its parsed JSON."""
    return Unlabelled(Agreement(**data["agreement"]), tuple(data["contents"])) if data else None


def verdict_of(data: Mapping[str, Any]) -> Verdict:
    """Read a verdict from its parsed JSON."""
    verdict = Verdict(
        action=data["action"],
        hits=tuple(Hit(**hit) for hit in data["hits"]),
        errors=tuple(data["errors"]),
        unjudged=tuple(data["unjudged"]),
        scores=dict(data["scores"]),
        rule=data["rule"],
    )
    return PASS if verdict == PASS else verdict


def storable(text: str) -> str:
    """Return ``text`` as every database can hold it.

    PostgreSQL takes no NUL character and UTF-8 no half surrogate pair; both can come from a
    client's ``user`` or ``model``, and would make a whole batch of records unwritable.
    """
    if text.isascii():
        return text.replace("\0", "\N{SYMBOL FOR NULL}") if "\0" in text else text
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{SYMBOL FOR NULL}")


def _mended(value: Any) -> Any:
    """Return plain data with every string storable."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {storable(str(key)): _mended(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_mended(item) for item in value]
    fields: tuple[str, ...] | None = getattr(type(value), "__slots__", None)
    return {name: _mended(getattr(value, name)) for name in fields} if fields else value


def storable_json(value: object) -> str:
    """Write JSON that a database can hold; see ``storable``."""
    line = dumps(value)
    if b"\\u0000" in line:
        line = orjson.dumps(_mended(value))
    return line.decode()
