"""The question inside of what somebody else wrote: the user asks for something harmless, the material for the rest."""

from __future__ import annotations

import random
from dataclasses import replace

from evaluators.attacks.attack import BOTH, Attack, Attempt, ending, words
from evaluators.attacks.frames import fill
from evaluators.sample import Passage


def _carried(id: str, attempt: Attempt) -> tuple[str, str]:
    """Return what the user asks for, and the material that holds the question."""
    carrier = words()["carriers"][id][attempt.spoken]
    return words()["tasks"][id][attempt.spoken], fill(carrier, {"question": attempt.last})


def _material(id: str) -> Attack:
    def change(attempt: Attempt, rng: random.Random) -> Attempt:
        del rng
        task, material = _carried(id, attempt)
        return ending(attempt, f"{task}\n\n{material}")

    return Attack(id, "indirect", words()["names"][id], BOTH, change)


def _in_passage(attempt: Attempt, rng: random.Random) -> Attempt:
    """Put a passage among those of the row, or before the user's words where a row has none."""
    task, material = _carried("in-passage", attempt)
    if not attempt.contexts:
        return ending(attempt, f"[1] {material}\n\n{task}")
    at = rng.randrange(len(attempt.contexts) + 1)
    passages = (*attempt.contexts[:at], Passage("attack", material), *attempt.contexts[at:])
    return replace(ending(attempt, task), contexts=passages)


def _in_tool(attempt: Attempt, rng: random.Random) -> Attempt:
    del rng
    task, material = _carried("in-tool", attempt)
    return replace(ending(attempt, task), tool=material)


def indirect() -> tuple[Attack, ...]:
    """Return the attacks of this family."""
    names = words()["names"]
    return (
        Attack("in-passage", "indirect", names["in-passage"], BOTH, _in_passage),
        Attack("in-tool", "indirect", names["in-tool"], BOTH, _in_tool),
        *(_material(id) for id in ("in-document", "in-mail", "in-page")),
    )
