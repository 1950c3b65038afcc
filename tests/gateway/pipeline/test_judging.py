"""Detectors over one view: judges only at the ends of clauses, errors instead of passes."""

from __future__ import annotations

import pytest
from kit.plans import pattern, raising

from gateway.pipeline.judging import judge
from gateway.policy.plan import BoundDetector
from gateway.ports import Scan
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
    assert await judge([bound(asked)], TextView(text, final=False)) == ([Scan((), 0)], [])
    assert asked.texts == []


async def test_at_the_end_of_the_text_it_is_asked_whatever_ends_there() -> None:
    asked = Asked()
    await judge([bound(asked)], TextView("half a", final=True))
    assert asked.texts == ["half a"]


async def test_a_judge_of_whole_texts_waits_for_the_end() -> None:
    asked = Asked()
    await judge([bound(asked, "whole")], TextView("一句。两句。", final=False))
    assert asked.texts == []
    await judge([bound(asked, "whole")], TextView("一句。两句。", final=True))
    assert asked.texts == ["一句。两句。"]


@pytest.mark.parametrize(
    ("text", "new", "calls"), [("一句。后", 3, 0), ("一句。后，", 4, 1), ("Stop. N", 5, 1), ("Stop. N", 6, 0)]
)
async def test_a_judge_is_not_asked_again_about_a_clause_that_ended_before(text: str, new: int, calls: int) -> None:
    asked = Asked()
    await judge([bound(asked)], TextView(text, final=False), new)
    assert len(asked.texts) == calls


async def test_a_clause_that_ended_in_the_look_behind_counts_no_more() -> None:
    asked = Asked()
    await judge([bound(asked)], TextView("。后", start=1, final=False))
    assert asked.texts == []


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
