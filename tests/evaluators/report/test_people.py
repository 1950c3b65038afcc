import json
from html.parser import HTMLParser

import orjson
import pytest
from kit.reviewing import fine, judge, review, rows

from evaluators.report.people import Section, data, markdown, read_words
from evaluators.review.decisions import add, minutes
from evaluators.review.people import gather
from evaluators.run import Key, State

NASTY = "<script>alert(1)</script>|x"


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.seen = [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def given():
    return rows("run-one")


@pytest.fixture
def people(tmp_path, given):
    from types import SimpleNamespace

    made = review(tmp_path / "r", {"run-one": given, NASTY: rows("run-two")})
    order = ("standard", "run-one", NASTY)
    add(made, [*judge(made, "王芳", fine, order), *judge(made, "Ann", fine, order)])
    manifest = SimpleNamespace(id="id-run-one", data_digest="d" * 64, suite_digest="s" * 64)
    state = State(answers={Key(row.sample.id, row.repetition): row.answer for row in given})
    return gather(SimpleNamespace(path="run", manifest=manifest), state, minutes(made), "2026-01-03")


def test_the_section_shows_both_and_escapes_what_is_not_ours(people, given):
    page = Section(people).html(given)
    seen = Tags(page).seen
    assert seen.count("table") == 3
    assert "script" not in seen
    for word in ("refused", "response = refused", "run-one", "标准答案", "kappa", "Krippendorff", "2026-01-03"):
        assert word in page
    assert "王芳" not in page


def test_a_row_shows_what_people_said_of_it(people, given):
    section = Section(people)
    told = section.row(given[0])
    said = json.dumps(told, ensure_ascii=False)
    assert "安全" in said
    assert "much" in said
    assert "agreed" in said
    assert all(set(one) == {"label", "value", "how", "votes"} for one in told)
    assert section.title["en"]
    assert section.row(rows("run-one", 5)[4]) == []


def test_without_people_there_is_no_section(given):
    assert (Section(None).html(given), Section(None).row(given[0]), Section(None).title) == ("", [], None)


def test_markdown_has_tables_of_one_width(people, given):
    text = markdown(people, given)
    tables = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
    assert len(tables) == 3
    for table in tables:
        assert len({line.replace("\\|", "").count("|") for line in table}) == 1
    assert "Krippendorff" in text


def test_the_figures_are_json(people, given):
    found = orjson.loads(orjson.dumps(data(people, given)))  # as the store of runs writes it
    (one,) = found["beside"]
    assert one["metric"] == "refused"
    assert one["all"]["neither"] == 4
    assert (one["all"]["kappa"], one["all"]["kappa_interval"]) == (None, None)  # both always say no
    assert found["reviewers"] == 2
    assert found["sources"][0]["name"] == "standard"
    assert "王芳" not in json.dumps(found, ensure_ascii=False)


def test_a_table_in_which_both_say_one_thing_shows_no_kappa(people, given):
    assert "<td>–</td>" in Section(people).html(given)


def test_every_word_is_there_in_both_languages():
    assert all(word.keys() == {"zh", "en"} and all(word.values()) for word in read_words().words.values())
