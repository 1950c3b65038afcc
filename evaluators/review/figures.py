"""How far people agree, and how strong each source of answers is, over a whole review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from evaluators.review.assign import Assignment
from evaluators.review.decisions import Decision, finished
from evaluators.review.folder import Review
from evaluators.review.reliability import Alpha, Scale, cohen, fleiss, tau
from evaluators.review.strength import Strength, strengths
from evaluators.stats import Interval, bootstrap


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far people agree on one field.

    Attributes:
        field: Its id.
        scale: Whether its values have an order.
        n: Answers that at least two people judged, independently of each other.
        alpha: Krippendorff's alpha; None where it cannot be said.
        interval: 95 % interval of it.
        fleiss: Fleiss' kappa, which knows no order; None where it cannot be said.
        pairs: Cohen's kappa for each two people who judged the same answers, with how many these are.
    """

    field: str
    scale: Scale
    n: int
    alpha: float | None
    interval: Interval | None
    fleiss: float | None
    pairs: tuple[tuple[str, str, int, float | None], ...]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike people rank: the mean of Kendall's tau over items and pairs of people; None where it cannot be said."""

    items: int
    tau: float | None
    interval: Interval | None


def independent(
    review: Review, assignment: Assignment, decisions: Mapping[tuple[str, str], Decision]
) -> dict[str, dict[str, Decision]]:
    """Return what people said of each item before anybody settled it, by item and person: only whole decisions.

    Who settles an item judges what others differed about; that is no further independent voice.
    """
    settling = dict(assignment.third)
    found: dict[str, dict[str, Decision]] = {item.id: {} for item in review.items}
    for (item, person), decision in sorted(finished(decisions, review).items()):
        if settling.get(item) != person:
            found[item][person] = decision
    return found


def reliability(voices: Mapping[str, Mapping[str, Decision]], review: Review, seed: int) -> list[Reliability]:
    """Return for each field how far people agree; words that say "cannot tell" are no judgements."""
    found = []
    for judged in review.rubric.fields:
        said: list[dict[str, str]] = []
        for item in review.items:
            for answer in item.answers:
                words = {
                    person: decision.verdicts[answer.id][judged.id] for person, decision in voices[item.id].items()
                }
                said.append({person: word for person, word in words.items() if word in judged.sure})
        units = [list(words.values()) for words in said]
        alpha = Alpha(units, judged.sure, judged.scale)
        people = sorted({person for words in said for person in words})
        pairs = []
        for one, other in combinations(people, 2):
            both = [(words[one], words[other]) for words in said if one in words and other in words]
            if both:
                pairs.append((one, other, len(both), cohen(both)))
        interval = alpha.interval(seed)
        found.append(Reliability(judged.id, judged.scale, alpha.n, alpha.value, interval, fleiss(units), tuple(pairs)))
    return found


def likeness(voices: Mapping[str, Mapping[str, Decision]], seed: int) -> Likeness:
    """Return how alike people rank the answers to the same question."""
    clusters = []
    for said in voices.values():
        ranked = [decision.places for decision in said.values() if decision.places]
        values = [value for one, other in combinations(ranked, 2) if (value := tau(one, other)) is not None]
        if values:
            clusters.append(values)
    if not clusters:
        return Likeness(0, None, None)
    mean = sum(map(sum, clusters)) / sum(map(len, clusters))
    return Likeness(len(clusters), mean, bootstrap(clusters, seed) if len(clusters) > 1 else Interval(-1.0, 1.0))


def ranking(voices: Mapping[str, Mapping[str, Decision]], review: Review, seed: int) -> list[Strength]:
    """Return how strong each source of answers is, from all rankings.

    An answer that several sources gave stands for each of them: they are level there.
    """
    groups = []
    for id, said in voices.items():
        origins = review.behind[id].answers
        rankings = [
            [
                (source, place)
                for answer, place in decision.places.items()
                for source in sorted({origin.source for origin in origins[answer]})
            ]
            for decision in said.values()
            if decision.places
        ]
        if rankings:
            groups.append(rankings)
    return strengths(groups, seed)
