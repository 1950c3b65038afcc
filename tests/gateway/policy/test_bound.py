"""Detectors are built once, judges are asked in their band, and each looks at the words that rules heed it for."""

from __future__ import annotations

from pathlib import Path

import pytest
from kit.small_policies import MASK, NEEDED, band, compiled, rules

from gateway.errors import PolicyErrors
from gateway.policy.compile import compile_policy
from gateway.policy.load import load_policy
from gateway.policy.plan import Band, Plan
from gateway.ports import BuiltDetector, Derived, DetectorSpec, Piece, Scan
from gateway.text import TextView


def test_a_detector_is_built_once_and_shared_by_both_sides(tmp_path: Path) -> None:
    plan = compiled(
        tmp_path, rules(MASK) + "response: {rules: [{id: b, when: {risk: pii}, then: mask, on_error: pass}]}\n"
    )
    assert plan.request.detectors == plan.response.detectors
    assert all(a is b for a, b in zip(plan.request.detectors, plan.response.detectors, strict=True))


def test_a_kind_that_neither_scans_nor_judges_is_refused(tmp_path: Path) -> None:
    idle = DetectorSpec("idle", "", frozenset(), "span", lambda _o, _l: BuiltDetector(frozenset(), "1"))
    path = tmp_path / "x.yaml"
    path.write_text(f"sluice: 1\nname: x\n{NEEDED}detectors: [{{id: y, use: idle}}]\n", encoding="utf-8")
    with pytest.raises(PolicyErrors, match="detector 'y': the kind 'idle' is neither a detector nor a judge"):
        compile_policy(load_policy(path), {"idle": idle})


ABUSE = "{id: r, when: {risk: abuse}, then: refuse, on_error: refuse}"


def judged(folder: Path, ask: str, *lines: str, side: str = "request") -> Plan:
    rules_of = "".join(f"    - {line}\n" for line in lines or (ABUSE,))
    return compiled(folder, band(ask) + f"{side}:\n  rules:\n{rules_of}")


def test_a_band_names_exact_risks_and_the_detectors_that_report_them(tmp_path: Path) -> None:
    plan = judged(tmp_path, "{when: {risk: [a1, fraud], between: [0.3, 0.8]}}")
    bound = {detector.id: detector for detector in plan.request.detectors}
    assert bound["second"].ask == Band(frozenset(["a1.d", "a1.f", "fraud"]), 0.3, 0.8, frozenset(["list"]))
    assert bound["ask"].ask is None


def test_a_detector_that_only_a_band_needs_runs_on_that_side(tmp_path: Path) -> None:
    only_second = "{id: r, when: {risk: abuse, detectors: [second]}, then: refuse, on_error: refuse}"
    plan = judged(tmp_path, "{when: {risk: a1, between: [0.3, 0.8]}}", only_second)
    assert [detector.id for detector in plan.request.detectors] == ["list", "second"]
    assert plan.response.detectors == ()


def test_a_band_that_reaches_down_to_nothing_asks_unless_it_is_clear(tmp_path: Path) -> None:
    plan = judged(tmp_path, "{when: {risk: a1, between: [0, 1]}}")
    assert [d.ask and (d.ask.low, d.ask.high) for d in plan.request.detectors if d.id == "second"] == [(0.0, 1.0)]


@pytest.mark.parametrize(
    ("lines", "roles"),
    [
        ((ABUSE,), None),
        (("{id: r, when: {risk: abuse, roles: [user]}, then: refuse, on_error: pass}",), {"user"}),
        (
            (
                "{id: r, when: {risk: abuse, roles: [user]}, then: refuse, on_error: pass}",
                "{id: s, when: {risk: abuse, roles: [tool], score: 0.7}, then: refuse, on_error: pass}",
            ),
            {"user", "tool"},
        ),
        (
            ("{id: r, when: {risk: abuse, roles: [user]}, then: refuse, on_error: pass}", ABUSE.replace("r,", "s,")),
            None,
        ),
    ],
)
def test_a_judge_is_asked_only_in_the_words_of_those_for_whom_a_rule_heeds_it(
    tmp_path: Path, lines: tuple[str, ...], roles: set[str] | None
) -> None:
    plan = judged(tmp_path, "{when: {risk: a1, between: [0.3, 0.8]}}", *lines)
    bound = {detector.id: detector for detector in plan.request.detectors}
    assert bound["second"].roles == roles
    assert bound["list"].roles is None


@pytest.mark.parametrize(
    ("lines", "roles"),
    [
        (("{id: r, when: {risk: a1, roles: [tool]}, then: refuse, on_error: pass}",), {"tool"}),
        (
            (
                "{id: r, when: {risk: a1, roles: [tool]}, then: refuse, on_error: pass}",
                "{id: s, when: {risk: a1, score: 0.7}, then: mask, on_error: pass}",
            ),
            None,
        ),
    ],
)
def test_a_detector_too_looks_only_at_the_words_of_those_for_whom_a_rule_heeds_it(
    tmp_path: Path, lines: tuple[str, ...], roles: set[str] | None
) -> None:
    bound = {detector.id: detector for detector in compiled(tmp_path, rules(*lines)).request.detectors}
    assert bound["list"].roles == roles


def test_what_was_read_out_of_a_text_is_handed_to_those_that_look_at_such_texts(tmp_path: Path) -> None:
    seen: list[str] = []

    def spec(name: str, *, derived: bool) -> DetectorSpec:
        def scan(view: TextView) -> Scan:
            seen.append(f"{name}: {view.text}")
            return Scan((), len(view.text))

        risks = frozenset({"a1.d"})
        return DetectorSpec(
            name, "", risks, "span", lambda options, load: BuiltDetector(risks, "1", scan, derived=derived)
        )

    def read(view: TextView) -> Derived:
        return Derived((Piece(0, 3, "inside", "how"),), len(view.text))

    reads = frozenset({"attack.encoding"})
    reader = DetectorSpec("reader", "", reads, "span", lambda options, load: BuiltDetector(reads, "1", derive=read))
    registry = {"all": spec("all", derived=True), "own": spec("own", derived=False), "reader": reader}
    path = tmp_path / "x.yaml"
    used = "".join(f"  - {{id: {name}, use: {name}}}\n" for name in registry)
    rule = "{id: r, when: {risk: a1}, then: mask, on_error: pass}"
    path.write_text(f"sluice: 1\nname: x\n{NEEDED}detectors:\n{used}request:\n  rules:\n    - {rule}\n", "utf-8")
    plan = compile_policy(load_policy(path), registry)
    scan = next(detector.scan for detector in plan.request.detectors if detector.id == "reader")
    assert scan is not None
    scan(TextView("abc"))
    assert set(seen) == {"all: inside"}
