"""The judge of the evaluation reads our prompts and those of Ragas."""

import json

import pytest

from benchmarks.evaluation.judge import judged
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
