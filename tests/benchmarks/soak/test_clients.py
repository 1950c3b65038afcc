"""An answer that is not as it must be is a fault, and only whole ones are gone on from."""

from __future__ import annotations

import pytest

from benchmarks.conformance.seen import Seen
from benchmarks.soak.asks import FORBIDDEN, Asked
from benchmarks.soak.clients import answer_id, faults

SAID = Asked("u", "chat", stream=True, model="plain", text="?")


def seen(raw: bytes = b"", *, status: int = 200, kind: str = "text/event-stream", **more: object) -> Seen:
    made = Seen(status, {"content-type": kind, "x-sluice-request-id": "1"}, raw)
    for name, value in more.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("asked", "answer", "said"),
    [
        (SAID, seen(terminals=1), None),
        (SAID, seen(terminals=0), "0 terminal frames"),
        (SAID, seen(terminals=1, after=1), "1 frames after"),
        (SAID, seen(terminals=0, error={"message": "x"}, error_ends=True), None),
        (SAID, seen(kind="application/json"), "stream is True"),
        (SAID, seen(status=502, kind="application/json", error={"message": "x"}), None),
        (SAID, seen(status=502, kind="application/json"), "without an error that can be read"),
        (SAID, seen(status=400, kind="application/json", error={"message": "x"}), "HTTP 400"),
    ],
)
def test_an_answer_that_is_not_as_it_must_be_is_a_fault(asked: Asked, answer: Seen, said: str | None) -> None:
    found = faults(asked, answer)
    assert found == [] if said is None else any(said in line for line in found)


def test_words_that_must_and_must_not_be_there_are_looked_for() -> None:
    refused = Asked("u", "chat", stream=True, model="plain", text="?", forbidden=True)
    personal = Asked("u", "chat", stream=True, model="echo", text="?", private="soakprivate1@example.com")
    answer = seen(terminals=1)
    answer.choice().text = f"…{FORBIDDEN}"
    assert "what the policy withholds is in the answer" in faults(SAID, answer)
    assert "the question was not refused" in faults(refused, answer)
    assert "what is personal did not come back" in faults(personal, answer)
    answer.choice().text, answer.choice().finish = personal.private, "content_filter"
    assert faults(refused, answer) == faults(personal, answer) == []


def test_only_answers_that_are_whole_can_be_gone_on_from() -> None:
    going = Asked("u", "responses", stream=True, model="plain", text="?")
    assert answer_id(going, seen()) == "resp_1"
    assert answer_id(going, seen(error={"message": "x"})) is None
    assert answer_id(going, seen(status=502)) is None
    assert answer_id(SAID, seen()) is None
