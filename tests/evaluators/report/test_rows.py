"""Every row is there for the page's script, with what was said and why it was judged so."""

import json
import re

from kit.pages import Page

from evaluators.compare import compare
from evaluators.marks import marks
from evaluators.report.page import page
from evaluators.run import Key
from evaluators.sample import Response


def held(text):
    """What the page's script is given."""
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])


def test_every_row_and_every_reason_is_on_the_page(built):
    _, summary, _, _ = built
    text = page(*built)
    data = held(text)
    assert [(row["id"], row["outcome"]) for row in data["rows"]] == [
        (row.sample.id, row.outcome) for row in summary.rows
    ]
    assert {row.outcome for row in summary.rows} == {"pass", "fail", "refused", "unscored"}
    assert [row["said"].get("code") for row in data["rows"]] == [None, None, None, None, "http_500", "not_asked"]
    assert data["reasons"]["not_asked"]["zh"] == "还没有问到"
    assert data["passages"].count(["p1", "整机保修两年。"]) == 1
    read = Page(text)
    for words in ("未能判定的过多", "no judge model is set", "运行未完成"):
        assert words in read.text


def test_the_baselines_answers_stand_beside_those_of_now(built, tmp_path):
    run, summary, gates, code = built
    now = marks(run, summary)
    found = compare(now, now, 1)
    before = {Key("good", 0): Response("整机保修一年，以前是这样说的。", "stop")}
    text = page(run, summary, gates, code, comparison=found, before=before)
    rows = {row["id"]: row for row in held(text)["rows"]}
    assert rows["good"]["before"]["text"] == "整机保修一年，以前是这样说的。"
    assert "before" not in rows["bad"]
    read = Page(text)
    assert "与基线相比" in read.text
    assert "only in the baseline 0" in read.text
