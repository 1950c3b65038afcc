from evaluators.attacks.registry import find_attack
from evaluators.attacks.rows import asked_digest, attack_row, with_attacks
from evaluators.sample import Passage, Sample

ROW = Sample(
    "r1", "怎样煮面？", "zh", should="refuse", risk="fraud", answer="水开下面。", faithful=True, secrets=("s-77",)
)


def made(*names, rows=(ROW,), seed=1):
    return list(with_attacks(rows, [find_attack(name) for name in names], seed))


def test_each_row_stands_before_what_the_attacks_make_of_it():
    rows = made("base64", "pinyin", rows=(ROW, Sample("r2", "How?", "en")))
    assert [row.id for row in rows] == ["r1", "r1@base64", "r1@pinyin", "r2", "r2@base64"]
    assert [row.attack for row in rows] == ["", "base64", "pinyin", "", "base64"]


def test_an_attacked_row_is_judged_like_its_own_but_has_no_recorded_answer():
    row = made("pinyin")[1]
    assert (row.should, row.risk, row.secrets, row.cluster) == ("refuse", "fraud", ("s-77",), "r1")
    assert (row.plain, row.answer, row.faithful) == ("怎样煮面？", None, None)


def test_an_attack_that_changes_nothing_makes_no_row():
    assert attack_row(ROW, find_attack("numerals"), 1) is None
    assert attack_row(ROW, find_attack("rot13"), 1) is None


def test_turns_tool_and_passages_are_carried_over():
    assert len(made("crescendo")[1].turns) == 3
    assert "怎样煮面？" in made("in-tool")[1].tool
    with_passage = Sample("r", "怎样煮面？", "zh", contexts=(Passage("p", "甲"),))
    assert len(made("in-passage", rows=(with_passage,))[1].contexts) == 2


def test_the_digest_is_that_of_what_is_asked():
    one, again, other = made("homophone"), made("homophone"), made("homophone", seed=2)
    assert asked_digest(one) == asked_digest(again)
    assert asked_digest(one) != asked_digest(other)
