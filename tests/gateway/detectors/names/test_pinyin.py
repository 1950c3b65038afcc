"""Chinese names in Latin letters.

Mutants killed: any two syllables are a name; a place or a thing is one; an English word beside a surname is; the given
name stands behind its surname alone; a word of three syllables is a given name; what is small counts as written large.
"""

from __future__ import annotations

import pytest

from gateway.detectors.names.people_en import EnglishPeople
from gateway.detectors.names.pinyin import evidence, spoken
from gateway.detectors.names.weights import EN, read_english
from gateway.text import TextView

FIND = EnglishPeople(read_english(EN.read_bytes()), frozenset({"person"}))


def people(text: str) -> list[str]:
    return [text[found.start : found.end] for found in FIND(TextView(text)).findings if found.score >= 0.5]


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("Wei", 1),
        ("WEI", 1),
        ("Xiaoming", 2),
        ("XIAOMING", 2),
        ("Xiao-ming", 2),
        ("Xiao-Ming", 2),
        ("Xi'an", 2),
        ("Lü", 0),
        ("Xiaomingwei", 0),
        ("wei", 0),
        ("John", 0),
        ("Smith", 0),
        ("A", 0),
        ("", 0),
        ("王", 0),
    ],
)
def test_a_word_has_so_many_syllables(word: str, count: int) -> None:
    assert spoken(word) == count


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ("Zhang Xiaoming", [6, 6]),
        ("Xiaoming Zhang", [6, 6]),
        ("ZHANG Xiaoming", [6, 6]),
        ("Zheng Jun", [3, 3]),
        ("He Xiaoming", [6, 6]),
        ("He Can", [0, 0]),
        ("Hong Kong", [-6, -6]),
        ("Feng Shui", [-6, -6]),
        ("Shang Hai", [-6, -6]),
        ("John Smith", [0, 0]),
        ("Zhang", [0]),
        ("Dear Zhang Xiaoming", [0, 6, 6]),
        ("Li Hong Kong", [3, -6, -6]),
        ("", []),
    ],
)
def test_a_surname_and_a_given_name_speak_for_each_other(text: str, speaks: list[float]) -> None:
    words = text.split()
    assert evidence(words, 0, len(words)) == speaks


def test_only_the_run_is_looked_at() -> None:
    assert evidence(["Zhang", "Xiaoming", "Zhang", "Xiaoming"], 1, 3) == [6, 6]
    assert evidence(["Zhang", "Xiaoming", "Smith"], 1, 3) == [0, 0]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("I talked to Sun Baojie yesterday.", ["Sun Baojie"]),
        ("The contract was signed by ZHAO Fengxing.", ["ZHAO Fengxing"]),
        ("Contact: Jianyin Li, Beijing office", ["Jianyin Li"]),
        ("My name is Mo Ze-di and I work in Shanghai.", ["Mo Ze-di"]),
        ("请把文件发给Tang Feilei，谢谢", ["Tang Feilei"]),
        ("The museum is in Hong Kong.", []),
        ("Feng Shui for small flats", []),
    ],
)
def test_they_are_found_in_text(text: str, names: list[str]) -> None:
    assert people(text) == names
