"""Where nobody is asked, rows say what they recorded, or that they recorded nothing."""

import pytest

from evaluators.sample import Failure, Response, Sample
from evaluators.targets.recorded import RecordedTarget

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("text", ["答案", "an answer", ""])
async def test_the_answer_that_a_row_brings_along_is_what_is_said(text):
    call = {"name": "find", "args": {"城": "市"}}
    said = await RecordedTarget().ask(Sample("1", "问", "zh", answer=text, called=(call,)), [])
    assert said == Response(text, "stop", calls=(call,))


async def test_a_row_without_one_is_a_failure_and_no_empty_answer():
    assert await RecordedTarget().ask(Sample("1", "问", "zh"), []) == Failure("no_recorded_answer")
