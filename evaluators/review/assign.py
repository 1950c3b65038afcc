"""Who judges what: everybody about as much, a share of the items by two people or more, each item by nobody twice."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from evaluators.review.folder import Review, replace_file
from gateway.document import suggest
from gateway.errors import ConfigError, Where

FORMAT: Final = 1
_FILE: Final = "assignment.json"


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who judges what.

    Attributes:
        reviewers: By name, in the order that they were given.
        adjudicator: Who settles what reviewers differ about; empty to take a third reviewer.
        first: For each item the reviewers that judge it independently.
        third: For each item that they differed about, who settles it.
    """

    reviewers: tuple[str, ...] = ()
    adjudicator: str = ""
    first: tuple[tuple[str, tuple[str, ...]], ...] = ()
    third: tuple[tuple[str, str], ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody who may judge."""
        extra = (self.adjudicator,) if self.adjudicator and self.adjudicator not in self.reviewers else ()
        return (*self.reviewers, *extra)

    def of(self, person: str) -> tuple[str, ...]:
        """Return the ids of the items that a person judges: their own first, then those to settle."""
        own = tuple(item for item, names in self.first if person in names)
        return (*own, *(item for item, name in self.third if name == person and item not in own))

    def settler(self, item: str) -> str:
        """Return who settles an item; empty if nobody was asked to."""
        return dict(self.third).get(item, "")


def assign(
    items: Sequence[str],
    reviewers: Sequence[str],
    *,
    overlap: float,
    each: int,
    seed: int,
    done: Iterable[tuple[str, str]] = (),
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Share items out.

    Args:
        items: Ids, in the order in which they are judged.
        reviewers: By name, at least one.
        overlap: The share of the items, in [0, 1], that several people judge.
        each: By how many people, at least 2.
        seed: Which items these are, and who gets what.
        done: Items with a person who has judged them already; they stay with them.

    Returns:
        For each item, in order, who judges it.
    """
    rng = random.Random(seed)
    pinned: dict[str, list[str]] = {item: [] for item in items}
    for item, person in done:
        if item in pinned and person not in pinned[item]:
            pinned[item].append(person)
    several = set(rng.sample(list(items), round(len(items) * overlap)))
    load = {name: sum(name in people for people in pinned.values()) for name in reviewers}
    order = rng.sample(list(items), len(items))
    for item in sorted(order, key=lambda item: item not in several):
        wanted = min(each if item in several else 1, len(set(reviewers) | set(pinned[item])))
        turn = rng.sample(list(reviewers), len(reviewers))
        for name in sorted(turn, key=lambda name: load[name]):
            if len(pinned[item]) >= wanted:
                break
            if name not in pinned[item]:
                pinned[item].append(name)
                load[name] += 1
    return tuple((item, tuple(pinned[item])) for item in items)


def names_of(said: Sequence[str]) -> tuple[str, ...]:
    """Return names of people as they are kept; raises ``ConfigError`` for one that is none, or is there twice."""
    names = [" ".join(name.split()) for name in said]
    for at, name in enumerate(names):
        if not name or len(name) > 60 or not name.isprintable() or set(name) & set('/\\:*?[]"<>|'):
            hint = 'at most 60 characters, none of / \\ : * ? [ ] " < > |: the name is also that of a file'
            raise ConfigError(f"{said[at]!r} cannot be a reviewer's name", hint=hint)
        if name in names[:at]:
            raise ConfigError(f"the reviewer {name!r} is here twice", hint="name each one once")
    return tuple(names)


def known(person: str, assignment: Assignment, where: Where | None = None) -> str:
    """Return the name of a person who takes part; raises ``ConfigError`` if nobody of that name does."""
    name = " ".join(person.split())
    if name not in assignment.people:
        hint = suggest(name, assignment.people) or (
            f"reviewers: {', '.join(assignment.people)}"
            if assignment.people
            else "name reviewers first: sluice eval review assign REVIEW --reviewer NAME"
        )
        raise ConfigError(f"there is no reviewer {name!r} in this review", where, hint)
    return name


def save(review: Review, assignment: Assignment) -> None:
    """Write an assignment, whole or not at all."""
    written = json.dumps({"format": FORMAT, **asdict(assignment)}, ensure_ascii=False, indent=1)
    replace_file(review.path / _FILE, written + "\n")


def load(review: Review) -> Assignment:
    """Return a review's assignment; an empty one if nobody was asked yet.

    Raises:
        ConfigError: The file is none.
    """
    path = review.path / _FILE
    if not path.exists():
        return Assignment()
    try:
        written = json.loads(path.read_text("utf-8"))
        if written.pop("format") != FORMAT:
            raise ValueError("format")
        return Assignment(
            reviewers=tuple(written["reviewers"]),
            adjudicator=str(written["adjudicator"]),
            first=tuple((str(item), tuple(names)) for item, names in written["first"]),
            third=tuple((str(item), str(name)) for item, name in written["third"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        hint = "assign the items anew: sluice eval review assign"
        raise ConfigError("this is no assignment of ours", Where(str(path)), hint) from None
