from __future__ import annotations

import pytest
from kit.pages import NASTY

from evaluators.compare import compare
from evaluators.gate import exit_code, judge
from evaluators.marks import Mark, MarkedRow, Marks
from evaluators.run import Asked, JudgeAddress, Key, Manifest, Run, State
from evaluators.sample import Failure, Passage, Response, Sample
from evaluators.score import Metric
from evaluators.scorers.spec import Surroundings
from evaluators.suite import build_scorers, load_suite
from evaluators.summary import summarise

SUITE = """\
name: small
summary: {zh: 小评测集, en: A small suite}
data: data.jsonl
scorers: [{use: rag}, {use: refusal}, {use: leak}, {use: ragas}]
gate:
  - {metric: faithfulness_lexical, at_least: 0.9, bound: lower}
  - {metric: leak_rate, at_most: 0, bound: point, max_unscored: 1}
"""


@pytest.fixture
def built(tmp_path):
    (tmp_path / "suite.yaml").write_text(SUITE)
    (tmp_path / "data.jsonl").write_text("")
    suite = load_suite(tmp_path)
    asked = Asked(False, "http://127.0.0.1:8080/v1", "echo", "SECRET_ENV", {"temperature": 0}, 60.0, 4)
    manifest = Manifest(
        "small-1", "small", "2026-01-01T00:00:00+00:00", asked, JudgeAddress("http://127.0.0.1:9/v1", "judge-1", "K"),
        None, 1, 7, None, suite.digest, "d" * 64, {"sluice": "0.1"},
    )  # fmt: skip
    passage = (Passage("p1", "整机保修两年。"),)
    samples = (
        Sample("good", "保修多久？", "zh", contexts=passage, relevant=("p1",), should="answer", kind="保修"),
        Sample("bad", "How long?", "en", contexts=passage, should="answer", risk="a5.a", system=NASTY),
        Sample("nasty", NASTY, "mixed", contexts=(Passage("<p>", NASTY),), risk=NASTY, kind='"x" onclick="y'),
        Sample("declined", "保修多久？", "zh", contexts=passage),
        Sample("failed", "保修多久？", "zh", contexts=passage),
        Sample("left", "保修多久？", "zh", contexts=passage),
    )
    said = {
        "good": Response("整机保修两年。", "stop", policy="base@ab12", model="echo"),
        "bad": Response("整机保修五年。", "stop", policy="base@ab12", model="echo"),
        "nasty": Response(NASTY + "是这样的内容说明", "stop"),
        "declined": Response("抱歉，我无法回答这个问题。", "content_filter", declined=True),
        "failed": Failure("http_500"),
    }
    scorers = build_scorers(suite, Surroundings())
    state = State(answers={Key(name, 0): answer for name, answer in said.items()})
    for sample in samples:
        answer = state.answers.get(Key(sample.id, 0))
        if isinstance(answer, Response):
            for scorer in scorers:
                state.cells[Key(sample.id, 0), scorer.name] = scorer.score(sample, answer)
    run = Run(tmp_path, manifest, suite, samples)
    summary = summarise(run, state, scorers)
    gates = judge(suite, summary, 7)
    return run, summary, gates, exit_code(gates)


@pytest.fixture
def found():
    """Twelve rows that passed; of the same rows eight fail now."""
    metric = Metric("refusal_rate", "high", "rate")

    def one(id, passed):
        rows = {
            Key(str(at), 0): MarkedRow(
                str(at), "zh", "", "", "", outcome, {"refusal_rate": Mark(outcome, float(outcome == "pass"))}
            )
            for at in range(12)
            for outcome in ["pass" if at >= 12 - passed else "fail"]
        }
        return Marks(
            id, "2026-01-01T00:00:00+00:00", f"m @ {id}", {"suite": "small"}, {}, {"refusal_rate": metric}, rows
        )

    return compare(one("now-2", 4), one("before-1", 12), 1)
