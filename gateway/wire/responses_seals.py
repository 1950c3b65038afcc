"""Thoughts that a vendor sealed, on their way through a response and back: their words are judged like all others.

A response carries the vendor's seal in ``encrypted_content``, and the words beside it, where detectors see them. A
thought goes back only if its words are those that were sealed, and a client that got other words gets no seal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from gateway.wire.chat_said import Thought

_SEALED: Final = "thinking:"
_HIDDEN: Final = "redacted_thinking:"


def sealed(thought: Thought) -> str:
    """Return the seal of a thought as a response has it; it says of which text it is, and none of its words."""
    return f"{_HIDDEN}{thought.seal}" if thought.hidden else f"{_SEALED}{_digest(thought.text)}:{thought.seal}"


def unsealed(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return an earlier thought for the model that had it; nothing for one that nobody sealed, or that has changed."""
    seal = item.get("encrypted_content")
    if not isinstance(seal, str):
        return []
    if seal.startswith(_HIDDEN):
        return [{"type": "redacted_thinking", "data": seal.removeprefix(_HIDDEN)}]
    digest, _, signature = seal.removeprefix(_SEALED).partition(":")
    text = "".join(part["text"] for part in item.get("content") or () if isinstance(part.get("text"), str))
    if not seal.startswith(_SEALED) or digest != _digest(text):
        return []  # a vendor refuses a thought in which a word was hidden
    return [{"type": "thinking", "thinking": text, "signature": signature}]


def drop_broken_seal(item: dict[str, Any]) -> None:
    """Take a seal of ours off an item whose words are not those that were sealed: it would tell them by trial."""
    seal = item.get("encrypted_content")
    if isinstance(seal, str) and seal.startswith(_SEALED) and not unsealed(item):
        del item["encrypted_content"]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
