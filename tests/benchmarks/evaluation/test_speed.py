"""The measurement of speed measures the work, and its judge knows both routes."""

import json

import pytest

from benchmarks.conformance.started import free_port
from benchmarks.evaluation.judge import judged
from benchmarks.evaluation.servers import Server, python, running
from benchmarks.evaluation.speed import ours, rate, rows
from evaluators.scorers.judged.statements import METRICS
from evaluators.scorers.judged.words import fill, judge_words, numbered

ANSWER = "七天内可以退货。运费由买家承担。"


@pytest.mark.parametrize("spoken", ["zh", "en"])
def test_the_judge_reads_our_own_prompts(spoken):
    words = judge_words()
    prompt = fill(words.get("statements", spoken), {"question": "?", "answer": ANSWER})
    statements = judged(prompt)["statements"]
    assert statements == ["七天内可以退货", "运费由买家承担"]
    holes = {"context": "c", "statements": numbered(statements), "count": "2"}
    found = judged(fill(words.get("verdicts", spoken), holes))
    assert found == {"statements": [{"id": 1, "verdict": 1}, {"id": 2, "verdict": 1}]}
    assert {name for metric in METRICS for name in metric.words} == {"statements", "verdicts"}


def test_the_judge_reads_ragas_prompts():
    given = json.dumps({"question": "?", "answer": ANSWER}, ensure_ascii=False)
    prompt = f'{{"title": "StatementGeneratorOutput"}} input: {given}\nOutput: '
    assert len(judged(prompt)["statements"]) == 2
    with pytest.raises(ValueError, match="faithfulness only"):
        judged("Hello?")


def test_every_row_that_is_timed_gets_a_value_or_nothing_is_told(tmp_path):
    server = Server("judge", python("benchmarks.evaluation.judge", "--port", str(port := free_port())), port, {})
    with running([server], tmp_path):
        assert rate(ours, server.url, rows(30))[0] > 0
        bad = [*rows(11), *(row.__class__(f"e{row.id}", "?", "", ("c",), ("0",)) for row in rows(2))]
        with pytest.raises(RuntimeError, match="2 rows got no value"):
            rate(ours, server.url, bad)
