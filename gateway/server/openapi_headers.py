"""Every header that clients may send and get, for the published description of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gateway.server.outlet import REQUIRED

_YES_NO: Final = {"enum": ["yes", "no"], "default": "no"}
_STRING: Final = {"type": "string"}

ASKED: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "x-sluice-policy": (
        "Asks for a policy that the operator offers and that is at least as strict as the one that holds for you.",
        _STRING,
    ),
    "x-sluice-dry-run": ("Asks for the verdict on the question alone; no model is asked.", _YES_NO),
    "x-sluice-user": ("Who asks you: your end user, by an id of yours. Counts before the body's.", {"maxLength": 512}),
    "x-sluice-conversation": ("The conversation, so that what stands for personal data stays the same in it.", _STRING),
    "x-sluice-unlabelled": (
        "Asks for an answer without a visible label; only for a key with an agreement (Measures, art. 9).",
        _YES_NO,
    ),
}
"""What any endpoint understands; each with its meaning and its schema."""

ANSWERED: Final[Mapping[str, str]] = {
    "x-sluice-request-id": "Id of this exchange, also in its record and its label.",
    "x-sluice-policy": "Name and digest of the policy that judged it.",
    "x-sluice-verdict": "The strongest action so far: pass, label, mask, refuse, answer or handoff.",
    "x-sluice-unjudged": "How many parts or detectors could not be judged.",
    "x-sluice-label": "Which label the answer carries.",
    "x-sluice-aigc": "The answer's metadata label, the seven elements of GB 45438 as JSON; where it carries one.",
    "x-sluice-handoff": "The ticket, where a person takes over; /v1/handoff/{ticket} says how far it is.",
    "x-sluice-overhead-ms": "Milliseconds that Sluice itself took until here.",
    "x-sluice-tokens": "Tokens of the question and of the answer, as 7+5; where they are known before it leaves.",
    "x-sluice-cost": "What the answer cost, with its currency; where that is known.",
    **{
        f"x-ratelimit-{what}-{limit}": f"{about}; for a key with such a quota."
        for limit in ("requests", "tokens", "tokens-day", "money-day")
        for what, about in (("limit", "The quota"), ("remaining", "What is left"), ("reset", "When all is there again"))
    },
}
"""What an answer, and an error, may come with; each with its meaning."""

ANTHROPIC: Final[Mapping[str, str]] = {
    f"anthropic-ratelimit-{limit}-{what}": f"As x-ratelimit-{what}-{limit}, in Anthropic's words."
    for limit in ("requests", "tokens")
    for what in ("limit", "remaining", "reset")
}
"""What else answers in Anthropic's dialect may come with."""

_AGAIN: Final = {"retry-after": "Seconds after which to ask again; where that is known."}


def asking(passing: tuple[bytes, ...] = ()) -> list[dict[str, Any]]:
    """Return the parameters of an endpoint.

    Args:
        passing: Headers that go on to the upstream besides.
    """
    known = [(name, about, dict(schema)) for name, (about, schema) in ASKED.items()]
    for header in passing:
        schema = {"type": "string", "pattern": "^[A-Za-z0-9._:, -]{1,1000}$"}
        known.append((header.decode(), "Goes on to the model's server.", schema))
    return [
        {"name": name, "in": "header", "required": False, "description": about, "schema": schema}
        for name, about, schema in known
    ]


def answering(*, anthropic: bool = False) -> dict[str, Any]:
    """Return the headers of an answer."""
    return _described({**ANSWERED, **(ANTHROPIC if anthropic else {})})


def failing(status: int, *, anthropic: bool = False) -> dict[str, Any]:
    """Return the headers of an error: those of an answer, and those that a status comes with."""
    more = dict(_AGAIN) if status in (429, 503) else {}
    if status in REQUIRED:
        more[REQUIRED[status][0].decode()] = "As RFC 9110 says of this status."
    return {**answering(anthropic=anthropic), **_described(more)}


def _described(headers: Mapping[str, str]) -> dict[str, Any]:
    return {name: {"description": about, "schema": {"type": "string"}} for name, about in headers.items()}
