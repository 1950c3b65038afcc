"""Every attack is deterministic, and what it asks can be read back."""

import base64
import re

import pytest

from evaluators.attacks.attack import Attempt, words
from evaluators.attacks.registry import attacks, find_attack
from gateway.errors import ConfigError

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


def test_names_joined_by_plus_change_one_after_the_other():
    both = find_attack("pinyin+base64")
    made = both.apply(Attempt(("你好",), "zh"), 1)
    assert base64.b64decode(made.last).decode() == "ni hao"
    assert both.name["en"] == "Pinyin + Base64"
    exact = find_attack("reversed+hex")
    assert exact.undo(exact.apply(Attempt((ZH,), "zh"), 1).last) == ZH
    assert find_attack("leetspeak+base64").undo is None


@pytest.mark.parametrize(("name", "hint"), [("pinying", "pinyin"), ("base64+", "lists them"), ("", "lists them")])
def test_an_unknown_attack_is_named_with_a_way_out(name, hint):
    with pytest.raises(ConfigError, match=hint):
        find_attack(name)
