"""Which entries are near a question: all compared, or found through an index; and what a bank shows of itself."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.answers.entry import Entry
from gateway.answers.ways import Near, Ways, sense
from gateway.meaning.pieces import plain
from gateway.meaning.vectors import shipped

ENTRIES = (
    Entry("refund", ("怎么申请退款", "我想把钱退回来", "退款流程", "how do i get a refund")),
    Entry("exchange", ("怎么换货", "我要换一件新的", "换货的步骤")),
    Entry("none"),
    Entry("pin", ("how do i change my pin", "i forgot my pin", "set a new pin")),
    Entry("code", ("错误代码E5021是什么意思",)),
)


def near(ways: Ways, question: str, allowed: np.ndarray | None = None) -> list[Near]:
    return ways.near(ways.read(plain(question), shipped()), allowed)


@pytest.mark.parametrize("exact", [50_000, 3], ids=["compared", "searched"])
@pytest.mark.parametrize(
    ("question", "entry"),
    [("退款要怎么办理", 0), ("想换个新的", 1), ("my pin is forgotten", 3), ("APP报E5021", 4), ("换货", 1)],
)
def test_the_nearest_entry_is_found_either_way(question: str, entry: int, exact: int) -> None:
    assert near(Ways(ENTRIES, shipped(), exact=exact), question)[0].number == entry


@pytest.mark.parametrize("exact", [50_000, 3], ids=["compared", "searched"])
def test_what_may_not_speak_is_not_found(exact: int) -> None:
    ways = Ways(ENTRIES, shipped(), exact=exact)
    found = near(ways, "怎么申请退款", np.array([False, True, True, True, True]))
    assert found
    assert all(one.number != 0 for one in found)
    assert near(ways, "怎么申请退款", np.zeros(5, bool)) == []


@pytest.mark.parametrize("exact", [50_000, 3], ids=["compared", "searched"])
def test_the_very_question_stands_before_all(exact: int) -> None:
    found = near(Ways(ENTRIES, shipped(), exact=exact), "我想把钱退回来！")
    assert (found[0].number, found[0].best) == (0, 1)
    assert found[0].ways >= 2 > found[1].ways


def test_no_ways_no_entries() -> None:
    assert near(Ways((Entry("none"),), shipped()), "退款") == []


def test_an_entry_without_ways_between_others_takes_none_of_theirs() -> None:
    ways = Ways(ENTRIES, shipped())
    assert {one.number for one in near(ways, "pin")} <= {0, 1, 3, 4}


def test_many_ways_are_first_compared_in_part_and_the_nearest_wholly(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = near(Ways(ENTRIES, shipped()), "怎么才能退钱")
    monkeypatch.setattr("gateway.answers.ways._ALL", 3)
    part = near(Ways(ENTRIES, shipped()), "怎么才能退钱")
    assert [one.number for one in part][:2] == [one.number for one in whole][:2]
    assert part[0].ways == pytest.approx(whole[0].ways, abs=1e-4)


def test_of_thousands_of_ways_the_entries_found_are_those_that_all_directions_find(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deeds = ("怎么申请{}", "{}在哪里办", "{}要多久", "我想取消{}", "how do i renew {}", "{} is lost")
    signs = "退换租借票证卡货款单"
    things = [a + b + c for a in signs for b in signs for c in "甲乙丙丁"]
    entries = [
        Entry(f"{thing}{number}", (deed.format(thing),)) for thing in things for number, deed in enumerate(deeds)
    ]
    first = Ways(entries, shipped())
    monkeypatch.setattr("gateway.answers.ways._ALL", len(entries))
    wholly = Ways(entries, shipped())
    assert (first._wide is None, wholly._wide is None) == (False, True)
    same, nearest = 0, 0
    for thing in things[::7]:
        question = f"请问{thing}多久能办好"
        one, other = near(first, question), near(wholly, question)
        nearest += one[0].number == other[0].number
        same += len({each.number for each in one} & {each.number for each in other})
    asked = len(things[::7])
    assert nearest == asked
    assert same >= 0.98 * 6 * asked


def test_what_differs_between_ways_of_one_entry_comes_to_count_less() -> None:
    rng = np.random.default_rng(1)
    centres = rng.standard_normal((40, 16)).astype(np.float32)
    owners = np.repeat(np.arange(40), 30)
    noise = (0.8 * rng.standard_normal((1200, 16))).astype(np.float32)
    noise[:, 0] = 4 * rng.standard_normal(1200)  # matters to nobody
    rows = centres[owners] + noise
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    turn = sense(rows, owners, 40)
    assert turn is not None
    turned = turn(rows)

    def right(some: np.ndarray) -> float:
        near = some @ some.T
        np.fill_diagonal(near, -1)
        return float((owners[near.argmax(1)] == owners).mean())

    assert right(turned) > right(rows) + 0.03
    assert np.allclose(np.linalg.norm(turned, axis=1), 1, atol=1e-5)


def test_one_way_for_each_entry_shows_nothing() -> None:
    assert sense(np.eye(4, dtype=np.float32), np.arange(4), 4) is None


def test_in_a_small_bank_a_word_is_as_rare_as_elsewhere() -> None:
    ways = Ways((Entry("a", ("怎么退款",)),), shipped())
    assert ways.stock.weight("款") > ways.stock.weight("怎")
