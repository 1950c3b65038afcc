"""Fits how what speaks for an entry is weighed, and says how well that carries to banks that it was not fitted on.

Everything is learned from banks with questions and from pairs of questions (``benchmarks/quality/answers.py``), each
family of sets weighing the same. For the figures a set is judged by weights that were fitted without it and its
kin. Run it with ``python -m training.matching --data folder``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.answers import Asked, auc, bank_of, pairs, sets
from gateway.answers.compare import against_of
from gateway.answers.match import DEFAULT, Matcher
from gateway.answers.score import AGAINST, Speaks, likely, numbers

Doubles = NDArray[np.float64]

OUT: Final = Path("gateway/answers/weights/score.json")
_STRENGTH: Final = 3.0
_STEPS: Final = 30
_EACH: Final = 400.0
"""What the sets of a family weigh."""
_NEVER: Final = "own"
"""The project's own banks are never learned from: they are for the report."""
_FREE: Final = "crowd"
"""What may speak either way."""


class Case(NamedTuple):
    """A question to a bank.

    Attributes:
        speaks: What speaks for the nearest entry.
        held: Whether the bank holds what was asked.
        right: Whether the nearest entry is the right one.
    """

    speaks: Speaks
    held: bool
    right: bool


class Cases(NamedTuple):
    """The questions of a set.

    Attributes:
        name: The set.
        family: What is left out together with it.
        learned: Whether it may be learned from.
        cases: Its questions.
    """

    name: str
    family: str
    learned: bool
    cases: Sequence[Case]


def cases_of(asked: Asked) -> list[Case]:
    """Ask a bank every question."""
    matcher = Matcher(asked.bank)
    found = []
    for question, wanted in asked.questions:
        if weighed := matcher.weighed(question):
            entry, speaks = weighed
            found.append(Case(speaks, wanted is not None, wanted is not None and entry.id == wanted))
    return found


def read(data: Path, most: int) -> list[Cases]:
    """Return the cases of all sets, so many questions of each at most."""
    found = []
    for asked in sets(data, most):
        family = asked.name.split(",")[0]
        found.append(Cases(asked.name, family, family != _NEVER, cases_of(asked)))
    for name, some in pairs(data).items():
        cases: list[Case] = []
        for one, other, same in some[:most]:
            pair = Asked("pair", bank_of("one", [(one, "one")]), [(other, "one")])
            cases += [case._replace(right=same) for case in cases_of(pair)]
        learned = "report" not in name and not name.startswith("PAWS")
        found.append(Cases(f"{name}, pairs", name.split(",")[0], learned, cases))
    return found


def fitted(sets_of: Sequence[Cases]) -> dict[str, float]:
    """Return the weights, by name, that say best which nearest entries are right.

    What speaks for an entry never speaks against it, nor the other way round: where a set would have it so, by chance
    or because its pairs were written to deceive, it says nothing.
    """
    kin = Counter(one.family for one in sets_of)
    every = [
        (case, _EACH / len(one.cases) / kin[one.family])
        for one in sets_of
        for case in one.cases
        if not case.speaks.seen.same
    ]
    rows = [numbers(case.speaks) for case, _ in every]
    names = list(rows[0])
    wanted = np.array([case.right for case, _ in every], float)
    shares = np.array([share for _, share in every])
    while True:
        table = np.array([[row[name] for name in names] + [1.0] for row in rows])
        found = _logistic(table, wanted, shares)
        wrong = [
            name
            for name, weight in zip(names, found, strict=False)
            if name != _FREE and (weight > 0) == (name in AGAINST)
        ]
        if not wrong:
            break
        names = [name for name in names if name not in wrong]
    weights = dict.fromkeys(rows[0], 0.0) | dict(zip([*names, "start"], found.tolist(), strict=True))
    return {name: round(weight, 3) for name, weight in weights.items()}


def _logistic(table: Doubles, wanted: Doubles, shares: Doubles) -> Doubles:
    found = np.zeros(table.shape[1])
    strength = np.full(table.shape[1], _STRENGTH)
    strength[-1] = 0.01
    for _ in range(_STEPS):
        said = 1 / (1 + np.exp(-(table @ found)))
        slope = table.T @ (shares * (said - wanted)) + strength * found
        bend = (table * (shares * said * (1 - said))[:, None]).T @ table + np.diag(strength)
        found = found - np.linalg.solve(bend, slope)
    return found


def line(one: Cases, weights: Mapping[str, float], answer: float = DEFAULT.answer, ask: float = DEFAULT.ask) -> str:
    """Return a row of a table: how often right, how well scope is told, what is answered wrong and right."""
    scores = [likely(case.speaks, weights) for case in one.cases]
    pair = one.name.endswith("pairs")
    good = [case.right if pair else case.held for case in one.cases]
    area = auc(
        [s for s, g in zip(scores, good, strict=True) if g], [s for s, g in zip(scores, good, strict=True) if not g]
    )
    held = [case for case in one.cases if case.held]
    answered = [
        case
        for case, score in zip(one.cases, scores, strict=True)
        if score >= answer and (case.speaks.seen.same or not against_of(case.speaks.seen))
    ]
    right = sum(case.right for case in answered)
    asked = sum(score >= ask for score in scores) - len(answered)
    shown = [
        "–" if pair else f"{np.mean([case.right for case in held]):.3f}",
        "–" if area is None else f"{area:.3f}",
        f"{(len(answered) - right) / len(one.cases):.4f}",
        f"{right / max(1, sum(case.right for case in held) if pair else len(held)):.3f}",
        f"{asked / len(one.cases):.3f}",
    ]
    return f"| {one.name} | {len(one.cases)} | {' | '.join(shown)} |"


@click.command(epilog="Example:\n\n  python -m training.matching --data folder")
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--most", default=800, show_default=True, help="Questions of a set at most.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=OUT, show_default=True)
def main(data: Path, most: int, out: Path) -> None:
    """Fit how what speaks for an entry is weighed; print how it carries to sets that it was not fitted on."""
    every = read(data, most)
    learned = [one for one in every if one.learned]
    weights = fitted(learned)
    out.write_text(json.dumps(weights, indent=2) + "\n", "utf-8")
    click.echo(f"thresholds: answer {DEFAULT.answer}, ask {DEFAULT.ask}; each set judged by weights fitted without it")
    click.echo("| set | questions | top-1 | scope AUC | wrong | right | asked back |")
    click.echo("|---|---|---|---|---|---|---|")
    for one in every:
        click.echo(line(one, fitted([other for other in learned if other.family != one.family])))


if __name__ == "__main__":
    main()
