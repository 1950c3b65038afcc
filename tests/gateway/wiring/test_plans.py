"""Policies are found by name or path, read and compiled; clients may ask for none that is weaker than their own."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kit.plans import pattern, plan, rule, side

from gateway import wiring
from gateway.errors import RequestError, SettingsError
from gateway.policy.plan import Plan
from gateway.settings import Settings
from gateway.wiring import chooser, doubts, load_plan, policy_file, shipped_policies, stricter_plans


def test_every_policy_that_ships_is_known_by_its_name() -> None:
    assert {"base", "empty", "strict"} <= shipped_policies().keys()
    assert not any(name.endswith("_test") for name in shipped_policies())
    assert policy_file("base") == shipped_policies()["base"]


@pytest.mark.parametrize("name", ["mine.yaml", "mine.yml", "./base", "策略/p.yaml"])
def test_a_path_is_taken_as_it_is(name: str) -> None:
    assert policy_file(name) == Path(name)


def test_a_policy_that_does_not_ship_is_told_with_those_that_do() -> None:
    with pytest.raises(SettingsError, match="no policy 'bass' ships with Sluice — there are base, "):
        policy_file("bass")


def test_a_stamp_tells_a_file_that_changed_from_one_that_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_text("1")
    first = wiring.stamp([str(file)])
    assert wiring.stamp([str(file)]) == first
    file.write_text("2")
    os.utime(file, (1, 1))
    assert wiring.stamp([str(file)]) != first  # also with an old date, as archives write it
    file.unlink()
    assert wiring.stamp([str(file)]) == ((str(file), 0.0, -1),)


def test_the_base_policy_loads() -> None:
    assert load_plan("base").name == "base"


DETECTORS = {
    "drug": pattern("drug", "毒品"),
    "number": pattern("number", "[0-9]{6,11}"),
    "rude": pattern("rude", "笨蛋"),
}


OWN = replace(plan(side(DETECTORS, [rule("drug", "refuse"), rule("number", "mask")])), digest="1" * 64)


STRICT_RULES = [rule("drug", "refuse"), rule("number", "mask"), rule("rude", "refuse")]


STRICT = replace(plan(side(DETECTORS, STRICT_RULES)), name="strict", digest="2" * 64)


MILD = replace(plan(side(DETECTORS, [rule("drug", "label")])), name="mild", digest="3" * 64)


def fixed(one: Plan) -> Any:
    return lambda _: lambda: one


def test_a_policy_that_nobody_may_ask_for_is_refused_before_the_port_opens() -> None:
    listed = Settings(stricter={"s": "s.yaml"})
    with pytest.raises(SettingsError, match=r"^stricter: s is weaker than 'kit': .* — clients may ask only"):
        stricter_plans(listed, [lambda: OWN], fixed(MILD))
    assert list(stricter_plans(listed, [lambda: OWN], fixed(STRICT))) == ["s"]
    # There is one policy than which it is stricter: whoever has that may ask for it.
    assert list(stricter_plans(listed, [lambda: STRICT, lambda: MILD], fixed(OWN))) == ["s"]


@pytest.mark.parametrize(
    ("own", "name", "code"),
    [
        (OWN, "strict", ""),
        (OWN, "own", ""),
        (OWN, "mild", "policy_not_stricter"),
        (STRICT, "own", "policy_not_stricter"),
        (MILD, "own", ""),
        (OWN, "密语 other", "unknown_policy"),
    ],
)
def test_a_client_gets_a_policy_that_is_at_least_as_strict_as_its_own_or_none(own: Plan, name: str, code: str) -> None:
    choose = chooser({"strict": lambda: STRICT, "own": lambda: OWN, "mild": lambda: MILD})
    for _ in range(2):  # what was compared once is remembered
        if not code:
            assert choose(own, name).digest == {"strict": STRICT, "own": OWN}[name].digest
            continue
        with pytest.raises(RequestError) as error:
            choose(own, name)
        assert (error.value.code, error.value.param) == (code, "x-sluice-policy")
        assert "密语" not in str(error.value)


def test_a_policy_that_was_edited_is_compared_anew() -> None:
    held = [STRICT]
    choose = chooser({"s": lambda: held[0]})
    assert choose(OWN, "s") is STRICT
    held[0] = MILD
    with pytest.raises(RequestError, match="not at least as strict"):
        choose(OWN, "s")


@pytest.mark.parametrize(("listed", "words"), [({}, "there are none"), ({"a": lambda: OWN}, "there are: a")])
def test_a_name_that_is_not_listed_is_told_with_those_that_are(listed: Any, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        chooser(listed)(OWN, "b")


def test_what_a_policy_hardly_means_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(
        "sluice: 1\nname: mine\nextends: empty\ndetectors:\n"
        "  - {id: idle, use: pattern, options: {risk: x, pattern: 闲}}\n",
        "utf-8",
    )
    (doubt,) = doubts(str(file), load_plan(str(file)))
    assert doubt.startswith(f"{file}:5:5: no rule uses the detector 'idle'")
    assert doubts("base", load_plan("base")) == ()
