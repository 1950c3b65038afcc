"""Fits which of the entries that are near a question comes first, and says how well that carries to other sets.

Learned from the same banks as the score (``training/matching.py``): of questions that a bank holds, the right entry is
to be worth more than its rivals. Run it with ``make train-matching DATA=folder``, before the score.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.answers import Asked, sets
from gateway.answers.match import Matcher
from gateway.answers.score import AGAINST
from gateway.meaning.vectors import Vectors, read_vectors
from training.alike import trades
from training.matching import written
from training.sums import renew

OUT: Final = Path("gateway/answers/weights/order.json")
_SHARP: Final = 5.0
_STEPS: Final = 200
_RATE: Final = 0.5
_STRENGTH: Final = 0.02
_START: Final[Mapping[str, float]] = {"ways": 1.0, "middle": 1.0, "covering": 0.4}
"""What is believed before anything is learned."""
_PUBLIC: Final = ("banking77", "clinc150", "covid_faq")


class Race(NamedTuple):
    """The rivals for a question.

    Attributes:
        table: What speaks for each of them, a column for each name.
        right: Which is the right one.
    """

    table: NDArray[np.float64]
    right: int


def races_of(asked: Asked, vectors: Vectors | None = None) -> tuple[list[Race], int]:
    """Return the questions for which the right entry is among several rivals, and for how many it is not."""
    matcher = Matcher(asked.bank, vectors)
    races, missed = [], 0
    for question, wanted in asked.questions:
        if wanted is None:
            continue
        rivals = matcher.rivals(question)
        right = next((at for at, (entry, _) in enumerate(rivals) if entry.id == wanted), None)
        if right is None:
            missed += 1
        elif rivals:
            races.append(Race(np.array([list(_signed(speaks).values()) for _, speaks in rivals]), right))
    return races, missed


def _signed(speaks: Mapping[str, float]) -> dict[str, float]:
    return {name: -x if name in AGAINST else x for name, x in speaks.items()}


def fitted(sets_of: Sequence[Sequence[Race]], names: Sequence[str]) -> dict[str, float]:
    """Return the weights, by name, that put the right entry first; none speaks against its nature; ways weigh 1.

    Args:
        sets_of: The races of each set; each set weighs the same.
        names: Of the columns.
    """
    start = np.array([_START.get(name, 0.0) for name in names])
    found = start.copy()
    every = [race for some in sets_of for race in some]
    shares = np.array([1 / len(some) / len(sets_of) for some in sets_of for _ in some])
    table = np.zeros((len(every), max(len(race.table) for race in every), len(names)))
    there = np.zeros(table.shape[:2], bool)
    for at, race in enumerate(every):
        table[at, : len(race.table)] = race.table
        there[at, : len(race.table)] = True
    right = table[np.arange(len(every)), [race.right for race in every]]
    for _ in range(_STEPS):
        worth = np.where(there, table @ found * _SHARP, -np.inf)
        chances = np.exp(worth - worth.max(1, keepdims=True))
        chances /= chances.sum(1, keepdims=True)
        slope = _SHARP * shares @ (right - (chances[:, :, None] * table).sum(1))
        found = np.maximum(0.0, found + _RATE * (slope - _STRENGTH * (found - start)))
    whole = found / found[list(names).index("ways")]
    signed = [-x if x and name in AGAINST else x for name, x in zip(names, whole.tolist(), strict=True)]
    return {name: round(x, 3) + 0.0 for name, x in zip(names, signed, strict=True)}


def first(races: Sequence[Race], missed: int, weights: Mapping[str, float]) -> float:
    """Return for how many of the questions that a bank holds the right entry comes first."""
    signed = np.array([*_signed(weights).values()])
    return sum(int((race.table @ signed).argmax()) == race.right for race in races) / (len(races) + missed)


@click.command(epilog="Example:\n\n  python -m training.ordering --data folder --unseen var/even.npz var/odd.npz")
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option(
    "--unseen",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    nargs=2,
    required=True,
    help="What training.meaning made with --without even, and with --without odd.",
)
@click.option("--most", default=400, show_default=True, help="Questions of a public set at most.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=OUT, show_default=True)
def main(data: Path, unseen: tuple[Path, Path], most: int, out: Path) -> None:
    """Fit what entries are ordered by; print how often the right one comes first by weights fitted without its kin."""
    tables = [read_vectors(file.read_bytes()) for file in unseen]
    found: dict[str, tuple[str, list[Race], int]] = {}
    for at, (trade, groups) in enumerate(trades().items()):
        for name, asked, deceives in written(trade, groups):
            if deceives:  # the bank of all entries
                found[name] = (trade, *races_of(asked, tables[at % 2]))
    for asked in sets(data, most):
        if asked.name.startswith(_PUBLIC):
            found[asked.name] = (asked.name.split(",")[0], *races_of(asked))
    names = list(Matcher(asked.bank).rivals(asked.questions[0][0])[0][1])
    weights = fitted([races for _, races, _ in found.values() if races], names)
    out.write_text(json.dumps(weights, indent=2) + "\n", "utf-8")
    renew()
    without = {
        kin: fitted([races for other, races, _ in found.values() if other != kin and races], names)
        for kin in dict.fromkeys(kin for kin, _, _ in found.values())
        if kin in {name.split(",")[0] for name in _PUBLIC}
    }
    halves = [
        fitted(
            [
                races
                for n, (kin, races, _) in enumerate(found.values())
                if races and not (kin in trades() and n // 2 % 2 == half)
            ],
            names,
        )
        for half in (0, 1)
    ]
    click.echo("| set | right one first | by nearness and shared words alone |")
    click.echo("|---|---|---|")
    plain = dict.fromkeys(names, 0.0) | dict(_START)
    for at, (name, (kin, races, missed)) in enumerate(found.items()):
        own = without.get(kin) or halves[at // 2 % 2]
        click.echo(f"| {name} | {first(races, missed, own):.3f} | {first(races, missed, plain):.3f} |")


if __name__ == "__main__":
    main()
