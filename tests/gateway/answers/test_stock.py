"""What ways are compared by is the same, kept when the bank was made or read when somebody asks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from gateway.answers.compare import against, key, marks, read
from gateway.answers.stock import Stock
from gateway.meaning.pieces import grams, plain
from gateway.meaning.vectors import Known, shipped

TEXTS = [
    *map(plain, ("怎么申请退款", "怎么撤销订单", "how do i get a refund", "能转3万元吗", "APP打不开", "¥")),
    *map(plain, ("怎么申请退款？", "不能退款吗", "how do i get a refund!", "")),
]


class Other:
    """Another source than the table: three numbers for each text."""

    width, version = 3, "other"

    def of(self, folded: str) -> Known:
        row = np.array([len(folded), folded.count("退"), 1], np.float32)
        return Known(row / np.linalg.norm(row), 1)


@pytest.mark.parametrize("large", [False, True], ids=["kept", "read when asked for"])
@pytest.mark.parametrize("question", ["怎么取消退款", "can i get my refund?", "app 打不开怎么办", "能转5万元吗", "?"])
def test_figures_are_those_of_the_texts(question: str, large: bool) -> None:
    stock = Stock(TEXTS, shipped(), large=large)
    folded = plain(question)
    told = shipped().of(folded)
    said = stock.asked(read(folded, told.vector, told))
    mine = set(grams(folded))
    total = sum(map(stock.weight, mine)) or 1.0
    assert said.total == pytest.approx(total)
    for at, seen in enumerate(stock.figures(said, range(len(TEXTS)))):
        theirs = set(grams(TEXTS[at]))
        both = sum(map(stock.weight, mine & theirs))
        assert seen.covered == pytest.approx(both / total)
        assert seen.covering == pytest.approx(both / (sum(map(stock.weight, theirs)) or 1.0))
        assert seen.meaning == pytest.approx(float(told.vector @ shipped().of(TEXTS[at]).vector), abs=1e-5)
        assert seen.same == (key(folded) == key(TEXTS[at]))
        assert seen[5:] == against(marks(folded), marks(TEXTS[at]))
    shared = stock.shared(said, range(len(TEXTS)))
    assert shared == pytest.approx([sum(map(stock.weight, mine & set(grams(text)))) for text in TEXTS])


@pytest.mark.parametrize(
    ("question", "ways"), [("怎么申请退款！", [0, 6]), ("how do i get a refund", [2, 8]), ("退款", []), ("", [5, 9])]
)
def test_the_very_question_is_found_whatever_its_signs(question: str, ways: Sequence[int]) -> None:
    assert Stock(TEXTS, shipped()).same(key(plain(question))) == ways


def test_what_another_source_says_is_what_meaning_is() -> None:
    source = Other()
    stock = Stock(TEXTS, source)
    folded = plain("退款要多久")
    said = stock.asked(read(folded, source.of(folded).vector, shipped().of(folded)))
    seen = stock.figures(said, [0, 2])
    wanted = [min(1.0, float(source.of(folded).vector @ source.of(TEXTS[at]).vector)) for at in (0, 2)]
    assert [one.meaning for one in seen] == pytest.approx(wanted)
    assert stock.rows([1]).tolist() == [source.of(TEXTS[1]).vector.tolist()]
    table = Stock(TEXTS, shipped())
    told = shipped().of(folded)
    again = table.figures(table.asked(read(folded, told.vector, told)), [0, 2])
    assert [one.apart for one in seen] == [one.apart for one in again]


def test_nothing_near_is_nothing_compared() -> None:
    stock = Stock(TEXTS, shipped())
    told = shipped().of("退款")
    assert stock.figures(stock.asked(read("退款", told.vector, told)), []) == []
