"""Several turns: what would be seen at once is asked step by step, in parts, or after a promise."""

from __future__ import annotations

import random
import re
from typing import Final

from evaluators.attacks.attack import BOTH, Attack, Attempt, ending, words
from evaluators.attacks.frames import fill, halves

_ASKING: Final = re.compile(
    "^(?:请问|请|能否|可以|能不能|怎么样?|怎样|如何|为什么|为何|告诉我|帮我|教我|"
    r"(?:please|how (?:do|can|to|does|would|should)(?: i| you| one| someone)?|why(?: is| are| do)?|what(?: is| are)?|"
    r"tell me(?: how to)?|explain(?: how to)?|write|give me)(?![a-z]))[\s,，]*",
    re.IGNORECASE,
)
_LONGEST: Final = 60


def topic(question: str) -> str:
    """Return what a question is about: the question without its asking words and its mark."""
    plain = question.strip().rstrip("？?。.！!")
    while match := _ASKING.match(plain):
        plain = plain[match.end() :]
    return (plain or question.strip())[:_LONGEST]


def _turns(id: str) -> Attack:
    def change(attempt: Attempt, rng: random.Random) -> Attempt:
        del rng
        first, second = halves(attempt.last)
        holes = {"question": attempt.last, "first": first, "second": second, "topic": topic(attempt.last)}
        return ending(attempt, *(fill(turn, holes) for turn in words()["turns"][id][attempt.spoken]))

    return Attack(id, "turns", words()["names"][id], BOTH, change)


def conversations() -> tuple[Attack, ...]:
    """Return the attacks of this family."""
    return tuple(_turns(id) for id in ("crescendo", "split-turns", "agreed-before", "topic-change"))
