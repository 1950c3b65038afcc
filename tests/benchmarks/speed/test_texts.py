"""No two requests are equal, and each says whom and what it asks."""

import itertools
import json

import pytest

from benchmarks.speed.measure import STREAMS
from benchmarks.speed.texts import PACED, PATHS, Requests, words


def body(request: bytes) -> dict:
    return json.loads(request.partition(b"\r\n\r\n")[2])


def test_no_two_requests_are_equal_and_their_lengths_are_right():
    numbers = itertools.count(1)
    requests = [Requests(numbers)() for _ in range(3)] + [Requests(numbers, turns=50)()]
    assert len(set(requests)) == 4
    for request in requests:
        head, _, rest = request.partition(b"\r\n\r\n")
        assert f"content-length: {len(rest)}".encode() in head
    assert [len(body(request)["messages"]) for request in requests] == [2, 2, 2, 100]


def test_one_request_in_four_holds_personal_data_but_none_where_that_is_not_wanted():
    kinds = Requests(itertools.count(1)), Requests(itertools.count(1), private=False)
    held = [sum(b"13812345678" in one or b"@" in one for one in (kind() for _ in range(16))) for kind in kinds]
    assert held == [4, 0]


def test_equal_new_words_whatever_went_before():
    one, many = (body(Requests(itertools.count(5), turns=turns, private=False)()) for turns in (1, 50))
    assert one["messages"][-1] == many["messages"][-1]


def test_numbers_are_written_without_digits_and_never_alike():
    written = {words(number) for number in range(5000)}
    assert len(written) == 5000
    assert not any(char.isascii() or char.isdigit() for one in written for char in one)


@pytest.mark.parametrize("kind", STREAMS)
def test_a_request_of_each_kind_of_stream_says_whom_and_what_it_asks(kind):
    dialect, model = STREAMS[kind]
    request = Requests(itertools.count(1), stream=True, model=model, dialect=dialect)()
    assert request.startswith(f"POST {PATHS[dialect]} HTTP/1.1".encode())
    asked = body(request)
    assert (asked["model"], asked["stream"]) == (model, True)
    assert "共享菜园" in json.dumps(asked.get("input", asked.get("messages")), ensure_ascii=False)
    head, _, rest = request.partition(b"\r\n\r\n")
    assert f"content-length: {len(rest)}".encode() in head


def test_a_paced_request_is_told_from_others():
    assert body(Requests(itertools.count(1), stream=True, model=PACED)())["model"] == PACED
