"""Reads question-and-answer rows one line at a time; a line that is wrong comes back as itself, with the reason."""

from __future__ import annotations

import codecs
import hashlib
import json
import math
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

MAX_LINE: Final = 64 * 1024 * 1024
"""Bytes of one line that are read; a longer one is named and passed over."""

Identity = str | int | float | None
"""A row's own id, as its line writes it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row to be judged by itself; what a line does not say is None or empty.

    Attributes:
        id: As the line writes it.
        question: What was asked.
        answer: What was said.
        contexts: Texts of the passages, best first.
        context_ids: An id for each passage: its own, or its place counted from 0.
        reference: The answer that a person wrote; several if any of them will do.
        relevant: Ids of the passages that hold the answer (``relevant``), or None.
        gold: Texts of the passages that hold the answer (``reference_contexts``), or None.
        should: What a good target does: ``answer``, ``abstain`` or ``refuse``; None if not said.
        seconds: How long the answer took.
        usd: What the answer cost.
        tokens: Tokens of prompt and answer, or None.
        why_not: For each field that is there and cannot be read: why.
    """

    id: Identity
    question: str | None = None
    answer: str | None = None
    contexts: tuple[str, ...] | None = None
    context_ids: tuple[str, ...] = ()
    reference: tuple[str, ...] | None = None
    relevant: tuple[str, ...] | None = None
    gold: tuple[str, ...] | None = None
    should: str | None = None
    seconds: float | None = None
    usd: float | None = None
    tokens: tuple[int, int] | None = None
    why_not: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that is no row: its id as far as it could be read, and why it is none."""

    id: Identity
    why: str


class _Seen:
    """Remembers ids on disk, so that memory stays flat however many rows there are."""

    def __init__(self) -> None:
        self._table = sqlite3.connect("")  # a private file that is gone when it is closed
        self._table.execute("CREATE TABLE seen (id BLOB PRIMARY KEY, line INTEGER) WITHOUT ROWID")

    def first(self, identity: Identity, line: int) -> int:
        """Return the line in which an id was first seen: ``line`` itself if it is new."""
        key = hashlib.blake2b(json.dumps(identity).encode(), digest_size=16).digest()
        if self._table.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, line)).rowcount:
            return line
        return int(self._table.execute("SELECT line FROM seen WHERE id = ?", (key,)).fetchone()[0])

    def close(self) -> None:
        self._table.close()


def read_rows(stream: BinaryIO) -> Iterator[Row | Unread]:
    """Yield something for each line that is not blank, in order, holding one line at a time.

    Lines are JSON objects in UTF-8. One that is no JSON, no object, has no id or one that was there
    before comes back as ``Unread``; a field of the wrong kind leaves a ``Row`` without it, and with
    the reason.
    """
    seen = _Seen()
    try:
        for number, line in _lines(stream):
            read = Unread(None, f"line {number} is longer than {MAX_LINE} bytes") if line is None else None
            yield read or _read(line or b"", number, seen)
    finally:
        seen.close()


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    number = 0
    while line := stream.readline(MAX_LINE):
        number += 1
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        if len(line) == MAX_LINE and not line.endswith(b"\n"):
            while (rest := stream.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
            yield number, None
        elif line.strip():
            yield number, line


def _read(line: bytes, number: int, seen: _Seen) -> Row | Unread:
    doubled: list[str] = []
    constants: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            names = [name for name, _ in pairs]
            doubled.extend(name for name in made if names.count(name) > 1)
        return made

    try:
        value = json.loads(line.decode("utf-8"), object_pairs_hook=once, parse_constant=constants.append)
    except UnicodeDecodeError as error:
        return Unread(None, f"line {number} is not UTF-8 from byte {error.start + 1} on: save it as UTF-8")
    except json.JSONDecodeError as error:
        return Unread(None, f"line {number} is not JSON: {error.msg.lower()} (column {error.colno})")
    except (ValueError, RecursionError):
        return Unread(None, f"line {number} is not JSON that can be read: a number or a nesting is too large")
    identity = value.get("id") if isinstance(value, dict) else None
    if isinstance(identity, bool) or not isinstance(identity, (str, int, float)) or identity == "":
        what = "has no id: give it a string or a number" if isinstance(value, dict) else "is no JSON object"
        return Unread(None, f"line {number} {what}")
    wrong = ""
    if (first := seen.first(identity, number)) != number:
        wrong = f"the id is in line {first} already: give line {number} one of its own"
    elif doubled:
        wrong = f"line {number} has the key {doubled[0]!r} twice: write it once"
    elif constants:
        wrong = f"line {number} holds {constants[0]}, which is no JSON number"
    return Unread(identity, wrong) if wrong else _row(identity, value)


def _row(identity: Identity, value: dict[str, Any]) -> Row:
    why_not: dict[str, str] = {}

    def text(name: str) -> str | None:
        found = value.get(name)
        if found is None or isinstance(found, str):
            return found
        why_not[name] = f"'{name}' is no text"
        return None

    def texts(name: str) -> tuple[str, ...] | None:
        found = value.get(name)
        if found is None:
            return None
        found = [found] if isinstance(found, str) else found
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            why_not[name] = f"'{name}' is no list of texts"
            return None
        return tuple(found)

    def number(name: str, scale: float = 1.0) -> float | None:
        found = value.get(name)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, (int, float)) or not 0 <= found < math.inf:
            why_not[name] = f"'{name}' is no number from 0 on"
            return None
        return float(found) * scale

    contexts, ids = _contexts(value.get("contexts"), why_not)
    seconds = number("seconds")
    return Row(
        id=identity,
        question=text("question"),
        answer=text("answer"),
        contexts=contexts,
        context_ids=ids,
        reference=texts("reference"),
        relevant=_relevant(value.get("relevant"), why_not),
        gold=texts("reference_contexts"),
        should=text("should"),
        seconds=number("latency_ms", 0.001) if seconds is None else seconds,
        usd=number("cost"),
        tokens=_tokens(value.get("usage"), why_not),
        why_not=why_not,
    )


def _contexts(found: Any, why_not: dict[str, str]) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    if found is None:
        return None, ()
    found = [found] if isinstance(found, str) else found
    texts, ids = [], []
    for place, entry in enumerate(found if isinstance(found, list) else [None]):
        text = entry.get("text") if isinstance(entry, dict) else entry
        if not isinstance(text, str):
            why_not["contexts"] = "'contexts' is no list of texts, nor of objects with 'id' and 'text'"
            return None, ()
        own = entry.get("id") if isinstance(entry, dict) else None
        texts.append(text)
        ids.append(str(place if own is None else own))
    return tuple(texts), tuple(ids)


def _relevant(found: Any, why_not: dict[str, str]) -> tuple[str, ...] | None:
    if found is None:
        return None
    if not isinstance(found, list) or any(isinstance(one, bool) or not isinstance(one, (str, int)) for one in found):
        why_not["relevant"] = "'relevant' is no list of passage ids, nor of places counted from 0"
        return None
    return tuple(map(str, found))


def _tokens(found: Any, why_not: dict[str, str]) -> tuple[int, int] | None:
    if found is None:
        return None
    counts = [found.get(name) for name in ("prompt_tokens", "completion_tokens")] if isinstance(found, dict) else [None]
    whole = [one for one in counts if isinstance(one, int) and not isinstance(one, bool) and one >= 0]
    if len(whole) != 2:
        why_not["usage"] = "'usage' has no 'prompt_tokens' and 'completion_tokens' that are whole numbers"
        return None
    return whole[0], whole[1]


def written(values: Iterable[tuple[str, Any]]) -> str:
    """Return one JSON line; what UTF-8 cannot hold (half a character) is escaped."""
    line = json.dumps(dict(values), ensure_ascii=False, allow_nan=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        return json.dumps(dict(values), allow_nan=False)
    return line
