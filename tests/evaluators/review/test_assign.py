from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.review.assign import Assignment, assign, known, names_of
from gateway.errors import ConfigError

ITEMS = [f"q{at}" for at in range(30)]


@given(
    count=st.integers(0, 40),
    people=st.integers(1, 6),
    overlap=st.floats(0, 1),
    each=st.integers(2, 4),
    seed=st.integers(0, 99),
)
@settings(max_examples=80, deadline=None)
def test_everybody_gets_about_as_much_and_nobody_an_item_twice(count, people, overlap, each, seed):
    names = [f"p{at}" for at in range(people)]
    items = ITEMS[:count]
    shared = assign(items, names, overlap=overlap, each=each, seed=seed)
    assert [item for item, _ in shared] == items
    for _, who in shared:
        assert len(set(who)) == len(who)
        assert len(who) in (1, min(each, people))
    assert sum(len(who) > 1 for _, who in shared) == (round(len(items) * overlap) if people > 1 else 0)
    load = Counter(name for _, who in shared for name in who)
    loads = [load[name] for name in names]
    assert max(loads) - min(loads) <= 1


def test_the_same_seed_gives_the_same_and_what_is_judged_stays():
    names = ["王芳", "Ann"]
    first = assign(ITEMS, names, overlap=0.5, each=2, seed=1)
    assert first == assign(ITEMS, names, overlap=0.5, each=2, seed=1)
    assert first != assign(ITEMS, names, overlap=0.5, each=2, seed=2)
    done = [("q3", "Gone"), ("q4", "Ann")]
    again = dict(assign(ITEMS, names, overlap=0, each=2, seed=2, done=done))
    assert again["q3"] == ("Gone",)
    assert again["q4"] == ("Ann",)
    busy = [("q4", "Ann"), *((f"q{at}", "王芳") for at in range(5, 12))]
    for seed in range(5):  # whoever has least to do: nobody is a second voice to themselves
        several = dict(assign(ITEMS, names, overlap=1, each=2, seed=seed, done=busy))
        assert all(set(who) == {"Ann", "王芳"} and len(who) == 2 for who in several.values())


def test_those_to_settle_come_last_and_once():
    made = Assignment(("a", "b"), "c", (("q1", ("a",)), ("q2", ("b",))), (("q2", "a"), ("q1", "a"), ("q1", "c")))
    assert made.of("a") == ("q1", "q2")
    assert made.of("c") == ("q1",)
    assert made.people == ("a", "b", "c")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a", "a "], "twice"),
        ([" "], "cannot be"),
        (["a/b"], "cannot be"),
        (["x" * 61], "cannot be"),
        (["a\x00"], "cannot"),
    ],
)
def test_names_that_are_none_are_refused(names, message):
    with pytest.raises(ConfigError, match=message):
        names_of(names)


def test_an_unknown_reviewer_is_told_with_what_was_meant():
    made = Assignment(("王芳", "Annette"), "")
    assert known(" 王芳 ", made) == "王芳"
    with pytest.raises(ConfigError, match="Annette"):
        known("Anette", made)
    with pytest.raises(ConfigError, match="eval review assign"):
        known("Ann", Assignment())
