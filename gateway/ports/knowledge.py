"""What finds passages for a question, and what judges whether an answer stays with them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from gateway.exchange import Source


class Grounds(NamedTuple):
    """What a judge of citations is shown.

    Attributes:
        question: What was asked.
        passages: What the answer was given, in the order of their numbers.
        answer: All of it.
        claims: The sentences of it that are to be judged.
    """

    question: str
    passages: tuple[str, ...]
    answer: str
    claims: tuple[str, ...]


class Weighed(NamedTuple):
    """What a judge says to the three questions of Self-RAG (Asai and others 2023), each in [0, 1].

    Attributes:
        relevant: Whether the passages are about the question.
        supported: For each claim whether a passage says it.
        answered: Whether the answer answers the question.
    """

    relevant: float
    supported: tuple[float, ...]
    answered: float


Weigh = Callable[[Grounds], Awaitable[Weighed]]
"""Raises ``DetectorError`` if it cannot judge: an answer that is no verdict is never one."""

BuildWeigh = Callable[[Mapping[str, Any]], Weigh]
"""Builds a judge of citations from a policy's options; raises ``ConfigError`` for bad ones."""

Knowledge = Callable[[str, str, int, frozenset[str]], Awaitable[tuple[Source, ...]]]
"""``find(tenant, question, count, labels)``: the passages that say most about a question, the best first, of what
is for everybody or for one of the labels; raises ``KnowledgeError``."""
