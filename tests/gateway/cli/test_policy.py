"""``sluice policy``: what is wrong with a policy, and its schema."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from gateway.wiring import embedded, shipped_policies

LIST = "# 词表\n"


def test_a_good_policy_is_named_with_its_digest_and_its_tests(sluice: Any, policy: Path) -> None:
    ran = sluice("policy", "lint", policy)
    assert ran.code == 0
    assert ran.out.startswith(f"✓ {policy}  tiny@")
    assert ran.out.endswith("  2 of 2 tests passed\n")


def test_a_test_that_fails_is_told_with_its_line_and_what_happened(sluice: Any, policy: Path) -> None:
    cases = policy.with_name("tiny_test.yaml")
    cases.write_text(cases.read_text("utf-8").replace("action: refuse", "action: mask"), encoding="utf-8")
    ran = sluice("policy", "lint", policy)
    assert ran.code == 1
    assert f"✗ {policy}" in ran.out
    assert "1 of 2 tests passed" in ran.out
    assert f"{cases}:1" in ran.out
    assert "毒品不答" in ran.out
    assert "the action is refuse, not mask" in ran.out


def test_a_policy_that_is_wrong_is_told_with_its_line_and_the_others_are_checked(
    sluice: Any, policy: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(policy.read_text("utf-8").replace("then: mask,", "then: maks,"), encoding="utf-8")
    ran = sluice("policy", "lint", bad, policy)
    assert ran.code == 3
    assert f"✗ {bad}\n{bad}:11" in ran.out
    assert "did you mean 'mask'?" in ran.out
    assert f"✓ {policy}" in ran.out


def test_what_a_policy_hardly_means_is_told_but_is_no_error(sluice: Any, policy: Path) -> None:
    idle = "detectors:\n  - {id: idle, use: email}\n"
    policy.write_text(policy.read_text("utf-8").replace("detectors:\n", idle), encoding="utf-8")
    ran = sluice("policy", "lint", policy)
    assert ran.code == 0
    assert f"\n  ! {policy}:4:5: no rule uses the detector 'idle' — it is left out\n" in ran.out


def test_cases_that_are_wrong_are_told(sluice: Any, policy: Path) -> None:
    policy.with_name("tiny_test.yaml").write_text("- nmae: x\n", encoding="utf-8")
    ran = sluice("policy", "lint", policy)
    assert ran.code == 3
    assert "tiny_test.yaml:1" in ran.out


def test_a_policy_without_cases_says_so(sluice: Any, policy: Path) -> None:
    policy.with_name("tiny_test.yaml").unlink()
    ran = sluice("policy", "lint", policy)
    assert (ran.code, ran.out.strip().endswith("no tests beside it")) == (0, True)


@pytest.mark.parametrize("name", ["nowhere.yaml", "nowhere"])
def test_a_policy_that_is_not_there_is_told(sluice: Any, name: str) -> None:
    ran = sluice("policy", "lint", name)
    assert ran.code == 3
    assert f"✗ {name}" in ran.out


def test_a_shipped_policy_is_called_by_its_name_and_runs_its_own_tests(sluice: Any) -> None:
    ran = sluice("policy", "lint", "empty")
    assert ran.code == 0
    assert str(shipped_policies()["empty"]) in ran.out
    assert "2 of 2 tests passed" in ran.out


def test_without_files_every_shipped_policy_is_checked(sluice: Any) -> None:
    ran = sluice("policy", "lint")
    assert ran.out.count("tests passed") == len(shipped_policies())
    assert all(str(file) in ran.out for file in shipped_policies().values())


def test_the_schema_is_the_one_that_ships(sluice: Any) -> None:
    ran = sluice("policy", "schema")
    assert ran.code == 0
    assert json.loads(ran.out) == json.loads((embedded("policies") / "schema.json").read_text("utf-8"))


def test_the_help_begins_with_examples_that_work(sluice: Any, policy: Path) -> None:
    ran = sluice("policy", "--help")
    examples = [line.strip() for line in ran.out.splitlines() if line.strip().startswith("sluice policy ")]
    assert len(examples) == 3
    assert ran.out.index(examples[0]) < ran.out.index("Options:")
    for example in examples[1:]:
        line = example.replace("my-policy.yaml", str(policy)).partition(" > ")[0]
        assert sluice(*shlex.split(line)[1:]).code == 0, example
