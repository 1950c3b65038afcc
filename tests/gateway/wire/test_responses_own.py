"""Responses of our own: what they repeat is what the client said, and OpenAI's SDK reads them.

Mutants killed: an echo of what the upstream was told; a field that nobody asked for; tokens that do not add up.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
from openai.types.responses import Response

from gateway.exchange import Question, Usage
from gateway.wire.responses import Responses
from gateway.wire.responses_own import counts, echo, own_message, shape


def question(**body: Any) -> Question:
    return Responses().read(orjson.dumps({"model": "up", "input": "问", **body}))


def test_a_response_of_ours_is_one_to_the_sdk() -> None:
    made = {
        **shape(question(instructions="简短"), "1", 1_700_000_000),
        "output": [own_message("好", "msg_1", "completed")],
    }
    read = Response.construct(**{**made, "usage": counts(Usage(7, 5))})
    assert (read.output_text, read.instructions, read.usage and read.usage.total_tokens) == ("好", "简短", 12)


def test_tokens_that_we_guessed_say_so() -> None:
    assert "estimated" not in counts(Usage(1, 2))
    assert counts(Usage(1, 2, estimated=True))["estimated"] is True


def test_a_response_repeats_what_the_client_said_and_not_what_the_upstream_was_told() -> None:
    told = {"id": "resp_up", "instructions": "masked", "tools": [{"name": "x"}], "store": False, "model": "m"}
    echo(told, question(instructions="mine", store=True))
    assert told == {"id": "resp_up", "instructions": "mine", "tools": [], "store": True, "model": "m"}


def test_a_response_that_is_kept_has_our_id() -> None:
    told: dict[str, Any] = {"id": "resp_up"}
    echo(told, replace(question(), answer_id="resp_ours"))
    assert told == {"id": "resp_ours"}
