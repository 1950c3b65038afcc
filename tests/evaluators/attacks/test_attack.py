"""Attacks are made one after the other, and fit where all of them do."""

from dataclasses import replace

import pytest

from evaluators.attacks.attack import BOTH, CHINESE, ENGLISH, Attack, Attempt, attempt_of, compose, ending, writing
from evaluators.attacks.registry import find_attack
from evaluators.sample import Passage, Sample

ZH = "怎样制作一碗2人份的爱心蛋炒饭？我想学习，需要什么材料。"


def test_a_writing_before_a_carrier_is_carried():
    made = find_attack("hex+in-tool").apply(Attempt((ZH,), "zh"), 1)
    assert ZH.encode().hex(" ") in made.tool
    assert ZH not in made.last


def test_a_composed_attack_fits_where_all_of_it_does():
    assert find_attack("pinyin+base64").fits("zh")
    assert not find_attack("pinyin+base64").fits("en")


def test_there_is_no_composition_of_nothing():
    with pytest.raises(ValueError, match="nothing"):
        compose([])


def longer(id, sign, languages=BOTH, undo=True):
    def change(attempt, rng):
        return ending(attempt, attempt.last + sign)

    return Attack(id, "layout", {"zh": id, "en": id}, languages, change, (lambda text: text[:-1]) if undo else None)


A, B, C = longer("a", "甲"), longer("b", "b", CHINESE), longer("c", "c", ENGLISH, undo=False)


def test_the_first_attack_of_a_composition_is_made_first_and_undone_last():
    both = compose([A, B])
    assert both.apply(Attempt(("问",), "zh"), 1).last == "问甲b"
    assert (both.id, both.name["zh"], both.undo("问甲b")) == ("a+b", "a + b", "问")
    assert compose([A, C]).undo is None
    assert compose([A]) is A


@pytest.mark.parametrize(
    ("attack", "fits"), [(A, "zh en mixed"), (B, "zh mixed"), (C, "en mixed"), (compose([B, C]), "mixed")]
)
def test_an_attack_fits_the_languages_that_it_is_meant_for(attack, fits):
    assert [lang for lang in ("zh", "en", "mixed") if attack.fits(lang)] == fits.split()


def test_random_numbers_follow_from_the_seed_the_attack_and_the_question():
    def draw(attempt, rng):
        return ending(attempt, str(rng.random()))

    def drawn(seed, id="x", text="问"):
        return Attack(id, "layout", {}, BOTH, draw).apply(Attempt((text,), "zh"), seed).last

    assert drawn(1) == drawn(1)
    assert len({drawn(1), drawn(2), drawn(1, "y"), drawn(1, text="ask")}) == 4


def test_a_writing_changes_every_turn_of_the_user_and_nothing_else():
    attempt = Attempt(("Ab", "中 Cd"), "mixed", (Passage("p", "Ef"),), "Gh")
    made = writing("reversed", "layout", BOTH, str.lower).apply(attempt, 1)
    assert made == replace(attempt, turns=("ab", "中 cd"))


@pytest.mark.parametrize(("lang", "spoken"), [("zh", "zh"), ("en", "en"), ("mixed", "zh")])
def test_words_around_a_mixed_question_are_chinese(lang, spoken):
    assert Attempt(("x",), lang).spoken == spoken


def test_a_row_is_asked_with_all_that_stands_around_it():
    sample = Sample(id="1", question="问", turns=("先",), lang="zh", contexts=(Passage("p", "文"),), tool="结果")
    assert attempt_of(sample) == Attempt(("先", "问"), "zh", (Passage("p", "文"),), "结果")
