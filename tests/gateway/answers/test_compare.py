"""What speaks against a match: numbers, negations, what is asked for, words that turn a question round."""

import pytest

from gateway.answers.compare import figures, said
from gateway.meaning.vectors import shipped


@pytest.mark.parametrize(
    ("question", "known", "against"),
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
    ],
)
def test_what_speaks_against_is_named(question: str, known: str, against: set[str]) -> None:
    vectors = shipped()
    seen = figures(said(question, vectors), said(known, vectors), lambda _: 1.0, 1.0, 1.0, table=vectors)
    assert {name for name in ("numbers", "negation", "kinds", "turned") if getattr(seen, name)} == against


def test_the_same_but_for_signs_is_the_same() -> None:
    vectors = shipped()
    one, other = said("怎么退款？", vectors), said("如何退款", vectors)
    assert figures(one, other, lambda _: 1.0, 1.0, 1.0, table=vectors).same


@pytest.mark.parametrize(
    ("question", "same", "other"),
    [
        ("怎么取消订单", "怎么撤销订单", "怎么查询订单"),
        ("我的手机丢了怎么办", "我的手机不见了怎么办", "我的手机坏了怎么办"),
        ("how do i buy a ticket", "how do i purchase a ticket", "how do i refund a ticket"),
        ("app 怎么下载", "app 如何安装", "app 怎么卸载"),
    ],
)
def test_parts_that_differ_are_more_alike_where_they_mean_the_same(question: str, same: str, other: str) -> None:
    vectors = shipped()
    near, far = (
        figures(said(question, vectors), said(text, vectors), lambda _: 1.0, 1.0, 1.0, table=vectors).apart
        for text in (same, other)
    )
    assert near > far
