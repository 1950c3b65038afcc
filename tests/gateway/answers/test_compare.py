"""What speaks against a match: numbers, negations, what is asked for, words that turn a question round."""

import pytest

from gateway.answers.compare import against, key, marks
from gateway.meaning.pieces import plain

NAMES = ("numbers", "negation", "kinds", "turned")


@pytest.mark.parametrize(
    ("question", "known", "said"),
    [
        ("怎么开通短信通知", "怎么关闭短信通知", {"turned"}),
        ("how do i activate my card", "how do i cancel my card", {"turned"}),
        ("能转5万元吗", "能转3万元吗", {"numbers"}),
        ("可以退款", "不能退款", {"negation", "kinds"}),
        ("退款多久", "退款多少钱", {"kinds"}),
        ("why is my card", "where is my card", {"kinds"}),
        ("怎么退款", "如何退款", set()),
        ("有没有优惠券", "是否有优惠券", set()),
        ("退款满5元可以吗", "退款可以吗", set()),
        ("不能开通5G吗 app", "不能开通5G吗 app", set()),
    ],
)
def test_what_speaks_against_is_named(question: str, known: str, said: set[str]) -> None:
    seen = against(marks(plain(question)), marks(plain(known)))
    assert {name for name, there in zip(NAMES, seen, strict=True) if there} == said


def test_the_same_but_for_signs_is_the_same() -> None:
    assert key(plain("怎么退款？")) == key(plain("如何退款"))
