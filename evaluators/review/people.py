"""What people said of the answers of one run: written beside it, and held against what its scorers say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from evaluators.agreement import Agreement, agreement
from evaluators.review.consensus import Settled, consensus
from evaluators.review.decisions import Minutes, finished
from evaluators.review.draw import text_digest
from evaluators.review.figures import independent, likeness, ranking, reliability
from evaluators.review.folder import Review
from evaluators.review.item import Origin
from evaluators.review.rubric import Both, Conditions, met
from evaluators.run import Key, Run, State
from evaluators.sample import Response
from evaluators.score import Score
from evaluators.stats import Interval
from evaluators.summary import RowSummary
from gateway.errors import ConfigError, Where

FORMAT: Final = 1
FILE: Final = "people.json"
GOOD: Final = "good"
"""What a metric is held against that the rubric says nothing about: whether people call the answer good."""


@dataclass(frozen=True, slots=True)
class Said:
    """What people came to on one answer of the run.

    Attributes:
        row: The row's id.
        repetition: Which repetition, from 0.
        chance: Whether the row was drawn by chance; else because the machine was not sure of it.
        verdict: The settled value of each field, with how it was settled.
    """

    row: str
    repetition: int
    chance: bool
    verdict: Mapping[str, Settled]

    @property
    def values(self) -> dict[str, str]:
        """The value of each settled field."""
        return {name: settled.value for name, settled in self.verdict.items()}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the rubric, with how far people agree on it."""

    id: str
    label: Both
    values: Mapping[str, Both]
    n: int
    alpha: float | None
    interval: Interval | None
    fleiss: float | None


@dataclass(frozen=True, slots=True)
class Source:
    """A source of answers, and how people rank it; the run itself is ``mine``. See ``strength.Strength``."""

    name: str
    mine: bool
    strength: float
    interval: Interval
    above_average: float
    wins: int
    ties: int
    losses: int


@dataclass(frozen=True, slots=True)
class People:
    """What people said of one run.

    Attributes:
        review: The review's id.
        digest: Its digest.
        merged: The day on which it was laid beside the run, ISO 8601.
        rubric: The rubric's name.
        reviewers: How many people judged; never who.
        items: Questions that were drawn.
        judged: Those that at least one person judged whole.
        disputed: Those on which people differ, and nobody has settled it.
        fields: What was judged, and how far people agree.
        tau: How alike people rank, on ``tau_items`` questions; None where it cannot be said.
        tau_interval: 95 % interval of it.
        tau_items: Questions that at least two people ranked.
        sources: From the strongest to the weakest.
        good: What makes an answer good.
        against: What a metric's yes means.
        rows: What they came to.
    """

    review: str
    digest: str
    merged: str
    rubric: str
    reviewers: int
    items: int
    judged: int
    disputed: int
    fields: tuple[Field, ...]
    tau: float | None
    tau_interval: Interval | None
    tau_items: int
    sources: tuple[Source, ...]
    good: Conditions
    against: Mapping[str, Conditions]
    rows: tuple[Said, ...]


def gather(run: Run, state: State, said: Minutes, day: str) -> People:
    """Gather what people said of a run's answers.

    Raises:
        ConfigError: The review was drawn from another run, or the run has other answers by now.
    """
    review, assignment, decisions = said.review, said.assignment, said.decisions
    name = _name(run, review)
    agreed = consensus(review, assignment, decisions)
    rows = []
    for item in review.items:
        behind = review.behind[item.id]
        for answer, origins in behind.answers.items():
            for origin in origins:
                if origin.source != name:
                    continue
                _unchanged(origin, run, state)
                verdict = agreed[item.id].verdicts.get(answer, {})
                if verdict:
                    rows.append(Said(origin.row, origin.repetition, behind.drawn == "random", verdict))
    whole = finished(decisions, review)
    voices = independent(review, assignment, decisions)
    seed, rubric = review.facts.seed, review.rubric
    alike = likeness(voices, seed)
    texts = {field.id: (field.label, {value.id: value.text for value in field.values}) for field in rubric.fields}
    return People(
        review=review.facts.id,
        digest=review.digest,
        merged=day,
        rubric=rubric.name,
        reviewers=len({person for _, person in whole}),
        items=len(review.items),
        judged=len({item for item, _ in whole}),
        disputed=sum(bool(one.disputed) for one in agreed.values()),
        fields=tuple(
            Field(one.field, *texts[one.field], one.n, one.alpha, one.interval, one.fleiss)
            for one in reliability(voices, review, seed)
        ),
        tau=alike.tau,
        tau_interval=alike.interval,
        tau_items=alike.items,
        sources=tuple(
            Source(s.source, s.source == name, s.strength, s.interval, s.above_average, s.wins, s.ties, s.losses)
            for s in ranking(voices, review, seed)
        ),
        good=rubric.good,
        against=rubric.against,
        rows=tuple(rows),
    )


def _unchanged(origin: Origin, run: Run, state: State) -> None:
    """Raise ``ConfigError`` if the run has another answer by now than the one that people saw."""
    answer = state.answers.get(Key(origin.row, origin.repetition))
    if not isinstance(answer, Response) or text_digest(answer.text) != origin.digest:
        what = f"the answer to {origin.row!r} (repetition {origin.repetition}) is not the one that people saw"
        raise ConfigError(what, Where(str(run.path)), "lay the review beside the run that it was drawn from")


def _name(run: Run, review: Review) -> str:
    """Return the name that a run has in a review."""
    for drawn in review.facts.runs:
        if drawn.id == run.manifest.id:
            for what, mine, theirs in (
                ("data", run.manifest.data_digest, drawn.data_digest),
                ("suite", run.manifest.suite_digest, drawn.suite_digest),
            ):
                if mine != theirs:
                    message = f"the {what} of this run is not that of the review (digests differ)"
                    raise ConfigError(message, Where(str(run.path)), "lay it beside the run that it was drawn from")
            return drawn.name
    known = ", ".join(drawn.id for drawn in review.facts.runs)
    what = f"the review was not drawn from the run {run.manifest.id!r}"
    raise ConfigError(what, Where(str(review.path)), f"it was drawn from: {known}")


def encode(people: People) -> dict[str, Any]:
    """Write it as JSON values; ``decode`` reads it back."""
    return {"format": FORMAT, **asdict(people)}


def load(folder: Path) -> People | None:
    """Return what people said of a run, from its folder; None if nobody was asked.

    Raises:
        ConfigError: The file is none of ours.
    """
    path = folder / FILE
    try:
        return decode(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        hint = "write it anew: sluice eval review merge RUN REVIEW"
        raise ConfigError("this is no verdict of people", Where(str(path)), hint) from None


def decode(written: dict[str, Any]) -> People:
    """Read what ``encode`` wrote; raises ``ValueError``, ``KeyError`` or ``TypeError`` for anything else."""
    if written.pop("format") != FORMAT:
        raise ValueError("format")
    fields = tuple(Field(**{**one, "interval": _interval(one["interval"])}) for one in written.pop("fields"))
    sources = tuple(Source(**{**one, "interval": Interval(*one["interval"])}) for one in written.pop("sources"))
    rows = tuple(
        Said(**{**one, "verdict": {name: Settled(**value) for name, value in one["verdict"].items()}})
        for one in written.pop("rows")
    )
    written["good"] = _conditions(written["good"])
    written["against"] = {metric: _conditions(one) for metric, one in written["against"].items()}
    written["tau_interval"] = _interval(written["tau_interval"])
    return People(**written, fields=fields, sources=sources, rows=rows)


def _interval(written: Sequence[float] | None) -> Interval | None:
    return Interval(*written) if written is not None else None


def _conditions(written: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {field: tuple(values) for field, values in written.items()}


@dataclass(frozen=True, slots=True)
class Beside:
    """One metric's word beside people's, on the answers that both judged.

    Attributes:
        metric: Its name.
        against: What it is held against: a metric's yes (a value of one half or more) against the values of the
            rubric that mean the same; ``GOOD`` where the rubric names none: then its pass against people's good.
        table: How often both, one or neither say so.
        chance: The same on the rows that were drawn by chance alone, which stand for the run; None without any. The
            other rows were drawn because the machine was not sure, where it errs more.
    """

    metric: str
    against: str
    table: Agreement
    chance: Agreement | None


def beside(people: People, rows: Iterable[RowSummary]) -> list[Beside]:
    """Hold every metric of a run against people, where both have judged."""
    said = {(one.row, one.repetition): one for one in people.rows}
    pairs: dict[str, list[tuple[bool, tuple[bool, bool]]]] = {}
    for row in rows:
        people_say = said.get((row.sample.id, row.repetition))
        if people_say is None:
            continue
        for name, cell in row.cells.items():
            if not isinstance(cell, Score):
                continue
            claim = people.against.get(name)
            if claim is None and "/" in name:
                continue  # a part of another metric: nobody was asked about the part
            word = met(people_say.values, people.good if claim is None else claim)
            machine = cell.passed if claim is None else cell.value >= 0.5
            if word is not None:
                pairs.setdefault(name, []).append((people_say.chance, (word, machine)))
    return [
        Beside(
            metric=name,
            against=_told(people.against[name]) if name in people.against else GOOD,
            table=agreement(pair for _, pair in both),
            chance=agreement(pair for chance, pair in both if chance) if any(chance for chance, _ in both) else None,
        )
        for name, both in pairs.items()
    ]


def agreeing(table: Agreement) -> float | None:
    """Return kappa; None where both always say one thing, which says nothing about agreement."""
    people, machine = table.both + table.missed, table.both + table.invented
    return None if people in (0, table.n) and machine in (0, table.n) else table.kappa


def _told(conditions: Conditions) -> str:
    return ", ".join(f"{field} = {' / '.join(values)}" for field, values in conditions.items())
