"""Answers with what the row recorded: scoring without a model."""

from __future__ import annotations

from evaluators.sample import Failure, Message, Response, Sample


class RecordedTarget:
    """The answers that the rows bring along."""

    async def ask(self, sample: Sample, messages: list[Message]) -> Response | Failure:
        """Return the recorded answer, or a failure ``no_recorded_answer``."""
        if sample.answer is None:
            return Failure("no_recorded_answer")
        return Response(sample.answer, "stop", calls=sample.called)
