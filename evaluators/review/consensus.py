"""What people agree on: by votes; what they differ about is open until a third has spoken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from evaluators.review import assign
from evaluators.review.assign import Assignment
from evaluators.review.decisions import Decision, finished
from evaluators.review.folder import Review, locked
from evaluators.review.item import Item
from evaluators.review.rubric import Rubric

How = Literal["agreed", "single", "settled"]
"""All of two or more said so; one person judged it; they differed, and a third decided."""

PLACE: Final = "place"


@dataclass(frozen=True, slots=True)
class Settled:
    """A value that people came to.

    Attributes:
        value: What it is.
        how: How they came to it.
        votes: How many said so.
    """

    value: str
    how: How
    votes: int


@dataclass(frozen=True, slots=True)
class Agreed:
    """What people came to on one item.

    Attributes:
        item: Its id.
        verdicts: For each answer the fields that are settled. A value that says "cannot tell" settles nothing.
        orders: For each pair of answers of which people place one above the other without anybody contradicting, or
            a third settled it: the better, the worse, and how many said so.
        disputed: What they differ about and nobody settled: answer and field, or ``place``.
        people: How many judged it.
    """

    item: str
    verdicts: Mapping[str, Mapping[str, Settled]] = field(default_factory=dict)
    orders: tuple[tuple[str, str, int], ...] = ()
    disputed: tuple[tuple[str, str], ...] = ()
    people: int = 0

    def values(self, answer: str, least: int = 1) -> dict[str, str]:
        """Return the settled values of an answer that at least so many people stand behind."""
        return {name: one.value for name, one in self.verdicts.get(answer, {}).items() if one.votes >= least}


def consensus(
    review: Review, assignment: Assignment, decisions: Mapping[tuple[str, str], Decision]
) -> dict[str, Agreed]:
    """Return for each item what people came to; only what is judged whole counts."""
    whole = finished(decisions, review)
    by_item: dict[str, list[Decision]] = {item.id: [] for item in review.items}
    for (item, _), decision in sorted(whole.items()):
        by_item[item].append(decision)
    return {
        item.id: _agreed(item, by_item[item.id], assignment.settler(item.id), review.rubric) for item in review.items
    }


def _agreed(item: Item, decisions: Sequence[Decision], settler: str, rubric: Rubric) -> Agreed:
    third = next((decision for decision in decisions if decision.reviewer == settler), None)
    verdicts: dict[str, dict[str, Settled]] = {}
    disputed: list[tuple[str, str]] = []
    for answer in item.answers:
        for judged in rubric.fields:
            said = [decision.verdicts[answer.id][judged.id] for decision in decisions]
            word = third.verdicts[answer.id][judged.id] if third else None
            found = settle(said, word)
            if found is None:
                disputed += [(answer.id, judged.id)] if said else []
            elif found.value in judged.sure:
                verdicts.setdefault(answer.id, {})[judged.id] = found
            elif not third:
                disputed.append((answer.id, judged.id))  # nobody could tell: somebody else may
    orders: list[tuple[str, str, int]] = []
    if rubric.places(len(item.answers)) and decisions:
        orders, torn = _orders(item, decisions, third)
        disputed += [(answer, PLACE) for answer in torn]
    return Agreed(item.id, verdicts, tuple(orders), tuple(disputed), len(decisions))


def settle(said: Sequence[str], third: str | None) -> Settled | None:
    """Return what votes come to: a value that all say; else, where a third has spoken, the majority's, or the third's.

    Args:
        said: Every vote, the third's too.
        third: The third's vote; None while nobody was asked, or they have not answered.
    """
    if not said:
        return None
    votes = Counter(said)
    value, most = votes.most_common(1)[0]
    if len(votes) == 1:
        return Settled(value, "agreed" if most > 1 else "single", most)
    if third is None:
        return None
    if list(votes.values()).count(most) > 1:
        value = third
    return Settled(value, "settled", votes[value])


def _orders(
    item: Item, decisions: Sequence[Decision], third: Decision | None
) -> tuple[list[tuple[str, str, int]], list[str]]:
    """Return the pairs that have an order, and the answers whose order is torn: placed above and below another."""
    orders: list[tuple[str, str, int]] = []
    torn: list[str] = []
    for at, one in enumerate(item.answers):
        for other in item.answers[at + 1 :]:
            apart = [decision.places[one.id] - decision.places[other.id] for decision in decisions]
            above, below = sum(gap < 0 for gap in apart), sum(gap > 0 for gap in apart)
            if above and below:
                if third is None:
                    torn += [one.id, other.id]
                    continue
                if above == below:
                    last = third.places[one.id] - third.places[other.id]
                    above, below = (above, 0) if last < 0 else (0, below) if last > 0 else (0, 0)
            if above > below:
                orders.append((one.id, other.id, above))
            elif below > above:
                orders.append((other.id, one.id, below))
    return orders, list(dict.fromkeys(torn))


def queue(review: Review, agreed: Mapping[str, Agreed]) -> list[Agreed]:
    """Return the items that people differ about, or could not tell, and that nobody has settled, in order."""
    return [agreed[item.id] for item in review.items if agreed[item.id].disputed]


def thirds(
    assignment: Assignment,
    disputed: Sequence[Agreed],
    decisions: Mapping[tuple[str, str], Decision],
) -> dict[str, str]:
    """Return who shall settle each disputed item that nobody has yet: the adjudicator, or who has least to do.

    An item for which nobody is left, because everybody has judged it, is not in it.
    """
    load = {person: len(assignment.of(person)) for person in assignment.reviewers}
    own = dict(assignment.first)
    found: dict[str, str] = {}
    for one in disputed:
        if assignment.settler(one.item):
            continue
        judged = {person for item, person in decisions if item == one.item} | set(own.get(one.item, ()))
        if assignment.adjudicator and assignment.adjudicator not in judged:
            found[one.item] = assignment.adjudicator
            continue
        free = [person for person in assignment.reviewers if person not in judged]
        if free:
            person = min(free, key=lambda name: (load[name], assignment.reviewers.index(name)))
            load[person] += 1
            found[one.item] = person
    return found


def refer(review: Review, decisions: Mapping[tuple[str, str], Decision]) -> Assignment:
    """Hand every disputed item to a third, and return the assignment; what was handed on before stays where it is."""
    with locked(review.path):
        assignment = assign.load(review)
        disputed = queue(review, consensus(review, assignment, decisions))
        more = thirds(assignment, disputed, decisions)
        if more:
            assignment = replace(assignment, third=(*assignment.third, *more.items()))
            assign.save(review, assignment)
    return assignment
