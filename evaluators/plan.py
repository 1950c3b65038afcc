"""What a run is going to take, said before the first call: calls, tokens, money and time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from evaluators.execute import Due, judge_terms
from evaluators.pace import Caps, Limits, Price, Spent, guess_tokens
from evaluators.prompt import messages
from evaluators.run import Run, State
from evaluators.sample import Response, Sample
from evaluators.scorers.spec import Scorer

ANSWER_TOKENS: Final = 512
"""Tokens of an answer, where the request does not say how many it may have."""
JUDGEMENT_TOKENS: Final = 256
"""Tokens of what a judge says."""
SECONDS: Final = 2.0
"""Seconds of an answer, where no limit says more."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one endpoint is going to be asked; tokens are estimates, those of answers upper ones."""

    name: str
    calls: int
    input: int
    output: int
    limits: Limits
    price: Price | None

    @property
    def money(self) -> float | None:
        """What it costs; None if nobody said."""
        return self.price.of(self.input, self.output) if self.price else None

    def seconds(self, concurrency: int) -> float:
        """How long it takes at least: by the limits, else at two seconds an answer."""
        limits = self.limits
        by_calls = 60 * self.calls / limits.requests if limits.requests else 0.0
        by_tokens = 60 * (self.input + self.output) / limits.tokens if limits.tokens else 0.0
        return max(by_calls, by_tokens, self.calls * SECONDS / concurrency)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is left to do in a run, and what it takes.

    Attributes:
        rows: Rows of the data set, attacks not counted.
        attacks: Rows that attacks make of them.
        repetitions: How often each is asked.
        ways: How many ways each is asked.
        left: Answers that are still to be asked for or judged.
        scorers: Their names.
        shares: What each endpoint is asked.
        seconds: How long it takes, about.
        caps: The budget.
        spent: What was used before.
    """

    rows: int
    attacks: int
    repetitions: int
    ways: int
    left: int
    scorers: tuple[str, ...]
    shares: tuple[Share, ...]
    seconds: float
    caps: Caps
    spent: Spent

    @property
    def calls(self) -> int:
        """Calls of all endpoints."""
        return sum(share.calls for share in self.shares)

    @property
    def tokens(self) -> int:
        """Tokens of all endpoints."""
        return sum(share.input + share.output for share in self.shares)

    @property
    def money(self) -> float | None:
        """What all endpoints with a price cost; None if none has one."""
        known = [share.money for share in self.shares if share.money is not None]
        return sum(known) if known else None

    @property
    def exceeds(self) -> tuple[str, ...]:
        """The caps that the rest of the run would pass."""
        caps, spent = self.caps, self.spent
        needs = (
            ("calls", caps.calls, spent.calls + self.calls),
            ("tokens", caps.tokens, spent.tokens + self.tokens),
            ("money", caps.money, spent.money + (self.money or 0.0)),
        )
        return tuple(name for name, cap, need in needs if cap is not None and need > cap)


def plan(
    run: Run, state: State, scorers: Sequence[Scorer], left: Sequence[Due], *, caps: Caps, concurrency: int
) -> Plan:
    """Work out what the rest of a run takes.

    Args:
        run: The run.
        state: What it has got so far.
        scorers: What judges.
        left: What is left to do.
        caps: The budget.
        concurrency: How many rows are under way at once.
    """
    shares = tuple(_shares(run, state, scorers, left))
    plain = sum(1 for sample in run.samples if not sample.attack)
    return Plan(
        rows=plain,
        attacks=len(run.samples) - plain,
        repetitions=run.manifest.repetitions,
        ways=len(run.manifest.asked.ways),
        left=len(left),
        scorers=tuple(scorer.name for scorer in scorers),
        shares=shares,
        seconds=max((share.seconds(concurrency) for share in shares), default=0.0),
        caps=caps,
        spent=state.spent,
    )


def _shares(run: Run, state: State, scorers: Sequence[Scorer], left: Sequence[Due]) -> Iterator[Share]:
    sizes: dict[str, int] = {}

    def size(sample: Sample) -> int:
        if sample.id not in sizes:
            sizes[sample.id] = _size(sample, run)
        return sizes[sample.id]

    for way, asked in run.manifest.asked.ways.items():
        if asked.recorded:
            continue
        due = [sample for sample, key in left if key.way == way and not state.answered(key)]
        calls = sum(1 + len(sample.turns) for sample in due)
        most = _most(asked.parameters)
        name = f"{asked.model} @ {asked.base_url}" if asked.http is None else str(asked.http["url"])
        yield Share(f"{way}: {name}" if way else name, calls, sum(map(size, due)), calls * most, asked.pace, asked.cost)
    judging = [scorer for scorer in scorers if scorer.judge]
    if judging and run.manifest.judge:
        calls = asked_tokens = 0
        for sample, key in left:
            for scorer in judging:
                if (key, scorer.name) not in state.cells and scorer.applies(sample):
                    calls += scorer.calls
                    said = state.answers.get(key)
                    words = guess_tokens(said.text) if isinstance(said, Response) else ANSWER_TOKENS // 2
                    asked_tokens += scorer.calls * (size(sample) + words)
        limits, price = judge_terms(run)
        name = f"judge: {run.manifest.judge.model} @ {run.manifest.judge.base_url}"
        yield Share(name, calls, asked_tokens, calls * JUDGEMENT_TOKENS, limits, price)


def _size(sample: Sample, run: Run) -> int:
    """Return about how many tokens all turns of a row ask, answers before the last not counted."""
    words = messages(sample, run.suite.templates[sample.lang])
    last = sum(guess_tokens(str(one["content"])) for one in words)
    turns = [guess_tokens(turn) for turn in sample.turns]
    return last * (1 + len(turns)) + sum(turns) + guess_tokens(sample.tool)


def _most(parameters: Mapping[str, object]) -> int:
    for name in ("max_completion_tokens", "max_tokens"):
        most = parameters.get(name)
        if isinstance(most, int) and most > 0:
            return most
    return ANSWER_TOKENS


def lines(made: Plan) -> Iterator[str]:
    """Yield the plan as people read it."""
    rows = f"{made.rows:,} rows" + (f" + {made.attacks:,} by attacks" if made.attacks else "")
    ways = f" × {made.ways} ways" if made.ways > 1 else ""
    yield f"plan: {rows} × {made.repetitions} repetitions{ways}, {made.left:,} answers left to get or judge"
    yield f"      judged by {', '.join(made.scorers)}"
    for share in made.shares:
        money = ", no price given" if made.money is not None else ""
        if share.money is not None and share.price is not None:
            money = f", {share.money:,.4g} {share.price.currency}"
        yield (
            f"      {share.name}: {share.calls:,} calls, about {share.input:,} tokens of questions and at most "
            f"{share.output:,} of answers{money}"
        )
    if made.shares:
        limited = any(share.limits.requests or share.limits.tokens for share in made.shares)
        why = "by the limits" if limited else f"at {SECONDS:g} s an answer"
        yield f"      about {_span(made.seconds)}, {why}"
    caps, spent = made.caps, made.spent
    written = [
        f"{name} {used:,.6g} of {cap:,.6g} used"
        for name, used, cap in (
            ("calls", spent.calls, caps.calls),
            ("tokens", spent.tokens, caps.tokens),
            ("money", spent.money, caps.money),
        )
        if cap is not None
    ]
    if written:
        yield f"      budget: {', '.join(written)}"
    if made.exceeds:
        yield f"      the budget ends before the rows do ({', '.join(made.exceeds)}): what is left can be gone on with"


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
