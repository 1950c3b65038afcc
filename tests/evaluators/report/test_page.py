import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evaluators.gate import exit_code, judge
from evaluators.report.data import report
from evaluators.report.page import page
from evaluators.run import Asked, JudgeAddress, Key, Manifest, Run, State
from evaluators.sample import Failure, Passage, Response, Sample
from evaluators.score import OUTCOMES
from evaluators.scorers.spec import Surroundings
from evaluators.suite import build_scorers, load_suite
from evaluators.summary import summarise

NASTY = '</script><script src="http://evil.example/x.js"></script><img src=x onerror=alert(1)>'
VOID = {"meta", "input", "br", "img", "link", "hr"}
SUITE = """\
name: small
summary: {zh: 小评测集, en: A small suite}
data: data.jsonl
scorers: [{use: rag}, {use: refusal}, {use: leak}, {use: ragas}]
gate:
  - {metric: faithfulness_lexical, at_least: 0.9, bound: lower}
  - {metric: leak_rate, at_most: 0, bound: point, max_unscored: 1}
"""


class Page(HTMLParser):
    """Reads a page; every tag must be closed, in order."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.words = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID and not (tag in ("line", "rect", "circle") and self.get_starttag_text().endswith("/>")):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] not in (["script"], ["style"]):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


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


def test_the_page_needs_nothing_else(built):
    read = Page(page(*built))
    assert not {"link", "img", "iframe", "object", "embed", "base", "form", "a"} & {tag for tag, _ in read.tags}
    for tag, attributes in read.tags:
        assert not {"src", "href", "action", "background", "xlink:href"} & set(attributes), tag
        assert not [name for name in attributes if name.startswith("on")], tag
    policy = next(a["content"] for tag, a in read.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy


def test_what_rows_and_answers_say_stays_text(built):
    read = Page(page(*built))
    assert sum(tag == "script" for tag, _ in read.tags) == 1
    assert NASTY in "".join(read.words)


def test_every_outcome_every_row_and_every_reason_is_on_the_page(built):
    _, summary, _, _ = built
    read = Page(page(*built))
    assert {row.outcome for row in summary.rows} == {"pass", "fail", "refused", "unscored"}
    shown = [a["data-outcome"] for tag, a in read.tags if a.get("class") == "row"]
    assert shown == [row.outcome for row in summary.rows]
    for words in ("未能判定的过多", "no judge model is set", "http_500", "还没有问到", "运行未完成"):
        assert words in read.text


def test_the_page_names_what_it_rests_on(built):
    run, *_ = built
    text = Page(page(*built)).text
    for fact in (run.manifest.suite_digest, "d" * 64, "base@ab12 × 2", "judge-1", "temperature=0", "sluice 0.1"):
        assert fact in text
    assert "SECRET_ENV" not in text


def test_every_label_is_there_in_both_languages(built):
    read = Page(page(*built))
    labels = [a["lang"] for tag, a in read.tags if a.get("class") == "w"]
    assert labels.count("zh") == labels.count("en") > 50


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
    from gateway.document import read_document

    path = Path(__file__).parents[3] / "evaluators" / "report" / "words.yaml"
    words = read_document(path.read_bytes(), "words.yaml").value
    assert set(OUTCOMES) < set(words)
    for name, word in words.items():
        forms = word.values() if name in ("reasons", "meanings") else [word]
        assert all(set(form) == {"zh", "en"} for form in forms)
