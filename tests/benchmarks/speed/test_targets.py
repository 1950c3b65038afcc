"""A promise is kept up to its limit, and never without a number."""

from math import nan

import pytest
from kit.speed import measured

from benchmarks.speed.targets import Target, targets


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


@pytest.mark.parametrize(("rate", "missed"), [(300.0, []), (200.0, ["base policy ÷ bare proxy, requests/s at 32"])])
def test_targets_name_what_was_missed(rate, missed):
    assert [target.name for target in targets(measured(rate)) if not target.kept] == missed
