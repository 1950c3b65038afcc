"""The plan in force: when it changes, and when it does not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from kit.plans import plan

from gateway.errors import PolicyError
from gateway.policy.current import CurrentPlan, Stamp
from gateway.policy.plan import Plan

ONE, TWO = (replace(plan(), digest=digit * 64, files=("p.yaml",)) for digit in "12")


class Disk:
    """Files with the times of their last change, and what loading them gives."""

    def __init__(self) -> None:
        self.now = 100.0
        self.files = {"p.yaml": 100.0}
        self.content: Plan | PolicyError = ONE
        self.loads = 0
        self.during: Callable[[], None] = lambda: None

    def load(self) -> Plan:
        self.loads += 1
        content = self.content
        self.during()
        if isinstance(content, PolicyError):
            raise content
        return content

    def stamp(self, files: Iterable[str]) -> Stamp:
        return tuple((file, self.files.get(file, 0.0), 1) for file in files)

    def write(self, content: Plan | PolicyError, file: str = "p.yaml") -> None:
        self.content, self.files[file] = content, self.now

    def current(self) -> CurrentPlan:
        return CurrentPlan(ONE, self.load, self.stamp, lambda: self.now, delay=3.0)


def test_without_a_change_nothing_is_loaded() -> None:
    disk = Disk()
    current = disk.current()
    current.poll()
    assert (current().digest, disk.loads) == (ONE.digest, 0)


def test_a_change_is_in_force_after_the_delay_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    disk = Disk()
    current = disk.current()
    disk.now = 200.0
    disk.write(TWO)
    disk.now = 201.0
    current.poll()
    current.poll()
    assert disk.loads == 1
    disk.now = 202.9
    assert current().digest == ONE.digest
    disk.now = 203.0
    assert [current().digest for _ in range(2)] == [TWO.digest] * 2
    assert caplog.messages == [f"policy kit is in force as {TWO.digest[:12]}"]


@pytest.mark.parametrize("dated", [201.5, 300.0, 200.0 + 8 * 3600, 4e9])
@pytest.mark.parametrize("name", ["p.yaml", "list.csv"])
def test_a_file_that_is_dated_in_the_future_holds_no_change_up(name: str, dated: float) -> None:
    disk = Disk()
    two = replace(TWO, files=("p.yaml", "list.csv"))
    current = disk.current()
    disk.now = 200.0
    disk.write(two)
    disk.files[name] = dated
    disk.now = 201.0
    current.poll()
    disk.now = 203.9
    assert current().digest == ONE.digest
    disk.now = 204.0
    assert current().digest == TWO.digest


def test_a_change_that_changes_nothing_switches_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    disk = Disk()
    current = disk.current()
    disk.now = 200.0
    disk.write(replace(ONE))
    current.poll()
    disk.now = 300.0
    assert current() is ONE
    assert caplog.messages == []


def test_a_wrong_policy_is_told_once_and_read_again_until_it_is_mended(caplog: pytest.LogCaptureFixture) -> None:
    disk = Disk()
    current = disk.current()
    disk.now = 200.0
    disk.write(PolicyError("the list is missing"))
    for _ in range(3):
        current.poll()
    assert disk.loads == 3
    assert current.fault == "the list is missing"
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    disk.write(TWO, file="list.csv")  # nobody watches it: p.yaml stays as it was
    current.poll()
    assert current.fault == ""
    disk.now = 300.0
    assert current().digest == TWO.digest


def test_a_file_that_changes_while_it_is_read_is_read_again() -> None:
    disk = Disk()
    current = disk.current()
    disk.now = 200.0
    disk.write(TWO)
    three = replace(TWO, digest="3" * 64)

    def once() -> None:
        disk.during = lambda: None
        disk.now = 200.5
        disk.write(three)

    disk.during = once
    current.poll()
    current.poll()
    disk.now = 300.0
    assert current().digest == three.digest


def test_files_that_the_new_plan_names_are_watched() -> None:
    disk = Disk()
    current = disk.current()
    disk.now = 200.0
    disk.files["list.csv"] = 150.0
    disk.write(replace(TWO, files=("p.yaml", "list.csv")))
    current.poll()
    current.poll()
    assert disk.loads == 1
    disk.now = 203.0
    current()
    disk.write(replace(TWO, digest="3" * 64), file="list.csv")
    current.poll()
    disk.now = 300.0
    assert current().digest == "3" * 64


def test_a_policy_that_goes_wrong_before_the_switch_never_takes_force() -> None:
    disk = Disk()
    current = disk.current()
    disk.now = 200.0
    disk.write(TWO)
    current.poll()
    disk.now = 201.0
    disk.write(PolicyError("half written"))
    current.poll()
    disk.now = 300.0
    assert current().digest == ONE.digest
