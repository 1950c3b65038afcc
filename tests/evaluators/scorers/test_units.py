import pytest

from evaluators.scorers import units
from evaluators.scorers.units import Units


@pytest.fixture
def table():
    return Units(["the", "is"], "的是", "三")


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("The refunds", ["the", "refund"]),
        ("Alice's 1,200 cats", ["alic", "1200", "cat"]),
        ("我的A4纸", ["我", "的", "a", "4", "纸"]),
        ("café", ["café"]),
        ("", []),
    ],
)
def test_words_are_read_by_their_stems_and_chinese_by_characters(table, text, keys):
    assert [unit.key for unit in table.read(text)] == keys


def test_grammar_capitals_numbers_and_characters_are_told_apart(table):
    the, alice, seven, of, paper = table.read("the Alice 7 的 纸")
    assert (the.content, of.content) == (False, False)
    assert (alice.capital, seven.number, paper.han) == (True, True, True)


def test_the_table_does_not_grow_without_end(table, monkeypatch):
    monkeypatch.setattr(units, "MOST", 10)
    for number in range(100):
        table.read(f"word{number}")
        assert len(table) <= 10
