"""Ragas itself, with a judge that follows a script on a real port."""

import asyncio
import os

import pytest
from kit.endpoint import ScriptedEndpoint
from kit.judge import Judge

from evaluators.sample import Passage, Response, Sample
from evaluators.score import Refused, Score, Skipped, Unscored
from evaluators.scorers.ragas import RagasOptions, build, missing
from evaluators.scorers.spec import Address, Surroundings

ZH = Sample("a", "能退货吗？", "zh", contexts=(Passage("p", "七天内可以退货。运费由买家承担。"),))
EN = Sample("b", "Can I return it?", "en", contexts=(Passage("p", "Returns are free within 30 days."),))
FAITHFUL, RELEVANT = "ragas_faithfulness", "ragas_answer_relevancy"


def judge(script, sample=ZH, text="七天内可以退货。运费由买家承担。", **options):
    with ScriptedEndpoint(script) as endpoint:
        address = Address(endpoint.url, "j", "key")
        scorer = build(RagasOptions(**options), Surroundings(address, Address(endpoint.url, "e", "key")))

        async def go():
            async with scorer.judge() as opened:
                return await opened(sample, Response(text, "stop"))

        cells = asyncio.run(go())
        assert set(cells) == set(scorer.applies(sample))
        return cells, endpoint


def value(cell):
    assert isinstance(cell, Score), cell
    return cell.value


@pytest.mark.parametrize(
    ("sample", "text", "verdicts", "expected"),
    [
        (ZH, "七天内可以退货。运费由买家承担。", [1, 1], 1.0),
        (ZH, "七天内可以退货。运费由商城承担。", [1, 0], 0.5),
        (ZH, "十五天内可以退货。", [0], 0.0),
        (EN, "Returns are free. You have 30 days. Cash only. No questions.", [1, 1, 0, 1], 0.75),
    ],
)
def test_faithfulness_is_the_share_of_supported_statements(sample, text, verdicts, expected):
    cells, _ = judge(Judge(lambda statements: verdicts), sample, text)
    assert value(cells[FAITHFUL]) == expected


@pytest.mark.parametrize(
    ("question", "noncommittal", "expected"), [("能退货吗？", 0, 1.0), ("能退货吗？", 1, 0.0), ("wxyz", 0, 0.0)]
)
def test_relevancy_is_the_likeness_of_question_and_generated_question(question, noncommittal, expected):
    cells, _ = judge(Judge(question=question, noncommittal=noncommittal))
    assert value(cells[RELEVANT]) == pytest.approx(expected, abs=0.15)


@pytest.mark.parametrize("dress", [lambda t: f"```json\n{t}\n```", lambda t: f"<think>嗯，先看资料。</think>\n{t}"])
def test_fences_and_thoughts_change_nothing(dress):
    cells, _ = judge(Judge(dress=dress))
    assert (value(cells[FAITHFUL]), value(cells[RELEVANT])) == (1.0, pytest.approx(1.0))


def test_missing_verdicts_are_asked_for_once_more_and_then_unscored():
    script = Judge(lambda statements: [1])
    cells, _ = judge(script, metrics=("faithfulness",))
    assert cells == {FAITHFUL: Unscored("judge_verdict_count")}
    assert script.shapes == ["StatementGeneratorOutput", "NLIStatementOutput", "NLIStatementOutput"]


def test_a_second_try_with_all_verdicts_counts():
    tries = iter([[1], [1, 0]])
    cells, _ = judge(Judge(lambda statements: next(tries)), metrics=("faithfulness",))
    assert value(cells[FAITHFUL]) == 0.5


@pytest.mark.parametrize(
    ("script", "metric", "code"),
    [
        (Judge(lambda statements: [7, 1]), FAITHFUL, "judge_verdict_value"),
        (Judge(question=" "), RELEVANT, "judge_no_question"),
        (Judge(noncommittal=3), RELEVANT, "judge_verdict_value"),
        (Judge(dress=lambda text: "我判断为支持"), FAITHFUL, "judge_no_json"),
        (lambda path, body: (401, {}), FAITHFUL, "judge_http_401"),
        (lambda path, body: '{"statements": []}', FAITHFUL, "no_statements"),
    ],
)
def test_what_is_no_judgement_is_unscored_and_never_a_number(script, metric, code):
    cells, _ = judge(script)
    assert cells[metric] == Unscored(code)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("抱歉，我无法回答这个问题。", Refused("declines")),
        ("The passages do not mention it.", Refused("abstains")),
        ("", Unscored("empty_answer")),
    ],
)
def test_a_refusal_is_seen_before_the_judge_is_asked(text, cell):
    cells, endpoint = judge(Judge(), text=text)
    assert cells == {FAITHFUL: cell, RELEVANT: cell}
    assert endpoint.asked == []


def test_the_judge_is_asked_at_temperature_0_with_its_key():
    _, endpoint = judge(Judge(), metrics=("faithfulness",))
    assert {body["temperature"] for _, body, _ in endpoint.asked} == {0}
    assert {headers["authorization"] for _, _, headers in endpoint.asked} == {"Bearer key"}


def test_ragas_is_told_not_to_report_what_it_does(monkeypatch):
    monkeypatch.setenv("RAGAS_DO_NOT_TRACK", "false")
    build(RagasOptions(), Surroundings(Address("http://127.0.0.1:9/v1", "j")))
    assert os.environ["RAGAS_DO_NOT_TRACK"] == "true"


def test_without_a_judge_the_cells_are_skipped_with_the_reason():
    scorer = build(RagasOptions(), Surroundings())
    assert scorer.score(ZH, Response("好")) == {FAITHFUL: Skipped("no_judge"), RELEVANT: Skipped("no_judge")}
    assert scorer.score(Sample("c", "?", "zh"), Response("好")) == {}


def test_without_an_embedding_model_only_relevancy_is_skipped():
    with ScriptedEndpoint(Judge()) as endpoint:
        scorer = build(RagasOptions(), Surroundings(Address(endpoint.url, "j")))

        async def go():
            async with scorer.judge() as opened:
                return await opened(ZH, Response("七天内可以退货。"))

        cells = asyncio.run(go())
    assert value(cells[FAITHFUL]) == 1.0
    assert cells[RELEVANT] == Skipped("no_embedding_model")


def test_without_the_extra_the_reason_says_so(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert missing(Surroundings(Address("http://a/v1", "j")), "faithfulness") == "extra_eval_not_installed"
