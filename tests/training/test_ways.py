"""What the teacher reads: what it never reads, and that ways of asking the same stand together."""

import json
import random
from pathlib import Path

import pytest
import yaml

from training import ways


def data(folder: Path) -> Path:
    for name, rows in {
        "some": [{"q": "今天的天气怎么样？我们出去走走"}, {"q": "How do I get there from the station?"}],
        "banking77": [{"q": "这一句话是不能读到的"}],
        "lex_houbb": [{"q": "这一句话也是不能读的"}],
    }.items():
        (folder / name).mkdir()
        (folder / name / "a.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
        (folder / name / "SOURCE").write_text("这里写的是来源而已", "utf-8")
    return folder


def test_sentences_are_read_but_not_of_held_out_sets_nor_of_lists(tmp_path: Path) -> None:
    chinese, english = ways.sentences(data(tmp_path))
    assert chinese == ["今天的天气怎么样？", "我们出去走走"]
    assert english == ["How do I get there from the station?"]


GROUPS = [["怎么{v}{n}", "{v}{n}的流程", "如何{v}{n}"], ["{n}和{n2}哪个好", "{n}跟{n2}选哪个"]]
WORDS = {"n": [[["发票", "票据"]]], "v": [[["开", "开具"]]]}


def test_a_group_asks_one_thing_with_words_that_stand_for_each_other() -> None:
    made = list(ways._groups(GROUPS, 40, WORDS, random.Random(1)))
    assert len(made) == 40
    assert all("{" not in text for group in made for text in group)
    assert {"怎么开票据", "怎么开具发票", "怎么开"} <= {text for group in made for text in group}


def test_ways_written_for_training_have_places_that_are_filled() -> None:
    asked = yaml.safe_load(Path(ways.__file__).with_name("asked.yaml").read_text("utf-8"))
    known = {"zh": {"{n}", "{n2}", "{v}"}, "en": {"{w}", "{w2}"}}
    for tongue, places in known.items():
        for group in asked[tongue].values():
            assert len(group) == len(set(group)) >= 3
            for way in group:
                assert any(place in way for place in places), way


def test_a_package_that_is_not_installed_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(SystemExit, match="training"):
        ways.package("no_such_package")


def test_questions_that_ask_the_same_stand_together_and_strangers_with_what_they_look_like() -> None:
    one = ways.Group("怎么退款", ("想把钱退回来", "退钱怎么弄"), ("退货运费谁出",))
    other = ways.Group("how do i pay", ("ways of paying", "怎么退款"), ("who pays",))
    kin, strangers, halves, written = ways._written([[one], [other]], 10)
    named = {10 + at: text for at, text in enumerate(written)}
    assert [[named[at] for at in group] for group in kin] == [
        [one.ask, *one.same],
        ["how do i pay", "ways of paying"],
    ]
    assert [(named[a], named[b]) for a, b in strangers] == [("退货运费谁出", "怎么退款"), ("who pays", "how do i pay")]
    assert {named[at] for at in halves[1]} == {"how do i pay", "ways of paying", "怎么退款", "who pays"}


def test_further_sentences_are_short_questions_first_and_none_that_was_read() -> None:
    chinese = ["天气不错我们走", "你吃了吗", "今天是什么日子"]
    found = ways._further((chinese, ["fine day", "are you there?"]), {"你吃了吗"})
    assert found == ["今天是什么日子", "天气不错我们走", "are you there?", "fine day"]
