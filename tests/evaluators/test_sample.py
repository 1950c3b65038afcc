"""Rows and answers come back as they were, and scorers see what the target retrieved."""

import json
from dataclasses import asdict, replace

import pytest

from evaluators.sample import Passage, Response, Sample

ROW = Sample("r1", "问", "zh", contexts=(Passage("p1", "甲"),), relevant=("p1",))


@pytest.mark.parametrize(("group", "cluster"), [("", "r1"), ("g", "g")])
def test_a_row_is_resampled_with_its_group(group, cluster):
    assert replace(ROW, group=group).cluster == cluster


@pytest.mark.parametrize(
    "said",
    [
        Response("答 a", "stop", calls=({"name": "f", "args": {}},)),
        Response("答", contexts=(Passage("p", "文"),), citations=("p",), input_tokens=3),
        Response("", contexts=()),
    ],
)
def test_an_answer_comes_back_from_a_journal_as_it_was(said):
    assert Response.read(json.loads(json.dumps(asdict(said)))) == said


@pytest.mark.parametrize("written", [{}, {"text": "x", "other": 1}, {"text": "x", "contexts": [{"id": "1"}]}])
def test_what_is_no_answer_is_told(written):
    with pytest.raises(TypeError):
        Response.read(written)


@pytest.mark.parametrize(
    ("contexts", "seen", "relevant"),
    [
        (None, ROW.contexts, ("p1",)),
        ((), (), ("p1",)),
        ((Passage("x", "乙"),), (Passage("x", "乙"),), ("p1",)),
        ((Passage("", "乙"), Passage("x", "c")), (Passage("1", "乙"), Passage("2", "c")), None),
    ],
)
def test_scorers_see_what_the_target_retrieved(contexts, seen, relevant):
    row = Response("答", contexts=contexts).seen(ROW)
    assert (row.contexts, row.relevant) == (seen, relevant)
    assert (row.id, row.question) == ("r1", "问")
