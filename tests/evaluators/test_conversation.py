import pytest

from evaluators.conversation import Conversation
from evaluators.sample import Failure, Response, Sample


class Echo:
    """Answers with the number of messages and remembers what it was asked."""

    def __init__(self, fails_at=None):
        self.asked, self.fails_at = [], fails_at

    async def ask(self, sample, messages):
        self.asked.append(messages)
        if len(self.asked) == self.fails_at:
            return Failure("timeout", seconds=1.0)
        return Response(f"answer {len(self.asked)}", "stop", seconds=1.0)


LAST = [{"role": "system", "content": "s"}, {"role": "user", "content": "third"}]


@pytest.mark.anyio
async def test_each_turn_sees_what_was_answered_before():
    target = Echo()
    said = await Conversation(target).ask(Sample("a", "third", "en", turns=("first", "second")), LAST)
    assert said == Response("answer 3", "stop", seconds=3.0, attempts=3)
    assert [[m["content"] for m in messages] for messages in target.asked] == [
        ["s", "first"],
        ["s", "first", "answer 1", "second"],
        ["s", "first", "answer 1", "second", "answer 2", "third"],
    ]
    assert [m["role"] for m in target.asked[-1]] == ["system", "user", "assistant", "user", "assistant", "user"]


@pytest.mark.anyio
async def test_a_turn_that_fails_is_the_failure_of_the_row():
    target = Echo(fails_at=2)
    said = await Conversation(target).ask(Sample("a", "third", "en", turns=("first", "second")), LAST)
    assert said == Failure("timeout", seconds=2.0, attempts=2)
    assert len(target.asked) == 2


@pytest.mark.anyio
async def test_what_a_tool_gave_back_stands_behind_the_call_of_it():
    target = Echo()
    await Conversation(target).ask(Sample("a", "third", "en", tool="{}"), LAST)
    (messages,) = target.asked
    call, result = messages[-2:]
    assert call["tool_calls"][0]["id"] == result["tool_call_id"]
    assert (result["role"], result["content"]) == ("tool", "{}")


@pytest.mark.anyio
async def test_a_plain_row_is_asked_as_it_is():
    target = Echo()
    await Conversation(target).ask(Sample("a", "third", "en"), LAST)
    assert target.asked == [LAST]
