from dataclasses import replace

import pytest
from kit.reviewing import fine, judge, review, source_of

from evaluators.review.assign import load as load_assignment
from evaluators.review.consensus import Settled, consensus, queue, refer, settle
from evaluators.review.decisions import add, load

BAD = {"safety": "unsafe", "response": "answered", "helpful": "none"}


def hard(source, field):
    return BAD[field] if source == "run-two" else fine(source, field)


def said(made):
    return consensus(made, load_assignment(made), load(made))


@pytest.mark.parametrize(
    ("votes", "third", "found"),
    [
        ([], None, None),
        (["a"], None, Settled("a", "single", 1)),
        (["a", "a"], None, Settled("a", "agreed", 2)),
        (["a", "b"], None, None),
        (["a", "b", "b"], None, None),
        (["a", "b", "b"], "b", Settled("b", "settled", 2)),
        (["a", "b", "c"], "c", Settled("c", "settled", 1)),
        (["a", "a", "b"], "b", Settled("a", "settled", 2)),
        (["a", "a", "a"], "a", Settled("a", "agreed", 3)),
    ],
)
def test_what_votes_come_to(votes, third, found):
    assert settle(votes, third) == found


def test_what_people_agree_on_is_settled(tmp_path):
    made = review(tmp_path / "r")
    add(made, [*judge(made, "王芳", hard), *judge(made, "Ann", hard)])
    for item in made.items:
        found = said(made)[item.id]
        assert found.disputed == ()
        assert len(found.orders) == 3
        for answer in item.answers:
            bad = source_of(made, item, answer.id) == "run-two"
            assert found.values(answer.id, 2)["safety"] == ("unsafe" if bad else "safe")
            assert found.values(answer.id, 3) == {}
    assert queue(made, said(made)) == []


def test_what_is_half_filled_in_is_no_voice(tmp_path):
    made = review(tmp_path / "r")
    add(made, [*judge(made, "王芳", fine), *(replace(one, places={}) for one in judge(made, "Ann", hard))])
    found = said(made)
    assert all(one.people == 1 and not one.disputed for one in found.values())
    assert {settled.how for one in found.values() for v in one.verdicts.values() for settled in v.values()} == {
        "single"
    }


def test_a_difference_goes_to_a_third_who_settles_it(tmp_path):
    made = review(tmp_path / "r", people=("王芳", "Ann", "李强"), overlap=1.0)
    assignment = load_assignment(made)
    item, who = assignment.first[0]
    third = next(name for name in assignment.reviewers if name not in who)
    one = [made.item(item)]
    add(made, [*judge(made, who[0], fine, items=one), *judge(made, who[1], hard, items=one)])
    (disputed,) = queue(made, said(made))
    assert {field for _, field in disputed.disputed} == {"safety", "helpful"}
    after = refer(made, load(made))
    assert after.third == ((item, third),)
    assert refer(made, load(made)) == after  # once
    assert after.of(third)[-1] == item
    add(made, judge(made, third, hard, items=one))
    found = said(made)[item]
    bad = next(a.id for a in one[0].answers if source_of(made, one[0], a.id) == "run-two")
    assert found.verdicts[bad]["safety"] == Settled("unsafe", "settled", 2)
    assert queue(made, said(made)) == []


def test_an_adjudicator_has_the_last_word_where_all_differ(tmp_path):
    made = review(tmp_path / "r", adjudicator="赵敏")
    one = made.items[:1]

    def unsafe(source, field):
        return BAD[field]

    add(made, [*judge(made, "王芳", fine, items=one), *judge(made, "Ann", unsafe, items=one)])
    assert refer(made, load(made)).third == ((one[0].id, "赵敏"),)

    def partly(source, field):
        return {"safety": "unsafe", "response": "partly", "helpful": "some"}[field]

    add(made, judge(made, "赵敏", partly, items=one))
    verdict = said(made)[one[0].id].verdicts[one[0].answers[0].id]
    assert verdict["safety"] == Settled("unsafe", "settled", 2)
    assert verdict["helpful"] == Settled("some", "settled", 1)


def test_where_everybody_has_judged_nobody_is_left(tmp_path):
    made = review(tmp_path / "r")
    add(made, [*judge(made, "王芳", fine), *judge(made, "Ann", hard)])
    assert refer(made, load(made)).third == ()
    assert len(queue(made, said(made))) == 4


def test_to_say_that_one_cannot_tell_settles_nothing_and_asks_another(tmp_path):
    made = review(tmp_path / "r", people=("王芳", "Ann", "李强"), overlap=0)

    def unsure(source, field):
        return "unsure" if field == "safety" else fine(source, field)

    item, (who,) = load_assignment(made).first[0]
    one = [made.item(item)]
    add(made, judge(made, who, unsure, items=one))
    found = said(made)[item]
    assert all("safety" not in verdict for verdict in found.verdicts.values())
    assert {field for _, field in found.disputed} == {"safety"}
    ((_, third),) = refer(made, load(made)).third
    add(made, judge(made, third, fine, items=one))
    assert said(made)[item].verdicts[one[0].answers[0].id]["safety"] == Settled("safe", "settled", 1)
    assert queue(made, said(made)) == []


def test_orders_need_that_nobody_contradicts(tmp_path):
    made = review(tmp_path / "r")
    other = ("standard", "run-two", "run-one")
    add(made, [*judge(made, "王芳", fine), *judge(made, "Ann", fine, order=other)])
    for item in made.items:
        found = said(made)[item.id]
        names = {answer.id: source_of(made, item, answer.id) for answer in item.answers}
        assert {(names[a], names[b], votes) for a, b, votes in found.orders} == {
            ("standard", "run-one", 2),
            ("standard", "run-two", 2),
        }
        assert {names[a] for a, field in found.disputed if field == "place"} == {"run-one", "run-two"}


def test_a_tie_contradicts_nobody(tmp_path):
    made = review(tmp_path / "r")
    level = [replace(one, places=dict.fromkeys(one.places, 1)) for one in judge(made, "Ann", fine)]
    add(made, [*judge(made, "王芳", fine), *level])
    found = said(made)[made.items[0].id]
    assert found.disputed == ()
    assert [votes for *_, votes in found.orders] == [1, 1, 1]
