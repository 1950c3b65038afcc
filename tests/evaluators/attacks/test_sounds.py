"""Characters are written as they sound, with their tones, and by others that sound alike."""

import pytest

from evaluators.attacks.attack import Attempt
from evaluators.attacks.registry import attacks
from evaluators.attacks.sounds import of_sound, ordinary, sound, spelled, toned
from gateway.glyphs import glyphs
from gateway.glyphs.bopomofo import bopomofo


def test_every_syllable_has_its_bopomofo_and_its_tone():
    said = sorted(set(glyphs("pinyin").values()) - {"m", "n", "hm"})
    assert all(map(bopomofo, said))
    assert len(set(map(bopomofo, said))) == len(said)
    assert [toned(one, "3") for one in ("hao", "gou", "dui", "liu", "lv", "er", "xue")] == [
        "hǎo", "gǒu", "duǐ", "liǔ", "lǚ", "ěr", "xuě"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "made"),
    [
        ("pinyin", "我爱学习。", "wo ai xue xi。"),
        ("pinyin-toned", "我爱学习", "wǒ ài xué xí"),
        ("pinyin-toned", "旅客", "lǚ kè"),
        ("pinyin-initials", "中国2025", "zg2025"),
        ("bopomofo", "中国", "ㄓㄨㄥ ㄍㄨㄛ"),
        ("bopomofo", "有鱼", "ㄧㄡ ㄩ"),
        ("pinyin", "我爱 Python 3", "wo ai Python 3"),
        ("pinyin", "no 汉字", "no han zi"),
        ("bopomofo", "a中", "a ㄓㄨㄥ"),
        ("pinyin-initials", "没有 letters", "my letters"),
    ],
)
def test_what_is_written(name, text, made):
    assert attacks()[name].apply(Attempt((text,), "zh"), 0).last == made


@pytest.mark.parametrize(
    ("text", "other"), [("我爱学习", "wo ai xue xi"), ("旅客 a", "lǚ kè A"), ("公式", "攻势"), ("OK 吗", "ok ma")]
)
def test_what_sounds_alike_is_alike_and_what_does_not_is_not(text, other):
    assert sound(other.replace("ǚ", "v").replace("è", "e")) == sound(text)
    assert sound(text) != sound(text + "好")


def test_a_tone_stands_on_the_vowel_that_carries_it_or_nowhere():
    assert [toned(one, "5") for one in ("ma", "lv")] == ["ma", "lü"]
    assert [toned(one, "2") for one in ("m", "hm")] == ["m", "hm"]


def test_ordinary_characters_are_those_that_everybody_reads():
    assert {"的", "中", "国"} <= ordinary()
    assert not {"龘", "國", "a", ""} & ordinary()
    assert len(ordinary()) == 3755  # GB 2312, first level


def test_every_character_of_a_syllable_sounds_like_it():
    for said, characters in of_sound().items():
        assert characters == tuple(sorted(characters))
        assert {glyphs("pinyin")[one] for one in characters} == {said}


@pytest.mark.parametrize(("text", "made"), [("中a国", "<中> a <国>"), ("ab", "ab"), ("中，国", "<中>，<国>"), ("", "")])
def test_spaces_stand_between_syllables_and_words(text, made):
    assert spelled(text, lambda c: f"<{c}>" if c > "一" and c != "，" else None) == made
