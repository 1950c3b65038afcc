import random
from collections import Counter
from dataclasses import replace

import pytest
from kit.reviewing import rows

from evaluators.review.doubt import UNSCORED
from evaluators.review.draw import draw, fair, spread, text_digest
from evaluators.review.item import STANDARD
from evaluators.review.rubric import load_rubric
from evaluators.sample import Failure, Response
from evaluators.score import Unscored

RUBRIC = load_rubric("safety")


def drawn(runs, **options):
    return draw(runs, RUBRIC, **{"size": 100, "seed": 7, "uncertain": 0.5, "most": 6, **options})


def judged(row, **cells):
    return replace(row, cells=cells)


def test_answers_of_all_runs_to_one_question_come_together_with_the_standard_answer():
    found = drawn({"one": rows("one"), "two": rows("two")})
    assert len(found.items) == 4
    for item, behind in zip(found.items, found.behind, strict=True):
        texts = {answer.id: answer.text for answer in item.answers}
        sources = {origins[0].source: texts[id] for id, origins in behind.answers.items()}
        assert sources.keys() == {"one", "two", STANDARD}
        assert sources["one"].startswith("one 说")
        assert all(origin.digest == text_digest(texts[id]) for id, all_ in behind.answers.items() for origin in all_)


def test_the_same_words_are_shown_once_and_stand_for_all_who_said_them():
    same = [replace(row, answer=Response("一样 the same")) for row in rows("one", 1)]
    found = drawn({"one": same, "two": [replace(same[0], repetition=1)]})
    assert sorted(len(origins) for origins in found.behind[0].answers.values()) == [1, 2]


def test_nothing_that_people_see_says_where_an_answer_comes_from():
    found = drawn({"direct-model-x": rows("answer"), "gateway": rows("reply")})
    for item in found.items:
        told = f"{item.id} {[answer.id for answer in item.answers]} {item}"
        assert not any(word in told for word in ("direct-model-x", "gateway", "row0", "refused", "fraud"))


def test_questions_with_the_same_id_but_other_words_are_not_one():
    other = [replace(row, sample=replace(row.sample, question=row.sample.question + "？")) for row in rows("two")]
    assert len(drawn({"one": rows("one"), "two": other}).items) == 8


def test_the_same_seed_gives_the_same_sample_and_another_seed_another():
    runs = {"one": rows("one", 60)}
    assert drawn(runs, size=10) == drawn(runs, size=10)
    first, second = drawn(runs, size=10), drawn(runs, size=10, seed=8)
    assert {b.row for b in first.behind} != {b.row for b in second.behind}
    assert not {item.id for item in first.items} & {item.id for item in second.items}


def test_what_nobody_answered_is_left_out_and_counted():
    given = rows("one")
    given[2] = replace(given[2], answer=Failure("timeout"))
    found = drawn({"one": given})
    assert (len(found.items), found.unanswered) == (3, 1)


def test_the_standard_answer_stays_when_there_are_more_answers_than_room():
    runs = {name: rows(name, 1) for name in "abcdef"}
    (item,), (behind,) = (found := drawn(runs, most=3)).items, found.behind
    assert len(item.answers) == 3
    assert STANDARD in {origins[0].source for origins in behind.answers.values()}


def test_a_bank_answers_where_the_row_has_no_reference():
    row = rows("one", 1)[0]
    bare = [replace(row, sample=replace(row.sample, reference=None))]
    found = drawn({"one": bare}, bank=lambda sample: ("经批准的答案", "refund@3"))
    origins = [origin for all_ in found.behind[0].answers.values() for origin in all_ if origin.source == STANDARD]
    assert [(origin.row, origin.repetition) for origin in origins] == [("refund@3", -2)]
    assert len(drawn({"one": bare}, bank=lambda sample: None).items[0].answers) == 1


def test_the_least_certain_come_first_and_get_their_share():
    given = rows("one", 40)
    for at in range(8):
        given[at] = judged(given[at], refused=Unscored("judge_unsure"))
    found = drawn({"one": given}, size=10, uncertain=0.5)
    assert Counter(behind.drawn for behind in found.behind) == {"uncertain": 5, "random": 5}
    degrees = [behind.doubt for behind in found.behind]
    assert degrees == sorted(degrees, reverse=True)
    assert all(b.doubt == UNSCORED and b.why == ("unscored:refused",) for b in found.behind if b.drawn == "uncertain")


def test_where_few_are_doubtful_chance_gets_the_room():
    given = rows("one", 40)
    given[3] = judged(given[3], refused=Unscored("judge_unsure"))
    found = drawn({"one": given}, size=10, uncertain=0.9)
    assert len(found.items) == 10
    assert sum(behind.drawn == "uncertain" for behind in found.behind) <= 1
    assert any(behind.row == "row3" for behind in found.behind)


def test_the_part_by_chance_gives_every_question_the_same_chance():
    given = rows("one", 30)  # strata of very different size
    for at in range(2):
        given[at] = judged(given[at], refused=Unscored("judge_unsure"))
        given[at] = replace(given[at], outcome="unscored")
    hits = Counter()
    for seed in range(400):
        hits.update(b.row for b in drawn({"one": given}, size=6, uncertain=0, seed=seed).behind)
    assert len(hits) == 30
    assert 45 < min(hits.values()) <= max(hits.values()) < 120  # 80 each


@pytest.mark.parametrize("total", [0, 1, 3, 7, 40, 999])
def test_shares_add_up_and_fit(total):
    sizes = {"a": 1, "b": 9, "c": 0, "d": 20}
    for start in (0.0, 0.3, 0.999):
        shares = fair(sizes, total, start)
        assert sum(shares.values()) == min(total, 30)
        assert all(0 <= shares[name] <= size for name, size in sizes.items())
    shares = spread(sizes, total)
    assert sum(shares.values()) == min(total, 30)
    assert all(0 <= shares[name] <= size for name, size in sizes.items())
    assert total < 3 or min(share for name, share in shares.items() if sizes[name]) >= 1


def test_fair_shares_are_right_in_the_long_run():
    rng, totals = random.Random(1), Counter()
    for _ in range(4000):
        totals.update(fair({"a": 1, "b": 2, "c": 7}, 3, rng.random()))
    assert [totals[name] / 4000 for name in "abc"] == pytest.approx([0.3, 0.6, 2.1], abs=0.03)
