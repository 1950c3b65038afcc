import asyncio
import json

import pytest
from kit.endpoint import ScriptedEndpoint
from kit.oracle import Oracle, our_judge

from evaluators.rows import Row, Unread
from evaluators.score import Refused, Score, Skipped, Unscored
from evaluators.scorers.by_row import Judgement, load_lore
from evaluators.scorers.judged.scorer import spec
from evaluators.scorers.judged.stream import BY_ROW, Wanted, judge_rows, judgement, run, sample_of
from evaluators.scorers.spec import Address, Surroundings
from evaluators.scorers.stream import Task

HALF = [{"text": "甲", "reason": "unsupported"}, {"text": "乙", "reason": "supported"}]


def wanted(url, name="faithfulness"):
    metric = BY_ROW[name]
    scorer = spec(metric).build(metric.options(attempts=1), Surroundings(Address(url, "j")))
    return Wanted(Task((name,)), {}, {name: scorer}, load_lore())


def rows(count):
    return [Row(f"r{at}", "能退货吗？", f"七天内可以退货{at}。", ("七天内可以退货。",), ("0",)) for at in range(count)]


def test_lines_come_in_the_order_of_the_rows_however_long_a_judge_takes():
    asked = 0

    async def said(path, body):
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.02 if asked % 3 else 0)
        return our_judge(Oracle(), body["messages"][0]["content"])

    with ScriptedEndpoint(said) as endpoint:
        lines = [json.loads(done.lines) for done in run(rows(30), wanted(endpoint.url), 8)]
    assert [line["id"] for line in lines] == [f"r{at}" for at in range(30)]
    assert {line["value"] for line in lines} <= {0.0, 1.0}


def test_no_more_rows_are_read_than_can_be_under_way():
    taken = 0

    def endless():
        nonlocal taken
        for row in rows(10_000):
            taken += 1
            yield row

    async def go():
        judged = judge_rows(endless(), wanted(endpoint.url), 2)
        await anext(judged)
        await judged.aclose()

    with ScriptedEndpoint(lambda path, body: our_judge(Oracle(), body["messages"][0]["content"])) as endpoint:
        asyncio.run(go())
    assert taken < 20


def test_a_judge_that_dies_in_mid_run_costs_the_rows_their_values_and_none_its_line():
    asked = 0

    def said(path, body):
        nonlocal asked
        asked += 1
        return our_judge(Oracle(), body["messages"][0]["content"]) if asked <= 20 else (503, {})

    with ScriptedEndpoint(said) as endpoint:
        done = list(run([*rows(25), Unread(None, "line 26 is not JSON")], wanted(endpoint.url), 4))
    lines = [json.loads(one.lines) for one in done]
    assert len(lines) == 26
    assert {line["why"] for line in lines[12:25]} >= {"judge_http_503"}
    assert all(line["value"] is None for line in lines[20:])
    assert sum(one.values for one in done) == sum(line["value"] is not None for line in lines) > 0
    assert done[-1].reasons == {"the line cannot be read as a row": 1}


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (Score(1.0, True, {"ratings": [2, 2]}), Judgement(1.0, "ratings: 2; 2")),
        (Score(0.5, False, {"statements": HALF}), Judgement(0.5, "not supported: 甲")),
        (Score(0.5, True, {"not_in_passages": ["甲"], "sentences": 2, "none": []}),
         Judgement(0.5, "not in passages: 甲, sentences: 2")),
        (Refused("declines"), Judgement(None, "the answer declines: there is nothing to be judged")),
        (Unscored("judge_no_json"), Judgement(None, "judge_no_json")),
        (Skipped("no_judge"), Judgement(None, "no_judge")),
        (None, Judgement(None, "does_not_apply")),
    ],
)  # fmt: skip
def test_only_a_score_is_a_number(cell, found):
    assert judgement(cell) == found


@pytest.mark.parametrize(("question", "lang"), [("能退货吗？", "zh"), ("Can I?", "en"), ("Can I 退货?", "zh")])
def test_a_row_is_judged_in_its_language(question, lang):
    assert sample_of(Row("a", question, "")).lang == lang


def test_of_several_references_judges_see_the_first():
    assert sample_of(Row("a", "?", "x", reference=(" ", "甲", "乙"))).reference == "甲"
