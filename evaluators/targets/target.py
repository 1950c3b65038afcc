"""What every target does."""

from __future__ import annotations

from typing import Protocol

from evaluators.sample import Failure, Message, Response, Sample


class Target(Protocol):
    """Something that answers."""

    async def ask(self, sample: Sample, messages: list[Message]) -> Response | Failure:
        """Answer one row; a failure is a value, not an exception."""
        ...
