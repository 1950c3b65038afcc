"""What the answer banks of a policy say to a question."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from gateway.ports.detectors import Loader


class Standing(NamedTuple):
    """What the answer banks of a policy say to a question.

    Attributes:
        decision: Answer, ask back, or pass on.
        name: The entry with its version, such as ``refund@3``; empty if there is none.
        score: How likely the entry is the right one, 0 to 1.
        text: Its answer, in the language of the question.
        near: Questions to ask back with, the likeliest first.
        desk: Who takes over instead of an answer; empty to answer.
        fault: Why the model of the settings could not say what the question means, so that the table that ships
            did: the kind of error; empty if it could, or nobody asked.
    """

    decision: Literal["answer", "ask", "pass"]
    name: str = ""
    score: float = 0.0
    text: str = ""
    near: tuple[str, ...] = ()
    desk: str = ""
    fault: str = ""


Standards = Callable[[str, Sequence[str], str, str], Awaitable[Standing]]
"""``standards(question, before, tenant, day)``; ``before`` is what the user said before, the oldest first. Pure, but
for a model that may be asked what a question means."""


@dataclass(frozen=True, slots=True)
class BuiltStandards:
    """Answer banks, ready to be asked.

    Attributes:
        find: Finds what a question would be answered with.
        version: Changes when an answer may change; part of the plan's digest.
    """

    find: Standards
    version: str


BuildStandards = Callable[[Sequence[str], Loader], BuiltStandards]
"""Builds answer banks from their files' names; raises ``PolicyError`` with all that is wrong with them."""
