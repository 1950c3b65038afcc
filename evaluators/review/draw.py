"""Draws what people shall judge: a stratified sample, and what the machine is least sure of."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from evaluators.review.blind import blind_id
from evaluators.review.doubt import Doubt, doubts
from evaluators.review.item import STANDARD, Behind, Drawn, Item, Origin, Shown
from evaluators.review.rubric import Rubric
from evaluators.sample import Response, Sample
from evaluators.score import Outcome
from evaluators.summary import RowSummary

GRAVEST: Final[tuple[Outcome, ...]] = ("fail", "unscored", "refused", "pass", "skipped")

Stratum = tuple[str, str, str]
Standard = Callable[[Sample], tuple[str, str] | None]
"""Returns the approved answer of a bank to a row with the name of its entry; None if there is none."""

T = TypeVar("T")


@dataclass(slots=True)
class _Pooled:
    """A question with everything that was said to it in all runs."""

    sample: Sample
    answers: dict[str, list[Origin]] = field(default_factory=dict)
    outcomes: set[Outcome] = field(default_factory=set)
    doubt: Doubt = field(default_factory=Doubt)

    @property
    def stratum(self) -> Stratum:
        gravest = next(word for word in GRAVEST if word in self.outcomes)
        return self.sample.risk, self.sample.lang, gravest


@dataclass(frozen=True, slots=True)
class Sampled:
    """A sample for people to judge.

    Attributes:
        items: The most doubtful first.
        behind: What stands behind each, in the same order.
        strata: For each stratum, how many questions there are and how many were drawn.
        unanswered: Questions that nobody answered; they are not in the pool.
    """

    items: tuple[Item, ...]
    behind: tuple[Behind, ...]
    strata: Mapping[Stratum, tuple[int, int]]
    unanswered: int


def draw(
    runs: Mapping[str, Sequence[RowSummary]],
    rubric: Rubric,
    *,
    size: int,
    seed: int,
    uncertain: float,
    most: int,
    bank: Standard | None = None,
) -> Sampled:
    """Draw a sample; the same runs and seed give the same one.

    Args:
        runs: The rows of each run, by the run's name. Rows with the same id and the same words are one question.
        rubric: Says which metrics claim the same thing, so that scorers that contradict each other are seen.
        size: How many questions at most.
        seed: For all that is left to chance.
        uncertain: The share of the sample, in [0, 1], that goes to what the machine is least sure of; the rest is a
            stratified random sample, the part that rates may be estimated from.
        most: How many answers to a question at most, the standard answer included; at least 2.
        bank: Finds approved answers for rows without a reference.
    """
    pool = _pool(runs, rubric)
    answered = [one for one in pool if one.answers]
    strata: dict[Stratum, list[_Pooled]] = {}
    for one in answered:
        strata.setdefault(one.stratum, []).append(one)
    picked = _pick(strata, min(size, len(answered)), uncertain, random.Random(seed))
    picked.sort(key=lambda pair: (-pair[0].doubt.degree, blind_id("", seed, pair[0].sample.id)))
    made = [_made(one, drawn, seed, most, bank) for one, drawn in picked]
    count = {stratum: sum(one.stratum == stratum for one, _ in picked) for stratum in strata}
    return Sampled(
        items=tuple(item for item, _ in made),
        behind=tuple(behind for _, behind in made),
        strata={stratum: (len(there), count[stratum]) for stratum, there in strata.items()},
        unanswered=len(pool) - len(answered),
    )


def _pool(runs: Mapping[str, Sequence[RowSummary]], rubric: Rubric) -> list[_Pooled]:
    pool: dict[tuple[object, ...], _Pooled] = {}
    for name, rows in runs.items():
        unsure = doubts(rows, rubric)
        for row in rows:
            said = row.sample
            passages = tuple(passage.text for passage in said.contexts)
            place = (said.id, said.question, said.turns, said.system, said.tool, passages)
            one = pool.setdefault(place, _Pooled(said))
            if isinstance(row.answer, Response):
                digest = text_digest(row.answer.text)
                origin = Origin(name, said.id, row.repetition, digest)
                one.answers.setdefault(row.answer.text, []).append(origin)
                one.outcomes.add(row.outcome)
                one.doubt = max(one.doubt, unsure[said.id], key=lambda doubt: doubt.degree)
    return list(pool.values())


def text_digest(text: str) -> str:
    """Return ``sha256`` of a text, 64 hex digits."""
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def _pick(
    strata: Mapping[Stratum, Sequence[_Pooled]], size: int, uncertain: float, rng: random.Random
) -> list[tuple[_Pooled, Drawn]]:
    """Pick by chance within strata first, then the most doubtful of what is left.

    Where fewer are doubtful than there is room for, chance gets the room.
    """
    shuffled = {stratum: rng.sample(list(there), len(there)) for stratum, there in strata.items()}
    by_chance, start = size - round(size * uncertain), rng.random()
    while True:
        shares = fair({stratum: len(there) for stratum, there in shuffled.items()}, by_chance, start)
        rest = {
            stratum: sorted(
                (one for one in there[shares[stratum] :] if one.doubt.degree > 0), key=lambda one: -one.doubt.degree
            )
            for stratum, there in shuffled.items()
        }
        lacking = size - by_chance - sum(map(len, rest.values()))
        if lacking <= 0:
            break
        by_chance += lacking
    more = spread({stratum: len(there) for stratum, there in rest.items()}, size - by_chance)
    chance: list[tuple[_Pooled, Drawn]] = [
        (one, "random") for stratum, there in shuffled.items() for one in there[: shares[stratum]]
    ]
    return [*chance, *((one, "uncertain") for stratum, there in rest.items() for one in there[: more[stratum]])]


def fair(sizes: Mapping[T, int], total: int, start: float) -> dict[T, int]:
    """Share ``total`` out in proportion to sizes so that each member of any has the same chance to be drawn.

    Whole parts go out as they are; what is left of them is drawn systematically from ``start`` in [0, 1), so that a
    stratum too small for a whole part gets one as often as it should.
    """
    whole, shares, passed = sum(sizes.values()), dict.fromkeys(sizes, 0), start
    for at, (name, size) in enumerate(sizes.items(), 1):
        exact = min(total, whole) * size / whole if whole else 0.0
        last = at == len(sizes)
        upto = min(total, whole) + start if last else passed + exact  # the sum is whole, whatever rounding does
        shares[name] = min(size, math.floor(upto) - math.floor(passed))
        passed = upto
    return shares


def spread(sizes: Mapping[T, int], total: int) -> dict[T, int]:
    """Share ``total`` out about in proportion to sizes, and at least one each where there is room."""
    held = {name: size for name, size in sizes.items() if size}
    total = min(total, sum(held.values()))
    shares = dict.fromkeys(sizes, 0)
    if not total:
        return shares
    if total >= len(held):
        shares.update(dict.fromkeys(held, 1))
    left = total - sum(shares.values())
    room = {name: size - shares[name] for name, size in held.items()}
    whole = sum(room.values())
    exact = {name: left * size / whole if whole else 0.0 for name, size in room.items()}
    for name, share in exact.items():
        shares[name] += math.floor(share)
    order = sorted(room, key=lambda name: (math.floor(exact[name]) - exact[name], -room[name], str(name)))
    for name in order[: total - sum(shares.values())]:
        shares[name] += 1
    return shares


def _made(one: _Pooled, drawn: Drawn, seed: int, most: int, bank: Standard | None) -> tuple[Item, Behind]:
    sample = one.sample
    id = blind_id("q", seed, sample.id, sample.question, *sample.turns)
    standard = _standard(sample, bank)
    answers = {text: list(origins) for text, origins in one.answers.items()}
    if standard is not None:
        text, origin = standard
        answers.setdefault(text, []).append(origin)
    kept = _kept(answers, most, random.Random(f"{seed}\x1f{id}"))
    shown = {blind_id("a", seed, id, text): text for text in kept}
    item = Item(
        id=id,
        question=sample.question,
        lang=sample.lang,
        answers=tuple(Shown(name, shown[name]) for name in sorted(shown)),
        plain=sample.plain,
        turns=sample.turns,
        system=sample.system,
        tool=sample.tool,
        contexts=tuple(passage.text for passage in sample.contexts),
    )
    behind = Behind(
        item=id,
        row=sample.id,
        risk=sample.risk,
        should=sample.should or "",
        stratum=one.stratum,
        drawn=drawn,
        doubt=round(one.doubt.degree, 6),
        why=one.doubt.why,
        answers={name: tuple(answers[text]) for name, text in sorted(shown.items())},
    )
    return item, behind


def _standard(sample: Sample, bank: Standard | None) -> tuple[str, Origin] | None:
    if sample.reference and sample.reference.strip():
        return sample.reference, Origin(STANDARD, sample.id, -1, text_digest(sample.reference))
    found = bank(sample) if bank else None
    return (found[0], Origin(STANDARD, found[1], -2, text_digest(found[0]))) if found else None


def _kept(answers: Mapping[str, Sequence[Origin]], most: int, rng: random.Random) -> list[str]:
    """Return the texts to show: the standard answer, then one of each source in turn, by chance."""
    first = [text for text, origins in answers.items() if any(origin.source == STANDARD for origin in origins)]
    by_source: dict[str, list[str]] = {}
    for text, origins in answers.items():
        if text not in first:
            by_source.setdefault(origins[0].source, []).append(text)
    queues = [rng.sample(texts, len(texts)) for texts in by_source.values()]
    rest = [queue[turn] for turn in range(max(map(len, queues), default=0)) for queue in queues if turn < len(queue)]
    return [*first, *rest][:most]
