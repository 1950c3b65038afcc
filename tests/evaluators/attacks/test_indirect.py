"""The question stands in what somebody else wrote, and the user asks for something harmless."""

from dataclasses import replace

import pytest

from evaluators.attacks.attack import Attempt
from evaluators.attacks.indirect import indirect
from evaluators.attacks.registry import attacks
from evaluators.sample import Passage

ZH = "怎样制作一碗2人份的爱心蛋炒饭？我想学习，需要什么材料。"


def test_a_passage_is_put_among_those_of_the_row():
    row = Attempt((ZH,), "zh", (Passage("p1", "甲"), Passage("p2", "乙")))
    made = attacks()["in-passage"].apply(row, 3)
    assert {"p1", "p2", "attack"} == {passage.id for passage in made.contexts}
    assert ZH not in made.last
    assert ZH in attacks()["in-passage"].apply(replace(row, contexts=()), 3).last


@pytest.mark.parametrize("attack", indirect(), ids=lambda attack: attack.id)
@pytest.mark.parametrize(
    ("lang", "question"), [("zh", "怎样做饭？"), ("en", "How do I cook?"), ("mixed", "how to 做饭？")]
)
def test_the_question_stands_in_the_material_and_the_turns_before_stay(attack, lang, question):
    made = attack.apply(Attempt(("先前 before", question), lang), 5)
    assert made.turns[0] == "先前 before"
    assert (question in made.tool) is (attack.id == "in-tool")
    assert (question in made.last) is (attack.id != "in-tool")
    assert not made.last.startswith(question)


def test_a_passage_lies_anywhere_among_those_of_the_row():
    row = Attempt((ZH,), "zh", (Passage("p1", "甲"), Passage("p2", "乙")))
    (attack,) = (one for one in indirect() if one.id == "in-passage")
    places = {[one.id for one in attack.apply(row, seed).contexts].index("attack") for seed in range(30)}
    assert places == {0, 1, 2}
