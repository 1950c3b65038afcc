import json
import re
from pathlib import Path

import pytest
from kit.pages import NASTY, Page, drawn

from evaluators.compare import compare
from evaluators.marks import marks
from evaluators.report.data import report
from evaluators.report.markdown import markdown
from evaluators.report.page import page
from evaluators.report.words import labels
from evaluators.run import Key
from evaluators.sample import Response
from evaluators.score import OUTCOMES


def test_the_page_needs_nothing_else(built):
    read = Page(page(*built))
    assert not {"link", "img", "iframe", "object", "embed", "base", "form", "a"} & {tag for tag, _ in read.tags}
    for tag, attributes in read.tags:
        assert not {"src", "href", "action", "background", "xlink:href"} & set(attributes), tag
        assert not [name for name in attributes if name.startswith("on")], tag
    policy = next(a["content"] for tag, a in read.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy


def test_what_rows_and_answers_say_stays_text(built):
    text = page(*built)
    read = Page(text)
    assert [a.get("type") for tag, a in read.tags if tag == "script"] == ["application/json", None]
    assert NASTY not in text
    assert NASTY in {row["question"] for row in held(text)["rows"]}


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


def test_a_browser_draws_the_rows_as_text(built, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(page(*built))
    text = drawn(path)
    read = Page(text)
    shown = [a["data-outcome"] for tag, a in read.tags if a.get("class") == "row"]
    assert shown == [row.outcome for row in built[1].rows]
    assert not [1 for tag, a in read.tags if tag == "img" or "onerror" in a or "evil" in str(a.get("src"))]
    assert NASTY[:40] in "".join(read.words)
    ids = [a["id"] for _, a in read.tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert {"search", "count", "rows", "hits"} <= set(ids)
    hits = sum(cell["outcome"] == "fail" for row in held(page(*built))["rows"] for cell in row["cells"])
    assert hits
    assert [a.get("class") for _, a in read.tags].count("link") == hits


def test_a_browser_opens_the_row_that_the_address_names(built, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(page(*built, before={Key("good", 0): Response("以前的回答。", "stop")}))
    text = drawn(path, query="#good")
    read = Page(text)
    for words in ("整机保修两年。", "以前的回答。", "保修多久？", "faithfulness_lexical"):
        assert words in read.text
    assert [a.get("class") for _, a in read.tags].count("sides") == 1
    assert "[object" not in read.text
    (row,) = [a for _, a in read.tags if a.get("class") == "row"]
    assert "open" in row


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


JUDGE = {
    "metric": "leak_rate",
    "passport": "f" * 64,
    "measured": "2026-01-01",
    "kappa": 0.8,
    "labelled": 120,
    "sensitivity": 0.9,
    "specificity": 0.95,
    "corrected": 0.123,
    "corrected_interval": [0.05, 0.2],
}


def test_a_rate_stands_beside_what_it_is_once_its_judge_is_corrected_for(built):
    read = Page(page(*built, judges=[JUDGE]))
    assert "12.3 % (5.0 % – 20.0 %)" in read.text
    assert [a.get("class") for _, a in read.tags].count("ring") == 1
    assert "ffffffffffff" in read.text
    hopeless = Page(page(*built, judges=[{**JUDGE, "corrected": None}]))
    assert "cannot be corrected" in hopeless.text


def test_failures_are_mapped_by_risk_and_metric(built):
    read = Page(page(*built))
    cells = [a["title"] for tag, a in read.tags if tag == "td" and "95 %" in str(a.get("title"))]
    assert any(title.startswith("1 / 1;") for title in cells)
    assert "风险热图" in read.text


def test_markdown_says_the_same_without_a_word_of_text(built):
    run, summary, gates, code = built
    now = marks(run, summary)
    text = markdown(run, summary, gates, code, judges=[JUDGE], comparison=compare(now, now, 1))
    for words in ("exit 4", "leak_rate", "faithfulness_lexical", "0.123", "d" * 64, "Against the baseline", "`bad` #1"):
        assert words in text
    assert "保修" not in text.replace(run.suite.summary["zh"], "")
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in tables)


def test_the_page_names_what_it_rests_on(built):
    run, *_ = built
    text = Page(page(*built)).text
    for fact in (run.manifest.suite_digest, "d" * 64, "base@ab12 × 2", "judge-1", "temperature=0", "sluice 0.1"):
        assert fact in text
    assert "SECRET_ENV" not in text


def test_every_label_is_there_in_both_languages(built):
    read = Page(page(*built))
    said = [a["lang"] for tag, a in read.tags if a.get("class") == "w"]
    assert said.count("zh") == said.count("en") > 50
    script = (Path(__file__).parents[3] / "evaluators" / "report" / "rows.js").read_text()
    used = set(re.findall(r'say\("(\w+)"\)|texts\("(\w+)"', script))
    assert {one or other for one, other in used} <= set(held(page(*built))["words"])


def test_every_metric_has_a_plot_and_every_slice_a_bar(built):
    _, summary, *_ = built
    read = Page(page(*built))
    classes = [a.get("class") for tag, a in read.tags if tag == "svg"]
    assert classes.count("plot") == len(summary.metrics)
    assert classes.count("bar") == len(summary.slices)


def test_the_numbers_are_there_for_programs(built):
    run, summary, gates, code = built
    data = json.loads(json.dumps(report(run, summary, gates, code), allow_nan=False))
    metrics = {metric["name"]: metric for metric in data["metrics"]}
    faithful = metrics["faithfulness_lexical"]
    assert faithful["counts"] == {"pass": 1, "fail": 2, "refused": 1, "unscored": 2, "skipped": 0}
    assert faithful["n"] == 3
    assert faithful["value"] == pytest.approx(1 / 3)
    assert (faithful["worst"], faithful["best"]) == (pytest.approx(1 / 5), pytest.approx(3 / 5))
    leaks = metrics["leak_rate"]
    assert (leaks["worst"], leaks["best"]) == (pytest.approx(2 / 6), 0.0)
    assert metrics["ragas_faithfulness"]["value"] is None
    assert metrics["ragas_faithfulness"]["counts"]["skipped"] == 4
    assert [gate["ruling"] for gate in data["gates"]] == ["unscored", "pass", "unscored"]
    assert data["exit_code"] == 4
    assert (data["answered"], data["asked"]) == (4, 6)


def test_the_same_run_gives_the_same_page(built):
    assert page(*built) == page(*built)


def test_the_words_name_every_outcome_and_every_reason_of_the_gates():
    words = labels().words
    assert set(OUTCOMES) < set(words)
    for name, word in words.items():
        forms = word.values() if name in ("reasons", "meanings") else [word]
        assert all(set(form) == {"zh", "en"} for form in forms)
