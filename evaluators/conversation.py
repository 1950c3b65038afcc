"""Asks rows of several turns, or with a tool's result: each turn is answered before the next is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from evaluators.sample import Failure, Message, Response, Sample
from evaluators.targets.target import Target

TOOL: Final = "read"
"""The name of the tool whose result a row brings along."""


class Conversation:
    """A target that is asked turn by turn.

    Args:
        target: Who answers.
    """

    def __init__(self, target: Target) -> None:
        self._target = target

    async def ask(self, sample: Sample, messages: list[Message]) -> Response | Failure:
        """Return the answer to the last turn; a turn that fails before is the failure of the row.

        Seconds and attempts are those of all turns.
        """
        if not sample.turns and not sample.tool:
            return await self._target.ask(sample, messages)
        said, last = list(messages[:-1]), messages[-1]
        seconds, attempts = 0.0, 0
        for turn in sample.turns:
            said.append({"role": "user", "content": turn})
            answer = await self._target.ask(sample, list(said))
            seconds, attempts = seconds + answer.seconds, attempts + answer.attempts
            if isinstance(answer, Failure):
                return replace(answer, seconds=seconds, attempts=attempts)
            said.append({"role": "assistant", "content": answer.text})
        said.append(last)
        if sample.tool:
            call = {"id": "call_1", "type": "function", "function": {"name": TOOL, "arguments": "{}"}}
            said.append({"role": "assistant", "content": "", "tool_calls": [call]})
            said.append({"role": "tool", "tool_call_id": "call_1", "content": sample.tool})
        answer = await self._target.ask(sample, said)
        return replace(answer, seconds=seconds + answer.seconds, attempts=attempts + answer.attempts)
