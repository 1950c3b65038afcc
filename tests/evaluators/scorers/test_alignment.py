import pytest

from evaluators.scorers.alignment import pieces, read_passages, take_apart
from evaluators.scorers.words import load_words

WORDS = load_words()


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("电池的保修", ["电池", "保修"]),
        ("保修三年", ["保修"]),
        ("The refunds are paid", ["refund", "paid"]),
        ("Sluice 网关", ["sluic", "网关"]),
    ],
)
def test_terms_are_stems_and_pairs_of_characters(text, terms):
    assert take_apart(text, WORDS).terms == terms


def test_a_long_sentence_is_read_in_pieces():
    assert {len(piece) for piece in pieces("字" * 1000)} == {400, 200}


@pytest.mark.parametrize(
    ("text", "denied"),
    [("不支持退货", {"支持", "持退", "退货"}), ("It is not covered by us", {"cover"}), ("支持退货", set())],
)
def test_what_is_denied_stands_after_the_denial(text, denied):
    assert take_apart(text, WORDS).denied == denied


def test_both_sides_of_a_pair_of_opposites_are_seen():
    one, other = take_apart("价格上涨", WORDS).signs, take_apart("价格下跌", WORDS).signs
    assert any({one[pair], other.get(pair)} == {1, 2} for pair in one)


def test_one_passage_is_like_the_passage_alone():
    texts = ("甲方付款。乙方交货。", "Parking is free.")
    alone, among = read_passages(texts[1:], WORDS), read_passages(texts, WORDS).one(1)
    assert (alone.keys, alone.pairs, alone.index) == (among.keys, among.pairs, among.index)


def test_clauses_share_the_numbers_of_their_sentence():
    sentence = take_apart("整机保修两年，电池保修一年。", WORDS)
    assert [[number.raw for number in clause.numbers] for clause in sentence.clauses] == [[2], [1]]
