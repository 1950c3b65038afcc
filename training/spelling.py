"""Counts which Chinese characters and English words follow which: the table that disguised texts are read with.

Run it with ``make train-spelling DATA=folder``. The same texts make the same bytes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

import click
import numpy as np
from tqdm import tqdm

from gateway.detectors.spelling.table import BEGIN, END, SHARE, STEP, Content, write_table
from gateway.errors import ConfigError
from gateway.text import CANONICAL, fold
from training.card import licence_of
from training.corpora.files import DataError
from training.ways import NO_TEXTS, sentences_of
from training.written import read as read_written

_EACH: Final = 40_000
"""So many sentences of each set and language at most, or the largest would speak for all."""
_CHARACTER, _PAIR, _WORD, _WORDS = 3, 2, 4, 25_000
_HAN: Final = re.compile("[\u4e00-\u9fff]+")
_LATIN: Final = re.compile("(?<![a-z0-9'])[a-z]+(?![a-z0-9'])")
_CARD: Final = """# The table that disguised texts are read with (`weights.npz`)

{characters:,} Chinese characters, {pairs:,} pairs of them that came at least {pair} times, and {words:,} English words:
how often each came, and nothing else. Made by `make train-spelling DATA=folder`; the same texts make the same bytes.

**Meant for**: finding the likeliest ordinary spelling of a text in disguise. How much of what is disguised is found,
and how many harmless texts are refused because of it: `docs/quality.md`.

**Known failures**: initials of syllables alone; disguises of names and slang that the sets do not hold; a text whose
disguise spells another ordinary text.

| set | repository | licence | characters |
|---|---|---|---|
"""


def texts(data: Path, written: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each set and its sentences, the same for the same data."""
    folders = [folder for folder in sorted(data.iterdir()) if folder.is_dir() and folder.name not in NO_TEXTS]
    for folder in tqdm(folders, "reading", unit=" sets", delay=2, disable=None):
        chinese, english = sentences_of(folder)
        yield folder.name, [*sorted(chinese)[:_EACH], *sorted(english)[:_EACH]]
    yield "written for this project", [row.text for row in read_written(written, 1)]


class Counts:
    """How often characters, pairs and words came."""

    def __init__(self) -> None:
        self.single: Counter[str] = Counter()
        self.pairs: Counter[tuple[str, str]] = Counter()
        self.words: Counter[str] = Counter()

    def add(self, text: str) -> None:
        """Count a text."""
        plain = fold(text, CANONICAL)
        for run in _HAN.findall(plain):
            marked = f"{BEGIN}{run}{END}"
            self.single.update(marked)
            self.pairs.update(pairwise(marked))
        self.words.update(_LATIN.findall(plain))

    def content(self) -> Content:
        """Return what the table holds of it."""
        characters = sorted(one for one, count in self.single.items() if count >= _CHARACTER)
        at = {one: number for number, one in enumerate(characters)}
        total = sum(self.single[one] for one in characters)
        single = np.array([self.single[one] for one in characters])
        kept = sorted(
            (at[first] * len(characters) + at[second], count, self.single[first], self.single[second])
            for (first, second), count in self.pairs.items()
            if count >= _PAIR and first in at and second in at
        )
        keys, count, first, second = np.array(kept, np.int64).T
        chance = SHARE * (count - 0.5) / first + (1 - SHARE) * second / total
        words = sorted(self.words.items(), key=lambda one: (-one[1], one[0]))[:_WORDS]
        words = [(word, times) for word, times in words if times >= _WORD]
        often = np.array([times for _, times in words])
        return Content(
            characters="".join(characters),
            single=_steps(single / total),
            keys=keys.astype(np.uint32),
            pairs=_steps(chance),
            words=tuple(word for word, _ in words),
            often=_steps(often / often.sum()),
        )


def _steps(chance: np.typing.NDArray[np.float64]) -> np.typing.NDArray[np.uint8]:
    return np.clip(np.round(-np.log(chance) / STEP), 0, 255).astype(np.uint8)


def make(data: Path, written: Path) -> tuple[bytes, str]:
    """Return the table and its card."""
    counts = Counts()
    sizes: dict[str, int] = {}
    for name, lines in texts(data, written):
        for line in lines:
            counts.add(line)
        if lines:
            sizes[name] = sum(map(len, lines))
    content = counts.content()
    told = _CARD.format(
        characters=len(content.characters), pairs=len(content.keys), pair=_PAIR, words=len(content.words)
    )
    for name, size in sizes.items():
        repository, terms = ("training/written", "Apache-2.0") if " " in name else licence_of(data, name)
        told += f"| {name} | {repository} | {terms} | {size:,} |\n"
    return write_table(content), told


@click.command(epilog="Example:\n\n  python -m training.spelling --data folder-with-public-data-sets")
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("gateway/detectors/spelling"), show_default=True)
def main(data: Path, out: Path) -> None:
    """Make the table that disguised texts are read with anew, with its card."""
    try:
        table, told = make(data, Path(__file__).parent / "written")
    except (DataError, ConfigError) as error:
        raise click.ClickException(str(error)) from None
    out.mkdir(parents=True, exist_ok=True)
    (out / "weights.npz").write_bytes(table)
    (out / "CARD.md").write_text(told, encoding="utf-8")
    click.echo(f"{len(table):,} bytes in {out / 'weights.npz'}")


if __name__ == "__main__":
    main()
