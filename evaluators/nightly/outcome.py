"""How a night ended: the gravest of its suites decides, and only a night that passed outright is good."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from evaluators.kept.nights import Night, State, SuiteNight

GRAVITY: Final = (130, 1, 2, 4, 3, 0)
"""Exit codes, the gravest first: interrupted, a failed gate, could not be run, unscored, under-powered, all well."""

_STATES: Final[Mapping[int, State]] = {0: "good", 3: "review", 2: "broken", 130: "killed"}


def worst(codes: Iterable[int]) -> int:
    """Return the gravest exit code; one that is unknown counts as "could not be run"."""
    known = {code if code in GRAVITY else 2 for code in codes}
    return next((code for code in GRAVITY if code in known), 2)


def sound(gates: Sequence[Mapping[str, Any]]) -> bool:
    """Whether all that a run lacks is a baseline: so a first night can be what later ones are held against."""
    return all(gate["ruling"] == "pass" or gate["reason"] == "no_baseline" for gate in gates)


def state_of(night: Night, sound_suites: Iterable[str]) -> State:
    """Return what a night that came to its end is: good if each suite passed, or lacked nothing but a baseline."""
    first = set(sound_suites)
    codes = [
        0 if one.code == 3 and name in first and not one.baseline else 2 if one.code is None else one.code
        for name, one in night.suites.items()
    ]
    return _STATES.get(worst(codes), "bad")


def body_of(night: Night, gates: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """Return what a webhook is told: names, numbers and reasons, no text of questions or answers.

    Args:
        night: The night.
        gates: What came of each suite's gates, as ``report.json`` has them.
    """

    def suite(name: str, one: SuiteNight) -> dict[str, Any]:
        return {
            "suite": name,
            "exit_code": one.code,
            "run": one.run,
            "baseline": one.baseline or None,
            "gates": [
                {
                    "metric": gate["gate"]["metric"] if gate["gate"] else None,
                    "ruling": gate["ruling"],
                    "reason": gate["reason"],
                    "value": gate["value"],
                    "n": gate["n"],
                }
                for gate in gates.get(name, ())
            ],
        }

    return {
        "type": "sluice.eval.night",
        "night": night.id,
        "plan": night.plan,
        "state": night.state,
        "exit_code": night.exit_code,
        "started": night.started.isoformat(timespec="seconds"),
        "ended": night.ended.isoformat(timespec="seconds") if night.ended else None,
        "suites": [suite(name, one) for name, one in night.suites.items()],
    }
