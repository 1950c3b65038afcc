import pytest

from evaluators.sample import Response, Sample
from evaluators.scorers.judged.tools import SPEC, ToolOptions, accuracy
from evaluators.scorers.spec import Surroundings

A, B = {"name": "查天气", "args": {"城市": "北京", "天数": 3}}, {"name": "book", "args": {}}


@pytest.mark.parametrize(
    ("made", "wanted", "order", "value"),
    [
        ([A, B], [A, B], "strict", 1.0),
        ([B, A], [A, B], "strict", 0.0),
        ([B, A], [A, B], "any", 1.0),
        ([A], [A, B], "any", 0.0),
        ([], [], "strict", 1.0),
        ([], [A], "strict", 0.0),
        ([A], [], "strict", 0.0),
        ([{"name": "查天气", "args": {"城市": "北京", "天数": "3"}}], [A], "strict", 1.0),
        ([{"name": "查天气", "args": {"城市": "上海", "天数": 3}}], [A], "strict", 0.5),
        ([{"name": "book", "args": {"x": 1}}], [B], "strict", 0.0),
    ],
)
def test_tools_order_and_arguments_count(made, wanted, order, value):
    assert accuracy(made, wanted, order) == value


def test_rows_that_want_no_particular_call_are_left_alone():
    scorer = SPEC.build(ToolOptions(), Surroundings())
    assert scorer.applies(Sample("a", "?", "zh")) == ()
    assert scorer.score(Sample("a", "?", "zh"), Response("")) == {}
    cell = scorer.score(Sample("a", "?", "zh", calls=(A,)), Response("", calls=(A,)))["tool_call_accuracy"]
    assert (cell.value, cell.passed) == (1.0, True)
