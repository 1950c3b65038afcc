"""Fits what ``gateway/detectors/names`` knows of Chinese names: to what is marked, and to what a teacher says.

    python -m training.names_zh_fit --data DATA                learn from everything and write the weights
    python -m training.names_zh_fit --data DATA --only-report  say how good the weights are that ship
    python -m training.names_zh_fit --data DATA --without 0 --out FILE  a quarter of the plain and written texts is left

Run it with ``make train-names-zh DATA=folder``: it needs torch. Half an hour goes by on one core until the teacher
has learnt and read. It learns from made-up sentences, requests and dialogues, and from English sentences: what a person
does is much the same in both languages. On the same machine the same data give the same bytes.
"""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

import click
import numpy as np

from gateway.detectors.names.weights import ZH, read_chinese, write_chinese
from gateway.text import fold
from training.names_en import read_sets, spans, strings
from training.names_zh import (
    NAMES,
    TRAINED,
    Material,
    Names,
    Row,
    candidates_in,
    evaluate,
    examples,
    fit,
    in_requests,
    material,
    planted,
    renamed,
    unmark,
)
from training.names_zh_read import HAN, PARTS, SEED, marked_dialogues, plain_texts, read_texts, written_texts
from training.names_zh_said import LABELS, Line, Lines, Span, is_titled, labels_of, likely, sentences

_UNREAD: Final = "chinese_safetyqa/*.json*"
_REPORTED: Final = 20_000
_PLANTED: Final = 1700
_DIALOGUES: Final = 1200
_NAMING: Final = 600
_NAMING_NOBODY: Final = 900
_PLAIN: Final = 350
_AGAIN: Final = 700
_ENGLISH: Final = 1000
_ENGLISH_SETS: Final = ("wikigold", "wnut_train")
_ENGLISH_WORDS: Final = range(5, 40)
_HOPEFUL: Final = 0.05
_SURE, _DOUBTED = 0.95, 0.15
"""What is taken for a name, and for what may be one, where nothing is marked."""
_UNMARKED: Final[Mapping[str, int]] = {
    "halluqa": 1500,
    "cold": 1200,
    "teleantifraud": 1200,
    "pawsx_zh_dev": 1000,
    "swsr": 500,
    "aisafetylab": 250,
    "jade": 200,
    "flames": 150,
    "mtbench_zh": 60,
}
"""Sets, and how many of their sentences the teacher reads."""
_OF_PLAIN, _OF_REQUESTS, _OF_DIALOGUES = 1000, 1500, 1500
_ALWAYS, _SOMETIMES = 0.1, 0.02
"""Sentences as sure to name somebody are read; of those only as sure as this a part is."""
_PART: Final = 0.3
_PIECES: Final = 48
_HELD: Final = 6
_ROUNDS: Final = 1
_RATE, _LAST_RATE = 3e-4, 3e-3
_AT_ONCE: Final = 1000
_HEARD: Final = 3.0
"""A word of the teacher counts as much as so many made-up candidates."""
_MISTAKEN: Final = 0.5
"""A candidate of plain texts that seems as sure as this may well be a name that nobody marked."""


class Told(NamedTuple):
    """A sentence in words, and the number of the label of each."""

    words: list[str]
    labels: list[int]


class Course:
    """What the teacher learns and reads.

    Args:
        data: The folder of public data sets.
        learnt: What is learnt from without it.
        names: Makes up names.
        lines: Makes lines of sentences.
    """

    def __init__(self, data: Path, learnt: Material, names: Names, lines: Lines) -> None:
        self._data, self._learnt, self._names, self._lines = data, learnt, names, lines
        self._chance = random.Random(SEED)
        requests = list(sentences(learnt.requests))
        self._chance.shuffle(requests)
        self._requests = requests

    def unmarked(self) -> list[Line]:
        """Return what it reads: sentences in which somebody may be named."""
        found: list[Line] = []
        for name, most in _UNMARKED.items():
            found += self._some(list(sentences(strings(self._data / name))), most)
        found += self._some(list(sentences(self._learnt.plain)), _OF_PLAIN)
        found += self._some(self._requests, _OF_REQUESTS)
        found += self._some(list(sentences(text for text, _ in self._learnt.marked)), _OF_DIALOGUES)
        self._chance.shuffle(found)
        return found

    def _some(self, texts: list[str], most: int) -> list[Line]:
        self._chance.shuffle(texts)
        found: list[Line] = []
        for text in texts:
            line = self._lines(text)
            if line.surest >= _ALWAYS or (line.surest >= _SOMETIMES and self._chance.random() < _PART):
                found.append(line)
                if len(found) == most:
                    break
        return found

    def taught(self, unmarked: Sequence[Line]) -> Iterator[Told]:
        """Yield what it learns from.

        Args:
            unmarked: What it will read; of a part it is told who seems to be named, by another name.
        """
        for text, marked in planted(self._learnt.plain, self._names, self._chance, _PLANTED):
            yield self._told(text, marked)
        dialogues = list(renamed(self._learnt.marked, self._names, self._chance))
        for text, marked in dialogues[:_DIALOGUES]:
            yield self._told(text, marked, doubt=_DOUBTED)
        yield from self._of_requests()
        hopeless = (line for line in map(self._lines, sentences(self._learnt.plain)) if 0 < line.surest < _HOPEFUL)
        for line in islice(hopeless, _PLAIN):
            yield Told(line.words(), labels_of(line, ()))
        again = (line for line in unmarked if line.surest >= _SURE)
        for line in islice(again, _AGAIN):
            yield self._told(*self._with_others(line), doubt=_DOUBTED)
        yield from _english(self._data, self._chance)

    def _told(self, text: str, marked: set[Span], doubt: float = 2.0) -> Told:
        unsaid = {span for span in marked if is_titled(text[span[0] : span[1]])}
        line = self._lines(text, marked)
        doubted = {
            (one.start, one.end) for one, sure in line.candidates if sure >= doubt or is_titled(text[one.start :])
        }
        return Told(line.words(), labels_of(line, marked - unsaid, doubted | unsaid))

    def _of_requests(self) -> Iterator[Told]:
        naming = [text for text in self._requests if NAMES.search(text)]
        for text in naming[:_NAMING]:
            yield self._told(text, {found.span() for found in NAMES.finditer(text)})
        nobody = (text for text in self._requests if not NAMES.search(text))
        some = (text for text in nobody if self._lines(text).surest >= _HOPEFUL)
        for text in islice(some, _NAMING_NOBODY):
            yield self._told(text, set())

    def _with_others(self, line: Line) -> tuple[str, set[Span]]:
        """Return a sentence in which most of those who seem to be named have another name."""
        text, begun = line.text, len(line.text)
        for one, sure in sorted(line.candidates, key=lambda found: (found[0].start, found[0].end), reverse=True):
            if sure >= _SURE and one.end <= begun:
                begun = one.start
                said = text[begun : one.end] if self._chance.random() < 0.4 else self._names.make(self._chance)
                text = f"{text[:begun]}\ue000{said}\ue001{text[one.end :]}"
        return unmark(text)


def _english(data: Path, chance: random.Random) -> Iterator[Told]:
    """Yield marked English sentences."""
    sets = read_sets(data)
    some = [one for name in _ENGLISH_SETS for one in sets[name] if len(one[0]) in _ENGLISH_WORDS]
    chance.shuffle(some)
    for words, marks in some[:_ENGLISH]:
        labels = [LABELS.index("none")] * len(words)
        for start, end in spans(words, marks, "person"):
            labels[start:end] = [LABELS.index("first"), *[LABELS.index("more")] * (end - start - 1)]
        yield Told(words, labels)


def heard(course: Course, seed: int, some: int = 1) -> Iterator[tuple[Line, Sequence[float]]]:
    """Let a teacher learn and read; yield sentences, and how likely each candidate in them is a name.

    Args:
        course: What it learns and reads.
        seed: Of what is left to chance.
        some: Of so many sentences one is taken.
    """
    from training.tagger import Cutter, Schooling, Tagger  # noqa: PLC0415 - it needs torch
    from training.teacher import teacher  # noqa: PLC0415

    unmarked = course.unmarked()[::some]
    taught = list(course.taught(unmarked))[::some]
    model = teacher()
    cutter = Cutter(model, _PIECES)
    cuts, unseen = [cutter(told.words) for told in taught], [cutter(line.words()) for line in unmarked]
    schooling = Schooling(_HELD, _ROUNDS, _RATE, _LAST_RATE, _AT_ONCE)
    tagger = Tagger(model, [*cuts, *unseen], len(LABELS), seed, schooling)
    tagger.learn(cuts, [told.labels for told in taught])
    for line, said in zip(unmarked, tagger.read(unseen), strict=True):
        yield line, [likely(line, said.astype(np.float64), candidate) for candidate, _ in line.candidates]


def rows_of(line: Line, said: Sequence[float], lines: Lines) -> Iterator[Row]:
    """Yield what a teacher said as examples; of surnames with titles nothing is said.

    Args:
        line: A sentence.
        said: How likely each of its candidates is a name.
        lines: Made it.
    """
    told = {candidate: sure for (candidate, _), sure in zip(line.candidates, said, strict=True)}
    for _, candidate in candidates_in(lines.names, line.text):
        if not is_titled(line.text[candidate.start :]):
            yield Row(line.text, candidate, told.get(candidate, 0.0), _HEARD)


def learnt_from(data: Path, learnt: Material, seed: int, some: int = 1) -> bytes:
    """Fit to what is marked, let a teacher say what it thinks, and fit to both; return the file.

    Args:
        data: The folder of public data sets.
        learnt: What is learnt from.
        seed: Of what is left to chance for the teacher.
        some: Of so many sentences that it learns from or reads one is taken.
    """
    names = Names(data)
    begun, rows = examples(names, learnt)
    alone = fit(begun, rows)
    lines = Lines(alone)
    told = [
        row
        for line, said in heard(Course(data, learnt, names, lines), seed, some)
        for row in rows_of(line, said, lines)
    ]
    sure = [row for row in rows if row.is_name or row.counts > 1 or alone.score(row.text, row.candidate) < _MISTAKEN]
    click.echo(f"{len(sure):,} candidates that are marked, {len(told):,} of which the teacher spoke")
    return write_chinese(fit(begun, [*sure, *told]))


@click.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--only-report", is_flag=True, help="Say how good the weights are that ship.")
@click.option(
    "--without", type=click.IntRange(0, PARTS - 1), help="Leave a quarter of the plain and written texts out."
)
@click.option("--without-dialogues", is_flag=True, help="Leave KdConv out.")
@click.option("--seed", default=1, show_default=True)
@click.option("--some", type=click.IntRange(1), default=1, help="Take every so many sentences one, to try the way.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=ZH, show_default="where it ships")
def main(
    *, data: Path, only_report: bool, without: int | None, without_dialogues: bool, seed: int, some: int, out: Path
) -> None:
    """Learn what Chinese names look like."""
    if not only_report:
        if out == ZH and (without is not None or without_dialogues):
            raise click.UsageError("weights that leave something out do not ship: name a file with --out")
        if importlib.util.find_spec("torch") is None:
            raise click.ClickException("torch is not installed: make train-names-zh makes an environment with it")
        content = learnt_from(data, material(data, without, dialogues=not without_dialogues), seed, some)
        out.write_bytes(content)
        click.echo(f"{out}: {len(content):,} bytes")
    for line in report(data, out, without):
        click.echo(line)


def report(data: Path, place: Path, without: int | None = None) -> Iterator[str]:
    """Say how good weights are.

    Args:
        data: The folder of public data sets.
        place: The file.
        without: What was left out.
    """
    model = read_chinese(place.read_bytes())
    if without is not None:
        yield f"requests, part {without} held out: {in_requests(model, written_texts(without))}"
    plain = plain_texts(data)
    random.Random(SEED).shuffle(plain)
    yield from evaluate(model, marked_dialogues(data, "test"), plain[TRAINED:_REPORTED])
    unread = [fold(text) for path in sorted(data.glob(_UNREAD)) for text in read_texts(path) if HAN.search(text)]
    yield f"of {_UNREAD}, which training does not read at all: {evaluate(model, (), unread)[-1]}"


if __name__ == "__main__":
    main()
