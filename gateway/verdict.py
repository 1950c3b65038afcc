"""What was seen, what was decided, and why: findings, hits, actions, verdicts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, get_args

Action = Literal["pass", "label", "mask", "refuse", "answer", "handoff"]
"""What to do with an exchange, weakest first: an approved standard answer beats a refusal (the
model does not speak either way), a person beats both."""

ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
_RANK: Final = {action: rank for rank, action in enumerate(ACTIONS)}

Side = Literal["request", "response"]
OnError = Literal["refuse", "pass"]


def strongest(actions: Iterable[Action]) -> Action:
    """Return the strongest action; ``pass`` if there is none."""
    return max(actions, key=_RANK.__getitem__, default="pass")


def rank(action: Action) -> int:
    """How strong an action is: a higher rank wins."""
    return _RANK[action]


def silences(action: Action) -> bool:
    """Whether ``action`` keeps the model from speaking: the reply comes from the policy."""
    return _RANK[action] >= _RANK["refuse"]


class Finding(NamedTuple):
    """What a detector saw; no opinion about what to do.

    ``start`` and ``end`` are offsets in characters of the original text (``end`` exclusive);
    ``score`` is the detector's confidence in [0, 1].
    """

    start: int
    end: int
    risk: str
    score: float
    detector: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that fired, and why. Holds offsets and ids, never text."""

    rule: str
    action: Action
    risk: str
    score: float
    detector: str
    slot: str
    start: int
    end: int

    @property
    def is_failure(self) -> bool:
        """Whether it stands for a detector that could not judge: nothing was found, so it names no text."""
        return not self.slot


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided for one side of an exchange.

    Attributes:
        action: The strongest action of all hits.
        hits: The rules that fired, in the order of the policy and then of the text.
        errors: ``detector: reason`` for each that could not judge.
        unjudged: Paths of parts that no detector can read (a picture, a sound).
        scores: The highest score seen for each risk, also below every threshold.
        rule: Id of the rule that decided, or None.
    """

    action: Action = "pass"
    hits: tuple[Hit, ...] = ()
    errors: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()
    scores: dict[str, float] = field(default_factory=dict)
    rule: str | None = None


PASS: Final = Verdict()
