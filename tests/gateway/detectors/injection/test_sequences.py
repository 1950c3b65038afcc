"""Cues are told apart by name, and each speaks either for a risk or against any."""

from __future__ import annotations

from gateway.detectors.injection.sequences import CUES


def test_every_cue_has_a_name_of_its_own() -> None:
    names = [cue.name for cue in CUES]
    assert sorted(set(names)) == sorted(names)


def test_a_cue_of_one_step_has_no_gap() -> None:
    assert [cue.name for cue in CUES if len(cue.steps) == 1 and (cue.gap or cue.across)] == []


def test_what_speaks_for_no_risk_speaks_against_an_attack() -> None:
    assert [cue.name for cue in CUES if (cue.weight < 0) != (cue.risk == "")] == []
