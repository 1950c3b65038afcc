"""Detectors over one view: judges only at the ends of clauses, errors instead of passes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from kit.plans import pattern, raising

from gateway.errors import JudgeAway, JudgeResting
from gateway.pipeline.judging import judge
from gateway.policy.plan import Band, BoundDetector
from gateway.ports import PartlyJudgedError, Scan
from gateway.text import TextView
from gateway.verdict import Finding


class Asked:
    """A judge that notes what it was asked, and finds all of it."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def __call__(self, view: TextView) -> Scan:
        self.texts.append(view.text[view.start :])
        return Scan((Finding(view.start, len(view.text), "abuse", 0.5, "whatever"),), len(view.text))


def bound(judge: Asked, scope: str = "sentence") -> BoundDetector:
    return BoundDetector("judge", scope, frozenset(["abuse"]), judge=judge)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["一句话。", "先，后", "one, two", "Really?", "啊！", "a; b", "a；b", "line\nline", "Full stop. Next"]
)
async def test_a_judge_looks_when_a_clause_has_ended(text: str) -> None:
    asked = Asked()
    await judge([bound(asked)], TextView(text))
    assert asked.texts == [text]


@pytest.mark.parametrize("text", ["一句话", "half a", "3.14", "v1.", ""])
async def test_until_then_it_is_not_asked_and_holds_the_text(text: str) -> None:
    asked = Asked()
    for clauses in (True, False):
        assert await judge([bound(asked)], TextView(text, final=False), clauses=clauses) == ([Scan((), 0)], [])
    assert asked.texts == []


async def test_at_the_end_of_the_text_it_is_asked_whatever_ends_there() -> None:
    asked = Asked()
    await judge([bound(asked)], TextView("half a", final=True))
    assert asked.texts == ["half a"]


async def test_a_judge_of_whole_texts_waits_for_the_end() -> None:
    asked = Asked()
    await judge([bound(asked, "whole")], TextView("一句。两句。", final=False), clauses=True)
    assert asked.texts == []
    await judge([bound(asked, "whole")], TextView("一句。两句。", final=True), clauses=True)
    assert asked.texts == ["一句。两句。"]


@pytest.mark.parametrize(
    ("text", "final", "clauses"),
    [
        ("一句。后", False, ["一句。"]),
        ("一句。后", True, ["一句。", "后"]),
        ("一句。两句！third one. And", False, ["一句。", "两句！", "third one. "]),
        ("Stop. N", False, ["Stop. "]),
        ("3,000,000 and 2.5, then", False, ["3,000,000 and 2.5, "]),
        ("嗯，好的，行", False, ["嗯，好的，"]),
        ("no end yet", False, []),
    ],
)
async def test_of_an_answer_on_its_way_out_it_is_asked_clause_by_clause(
    text: str, final: bool, clauses: list[str]
) -> None:
    asked = Asked()
    scans, _ = await judge([bound(asked)], TextView(text, final=final), clauses=True)
    assert asked.texts == clauses
    assert scans[0].open == sum(map(len, clauses))
    assert [text[f.start : f.end] for f in scans[0].findings] == clauses


async def test_a_clause_ends_only_where_the_others_are_certain_and_nothing_goes_on() -> None:
    asked = Asked()
    next_to = BoundDetector("n", "span", frozenset(["n"]), scan=pattern("n", "。[01]{2}"))
    await judge([next_to, bound(asked)], TextView("一句。01后来。再", final=False), clauses=True)
    assert asked.texts == ["一句。01后来。"]
    asked.texts.clear()
    scans, _ = await judge([next_to, bound(asked)], TextView("一句。0", final=False), clauses=True)
    assert asked.texts == []
    assert [scan.open for scan in scans] == [2, 0]


async def test_a_judge_is_shown_what_stands_before_the_clause_as_far_as_it_asks() -> None:
    seen: list[tuple[str, str, str]] = []

    async def look(view: TextView) -> Scan:
        seen.append((view.before, view.text[: view.start], view.text[view.start :]))
        return Scan((), len(view.text))

    detector = BoundDetector("j", "sentence", frozenset(["x"]), judge=look, behind=4)
    view = TextView("又说。一句话。再一句。", 3, final=True, before="先说过，")
    await judge([detector], view, clauses=True)
    assert seen == [("先说过，", "又说。", "一句话。"), ("", "一句话。", "再一句。")]


@pytest.mark.parametrize(
    ("low", "high", "score", "asks"),
    [
        (0.3, 0.8, 0.3, True),
        (0.3, 0.8, 0.79, True),
        (0.3, 0.8, 0.8, False),
        (0.3, 0.8, 0.29, False),
        (0.3, 0.8, None, False),
        (0.0, 0.8, None, True),
        (0.3, 1.0, 1.0, False),
    ],
)
async def test_a_judge_with_a_band_is_asked_only_where_cheaper_detectors_are_not_sure(
    low: float, high: float, score: float | None, asks: bool
) -> None:
    asked = Asked()
    found = (Finding(1, 2, "a1.b", score, "x"),) if score is not None else ()
    cheap = BoundDetector("cheap", "span", frozenset(["a1.b"]), scan=lambda view: Scan(found, len(view.text)))
    band = Band(frozenset(["a1.b"]), low, high, frozenset(["cheap"]))
    await judge([cheap, replace(bound(asked), ask=band)], TextView("一句话。"))
    assert bool(asked.texts) is asks


@pytest.mark.parametrize(
    ("risk", "detector"), [("a1.b", "other"), ("a2.b", "cheap")], ids=["another detector", "another risk"]
)
async def test_what_a_band_does_not_name_does_not_count(risk: str, detector: str) -> None:
    asked = Asked()
    found = (Finding(0, 1, risk, 0.5, "x"),)
    cheap = BoundDetector(detector, "span", frozenset([risk]), scan=lambda view: Scan(found, len(view.text)))
    band = Band(frozenset(["a1.b"]), 0.3, 0.8, frozenset(["cheap"]))
    await judge([cheap, replace(bound(asked), ask=band)], TextView("一句话。"))
    assert asked.texts == []


async def test_a_judge_is_asked_where_the_cheaper_detector_could_not_say() -> None:
    asked = Asked()
    broken = BoundDetector("cheap", "span", frozenset(["a1.b"]), scan=raising)
    band = Band(frozenset(["a1.b"]), 0.3, 0.8, frozenset(["cheap"]))
    await judge([broken, replace(bound(asked), ask=band)], TextView("一句话。"))
    assert asked.texts == ["一句话。"]


async def test_of_several_clauses_only_the_uncertain_ones_go_to_the_judge() -> None:
    asked = Asked()
    scores = {"甲": 0.5, "乙": 0.9, "丙": 0.1}

    def scan(view: TextView) -> Scan:
        found = [Finding(at, at + 1, "r", scores[c], "x") for at, c in enumerate(view.text) if c in scores]
        return Scan(tuple(found), len(view.text))

    cheap = BoundDetector("cheap", "span", frozenset(["r"]), scan=scan)
    band = Band(frozenset(["r"]), 0.3, 0.8, frozenset(["cheap"]))
    text = "这里甲。这里乙。这里丙。这里甲乙。"
    scans, _ = await judge([cheap, replace(bound(asked), ask=band)], TextView(text, final=False), clauses=True)
    assert asked.texts == ["这里甲。"]
    assert scans[-1].open == len(text)  # those that nobody asks about are not held


async def test_judges_are_asked_at_once_about_everything() -> None:
    under_way = most = 0

    async def slow(view: TextView) -> Scan:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        under_way -= 1
        return Scan((), len(view.text))

    both = [BoundDetector(id, "sentence", frozenset(["x"]), judge=slow) for id in ("a", "b")]
    await judge(both, TextView("第一句。第二句。第三句。"), clauses=True)
    assert most == 6


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TimeoutError("第二句"), "TimeoutError"),  # what others raise may quote the text
        (JudgeAway("answered with HTTP 500"), "JudgeAway: answered with HTTP 500"),
        (JudgeResting(), "JudgeResting"),
    ],
)
async def test_a_judge_that_fails_about_one_clause_has_failed_and_what_it_said_of_another_counts(
    error: Exception, reason: str
) -> None:
    async def picky(view: TextView) -> Scan:
        if "二" in view.text[view.start :]:
            raise error
        return Scan((Finding(view.start, len(view.text), "x", 0.9, "x"),), len(view.text))

    detector = BoundDetector("j", "sentence", frozenset(["x"]), judge=picky)
    scans, errors = await judge([detector], TextView("第一句。第二句。第三句。"), clauses=True)
    assert errors == [("j", reason)]
    assert [(f.start, f.end, f.detector) for scan in scans for f in scan.findings] == [(0, 4, "j"), (8, 12, "j")]


async def test_what_a_judge_found_in_a_part_counts_beside_that_it_could_not_judge_another() -> None:
    async def partly(view: TextView) -> Scan:
        raise PartlyJudgedError(JudgeAway("gone"), (Finding(view.start, view.start + 2, "x", 0.9, "x"),))

    detector = BoundDetector("j", "sentence", frozenset(["x"]), judge=partly)
    scans, errors = await judge([detector], TextView("第一句"))
    assert [f for scan in scans for f in scan.findings] == [Finding(0, 2, "x", 0.9, "j")]
    assert errors == [("j", "JudgeAway: gone")]


async def test_many_clauses_and_findings_are_sorted_out_in_linear_time() -> None:
    found = tuple(Finding(at, at + 1, "r", 0.5, "x") for at in range(0, 200_000, 4))
    cheap = BoundDetector("cheap", "span", frozenset(["r"]), scan=lambda view: Scan(found, len(view.text)))

    async def look(view: TextView) -> Scan:
        return Scan((), len(view.text))

    band = Band(frozenset(["r"]), 0.3, 0.8, frozenset(["cheap"]))
    detector = BoundDetector("j", "sentence", frozenset(["x"]), judge=look, ask=band, behind=100)
    async with asyncio.timeout(60):
        scans, errors = await judge([cheap, detector], TextView("一二三。" * 50_000, final=False), clauses=True)
    assert (sum(len(scan.findings) for scan in scans), errors) == (len(found), [])


async def test_findings_carry_the_id_that_the_policy_gave() -> None:
    drug = BoundDetector("my-list", "span", frozenset(["drug"]), scan=pattern("drug", "毒品"))
    scans, _ = await judge([drug, bound(Asked())], TextView("毒品。", final=True))
    assert [f.detector for scan in scans for f in scan.findings] == ["my-list", "judge"]


async def test_what_fails_is_an_error_by_its_type_and_the_others_still_judge() -> None:
    async def away(view: TextView) -> Scan:
        raise TimeoutError(view.text)

    detectors = [
        BoundDetector("broken", "span", frozenset(["x"]), scan=raising),
        BoundDetector("away", "sentence", frozenset(["x"]), judge=away),
        BoundDetector("drug", "span", frozenset(["drug"]), scan=pattern("drug", "毒品")),
    ]
    scans, errors = await judge(detectors, TextView("毒品", final=True))
    assert errors == [("broken", "RuntimeError"), ("away", "TimeoutError")]
    assert [f.risk for scan in scans for f in scan.findings] == ["drug"]


@pytest.mark.parametrize(("final", "asked"), [(False, 0), (True, 1)])
async def test_who_holds_all_of_a_view_spares_those_behind_it_until_the_text_ends(final: bool, asked: int) -> None:
    views: list[TextView] = []

    def holding(view: TextView) -> Scan:
        return Scan((), view.start)

    def counting(view: TextView) -> Scan:
        views.append(view)
        return Scan((), len(view.text))

    bound = [
        BoundDetector("all", "whole", frozenset(["abuse"]), holding),
        BoundDetector("one", "span", frozenset(["abuse"]), counting),
    ]
    await judge(bound, TextView("ab", 1, final))
    assert len(views) == asked
