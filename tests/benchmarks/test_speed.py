import asyncio
import itertools
import json
from math import isnan, nan

import pytest

from benchmarks.speed.load import LoadError, Reply, load
from benchmarks.speed.measure import STREAMS
from benchmarks.speed.report import document, noise, report, verdicts
from benchmarks.speed.stats import difference, middle, percentile, ratio, spread
from benchmarks.speed.table import table, width
from benchmarks.speed.targets import Target, targets
from benchmarks.speed.texts import DELTAS, PACED, PATHS, Requests, words
from benchmarks.speed.upstream import Upstream, pieces_of

QUANTITIES = [f"{what}_{at}" for what in ("rps", "p50", "p99", "first50", "first99") for at in (1, 32)]


def body(request: bytes) -> dict:
    return json.loads(request.partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([3, 1, 2], 0.5, 2), ([1, 2, 3, 4], 0.5, 2), (range(1, 101), 0.99, 99), ([7], 0.99, 7), ([5, 9], 1.0, 9)],
)
def test_a_percentile_is_a_value_that_was_seen(values, share, expected):
    assert percentile(list(values), share) == expected


def test_of_nothing_there_is_no_number():
    assert isnan(percentile([], 0.5))
    assert isnan(middle([]))


def test_a_ratio_is_taken_within_each_round_so_that_drift_cancels():
    assert ratio([100, 50, 10], [200, 100, 20]) == 0.5
    assert difference([11, 21, 100], [10, 20, 30]) == 1
    assert spread([90, 100, 110]) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        (Target("share", 0.5, 0.5, at_least=True), True),
        (Target("share", 0.49, 0.5, at_least=True), False),
        (Target("added", 1.0, 1.0, " ms"), True),
        (Target("added", 1.01, 1.0, " ms"), False),
        (Target("added", nan, 1.0, " ms"), False),
        (Target("share", nan, 0.5, at_least=True), False),
    ],
)
def test_a_promise_is_kept_up_to_its_limit_and_never_without_a_number(target, kept):
    assert target.kept is kept
    assert ("MISSED" in " ".join(target.row())) is not kept


def measured(base_rate: float = 300.0):
    """What a round might give."""
    row = {key: [1.0] for key in QUANTITIES} | {"memory": [100.0], "rps_32": [1000.0]}
    talks = {"talk_1": [1.0], "talk_50": [1.4], "cpu_1": [900.0], "cpu_50": [1200.0], "delta": [40.0]}
    streams = {f"{what}_{kind}": [8.0] for what in ("sps", "word", "cpu") for kind in STREAMS}
    empty = {**row, **streams, "rps_32": [600.0], "delta": [70.0]}
    base = row | talks | streams | {"rps_32": [base_rate], "sps_messages": [2.0]}
    return {"direct": row, "bare": row | talks | streams, "empty": empty, "base": base}


@pytest.mark.parametrize(("rate", "missed"), [(300.0, []), (200.0, ["base policy ÷ bare proxy, requests/s at 32"])])
def test_targets_name_what_was_missed(rate, missed):
    assert [target.name for target in targets(measured(rate)) if not target.kept] == missed


def test_a_report_has_every_row_and_the_document_every_round():
    rows = measured()
    shown = report(rows) + verdicts(targets(rows)) + noise(rows)
    assert all(name in shown for name in ("(a) direct", "(c) gateway, policy empty", "(d) gateway, policy base"))
    assert "nginx" not in shown
    line = next(line for line in shown.splitlines() if "messages · (d)" in line)
    assert [cell.strip() for cell in line.split("│")[2:4]] == ["2", "0.25"]
    assert json.loads(json.dumps(document(rows, targets(rows), {})))["rows"]["base"]["rps_32"] == [300.0]


def test_tables_are_aligned_where_characters_take_two_columns():
    lines = table("表", ["", "数"], [["中文", "1"], ["latin", "22"]]).splitlines()[1:]
    assert {width(line) for line in lines} == {width(lines[0])}


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


@pytest.mark.parametrize("cut", [1, 7, 40, 10_000])
@pytest.mark.parametrize(
    "response",
    [Upstream.whole, b"".join(Upstream.stream), *Upstream.others.values()],
    ids=["whole", "stream", "responses", "messages"],
)
def test_an_answer_is_complete_with_its_last_byte_however_it_is_cut(response, cut):
    reply = Reply()
    done = [reply.feed(response[at : at + cut]) for at in range(0, len(response), cut)]
    assert done == [False] * (len(done) - 1) + [True]
    assert reply.ok
    assert reply.spoke


def test_an_error_and_a_first_event_without_words_are_seen_as_such():
    failed, silent = Reply(), Reply()
    assert failed.feed(b"HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n{}")
    assert not failed.ok
    silent.feed(b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1f\r\ndata: {"delta":{"content":""}}\n\n\r\n')
    assert not silent.spoke


def test_a_paced_stream_has_its_deltas():
    said = b"".join(Upstream.paced).count(b'"content":')
    assert said == DELTAS
    assert pieces_of("一二三四五", 2) == ["一二", "三四", "五"]


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


async def served(protocol):
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


@pytest.mark.parametrize(
    ("stream", "dialect"), [(False, "chat"), (True, "chat"), (True, "responses"), (True, "messages")]
)
async def test_the_load_generator_asks_as_often_as_it_is_told(stream, dialect):
    server, port = await served(Upstream)
    async with server:
        leg = await load(port, Requests(itertools.count(1), stream=stream, dialect=dialect), at_once=3, each=4)
    assert (len(leg.times), leg.failed) == (12, 0)
    assert len(leg.firsts) == 12
    assert all(first <= whole for first, whole in zip(leg.firsts, leg.times, strict=True))


async def test_a_server_that_closes_connections_is_an_error():
    class Closes(asyncio.Protocol):
        def connection_made(self, transport):
            transport.close()

    server, port = await served(Closes)
    async with server:
        with pytest.raises(LoadError, match="closed"):
            await load(port, Requests(itertools.count(1)), at_once=1, each=1)


def test_a_paced_request_is_told_from_others():
    assert body(Requests(itertools.count(1), stream=True, model=PACED)())["model"] == PACED
