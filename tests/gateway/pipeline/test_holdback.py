"""Hold-back as a dialogue: push, look, settle, close."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.pipeline.holdback import HoldBack, Settled, joined
from gateway.ports import Scan
from gateway.text import TextView
from gateway.verdict import Finding


def found(start: int, end: int, risk: str = "r") -> Finding:
    return Finding(start, end, risk, 1.0, "d")


def test_text_that_nobody_holds_leaves_at_once() -> None:
    hold = HoldBack()
    view = hold.push("你好")
    assert (view.text, view.start, view.final) == ("你好", 0, False)
    assert hold.settle(view, [Scan((), 2)]) == ("你好", ())
    assert hold.settle(hold.close(), []) == ("", ())


def test_text_waits_from_where_a_detector_is_still_undecided() -> None:
    hold = HoldBack()
    assert hold.settle(hold.push("他因贩"), [Scan((), 3), Scan((), 2)]).text == "他因"
    view = hold.push("卖水果")
    assert view.text[view.start :] == "贩卖水果"
    assert hold.settle(view, [Scan((), len(view.text))]).text == "贩卖水果"


def test_the_next_view_shows_one_character_of_what_has_left() -> None:
    hold = HoldBack()
    hold.settle(hold.push("abc"), [Scan((), 3)])
    view = hold.push("d")
    assert (view.text, view.start) == ("cd", 1)


def test_the_look_behind_counts_folded_characters() -> None:
    hold = HoldBack()
    hold.settle(hold.push("ab\u200b\u200b"), [Scan((), 4)])
    view = hold.push("c")
    assert (view.text, view.start) == ("b\u200b\u200bc", 3)


def test_text_of_invisible_characters_only_has_nothing_to_look_behind_to() -> None:
    hold = HoldBack()
    assert hold.settle(hold.push("\u200b\u200b"), [Scan((), 2)]).text == "\u200b\u200b"
    view = hold.push("a")
    assert (view.text[: view.start], view.text[view.start :]) == ("\u200b\u200b", "a")


def test_what_a_detector_keeps_of_an_answer_is_there_in_its_next_view_and_in_no_other_answer() -> None:
    hold, other = HoldBack(), HoldBack()
    view = hold.push("a")
    assert view.kept == {}
    view.kept["detector"] = 1
    assert (hold.push("b").kept, hold.close().kept, other.push("a").kept) == ({"detector": 1}, {"detector": 1}, {})
    assert TextView("a").kept is None


def test_a_wider_look_behind_can_be_asked_for() -> None:
    hold = HoldBack(context=3)
    hold.settle(hold.push("abcdef"), [Scan((), 6)])
    assert hold.push("g").text == "defg"


def test_a_finding_is_never_split_between_two_releases() -> None:
    hold = HoldBack()
    settled = hold.settle(hold.push("ab12345"), [Scan((found(2, 7),), 7), Scan((), 4)])
    assert settled == ("ab", ())
    view = hold.push("c")
    at = view.start
    settled = hold.settle(view, [Scan((found(at, at + 5),), len(view.text))])
    assert settled == ("12345c", (found(0, 5),))


def test_findings_that_overlap_in_a_chain_all_wait_for_the_last() -> None:
    hold = HoldBack()
    chain = (found(1, 4), found(3, 6), found(5, 8))
    assert hold.settle(hold.push("abcdefgh"), [Scan(chain, 8), Scan((), 7)]) == ("a", ())


def test_findings_before_the_look_behind_ends_are_not_told_twice() -> None:
    hold = HoldBack()
    hold.settle(hold.push("ab1"), [Scan((found(2, 3),), 3)])
    view = hold.push("c")
    assert hold.settle(view, [Scan((found(0, 1),), 2)]) == ("c", ())


def test_offsets_are_those_of_the_released_text_and_in_its_order() -> None:
    hold = HoldBack()
    hold.settle(hold.push("xx"), [Scan((), 2)])
    view = hold.push("a1b2")
    late, early = found(4, 5), found(2, 3)
    assert hold.settle(view, [Scan((late,), 5), Scan((early,), 5)]).findings == (found(1, 2), found(3, 4))


def test_the_last_view_lets_everything_go_whatever_a_detector_holds() -> None:
    hold = HoldBack()
    assert hold.settle(hold.push("贩"), [Scan((), 0)]).text == ""
    view = hold.close()
    assert view.final
    assert hold.settle(view, [Scan((), 0)]).text == "贩"


def test_an_open_before_the_start_holds_but_takes_nothing_back() -> None:
    hold = HoldBack()
    hold.settle(hold.push("ab"), [Scan((), 2)])
    assert hold.settle(hold.push("cd"), [Scan((), 0)]).text == ""
    assert hold.settle(hold.close(), [Scan((), 0)]).text == "cd"


@pytest.mark.parametrize(
    ("pushed", "left"),
    [('"\\u8d', '"'), ('"a\\', '"a'), ("x\\ud83d\\ude0", "x"), ('"\\\\', '"\\\\'), ("x\\ud83d", "x")],
)
def test_a_json_escape_is_never_cut(pushed: str, left: str) -> None:
    hold = HoldBack(escaped=True)
    view = hold.push(pushed)
    assert view.escaped
    assert hold.settle(view, [Scan((), len(pushed))]).text == left
    assert hold.settle(hold.close(), [Scan((), 0)]).text == pushed[len(left) :]


def test_outside_of_json_a_backslash_is_a_character() -> None:
    hold = HoldBack()
    assert hold.settle(hold.push("C:\\u8d"), [Scan((), 6)]).text == "C:\\u8d"


def test_the_question_is_on_every_view() -> None:
    hold = HoldBack(question="问")
    assert hold.push("答").question == "问"
    assert hold.close().question == "问"


def test_what_has_left_is_carried_as_far_as_it_was_asked_for() -> None:
    hold = HoldBack(behind=3)
    view = hold.push("abcdef")
    assert (view.before, view.offset, view.answer) == ("", 0, True)
    hold.settle(view, [Scan((), 6)])
    view = hold.push("g")
    assert (view.before, view.text, view.offset) == ("abcde", "fg", 5)
    hold.settle(view, [Scan((), 2)])
    assert (hold.close().before, hold.close().offset) == ("abcdef", 6)
    hold.settle(hold.push("h"), [Scan((), 2)])
    assert hold.push("i").before == "efg"


def test_nobody_asks_and_nothing_is_carried() -> None:
    hold = HoldBack()
    hold.settle(hold.push("abcdef"), [Scan((), 6)])
    assert (hold.push("g").before, hold.push("").offset) == ("", 5)


@pytest.mark.parametrize("escaped", [False, True])
@given(pieces=st.lists(st.text("ab\u200b毒"), max_size=12), behind=st.integers(1, 5))
def test_however_little_can_be_seen_of_it_what_was_asked_for_is_there(
    escaped: bool, pieces: list[str], behind: int
) -> None:
    hold = HoldBack(escaped=escaped, behind=behind)
    said = ""
    for piece in pieces:
        text = piece.replace("a", "\\u0061") if escaped else piece
        view = hold.push(text)
        said += text
        assert said == said[: view.offset] + view.text
        assert said[: view.offset].endswith(view.before)
        seen = len(TextView(view.before, escaped=escaped).folded.text)
        assert seen >= min(behind, len(TextView(said[: view.offset], escaped=escaped).folded.text))
        hold.settle(view, [Scan((), len(view.text))])


@settings(deadline=None)
@given(
    st.lists(st.text("a1\u200b毒", max_size=6), max_size=8),
    st.lists(st.integers(0, 12), min_size=9, max_size=9),
    st.lists(st.tuples(st.integers(0, 8), st.integers(1, 5)), max_size=5),
)
def test_nothing_is_lost_doubled_or_split(deltas: list[str], holds: list[int], spans: list[tuple[int, int]]) -> None:
    hold = HoldBack()
    out = ""
    for number, delta in enumerate([*deltas, None]):
        view = hold.close() if delta is None else hold.push(delta)
        size = len(view.text)
        findings = tuple(found(view.start + at, min(size, view.start + at + n)) for at, n in spans)
        findings = tuple(f for f in findings if f.start < f.end)
        text, inside = hold.settle(view, [Scan(findings, view.start + holds[number])])
        out += text
        edge = view.start + len(text)
        assert len(text) <= (size if view.final else holds[number])
        assert not any(f.start < edge < f.end for f in findings)
        assert all(0 <= f.start < f.end <= len(text) for f in inside)
        assert len(inside) == sum(f.end <= edge for f in findings)
    assert out == "".join(deltas)


@pytest.mark.parametrize(
    ("text", "spans", "sizes", "expected"),
    [
        ("你好吗", [], [1, 1, 1], ["你", "好", "吗"]),
        ("你好吗", [], [2, 5], ["你好", "吗"]),
        ("你好", [], [1, 2, 3], ["你", "好", ""]),
        ("ab毒品c", [(2, 4)], [3, 1, 1], ["ab", "毒品", "c"]),
        ("ab毒品c", [(0, 4), (2, 4)], [1, 2, 2], ["", "", "ab毒品c"]),
        ("0123456", [(0, 3), (2, 6)], [4, 1, 2], ["", "", "0123456"]),
        ("", [], [0, 2], ["", ""]),
        ("all", [], [3], ["all"]),
    ],
)
def test_what_was_judged_together_leaves_in_the_parts_it_came_in_but_no_finding_is_split(
    text: str, spans: list[tuple[int, int]], sizes: list[int], expected: list[str]
) -> None:
    whole = Settled(text, tuple(found(*span) for span in spans))
    parts = list(whole.parts(sizes))
    assert [part.text for part in parts] == expected
    assert [part.text[f.start : f.end] for part in parts for f in part.findings] == [text[a:b] for a, b in spans]
    assert joined(parts) == whole


def test_an_escape_goes_to_the_part_in_which_it_ends() -> None:
    text = 'a\\u6bd2b\\"c'
    parts = [part.text for part in Settled(text, ()).parts([1] * len(text), escaped=True)]
    assert [part for part in parts if part] == ["a", "\\u6bd2", "b", '\\"', "c"]
    assert len(parts) == len(text)
