"""What a short follow-up means with the turn before it."""

import pytest

from gateway.answers.turns import resolved
from gateway.meaning.vectors import shipped


@pytest.mark.parametrize(
    ("now", "before", "wanted"),
    [
        ("那换货呢？", "怎么申请退款", "怎么申请换货"),
        ("多久到账", "我想申请退款", "申请退款多久到账"),
        ("what about exchanges", "how do i get refunds", "how do i get exchanges"),
    ],
)
def test_a_follow_up_takes_its_place_in_the_turn_before(now: str, before: str, wanted: str) -> None:
    assert wanted in list(resolved(now, [before], shipped()))


@pytest.mark.parametrize(
    ("now", "before"),
    [
        ("那换货呢", []),
        ("", ["怎么退款"]),
        ("我想知道你们公司的退货政策具体是怎么规定的", ["怎么退款"]),
        ("？", ["怎么退款"]),
    ],
)
def test_what_stands_for_itself_stays(now: str, before: list[str]) -> None:
    assert list(resolved(now, before, shipped())) == []
