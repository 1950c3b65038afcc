"""Fits how what speaks for an entry is weighed, and says how well that carries to banks that it was not fitted on.

Everything is learned from banks with questions and from pairs of questions (``benchmarks/quality/answers.py``), and
from what was written for it (``training/alike.py``), each family of sets weighing the same. For the figures a set is
judged by weights that were fitted without it and its kin; a trade by those fitted without that trade. Run it with
``make train-matching DATA=folder``.

Near strangers are written to share words, and paraphrases to share none: from such sets only that is learned which
tells them apart beyond how many words they share. So weights of their own take up what shared words and nearness say
there, and are thrown away.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import click
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.quality.answers import Asked, auc, bank_of, pairs, sets
from gateway.answers.bank import Bank
from gateway.answers.compare import against_of
from gateway.answers.entry import Entry
from gateway.answers.match import DEFAULT, Matcher
from gateway.answers.score import AGAINST, Speaks, likely, numbers
from gateway.meaning.vectors import Vectors, read_vectors
from training.alike import Group, trades
from training.sums import renew

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
_TAKEN_UP: Final = ("ways", "middle", "meaning", "covered", "covering", "between")
"""What sets written to deceive have weights of their own for."""
_LOOSE: Final = 0.1


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
        kind: Families of one kind weigh together what one family does.
        deceives: Whether it was written so that shared words mislead.
    """

    name: str
    family: str
    learned: bool
    cases: Sequence[Case]
    kind: str = ""
    deceives: bool = False


def cases_of(asked: Asked, vectors: Vectors | None = None) -> list[Case]:
    """Ask a bank every question, by the vectors that ship if no others are given."""
    matcher = Matcher(asked.bank, vectors)
    found = []
    for question, wanted in asked.questions:
        if weighed := matcher.weighed(question):
            entry, speaks = weighed
            found.append(Case(speaks, wanted is not None, wanted is not None and entry.id == wanted))
    return found


def read(data: Path, most: int, unseen: Sequence[Vectors]) -> list[Cases]:
    """Return the cases of all sets.

    Args:
        data: The folder of the public sets.
        most: So many questions of each at most.
        unseen: Vectors that were made without the trades at even places, and without those at odd ones: a trade is
            asked with those that have not learned from it.
    """
    found = []
    for asked in sets(data, most):
        family = asked.name.split(",")[0]
        found.append(Cases(asked.name, family, family != _NEVER, cases_of(asked)))
    for at, (trade, groups) in enumerate(trades().items()):
        kind = "written, English" if trade.startswith("en_") else "written, Chinese"
        for name, asked, deceives in written(trade, groups):
            found.append(
                Cases(name, f"trade {trade}", True, cases_of(asked, unseen[at % 2]), f"{kind}, {deceives}", deceives)
            )
    for name, some in pairs(data).items():
        cases: list[Case] = []
        for one, other, same in some[:most]:
            pair = Asked("pair", bank_of("one", [(one, "one")]), [(other, "one")])
            cases += [case._replace(right=same) for case in cases_of(pair)]
        family, deceives = name.split(",")[0], name.startswith(("written hard", "PAWS"))
        learned = "report" not in name and not name.startswith("PAWS")
        found.append(Cases(f"{name}, pairs", family, learned, cases, deceives=deceives))
        if family == "written usual":
            questions = [(other, one if same else None) for one, other, same in some]
            bank = bank_of(name, [(one, one) for one in dict.fromkeys(one for one, _, _ in some)])
            found.append(Cases(f"{name}, as a bank", family, learned, cases_of(Asked(name, bank, questions))))
    return found


def written(trade: str, groups: Sequence[Group]) -> Iterator[tuple[str, Asked, bool]]:
    """Yield banks of a trade with their questions, and whether these deceive.

    One bank has every second entry and is asked the paraphrases of all; one has all and is asked near strangers too;
    each has one way of asking for an entry, then three.
    """
    for ways in (1, 3):
        for name, step, deceives in (("half of the entries", 2, False), ("near strangers", 1, True)):
            held = [(f"{at}", group) for at, group in enumerate(groups) if at % step == 0]
            entries = [Entry(id, (one.ask, *one.same[: ways - 1]), zh=id, state="approved") for id, one in held]
            asked: list[tuple[str, str | None]] = [
                (text, f"{at}" if at % step == 0 else None)
                for at, one in enumerate(groups)
                for text in one.same[ways - 1 :]
            ]
            if deceives:
                asked += [(text, None) for one in groups for text in one.near]
            title = f"trade {trade}, {name}, {ways} way{'s' * (ways > 1)}"
            yield title, Asked(title, Bank(trade, tuple(entries)), asked), deceives


def fitted(sets_of: Sequence[Cases]) -> dict[str, float]:
    """Return the weights, by name, that say best which nearest entries are right.

    What speaks for an entry never speaks against it, nor the other way round: where a set would have it so, by chance
    or because its pairs were written to deceive, it says nothing.
    """
    kin = Counter((one.kind, one.family) for one in sets_of)
    families = Counter(kind for kind, _ in kin if kind)
    every = [
        (case, _EACH / len(one.cases) / kin[one.kind, one.family] / max(1, families[one.kind]), one.deceives)
        for one in sets_of
        for case in one.cases
        if not case.speaks.seen.same
    ]
    rows = [numbers(case.speaks) for case, _, _ in every]
    names = list(rows[0])
    wanted = np.array([case.right for case, _, _ in every], float)
    shares = np.array([share for _, share, _ in every])
    own = np.array([[row[name] for name in _TAKEN_UP] + [1.0] for row in rows]) * np.array([[d] for _, _, d in every])
    while True:
        table = np.array([[row[name] for name in names] + [1.0] for row in rows])
        strength = np.array([_STRENGTH] * len(names) + [0.01] + [_LOOSE] * own.shape[1])
        found = _logistic(np.hstack([table, own]), wanted, shares, strength)
        wrong = [
            name
            for name, weight in zip(names, found, strict=False)
            if name != _FREE and (weight > 0) == (name in AGAINST)
        ]
        if not wrong:
            break
        names = [name for name in names if name not in wrong]
    weights = dict.fromkeys(rows[0], 0.0) | dict(zip([*names, "start"], found.tolist(), strict=False))
    return {name: round(weight, 3) for name, weight in weights.items()}


def _logistic(table: Doubles, wanted: Doubles, shares: Doubles, strength: Doubles) -> Doubles:
    found = np.zeros(table.shape[1])
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


@click.command(epilog="Example:\n\n  python -m training.matching --data folder --unseen var/even.npz var/odd.npz")
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option(
    "--unseen",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    nargs=2,
    required=True,
    help="What training.meaning made with --without even, and with --without odd.",
)
@click.option("--most", default=800, show_default=True, help="Questions of a set at most.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=OUT, show_default=True)
def main(data: Path, unseen: tuple[Path, Path], most: int, out: Path) -> None:
    """Fit how what speaks for an entry is weighed; print how it carries to sets that it was not fitted on."""
    every = read(data, most, [read_vectors(file.read_bytes()) for file in unseen])
    learned = [one for one in every if one.learned]
    weights = fitted(learned)
    out.write_text(json.dumps(weights, indent=2) + "\n", "utf-8")
    renew()
    click.echo(f"thresholds: answer {DEFAULT.answer}, ask {DEFAULT.ask}; each set judged by weights fitted without it")
    click.echo("| set | questions | top-1 | scope AUC | wrong | right | asked back |")
    click.echo("|---|---|---|---|---|---|---|")
    without = {
        family: fitted([one for one in learned if one.family != family])
        for family in tqdm(dict.fromkeys(one.family for one in every), "fitting", delay=2, disable=None)
    }
    for one in every:
        click.echo(line(one, without[one.family]))


if __name__ == "__main__":
    main()
