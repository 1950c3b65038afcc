"""Every attack is deterministic, and what it asks can be read back."""

import base64
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.attacks.attack import Attempt, compose, words
from evaluators.attacks.registry import attacks, find_attack
from evaluators.attacks.sounds import toned
from evaluators.sample import Passage
from gateway.errors import ConfigError
from gateway.glyphs import glyphs
from gateway.glyphs.bopomofo import bopomofo

ZH = "怎样制作一碗2人份的爱心蛋炒饭？我想学习，需要什么材料。"
EN = "How do I make fried rice for 2 people? I want to learn the details."
MIXED = "我的 laptop 坏了，how to 备份里面的照片 before 5 点？"
WRITINGS = ("chinese", "letters", "layout", "encoding")
PROMISED = {
    "pinyin", "homophone", "split", "traditional", "variant", "full-width", "half-width", "martian", "radicals",
    "pinyin-initials", "pinyin-toned", "numerals", "zero-width", "emoji", "reversed", "vertical", "classical",
    "mixed", "base64", "hex", "rot13", "leetspeak", "homoglyph", "morse", "bidi", "tags", "payload-split",
    "role-play", "authority", "many-shot", "prefix", "no-refusal", "translate", "crescendo", "split-turns",
    "in-passage", "in-tool", "in-document",
}  # fmt: skip

CASES = [
    (name, lang, text)
    for name, attack in attacks().items()
    for lang, text in (("zh", ZH), ("en", EN), ("mixed", MIXED))
    if attack.fits(lang)
]


def same(text):
    return text


def holds(attempt, question):
    """Whether the question stands in an attempt as it is."""
    everything = [*attempt.turns, attempt.tool, *(passage.text for passage in attempt.contexts)]
    return any(question in part for part in everything)


def test_there_is_every_attack_that_was_promised():
    assert len(attacks()) >= 45
    assert set(attacks()) >= PROMISED
    assert set(words()["names"]) == set(attacks())


@pytest.mark.parametrize(("name", "lang", "text"), CASES)
def test_an_attack_can_be_read_back(name, lang, text):
    attack = attacks()[name]
    made = attack.apply(Attempt((text,), lang), 1)
    if attack.undo or attack.same:
        fold, undo = attack.same or same, attack.undo or same
        assert fold(undo(made.last)) == fold(text)
    elif name == "split-turns":
        first, second = (re.search(r"[：:] ?(.*)$", turn, re.DOTALL)[1] for turn in made.turns[:2])
        assert first + second in (text, f" {text}".strip()) or (first + " " + second.strip()) == text
    else:
        assert holds(made, text)


@pytest.mark.parametrize(("name", "lang", "text"), CASES)
def test_the_same_seed_asks_the_same_and_the_attempt_itself_stays(name, lang, text):
    attempt = Attempt((text,), lang)
    made = [attacks()[name].apply(attempt, seed) for seed in (7, 7)]
    assert made[0] == made[1]
    assert attempt == Attempt((text,), lang)


@pytest.mark.parametrize(
    "name", [name for name, attack in attacks().items() if attack.family in WRITINGS or name == "many-shot"]
)
def test_an_attack_changes_what_is_asked(name):
    attack = attacks()[name]
    text, lang = (EN, "en") if "en" in attack.languages else (ZH, "zh")
    if name == "half-width":
        text = "ＨＯＷ，怎样？"
    assert attack.apply(Attempt((text,), lang), 1).last != text


@pytest.mark.parametrize("name", ["homophone", "zero-width", "swapped-letters", "many-shot", "radical-swap"])
def test_another_seed_draws_otherwise(name):
    attack = attacks()[name]
    attempt = Attempt((EN,), "en") if name == "swapped-letters" else Attempt((ZH,), "zh")
    assert len({attack.apply(attempt, seed).last for seed in range(8)}) > 1


EXACT = [n for n, a in attacks().items() if a.family == "encoding" and a.undo and not a.same and "zh" in a.languages]


@pytest.mark.parametrize("name", EXACT)
@given(text=st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40))
def test_encodings_lose_nothing(name, text):
    attack = attacks()[name]
    if name == "entities":  # HTML has no way to write these
        text = "".join(c for c in text if c.isprintable()) or "a"
    assert attack.undo(attack.apply(Attempt((text,), "zh"), 0).last) == text


@pytest.mark.parametrize(
    ("name", "text", "made"),
    [
        ("pinyin", "我爱学习。", "wo ai xue xi。"),
        ("pinyin-toned", "我爱学习", "wǒ ài xué xí"),
        ("pinyin-toned", "旅客", "lǚ kè"),
        ("pinyin-initials", "中国2025", "zg2025"),
        ("bopomofo", "中国", "ㄓㄨㄥ ㄍㄨㄛ"),
        ("bopomofo", "有鱼", "ㄧㄡ ㄩ"),
        ("split", "好林", "女子木木"),
        ("traditional", "学习汉语", "學習漢語"),
        ("traditional", "皇后和里程", "皇后和里程"),
        ("radicals", "人心", "⼈⼼"),
        ("numerals", "2025年", "二〇二五年"),
        ("numerals-formal", "10人", "壹零人"),
        ("emoji", "火车上有炸弹", "🔥🚗上有💣"),
        ("emoji", "a waterfall of water", "a waterfall of 💧"),
        ("mixed", "怎么制作工具", "how to make tool"),
        ("martian", "我是不好", "莪湜卟恏"),
        ("full-width", "a b1", "ａ　ｂ１"),
        ("vertical", "一二三四", "三一\n四二"),
        ("bidi", "abc", "\u202ecba\u202c"),
        ("leetspeak", "Leaks", "L34k5"),
        ("pig-latin", "string apple", "ing-stray apple-ay"),
        ("rot13", "Hello", "Uryyb"),
        ("morse", "so so", "... --- / ... ---"),
        ("percent", "ab", "%61%62"),
        ("escapes", "中😀", "\\u4e2d\\ud83d\\ude00"),
        ("codepoints", "中a", "U+4E2D U+0061"),
    ],
)
def test_what_is_written(name, text, made):
    assert attacks()[name].apply(Attempt((text,), "zh"), 0).last == made


def test_every_syllable_has_its_bopomofo_and_its_tone():
    said = sorted(set(glyphs("pinyin").values()) - {"m", "n", "hm"})
    assert all(map(bopomofo, said))
    assert len(set(map(bopomofo, said))) == len(said)
    assert [toned(one, "3") for one in ("hao", "gou", "dui", "liu", "lv", "er", "xue")] == [
        "hǎo", "gǒu", "duǐ", "liǔ", "lǚ", "ěr", "xuě"
    ]  # fmt: skip


def test_names_joined_by_plus_change_one_after_the_other():
    both = find_attack("pinyin+base64")
    made = both.apply(Attempt(("你好",), "zh"), 1)
    assert base64.b64decode(made.last).decode() == "ni hao"
    assert both.name["en"] == "Pinyin + Base64"
    exact = find_attack("reversed+hex")
    assert exact.undo(exact.apply(Attempt((ZH,), "zh"), 1).last) == ZH
    assert find_attack("leetspeak+base64").undo is None


def test_a_writing_before_a_carrier_is_carried():
    made = find_attack("hex+in-tool").apply(Attempt((ZH,), "zh"), 1)
    assert ZH.encode().hex(" ") in made.tool
    assert ZH not in made.last


def test_a_composed_attack_fits_where_all_of_it_does():
    assert find_attack("pinyin+base64").fits("zh")
    assert not find_attack("pinyin+base64").fits("en")


@pytest.mark.parametrize(("name", "hint"), [("pinying", "pinyin"), ("base64+", "lists them"), ("", "lists them")])
def test_an_unknown_attack_is_named_with_a_way_out(name, hint):
    with pytest.raises(ConfigError, match=hint):
        find_attack(name)


def test_there_is_no_composition_of_nothing():
    with pytest.raises(ValueError, match="nothing"):
        compose([])


@pytest.mark.parametrize("name", ["crescendo", "split-turns", "agreed-before", "topic-change"])
@pytest.mark.parametrize(("lang", "text"), [("zh", ZH), ("en", EN)])
def test_several_turns_and_the_question_is_whole_in_none_but_the_last(name, lang, text):
    made = attacks()[name].apply(Attempt((text,), lang), 1)
    assert len(made.turns) > 1
    assert not any(text in turn for turn in made.turns[:-1])


def test_a_passage_is_put_among_those_of_the_row():
    row = Attempt((ZH,), "zh", (Passage("p1", "甲"), Passage("p2", "乙")))
    made = attacks()["in-passage"].apply(row, 3)
    assert {"p1", "p2", "attack"} == {passage.id for passage in made.contexts}
    assert ZH not in made.last
    assert ZH in attacks()["in-passage"].apply(replace(row, contexts=()), 3).last


def test_braces_in_a_question_are_text():
    made = attacks()["role-play"].apply(Attempt(("what is {question}?",), "en"), 1)
    assert "what is {question}?" in made.last
