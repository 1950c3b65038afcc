from dataclasses import replace

import pytest

from evaluators.execute import due
from evaluators.pace import Caps, Spent
from evaluators.plan import lines, plan
from evaluators.run import Key, Manifest, Run, State
from evaluators.sample import Response, Sample
from evaluators.scorers.spec import Scorer, Surroundings
from evaluators.suite import build_scorers, load_suite
from evaluators.targets.asked import Asked

SUITE = """\
name: small
summary: {zh: 小, en: small}
data: data.jsonl
scorers: [{use: refusal}]
"""
ASKED = Asked(False, "http://127.0.0.1:1/v1", "m", "K", {"max_tokens": 100}, 5.0, 1)


@pytest.fixture
def run(tmp_path):
    (tmp_path / "suite.yaml").write_text(SUITE)
    samples = tuple(Sample(str(n), "十个字的问题有多少个", "zh", should="answer") for n in range(50))
    manifest = Manifest("r", "small", "", ASKED, None, None, 2, 1, None, "", "")
    return Run(tmp_path, manifest, load_suite(tmp_path), samples)


def made(run, state=None, caps=None, scorers=None, concurrency=10):
    state = state or State()
    scorers = scorers or build_scorers(run.suite, Surroundings())
    left = due(run, state, scorers, ask=True)
    return plan(run, state, scorers, left, caps=caps or Caps(), concurrency=concurrency)


def test_a_plan_multiplies_rows_and_repetitions_and_ways(run):
    (share,) = made(run).shares
    assert (share.calls, share.input, share.output, share.money) == (100, 1000, 10_000, None)
    pair = replace(ASKED, kind="pair", direct=replace(ASKED, price={"input": 1, "output": 2, "currency": "CNY"}))
    both = made(replace(run, manifest=replace(run.manifest, asked=pair)))
    assert (both.ways, both.calls, both.left) == (2, 200, 200)
    assert both.money == pytest.approx((1000 + 2 * 10_000) / 1e6)


def test_what_is_answered_is_not_planned_again(run):
    state = State(answers={Key("0", 0): Response("好"), Key("1", 0): Response("好")})
    assert made(run, state).calls == 98


def test_turns_and_judges_are_calls_too(run):
    samples = (replace(run.samples[0], turns=("一", "二")),)
    run = replace(run, samples=samples, manifest=replace(run.manifest, repetitions=1))
    assert made(run).calls == 3
    judge = Scorer("rubric", (), lambda sample: ("rubric",), judge=lambda: None, calls=2)
    assert made(run, scorers=[judge]).calls == 3  # nobody is named that could judge
    named = replace(run, manifest=replace(run.manifest, judge=replace(ASKED)))
    assert made(named, scorers=[judge]).calls == 3 + 2


def test_time_follows_the_limits(run):
    assert made(run, concurrency=10).seconds == 20
    limited = replace(run, manifest=replace(run.manifest, asked=replace(ASKED, limits={"requests": 10})))
    assert made(limited).seconds == 600
    text = "\n".join(lines(made(limited)))
    assert "100 calls" in text
    assert "10 min, by the limits" in text


def test_a_budget_that_will_not_do_is_said_before(run):
    assert made(run, caps=Caps(calls=100, tokens=20_000)).exceeds == ()
    over = made(run, State(spent=Spent(calls=1)), caps=Caps(calls=100))
    assert over.exceeds == ("calls",)
    assert "the budget ends before the rows do (calls)" in "\n".join(lines(over))
