"""Holds what was seen against what a case expects; each difference is a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import orjson

from benchmarks.conformance.case import Ask, Expect
from benchmarks.conformance.seen import Choice, Seen
from benchmarks.conformance.upstream import Sent

FORBIDDEN: Final = frozenset([408, 409, 425, 429, 446, *range(500, 600)])
"""Statuses that make client libraries try again, or that no standard knows: none of them says "refused"."""


def differences(ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> list[str]:
    """Return what is not as the case expects; empty if it passes."""
    found = []
    for name in Expect.model_fields:
        wanted = getattr(ask.expect, name)
        if name in ask.expect.model_fields_set and (problem := _CHECKS[name](wanted, ask, seen, sent, left)):
            found.append(f"{name}: {problem}")
    return found


def _blocked(wanted: bool, ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del ask, sent, left
    finishes = {choice.finish for choice in seen.choices.values()}
    by_reply = seen.status == 200 and finishes == {"content_filter"}
    by_error = seen.status in (400, 403) and seen.error is not None
    if wanted == (by_reply or by_error):
        return None if not wanted or seen.status not in FORBIDDEN else f"refused with HTTP {seen.status}"
    return f"HTTP {seen.status}, choices ended by {sorted(map(str, finishes))}"


def _status(wanted: tuple[int, ...], ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del ask, sent, left
    return None if seen.status in wanted else f"HTTP {seen.status}"


def _error(wanted: bool, ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del ask, sent, left
    told = seen.error is not None and isinstance(seen.error.get("message"), str)
    return None if wanted == told else ("no error envelope" if wanted else f"an error: {seen.error}")


def _each(seen: Seen, wrong: Callable[[Choice], str | None]) -> str | None:
    if not seen.choices:
        return "there is no choice"
    return next((f"choice {at} {said}" for at, choice in seen.choices.items() if (said := wrong(choice))), None)


def _text(wanted: str, ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del ask, sent, left
    return _each(seen, lambda choice: None if choice.unlabelled.strip() == wanted.strip() else f"says {choice.text!r}")


def _has(wanted: tuple[str, ...], ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del ask, sent, left
    read = "\n".join(choice.text + choice.reasoning for choice in seen.choices.values())
    return next((f"{word!r} is not there: {read[:200]!r}" for word in wanted if word not in read), None)


def _lacks(wanted: tuple[str, ...], ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del ask, sent, left
    read = [choice.text + choice.reasoning + "".join(choice.arguments.values()) for choice in seen.choices.values()]
    raw = seen.raw.decode("utf-8", "replace")
    everything = "\n".join([*read, raw, *map(str, seen.headers.values())])
    lowered = everything.lower()
    for word in wanted:
        escaped = orjson.dumps(word)[1:-1].decode()
        coded = "".join(f"\\u{ord(sign):04x}" if ord(sign) > 127 else sign for sign in word)
        if word in everything or escaped in everything or coded.lower() in lowered:
            return f"{word!r} is there"
    return None


def _finish(wanted: str, ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del ask, sent, left
    return _each(seen, lambda choice: None if choice.finish == wanted else f"ended by {choice.finish!r}")


def _choices(wanted: int, ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del ask, sent, left
    return None if len(seen.choices) == wanted else f"{len(seen.choices)} choices"


def _ended(wanted: bool, ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del ask, sent, left
    if not wanted or "text/event-stream" not in seen.headers.get("content-type", ""):
        return None  # a whole answer ends with its body
    if seen.terminals != 1 and not (seen.error_ends and seen.terminals == 0):
        return f"{seen.terminals} terminal frames"
    return f"{seen.after} frames after the terminal frame" if seen.after else None


def _json_text(wanted: bool, ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del wanted, ask, sent, left
    return _each(seen, lambda choice: None if _is_json(choice.text) else f"is no JSON: {choice.text[:80]!r}")


def _json_arguments(wanted: bool, ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del wanted, ask, sent, left

    def wrong(choice: Choice) -> str | None:
        if not choice.arguments:
            return "calls no tool"
        return next((f"has arguments {given!r}" for given in choice.arguments.values() if not _is_json(given)), None)

    return _each(seen, wrong)


def _arguments(wanted: tuple[str, ...], ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del ask, sent, left
    given = [
        orjson.loads(one) for choice in seen.choices.values() for one in choice.arguments.values() if _is_json(one)
    ]
    read = "\n".join(_strings(given))
    return next((f"{word!r} is not there" for word in wanted if word not in read), None)


def _deltas(wanted: int, ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del ask, sent, left
    return None if seen.deltas >= wanted else f"{seen.deltas} pieces"


def _usage(wanted: tuple[int, int], ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del ask, sent, left
    return None if seen.usage == wanted else f"{seen.usage}"


def _unlabelled(wanted: bool, ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del ask, sent, left
    return _each(seen, lambda choice: None if choice.labelled != wanted else f"says {choice.text[-60:]!r}")


def _model(wanted: bool, ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del ask, seen, left
    return None if bool(sent) == wanted else ("the model was asked" if sent else "the model was not asked")


def _model_lacks(wanted: tuple[str, ...], ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del ask, seen, left
    read = "\n".join(text for one in sent for text in [*_strings(one.json), one.body.decode("utf-8", "replace")])
    return next((f"{word!r} was sent" for word in wanted if word in read), None)


def _model_has(wanted: tuple[str, ...], ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del ask, seen, left
    read = "\n".join(text for one in sent for text in _strings(one.json))
    return next((f"{word!r} was not sent" for word in wanted if word not in read), None)


def _verbatim(wanted: tuple[str, ...], ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del seen, left
    if not sent or not isinstance(sent[-1].json, dict):
        return "the model was not asked"
    got = sent[-1].json
    return next((f"{name!r} was sent as {got.get(name)!r}" for name in wanted if got.get(name) != ask.body[name]), None)


def _left(wanted: bool, ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del ask, seen, sent
    return None if left == wanted else "the model went on although the client had gone"


def _asked(wanted: int, ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del ask, seen, left
    return None if len(sent) == wanted else f"{len(sent)} times"


def _vectors(wanted: int, ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del ask, sent, left
    return None if seen.vectors == wanted else f"{seen.vectors}"


def _flagged(wanted: bool, ask: Ask, seen: Seen, sent: Sequence[Sent], left: bool) -> str | None:
    del ask, sent, left
    return None if seen.flagged is wanted else f"{seen.flagged}"


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for one in value.values() for text in _strings(one)]
    if isinstance(value, list):
        return [text for one in value for text in _strings(one)]
    return []


_CHECKS: Final[dict[str, Callable[[Any, Ask, Seen, Sequence[Sent], bool], str | None]]] = {
    "blocked": _blocked,
    "status": _status,
    "error": _error,
    "text": _text,
    "has": _has,
    "lacks": _lacks,
    "finish": _finish,
    "choices": _choices,
    "ended": _ended,
    "json_text": _json_text,
    "json_arguments": _json_arguments,
    "arguments": _arguments,
    "deltas": _deltas,
    "usage": _usage,
    "unlabelled": _unlabelled,
    "model": _model,
    "model_lacks": _model_lacks,
    "model_has": _model_has,
    "verbatim": _verbatim,
    "left": _left,
    "asked": _asked,
    "vectors": _vectors,
    "flagged": _flagged,
}
