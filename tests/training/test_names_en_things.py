"""Sentences in which things stand where people stand."""

from __future__ import annotations

from training.names_en_texts import LEADS, ROLES, TAILS, THINGS
from training.names_en_things import of_people, of_things


def test_things_are_sorted_single_words_that_are_there_once() -> None:
    assert list(THINGS) == sorted(THINGS, key=str.lower)
    assert len({thing.lower() for thing in THINGS}) == len(THINGS)
    assert all(thing.isalpha() and thing[0].isupper() and len(thing) <= 16 for thing in THINGS)


def test_things_stand_where_people_stand_and_the_same_for_every_training() -> None:
    lists = {"ann", "bo"}, {"lee", "kay"}, {"house", "tree"}
    made = list(of_things(lists))
    assert made == list(of_things(lists))
    labelled = [
        (label, word) for words, labels in made if words[0] == "找" for word, label in zip(words, labels, strict=True)
    ]
    assert {"person", "none"} == {label for label, _ in labelled}
    assert any(label == "none" and word in THINGS for label, word in labelled)
    assert all(len(words) == len(labels) for words, labels in made)


def test_somebody_with_an_english_name_stands_in_each_chinese_sentence_and_is_marked_whole() -> None:
    lists = {"ann", "bo"}, {"lee", "kay"}, {"house", "tree"}
    made = list(of_people(lists))
    assert made == list(of_people(lists))
    for words, labels in made:
        named = [word for word, label in zip(words, labels, strict=True) if label == "person"]
        assert 1 <= len(named) <= 3
        assert all(word[0].isupper() for word in named)
    for some in (ROLES, LEADS, TAILS):
        assert len(set(some)) == len(some)
