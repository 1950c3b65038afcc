import pytest

from training.planted import answers, is_chinese, parts

ZH = [
    "云杉公司成立于1998年，总部设在杭州。公司现有员工320人，主要生产保温杯。2015年起，公司向海外出口产品。",
    "青石镇位于河谷北部，全镇面积46平方公里。镇上每年三月举办梨花节，游客可以免费参观果园。镇里没有高铁站。",
    "松叶茶需要用八十度的水冲泡，时间不超过3分钟。饮用前应当滤去茶渣，容易失眠的人晚上不要饮用。",
] * 4
EN = [
    "Cedar Labs was founded in 1998 by Alice Gray. The company has 320 employees and is based in Oslo. Its first "
    "product was a small lamp, and it sold more than 4,000 of them in 2001.",
    "The Harbour Museum opened in 1975 in Bergen. Visitors can see 40 old ships, and entry is free on Mondays. The "
    "museum was closed for repairs in 2012 because the roof had leaked.",
] * 4


@pytest.mark.parametrize("passages", [ZH, EN])
def test_the_same_seed_plants_the_same_and_another_something_else(passages):
    assert list(answers(passages, 3)) == list(answers(passages, 3))
    assert list(answers(passages, 3)) != list(answers(passages, 4))


@pytest.mark.parametrize("passages", [ZH, EN])
def test_errors_of_every_kind_are_planted_beside_as_many_true_answers(passages):
    made = [one for seed in range(30) for _, one in answers(passages, seed)]
    assert {one.kind for one in made} >= {"", "number", "denial", "exchange", "entity", "addition"}
    assert 0.4 < sum(one.true for one in made) / len(made) < 0.65


@pytest.mark.parametrize("passages", [ZH, EN])
def test_a_planted_error_is_in_no_passage_word_for_word(passages):
    for passage, one in answers(passages, 5):
        if one.kind not in ("", "unrelated"):
            assert one.answer not in passage


def test_true_answers_are_reworded_too():
    made = [(passage, one) for passage, one in answers(ZH, 2) if one.true]
    assert any(one.answer not in passage for passage, one in made)


def test_parts_are_whole_sentences():
    assert parts(ZH[0])[0] == "云杉公司成立于1998年，总部设在杭州。"
    assert parts(EN[0])[0] == "Cedar Labs was founded in 1998 by Alice Gray."
    assert (is_chinese(ZH[0]), is_chinese(EN[0])) == (True, False)
