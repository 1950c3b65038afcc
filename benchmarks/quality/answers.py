"""``python -m benchmarks.quality.answers``: measures answer banks at the default thresholds.

The banks are made of public sets, which the shipped vectors have not read, and of five trades written for it
(``benchmarks/answers/own``). Prints a table: how often the best entry is the right one, how well the score
tells what a bank holds from what it does not, how many questions of all get a wrong answer, how many that the bank
holds get the right one, and the processor time of a question.
"""

from __future__ import annotations

import csv
import json
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
import yaml

from benchmarks.answers import own
from gateway.answers.bank import Bank
from gateway.answers.entry import Entry
from gateway.answers.match import DEFAULT, Match, Matcher


class Asked(NamedTuple):
    """A set as a bank and questions.

    Attributes:
        name: The set.
        bank: The entries.
        questions: Each with the entry that it is about; None for what the bank does not hold.
    """

    name: str
    bank: Bank
    questions: Sequence[tuple[str, str | None]]


class Line(NamedTuple):
    """What came of a set; None where a figure has no meaning."""

    name: str
    entries: int
    ways: int
    questions: int
    top: float | None
    scope: float | None
    wrong: float
    right: float
    asked: float
    among: float | None
    micros: float


def auc(high: Sequence[float], low: Sequence[float]) -> float | None:
    """Return how often a score of ``high`` is above one of ``low``; ties count half."""
    if not high or not low:
        return None
    both = np.array([*high, *low])
    _, places, counts = np.unique(both, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    size = len(high)
    return float((ranks[:size].sum() - size * (size + 1) / 2) / (size * len(low)))


def bank_of(name: str, rows: Sequence[tuple[str, str]]) -> Bank:
    """Return a bank of questions with the names of their entries."""
    ways: dict[str, list[str]] = {}
    for question, entry in rows:
        ways.setdefault(entry, []).append(question)
    return Bank(name, tuple(Entry(id, tuple(some), en=id, state="approved") for id, some in ways.items()))


def sets(data: Path, most: int, seed: int = 1) -> Iterator[Asked]:
    """Yield the sets, so many questions of each at most."""
    draw = random.Random(seed)

    def some(questions: list[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
        draw.shuffle(questions)
        return questions[:most]

    folder = data / "banking77"
    rows = [_rows(folder / f"banking_data__{part}.csv", "text", "category") for part in ("train", "test")]
    yield Asked("banking77", bank_of("banking77", rows[0]), some([*rows[1]]))
    held = set(sorted({entry for _, entry in rows[0]})[::2])
    half = [row for row in rows[0] if row[1] in held]
    asked: list[tuple[str, str | None]] = [(text, entry if entry in held else None) for text, entry in rows[1]]
    yield Asked("banking77, half of the intents", bank_of("half", half), some(asked))
    whole = json.loads((data / "clinc150" / "data__data_full.json").read_text("utf-8"))
    test: list[tuple[str, str | None]] = [(text, entry) for text, entry in whole["test"]]
    asked = test + [(text, None) for text, _ in whole["oos_test"]]
    train = [(text, entry) for text, entry in whole["train"]]
    yield Asked("clinc150", bank_of("clinc150", train), some(asked))
    similar = pairs(data)["covid_faq"]
    alike = {one: other for one, other, same in similar if same}
    asked = [(other, one) for one, other in alike.items()]
    asked += [(other, None) for one, other, same in similar if not same and one not in alike]
    yield Asked("covid_faq", bank_of("covid_faq", [(one, one) for one in alike]), some(asked))
    for ways in (1, 3):
        for one in own.banks(ways):
            yield Asked(f"own, Chinese, {one.trade}, {ways} way{'s' * (ways > 1)}", one.bank, some(one.asked))


def _rows(file: Path, *columns: str) -> list[tuple[str, str]]:
    with file.open(encoding="utf-8") as lines:
        return [(row[columns[0]], row[columns[1]]) for row in csv.DictReader(lines)]


def pairs(data: Path) -> dict[str, list[tuple[str, str, bool]]]:
    """Return pairs of questions and whether they ask the same; those written for this in two halves, by name."""
    with (data / "covid_faq" / "data__eval_question_similarity_en.csv").open(encoding="utf-8") as lines:
        covid = [(row["question_1"], row["question_2"], row["similar"] == "1") for row in csv.DictReader(lines)]
    with (data / "pawsx_zh_dev" / "PAWS-X__dev_2k.tsv").open(encoding="utf-8") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        paws = [(row["sentence1"], row["sentence2"], row["label"] == "1") for row in rows]
    return {"covid_faq": covid, "PAWS-X zh dev": paws, **written_pairs()}


def written_pairs() -> dict[str, list[tuple[str, str, bool]]]:
    """Return the pairs written for this: of each line the twin and the stranger."""
    lines = yaml.safe_load((own.FOLDER.parent / "pairs.yaml").read_text("utf-8"))
    return {
        f"written {kind}, {half}": [
            pair for one, twin, stranger in some[first::2] for pair in ((one, twin, True), (one, stranger, False))
        ]
        for kind, some in lines.items()
        for half, first in (("learned from", 0), ("report", 1))
    }


def measured(asked: Asked) -> Line:
    """Ask a bank every question."""
    matcher = Matcher(asked.bank)
    began = time.process_time()
    found = [(wanted, matcher.find(question)) for question, wanted in asked.questions]
    micros = (time.process_time() - began) / max(1, len(found)) * 1e6
    held = [(wanted, match) for wanted, match in found if wanted is not None]
    hits = [match.entry is not None and match.entry.id == wanted for wanted, match in held]
    answered = [(wanted, match) for wanted, match in found if match.decision == "answer"]
    right = sum(match.entry is not None and match.entry.id == wanted for wanted, match in answered)
    return Line(
        asked.name,
        len(asked.bank.entries),
        sum(len(entry.questions) for entry in asked.bank.entries),
        len(found),
        float(np.mean(hits)) if hits else None,
        auc([m.score for w, m in found if w is not None], [m.score for w, m in found if w is None]),
        (len(answered) - right) / max(1, len(found)),
        right / max(1, len(held)),
        sum(match.decision == "ask" for _, match in found) / max(1, len(found)),
        _among(held),
        micros,
    )


def _among(held: Sequence[tuple[str, Match]]) -> float | None:
    """Return how often the right entry is among the three that are named when a question that is held is asked back."""
    asked = [(wanted, match) for wanted, match in held if match.decision == "ask" and match.entry is not None]
    hits = [wanted in {one.id for one in (match.entry, *match.others)[:3] if one} for wanted, match in asked]
    return float(np.mean(hits)) if hits else None


def alike(some: Sequence[tuple[str, str, bool]], most: int) -> float | None:
    """Return how well a score tells pairs that ask the same from others: each a bank of one entry."""
    scores: dict[bool, list[float]] = {True: [], False: []}
    for one, other, same in some[:most]:
        scores[same].append(Matcher(bank_of("one", [(one, "one")])).find(other).score)
    return auc(scores[True], scores[False])


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


@click.command(epilog="Example:\n\n  python -m benchmarks.quality.answers --data folder")
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--most", default=2000, show_default=True, help="Questions of a set at most.")
def main(data: Path, most: int) -> None:
    """Measure answer banks at the default thresholds."""
    click.echo(f"thresholds: answer {DEFAULT.answer}, ask {DEFAULT.ask}")
    click.echo("| set | entries | ways | questions | top-1 | scope AUC | wrong | right | asked back | among 3 | µs |")
    click.echo("|---|---|---|---|---|---|---|---|---|---|---|")
    for asked in sets(data, most):
        line = measured(asked)
        figures = [
            _shown(line.top),
            _shown(line.scope),
            f"{line.wrong:.4f}",
            f"{line.right:.3f}",
            f"{line.asked:.3f}",
            _shown(line.among),
        ]
        sizes = f"{line.entries} | {line.ways} | {line.questions}"
        click.echo(f"| {line.name} | {sizes} | {' | '.join(figures)} | {line.micros:.0f} |")
    for name, some in pairs(data).items():
        click.echo(f"| {name}, pairs | 1 | 1 | {min(most, len(some))} | – | {_shown(alike(some, most))} {'| – ' * 5}|")


if __name__ == "__main__":
    main()
