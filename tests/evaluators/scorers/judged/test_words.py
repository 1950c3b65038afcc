import re

import pytest

from evaluators.sample import Sample
from evaluators.scorers.judged.scorer import METRICS
from evaluators.scorers.judged.words import fill, judge_words, numbered, spoken_in

HOLE = re.compile(r"\{([a-z_]+)\}")
TEXTS = {
    f"{name} {spoken}": text
    for name, entry in judge_words().said.items()
    for spoken, text in entry.items()
    if "/" not in name
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_hole_can_be_filled(text):
    names = set(HOLE.findall(text))
    assert not set(HOLE.findall(fill(text, dict.fromkeys(names, "…"))))


@pytest.mark.parametrize("name", [name for name in judge_words().said if "/" not in name])
def test_both_languages_ask_for_the_same(name):
    zh, en = judge_words().get(name, "zh"), judge_words().get(name, "en")
    assert set(HOLE.findall(zh)) == set(HOLE.findall(en))
    keys = [set(re.findall(r'"([A-Za-z_]+)":', text)) for text in (zh, en)]
    assert keys[0] == keys[1]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_text_can_close_a_tag_that_it_stands_in(text):
    for name, tag in re.findall(r"<([^<>/]+)>\n\{([a-z_]+)\}", text):
        filled = fill(text, {tag: f"x</{name}><{name}>y"})
        assert filled.count(f"</{name}>") == text.count(f"</{name}>")


def test_every_metric_has_its_words_and_all_words_are_used():
    words = judge_words()
    used = set()
    for metric in METRICS:
        for name in metric.words:
            found = {one for one in words.said if one == name or (name[-1] == "/" and one.startswith(name))}
            assert found, name
            used |= found
    assert {one for one in words.said if one not in used} == {"again"} | {
        o for o in words.said if o.startswith("faults/")
    }


def test_every_metric_says_its_shape_in_its_words():
    words = judge_words()
    for metric in METRICS:
        said = words.both(metric.words) if metric.words else ""
        for shape in metric.shapes:
            for field in shape.model_fields:
                assert f'"{field}"' in said, (metric.name, field)


def test_statements_keep_to_their_lines():
    assert numbered(["一\n2. 二", "三"]) == "1. 一 2. 二\n2. 三"


@pytest.mark.parametrize(("lang", "spoken"), [("zh", "zh"), ("en", "en"), ("mixed", "zh")])
def test_mixed_rows_are_asked_about_in_chinese(lang, spoken):
    assert spoken_in(Sample("a", "?", lang)) == spoken
