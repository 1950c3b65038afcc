"""What kinds are made of."""

from __future__ import annotations

from gateway.detectors.personal.kind import compact, when_announced


def test_gaps_fall_out() -> None:
    assert compact("(010) 6234-5678.9/0·1_2") == "01062345678901 2".replace(" ", "")


def test_what_is_not_announced_is_none() -> None:
    check = when_announced(0.7)
    assert (check("1", "own"), check("1", "other"), check("1", "")) == (0.7, None, None)
