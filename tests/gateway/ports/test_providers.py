"""What a model costs, and what it may cost at most.

Mutants killed: a part of a millionth is given away; a sum a hair above a whole one, by rounding, costs one more; the
price of one upstream stands for all; an upstream without a known price counts as free.
"""

from __future__ import annotations

import pytest

from gateway.exchange import Usage
from gateway.ports import Call, Price, Provider, Route, Upstream


class Nobody:
    name = "nobody"

    async def open(self, call: Call) -> Upstream:
        raise NotImplementedError

    async def aclose(self) -> None:
        raise NotImplementedError


NOBODY: Provider = Nobody()


@pytest.mark.parametrize(
    ("price", "tokens", "micros"),
    [
        (Price(2, 8), Usage(1000, 500), 6000),
        (Price(2, 8), Usage(0, 0), 0),
        (Price(0.15, 0.6), Usage(1, 0), 1),  # a part of a millionth counts as one
        (Price(0.1, 0.2), Usage(3, 0), 1),
        (Price(1.1, 0), Usage(50, 0), 55),  # 50 times 1.1 is a hair more than 55 to a computer
        (Price(0, 0), Usage(9, 9), 0),
    ],
)
def test_tokens_cost_millionths_rounded_up(price: Price, tokens: Usage, micros: int) -> None:
    assert price.micros(tokens) == micros


def route(upstreams: tuple[str, ...] = (), **prices: Price) -> Route:
    return Route("m", NOBODY, "m", prices=prices, upstreams=upstreams)


@pytest.mark.parametrize(
    ("one", "highest"),
    [
        (route(a=Price(1, 9), b=Price(2, 3)), Price(2, 9)),
        (route(("a", "b"), a=Price(1, 9), b=Price(2, 3)), Price(2, 9)),
        (route(("a",), a=Price(1, 9), b=Price(2, 3)), Price(1, 9)),
        (route(("a", "b"), a=Price(1, 9)), None),
        (route(), None),
    ],
)
def test_the_highest_price_is_known_if_that_of_everybody_is(one: Route, highest: Price | None) -> None:
    assert one.highest() == highest


def test_an_upstream_without_a_price_has_none() -> None:
    assert route(a=Price(1, 2)).price_of("a") == Price(1, 2)
    assert route(a=Price(1, 2)).price_of("b") is None
