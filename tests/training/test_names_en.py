"""Names in sentences become labels of words, and figures count whole names."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from training.names_en import _conll, _said, made_up, mark, mixed, random_word, renamed, spans, unmarked


@pytest.mark.parametrize(
    ("text", "marked", "words", "labels"),
    [
        ("Ask Ann Lee now", [(4, 11, "person")], ["Ask", "Ann", "Lee", "now"], ["none", "person", "person", "none"]),
        ("Ask Ann", [], ["Ask", "Ann"], ["none", "none"]),
        ("Ann", [(0, 2, "person")], ["Ann"], ["none"]),  # part of a word is no name
    ],
)
def test_a_word_inside_of_a_span_has_its_label(
    text: str, marked: list[tuple[int, int, str]], words: list[str], labels: list[str]
) -> None:
    assert mark(text, marked) == (words, labels)


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        ("", set()),
        ("pp", {(0, 2)}),
        (".pp.p", {(1, 3), (4, 5)}),
        ("ppl", {(0, 2)}),
        ("lpp", {(1, 3)}),
        ("ll", set()),
    ],
)
def test_runs_of_one_label_are_whole_names(labels: str, found: set[tuple[int, int]]) -> None:
    named = {"p": "person", "l": "place", ".": "none"}
    assert spans([""] * len(labels), [named[one] for one in labels], "person") == found  # type: ignore[misc]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_made_up_name_is_written_as_names_are_and_the_same_for_one_seed(size: int) -> None:
    def made(seed: int) -> list[list[str]]:
        source = random.Random(seed)
        return [made_up(source, ["Ann", "Bo"], ["Lee", "Kay"], size) for _ in range(50)]

    assert made(1) == made(1) != made(2)
    assert all(word[0].isupper() for name in made(1) for word in name)
    assert all(1 <= len(name) <= 3 for name in made(1))


def test_lines_of_a_set_are_words_with_labels_and_an_address_of_a_tweet_is_nobody(tmp_path: Path) -> None:
    place = tmp_path / "some.conll"
    place.write_text("Ask O\n@ O\nann B-PER\nLee I-PER\n\nIn O\nOslo B-location\n", encoding="utf-8")
    assert list(_conll(place)) == [
        (["Ask", "@", "ann", "Lee"], ["none", "none", "none", "person"]),
        (["In", "Oslo"], ["none", "place"]),
    ]


def test_a_sentence_comes_again_with_other_people_in_it() -> None:
    lists = {"ann", "bo"}, {"lee", "kay"}, {"house"}
    sentence = (["I", "met", "Ann", "Lee", "today"], ["none", "none", "person", "person", "none"])
    again = list(renamed(lists, [sentence, (["no", "one"], ["none", "none"])]))
    assert len(again) == 2
    for words, labels in again:
        assert len(words) == len(labels)
        assert words[:2] + words[-1:] == ["I", "met", "today"]
        assert labels.count("person") >= 2


def test_english_sentences_of_sets_are_found_in_every_kind_of_file(tmp_path: Path) -> None:
    from training.names_en import _UNMARKED

    for name in _UNMARKED:
        (tmp_path / name).mkdir()
    lines = {
        "q": ["Yesterday Mr Smith went to Oslo alone. He was never seen again.", 3],
        "z": "王先生 met Ann Lee in Oslo.",
    }
    (tmp_path / "halueval" / "a.jsonl").write_text("\n".join([json.dumps(lines)] * 2), encoding="utf-8")
    (tmp_path / "begin" / "b.tsv").write_text(
        "the Ann and the Lee sat in a garden\nno capitals here at all", encoding="utf-8"
    )
    (tmp_path / "coconot" / "SOURCE").write_text("This File and That File are not read by anybody.", encoding="utf-8")
    assert unmarked(tmp_path) == [
        ["Yesterday", "Mr", "Smith", "went", "to", "Oslo", "alone", "."],
        ["the", "Ann", "and", "the", "Lee", "sat", "in", "a", "garden"],
    ]
    assert unmarked(tmp_path) == unmarked(tmp_path)


def test_chinese_sentences_with_a_latin_word_are_found_in_sets_and_in_written_texts(tmp_path: Path) -> None:
    from training.names_en import _MIXED

    for name in _MIXED:
        (tmp_path / name).mkdir()
    (tmp_path / "cold" / "a.txt").write_text("请用Excel画一张图。再发给我看看", encoding="utf-8")
    written = tmp_path / "written"
    written.mkdir()
    family = "families:\n  - id: one\n    texts: [怎么用Photoshop修图]\n"
    (written / "some.yaml").write_text(f"language: zh\nrisks: []\nkind: instruction\n{family}", encoding="utf-8")
    assert ["".join(words) for words in mixed(tmp_path, written)] == [
        "请用Excel画一张图。",
        "怎么用Photoshop修图",
    ]


def test_strings_are_found_however_deep_they_lie() -> None:
    assert list(_said([{"a": ["b", {"c": "d"}], "e": 1}, "f"])) == ["b", "d", "f"]


def test_a_made_up_word_sounds_the_same_for_one_seed() -> None:
    assert random_word(random.Random(4)) == random_word(random.Random(4))
