import json

import pytest
from kit.endpoint import ScriptedEndpoint

from evaluators.sample import Response, Sample
from evaluators.score import Score, Skipped, Unscored
from evaluators.scorers.rubric import (
    RubricOptions,
    build,
    judge_identity,
    majority,
    settle_pair,
    settle_yes_no,
)
from evaluators.scorers.spec import Address, Surroundings

CRITERION = {"zh": "回答礼貌", "en": "the answer is polite"}
ROW = Sample("a", "你好吗？", "zh", reference="我很好，谢谢。")


def options(**more):
    return RubricOptions.model_validate({"criterion": CRITERION, **more})


async def ask(script, chosen, text="我很好", sample=ROW):
    with ScriptedEndpoint(script) as endpoint:
        scorer = build(chosen, Surroundings(judge=Address(endpoint.url, "j1")))
        async with scorer.judge() as judge:
            return (await judge(sample, Response(text)))["rubric"], endpoint.asked


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("said", "cell"),
    [
        ('{"why": "w", "verdict": "yes"}', Score(1.0, True, {"votes": ["yes"], "why": "w"})),
        ('{"why": "w", "verdict": "no"}', Score(0.0, False, {"votes": ["no"], "why": "w"})),
        ('{"why": "w", "verdict": "unsure"}', Unscored("judge_unsure", {"votes": ["unsure"]})),
        ("I think it is fine.", Unscored("judge_no_json")),
        ('{"verdict": 7}', Unscored("judge_wrong_shape")),
        ((400, {}), Unscored("judge_http_400")),
    ],
)
async def test_only_a_verdict_is_a_score(said, cell):
    assert (await ask(lambda path, body: said, options()))[0] == cell


@pytest.mark.anyio
async def test_the_words_are_those_of_the_row_and_braces_in_it_are_text():
    _, asked = await ask(lambda path, body: '{"verdict": "yes"}', options(), text="{question} 好")
    prompt = asked[0][1]["messages"][0]["content"]
    assert "标准：回答礼貌" in prompt
    assert "{question} 好" in prompt
    english = Sample("b", "How are you?", "en")
    _, asked = await ask(lambda path, body: '{"verdict": "yes"}', options(), sample=english)
    assert "Criterion: the answer is polite" in asked[0][1]["messages"][0]["content"]


@pytest.mark.anyio
async def test_a_judge_that_is_asked_three_times_is_outvoted_by_itself():
    votes = iter(["yes", "no", "yes"])
    cell, asked = await ask(lambda path, body: json.dumps({"verdict": next(votes)}), options(repeat=3))
    assert cell.value == 1.0
    assert [body["seed"] for _, body, _ in asked] == [0, 1, 2]


@pytest.mark.anyio
async def test_marks_are_averaged_and_put_between_0_and_1():
    marks = iter([5, 3])
    chosen = options(form="five", repeat=2)
    cell, _ = await ask(lambda path, body: json.dumps({"score": next(marks)}), chosen)
    assert cell.value == 0.75


@pytest.mark.anyio
async def test_a_judge_that_prefers_what_stands_first_is_found_out():
    cell, asked = await ask(lambda path, body: '{"better": "first"}', options(form="pair"))
    assert (cell.value, cell.detail["moved_with_order"]) == (0.5, True)
    one, other = (body["messages"][0]["content"] for _, body, _ in asked)
    assert one.index("我很好\n") < one.index("我很好，谢谢。")
    assert other.index("我很好，谢谢。") < other.index("我很好\n")


@pytest.mark.anyio
async def test_a_judge_that_reads_prefers_the_same_in_both_orders():
    def longer(path, body):
        prompt = body["messages"][0]["content"]
        first = prompt.split("<回答一>")[1].split("</回答一>")[0]
        return json.dumps({"better": "first" if "谢谢" in first else "second"})

    cell, _ = await ask(longer, options(form="pair"))
    assert (cell.value, cell.passed) == (0.0, False)


def test_without_a_judge_the_cells_are_skipped():
    assert build(options(), Surroundings()).score(ROW, Response("x")) == {"rubric": Skipped("no_judge")}


@pytest.mark.parametrize(
    ("votes", "word"), [(["yes"], "yes"), (["yes", "no", "yes"], "yes"), (["yes", "no"], None), (["a", "b", "c"], None)]
)
def test_a_majority_is_more_than_half(votes, word):
    assert majority(votes) == word


def test_settling():
    assert settle_yes_no(["yes", "no"]) is None
    assert settle_yes_no(["unsure"]) is None
    assert settle_pair(["first"], ["second"]) == (1.0, False)
    assert settle_pair(["tie"], ["second"]) == (0.5, False)
    assert settle_pair(["first", "second"], ["first"]) == (None, False)


@pytest.mark.parametrize(
    "more",
    [
        {"parameters": {"temperature": 1}},
        {"repeat": 3},
        {"criterion": {"zh": "回答简短", "en": "the answer is polite"}},
        {"form": "five"},
    ],
)
def test_another_parameter_word_or_shape_is_another_judge(more):
    assert judge_identity(options(**more), "j1") != judge_identity(options(), "j1")
    assert judge_identity(options(), "j2") != judge_identity(options(), "j1")
    assert judge_identity(options(pass_at=0.9), "j1") == judge_identity(options(), "j1")
