"""The same seed asks the same, and every kind of question comes up."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.conformance.seen import Seen
from benchmarks.soak.asks import DIALECTS, FORBIDDEN, PRIVATE, Asked, ask, filling
from benchmarks.soak.clients import answer_id, faults
from benchmarks.soak.scripts import HANGS, SCRIPTS, SHARES

SAID = Asked("u", "chat", stream=True, model="plain", text="?")


def seen(raw: bytes = b"", *, status: int = 200, kind: str = "text/event-stream", **more: object) -> Seen:
    made = Seen(status, {"content-type": kind, "x-sluice-request-id": "1"}, raw)
    for name, value in more.items():
        setattr(made, name, value)
    return made


def test_the_same_seed_asks_the_same_and_another_one_something_else() -> None:
    assert ask(1, 5, 7, lasts=3.0) == ask(1, 5, 7, lasts=3.0)
    assert ask(1, 5, 7, lasts=3.0) != ask(2, 5, 7, lasts=3.0)
    assert ask(1, 5, 7, lasts=3.0).text != ask(1, 5, 8, lasts=3.0).text


def test_every_kind_of_question_comes_up_and_no_two_have_one_user() -> None:
    asked = [ask(1, client, turn, lasts=5.0) for client in range(50) for turn in range(20)]
    assert len({one.user for one in asked}) == len(asked)
    assert set(Counter(one.dialect for one in asked)) == set(DIALECTS)
    assert set(Counter(one.model for one in asked)) == set(SCRIPTS)
    shares = {
        "streamed": sum(one.stream for one in asked),
        "leaving": sum(one.leaves is not None for one in asked),
        "refused": sum(one.forbidden for one in asked),
        "personal": sum(bool(one.private) for one in asked),
    }
    assert shares == pytest.approx({"streamed": 850, "leaving": 184, "refused": 80, "personal": 200}, rel=0.4)
    assert all(one.leaves is not None for one in asked if one.model == HANGS)
    assert all(0 <= one.leaves <= 5.0 for one in asked if one.leaves is not None)
    assert sum(SHARES) == 100


def test_what_is_said_of_a_question_is_in_its_body_and_its_user_too() -> None:
    for one in (ask(1, client, turn, lasts=5.0) for client in range(20) for turn in range(20)):
        body = str(one.body("resp_0"))
        assert one.user in body
        assert (FORBIDDEN in body) is one.forbidden
        assert (PRIVATE in body) is bool(one.private)
        assert ("resp_0" in body) is (one.dialect == "responses" and one.goes_on)


def test_what_fills_the_memory_has_no_turn_twice() -> None:
    turns = [text for number in range(4) for _, text in filling(1, number).history]
    assert len(turns) == len(set(turns)) == 1000


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
