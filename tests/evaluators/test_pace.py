import asyncio
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.endpoint import ScriptedEndpoint, completion

from evaluators.endpoint import EndpointError, metered, open_endpoint
from evaluators.pace import Caps, Limits, Meters, OverBudget, Pace, Price, Purse, Spent, guess_tokens, usage_of


class Clock:
    """Time that passes only where somebody waits."""

    def __init__(self):
        self.now, self.waits = 0.0, []

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += seconds


def turns(limits, calls, tokens=0):
    """Return when each of some calls, begun one after the other, has its turn."""
    clock = Clock()
    pace = Pace(limits, clock, clock.sleep)

    async def go():
        times = []
        for _ in range(calls):
            await pace.turn(tokens)
            times.append(clock.now)
        return times

    return asyncio.run(go())


def test_calls_are_spaced_out_to_the_requests_of_a_minute():
    assert turns(Limits(requests=30), 4) == [0, 2, 4, 6]


def test_calls_are_spaced_out_to_the_tokens_of_a_minute():
    assert turns(Limits(tokens=6000), 3, tokens=200) == [0, 2, 4]


def test_the_stricter_limit_holds():
    assert turns(Limits(requests=60, tokens=6000), 3, tokens=300) == [0, 3, 6]


def test_without_limits_nobody_waits():
    assert turns(Limits(), 5, 1000) == [0] * 5


@given(st.floats(1, 600), st.integers(2, 30))
def test_no_minute_has_more_calls_than_it_may(requests, calls):
    times = turns(Limits(requests=requests), calls)
    for first in range(calls):
        inside = [one for one in times if times[first] <= one < times[first] + 60 - 1e-6]
        assert len(inside) <= requests + 1


def post(script, limits, seconds_of=None, calls=1, purse=None):
    """Ask so many times at once, in time that passes only by waiting."""
    clock = Clock()
    meters = Meters(purse or Purse(), clock, clock.sleep)

    async def go(url):
        with metered(meters.of(limits, Price(1.0, 2.0, "CNY"))):
            async with open_endpoint(url, attempts=2, sleep=clock.sleep) as endpoint:
                asked = [endpoint.post("/chat/completions", {"model": "m", "messages": []}) for _ in range(calls)]
                return await asyncio.gather(*asked, return_exceptions=True)

    with ScriptedEndpoint(lambda path, body: script(clock)) as endpoint:
        said = asyncio.run(go(endpoint.url))
    return said, clock, len(endpoint.asked)


def test_ten_minutes_of_429_lose_no_row():
    said, clock, asked = post(lambda clock: (429, {}) if clock.now < 600 else completion("好"), Limits(), calls=5)
    assert [one.body["choices"][0]["message"]["content"] for one in said] == ["好"] * 5
    assert 600 <= clock.now < 900
    assert asked < 150


@pytest.mark.parametrize("written", ["7", "Thu, 01 Jan 1970 00:00:00 GMT", "soon", ""])
def test_the_pause_that_the_endpoint_asks_for_is_kept(written):
    answers = iter([(429, {"retry-after": written}), completion("好")])
    _, clock, asked = post(lambda clock: next(answers), Limits())
    assert asked == 2
    assert sum(clock.waits) == (7 if written == "7" else 1)


def test_patience_has_an_end_and_then_the_reason_is_said():
    said, clock, _ = post(lambda clock: (429, {}), Limits(patience=120), calls=3)
    assert [type(one) for one in said] == [EndpointError] * 3
    assert {one.code for one in said} == {"http_429"}
    assert clock.now <= 121


def test_a_pause_beyond_patience_is_not_waited_for():
    said, clock, asked = post(lambda clock: (429, {"retry-after": "86400"}), Limits(patience=120))
    assert (said[0].code, asked, clock.now) == ("http_429", 1, 0)


def test_calls_have_a_cap_that_holds_exactly():
    purse = Purse(Caps(calls=3))
    said, _, asked = post(lambda clock: completion("好"), Limits(), calls=10, purse=purse)
    assert asked == 3
    assert sum(isinstance(one, EndpointError) and one.code == "budget" for one in said) == 7
    assert purse.refused == "calls"


def test_what_the_endpoint_counts_is_what_is_paid():
    purse = Purse()
    post(lambda clock: {**completion("好"), "usage": {"prompt_tokens": 1000, "completion_tokens": 500}}, Limits(),
         calls=2, purse=purse)  # fmt: skip
    assert purse.spent == Spent(2, 2000, 1000, pytest.approx(0.004))


def test_failed_calls_are_counted_and_not_paid():
    purse = Purse()
    post(lambda clock: (500, {}), Limits(), purse=purse)
    assert purse.spent == Spent(2, 0, 0, 0.0)


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), max_size=30), st.integers(0, 300))
def test_tokens_never_pass_the_cap_while_answers_keep_to_their_estimates(calls, cap):
    purse, held = Purse(Caps(tokens=cap)), []
    for guessed, used in calls:
        with suppress(OverBudget):
            held.append((purse.take(guessed, 0.0), min(used, guessed)))
        if len(held) > 3:
            one, really = held.pop(0)
            purse.settle(one, really, 0, 0.0)
    for one, really in held:
        purse.settle(one, really, 0, 0.0)
    assert purse.spent.tokens <= cap
    assert purse.refused in ("", "tokens")


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("你好", 2), ("abcd", 1), ("abcde", 2), ("你好abcd", 3)])
def test_tokens_are_guessed_from_what_is_written(text, tokens):
    assert guess_tokens(text) == tokens


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 4}, (3, 4)),
        ({"input_tokens": 3, "output_tokens": 4}, (3, 4)),
        ({"prompt_tokens": 3, "total_tokens": 3}, (3, 0)),
        ({"prompt_tokens": "3"}, None),
        ({"prompt_tokens": -1}, None),
        ([], None),
        (None, None),
    ],
)
def test_usage_is_read_as_both_wires_say_it(usage, counts):
    assert usage_of({"usage": usage}) == counts
