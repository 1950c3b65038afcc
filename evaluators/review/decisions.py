"""What people said, line by line as they said it: the last word of each counts, and half a word is none."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from evaluators.journal import Journal, read
from evaluators.review.assign import Assignment
from evaluators.review.assign import load as load_assignment
from evaluators.review.folder import Review, locked
from evaluators.review.item import Item
from evaluators.review.places import Place, fault, levels
from evaluators.review.rubric import Rubric
from gateway.errors import ConfigError, Where

_FILE: Final = "decisions.jsonl"
MOST_NOTE: Final = 4000


@dataclass(frozen=True, slots=True)
class Decision:
    """What one person said of one item; may be unfinished.

    Attributes:
        item: Its id.
        reviewer: Who.
        at: When, ISO 8601 with offset.
        by: By which way it came, ``page`` or ``xlsx``.
        verdicts: For each answer, by id, the value of each field that was judged.
        places: For each answer, by id, its place, 1 the best; equal places are ties.
        note: In the person's own words.
    """

    item: str
    reviewer: str
    at: str
    by: str
    verdicts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)
    note: str = ""

    @property
    def begun(self) -> bool:
        """Whether anything was judged."""
        return bool(self.places) or any(self.verdicts.values())


def gaps(decision: Decision, item: Item, rubric: Rubric) -> list[tuple[str, str]]:
    """Return what is missing, each with the answer's id and the field's (``place`` for the ranking); empty if nothing.

    An item is judged when every field of every answer is, and every answer has a place in a ranking without gaps.
    """
    missing = [
        (answer.id, field.id)
        for answer in item.answers
        for field in rubric.fields
        if field.id not in decision.verdicts.get(answer.id, {})
    ]
    if rubric.places(len(item.answers)):
        unplaced = [(answer.id, "place") for answer in item.answers if answer.id not in decision.places]
        missing += unplaced
        wrong = None if unplaced else place_fault(decision.places)
        missing += [(wrong[0], "place")] if wrong else []
    return missing


def place_fault(places: Mapping[str, int]) -> tuple[str, str] | None:
    """Return what is wrong with places whose ties are meant."""
    numbers = list(places.values())
    return fault({thing: Place(number, numbers.count(number) > 1) for thing, number in places.items()})


def checked(decision: Decision, review: Review, where: Where | None = None) -> Decision:
    """Return a decision that fits its review: known item, answers, fields, values and places, or some of these.

    Raises:
        ConfigError: It says something of what the review does not hold.
    """
    item = review.item(decision.item)
    if item is None:
        raise ConfigError(f"this review has no item {decision.item!r}", where, "ids are not to be edited")
    for answer, verdict in decision.verdicts.items():
        if item.answer(answer) is None:
            raise ConfigError(f"the item has no answer {answer!r}", where, "ids are not to be edited")
        for name, value in verdict.items():
            field = review.rubric.field(name)
            if field is None or field.value(value) is None:
                raise ConfigError(f"the rubric has no {name!r} = {value!r}", where, "choose one of its values")
    for answer, place in decision.places.items():
        if item.answer(answer) is None:
            raise ConfigError(f"the item has no answer {answer!r}", where, "ids are not to be edited")
        if not 1 <= place <= len(item.answers):
            hint = f"places go from 1 to {len(item.answers)}"
            raise ConfigError(f"there is no place {place}", where, hint)
    if len(decision.note) > MOST_NOTE:
        raise ConfigError(f"the note has more than {MOST_NOTE} characters", where, "shorten it")
    return decision


def add(review: Review, decisions: Iterable[Decision]) -> None:
    """Write decisions down; they are on the disk when this returns."""
    with locked(review.path), Journal(review.path / _FILE, durable=True) as journal:
        for decision in decisions:
            journal.append(asdict(decision))


def load(review: Review) -> dict[tuple[str, str], Decision]:
    """Return the last word of each person on each item, by item and person.

    Raises:
        ConfigError: A line is not one of ours, or says something of what the review does not hold.
    """
    path = review.path / _FILE
    found: dict[tuple[str, str], Decision] = {}
    for number, entry in enumerate(read(path), 1):
        where = Where(str(path), number)
        decision = checked(_decision(entry, where), review, where)
        found[decision.item, decision.reviewer] = decision
    return found


class Follower:
    """Knows the last word of each person, and reads only what was added since it looked last.

    A page that saves every choice would else read everything again with each of them. May be used by several threads.
    """

    def __init__(self, review: Review) -> None:
        self._review, self._path = review, review.path / _FILE
        self._found: dict[tuple[str, str], Decision] = {}
        self._read, self._lines = 0, 0
        self._turn = threading.Lock()

    def now(self) -> Mapping[tuple[str, str], Decision]:
        """Return the last word of each person on each item, by item and person.

        Raises:
            ConfigError: A line is not one of ours, or says something of what the review does not hold.
        """
        with self._turn:
            size = self._path.stat().st_size if self._path.exists() else 0
            if size < self._read:  # a torn line was cut off, or the file was replaced
                self._found, self._read, self._lines = {}, 0, 0
            if size > self._read:
                self._add()
            return dict(self._found)

    def _add(self) -> None:
        with self._path.open("rb") as file:
            file.seek(self._read)
            whole, end, _ = file.read().rpartition(b"\n")
        for line in whole.split(b"\n") if whole else ():
            self._lines += 1
            where = Where(str(self._path), self._lines)
            try:
                entry = json.loads(line)
            except ValueError:
                entry = None
            if not isinstance(entry, dict):
                raise ConfigError("this line is no JSON object", where, "take the line out by hand")
            decision = checked(_decision(entry, where), self._review, where)
            self._found[decision.item, decision.reviewer] = decision
        self._read += len(whole) + len(end)


def _decision(entry: dict[str, Any], where: Where) -> Decision:
    try:
        verdicts = {
            str(answer): {str(field): str(value) for field, value in verdict.items()}
            for answer, verdict in entry.pop("verdicts").items()
        }
        places = {str(answer): int(place) for answer, place in entry.pop("places").items()}
        return Decision(**entry, verdicts=verdicts, places=places)
    except (KeyError, TypeError, ValueError, AttributeError):
        hint = "take the line out by hand; what it held will be asked again"
        raise ConfigError("this line is no decision of ours", where, hint) from None


def finished(decisions: Mapping[tuple[str, str], Decision], review: Review) -> dict[tuple[str, str], Decision]:
    """Return the decisions in which nothing is missing, with places without gaps; others are open, not verdicts."""
    items = {item.id: item for item in review.items}
    return {
        key: Decision(
            decision.item, decision.reviewer, decision.at, decision.by, decision.verdicts,
            levels(decision.places), decision.note,
        )
        for key, decision in decisions.items()
        if not gaps(decision, items[decision.item], review.rubric)
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a person is: items that are judged, begun, and all."""

    person: str
    judged: int
    begun: int
    items: int


def progress(review: Review, assignment: Assignment, decisions: Mapping[tuple[str, str], Decision]) -> list[Progress]:
    """Return how far everybody is, in the order of the assignment."""
    whole = finished(decisions, review)
    found = []
    for person in assignment.people:
        own = assignment.of(person)
        judged = sum((item, person) in whole for item in own)
        begun = sum((item, person) in decisions and decisions[item, person].begun for item in own)
        found.append(Progress(person, judged, begun - judged, len(own)))
    return found


@dataclass(frozen=True, slots=True)
class Minutes:
    """A review with who judges what, and what they have said."""

    review: Review
    assignment: Assignment
    decisions: Mapping[tuple[str, str], Decision]


def minutes(review: Review) -> Minutes:
    """Read who judges what and what was said; raises ``ConfigError`` for a file that is none of ours."""
    return Minutes(review, load_assignment(review), load(review))
