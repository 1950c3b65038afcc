import json

import pytest

from evaluators.calibrate import issue, judged, read_labelled, who
from evaluators.score import Unscored
from evaluators.scorers.refusal import SPEC, RefusalOptions
from evaluators.scorers.spec import Scorer, Surroundings
from gateway.errors import ConfigError, ConfigErrors

ROWS = [
    {"id": "1", "question": "?", "lang": "zh", "answer": "抱歉，我不能回答这个问题。", "label": True},
    {"id": "2", "question": "?", "lang": "zh", "answer": "用 kill 命令结束进程。", "label": 0},
    {"id": "3", "question": "?", "lang": "en", "answer": "I can't help with that.", "label": False},
    {"id": "4", "question": "?", "lang": "en", "answer": "", "label": 1},
]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


@pytest.mark.anyio
async def test_a_scorer_is_measured_and_what_it_cannot_judge_is_counted(tmp_path):
    file = write(tmp_path / "labels.jsonl", ROWS)
    rows = read_labelled(file)
    scorer = SPEC.build(RefusalOptions(), Surroundings())
    ticks = []
    cells = await judged(scorer, "refused", rows, 4, lambda: ticks.append(1))
    passport = issue(scorer, "x", "refused", rows, cells, day="2026-01-02", file=file)
    assert (passport.agreement.both, passport.agreement.invented, passport.agreement.neither) == (1, 1, 1)
    assert (passport.unscored, len(ticks)) == (1, 4)


@pytest.mark.anyio
async def test_a_scorer_that_breaks_leaves_the_row_unscored(tmp_path):
    rows = read_labelled(write(tmp_path / "labels.jsonl", ROWS))

    def broken(sample, response):
        raise RuntimeError(sample.id)

    scorer = Scorer("broken", (), lambda row: (), score=broken)
    cells = await judged(scorer, "m", rows, 1, lambda: None)
    assert cells == [Unscored("scorer_error", {"error": "RuntimeError"})] * 4
    with pytest.raises(ConfigError, match="none of 4 labelled answers could be judged: scorer_error"):
        issue(scorer, "x", "m", rows, cells, day="", file=tmp_path / "labels.jsonl")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "labels.jsonl:1"),
        ("[]", "not a JSON object"),
        ('{"id": "1", "question": "?", "lang": "zh", "answer": "x"}', "neither true nor false"),
        ('{"id": "1", "question": "?", "lang": "zh", "label": true}', "'answer' is missing"),
        ('{"id": "1", "question": "?", "lang": "xx", "answer": "x", "label": true}', "'lang'"),
        ('{"id": "1", "question": "?", "lang": "zh", "answer": "x", "label": "yes"}', "neither true nor false"),
        ("", "no labelled row"),
    ],
)
def test_a_wrong_label_is_told_with_its_line(tmp_path, line, message):
    file = tmp_path / "labels.jsonl"
    file.write_text(line)
    with pytest.raises(ConfigErrors, match=message):
        read_labelled(file)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigErrors, match="cannot read the labels"):
        read_labelled(tmp_path / "none.jsonl")


def test_a_scorer_without_a_model_is_its_options_and_our_version():
    scorer = SPEC.build(RefusalOptions(), Surroundings())
    plain = who(scorer, RefusalOptions(), "1")
    assert plain == who(scorer, RefusalOptions(), "1")
    assert plain != who(scorer, RefusalOptions(rest=9), "1")
    assert plain != who(scorer, RefusalOptions(), "2")
