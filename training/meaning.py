"""Trains the table of vectors that ships, so that sums of its rows say what a larger model says of whole texts.

Two teachers read texts of the data folder, ways of asking (``asked.yaml``) with words put in, questions written for it
(``alike``), and words alone. A ridge regression gives every piece of a text the vector whose sums come nearest to
what the teachers say; then the rows are tuned until texts are as near to each other as the teachers have them. The
same texts, teachers and seed make the same bytes on the same machine. Run it with ``make train-meaning DATA=folder``.

The sets that quality is measured with are never read (``training/ways.py``).
"""

from __future__ import annotations

import argparse
import collections
import csv
import hashlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from tqdm import tqdm

from gateway.meaning.pieces import plain, terms
from training.teacher import Second, teacher
from training.ways import texts

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]

WIDTH: Final = 128
_SEED: Final = 1
_PART: Final = 2048
"""Texts that a teacher is asked at once."""
_LEVEL: Final = 5.0
"""Evens out what is guessed."""
_AWAY: Final = 0.5
"""How much further away a stranger is moved."""


class Asks(Protocol):
    """Says what texts mean."""

    def query(self, texts: Sequence[str]) -> Floats:
        """Return a vector for each text."""


# --- The teachers ---------------------------------------------------------------------------------


def asked(rows: Sequence[str], kept: Path | None, learned: Callable[[], Asks]) -> Halves:
    """Return what a teacher says of each text; it takes three to nine milliseconds of one core for a text.

    Args:
        rows: The texts. They are asked in parts, each by itself, so that it says the same whoever asks for a part.
        kept: A folder where the answers for each part are kept: a run that was cut off goes on where it was.
        learned: Makes the teacher, once there is something to ask.
    """
    said, who = [], None
    for at in tqdm(range(0, len(rows), _PART), "teacher", delay=2, disable=None):
        part = rows[at : at + _PART]
        file = kept / f"{digest(chr(10).join(part).encode())}.npy" if kept else None
        if file and file.exists():
            said.append(np.load(file))
            continue
        who = who or learned()
        said.append(who.query(part).astype(np.float16))
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            np.save(file, said[-1])
    return np.concatenate(said)


def digest(content: bytes) -> str:
    """Return what names bytes in what is printed and on the card."""
    return hashlib.sha256(content).hexdigest()[:16]


def together(first: Halves, second: Halves) -> Floats:
    """Return what both teachers say of each text, side by side.

    What the first would say of texts that it has not read is guessed from what the second says of them.

    Args:
        first: What the first says of the texts that it has read,
        second: and the second of those and of all that come after them.
    """
    one = _length_one(first.astype(np.float32) - first.astype(np.float32).mean(0))
    other = second.astype(np.float32)
    other = _length_one(other - other[: len(one)].mean(0))
    level = np.eye(other.shape[1], dtype=np.float32) * np.float32(_LEVEL)
    both = other[: len(one)]
    guessed = _length_one(other[len(one) :] @ np.linalg.solve(both.T @ both + level, both.T @ one))
    return np.hstack([np.concatenate([one, guessed]), other])


def targets(said: Floats, groups: Sequence[Sequence[int]], strangers: Sequence[tuple[int, int]] = ()) -> Floats:
    """Return what each text is to mean: what the teachers say, centred, turned to its widest directions, of length 1.

    Texts of a group mean the same: the mean of what the teachers say of them. A stranger to a group is moved further
    away from it, by ``_AWAY`` of how far it is.
    """
    said = said - said.mean(0)
    for group in groups:
        said[group] = said[group].mean(0)
    if strangers:
        near, ask = np.array(strangers).T
        said[near] += np.float32(_AWAY) * (said[near] - said[ask])
    _, axes = np.linalg.eigh(said.T @ said / len(said))
    return _length_one(np.ascontiguousarray(said @ axes[:, ::-1][:, :WIDTH]))


# --- Fitting --------------------------------------------------------------------------------------


def vocabulary(cut: Iterable[Sequence[str]], words: Mapping[str, int]) -> list[str]:
    """Return the pieces that get a vector: all characters, common words and n-grams, common parts of words."""
    counted: collections.Counter[str] = collections.Counter()
    for pieces in cut:
        counted.update(set(pieces))
    single = [piece for piece, count in counted.items() if len(piece) == 1 and not piece.isascii() and count >= 2]
    chinese = sorted(
        (
            (count + words[piece] ** 0.5 if piece in words else count * 0.5, piece)
            for piece, count in counted.items()
            if len(piece) > 1 and _is_chinese(piece) and count >= (2 if piece in words else 8)
        ),
        reverse=True,
    )
    latin = [row for row in counted.items() if row[0].isascii()]
    kinds: tuple[tuple[int, Callable[[str], bool]], ...] = (
        (18000, lambda piece: piece[0] != "~" and " " not in piece),
        (4000, lambda piece: " " in piece),
        (11000, lambda piece: piece[0] == "~"),
    )
    chosen = [piece for _, piece in chinese[: max(0, 38000 - len(single))]]
    for most, fits in kinds:
        chosen += [p for _, p in sorted(((n, p) for p, n in latin if n >= 2 and fits(p)), reverse=True)[:most]]
    return sorted(single) + chosen


def _is_chinese(piece: str) -> bool:
    return "\u3400" <= piece[0] <= "\u9fff"


def bags(cut: Iterable[Sequence[str]], column: Mapping[str, int]) -> sp.csr_matrix:
    """Return a row for each text: one over the root of their number for each of its pieces."""
    places: list[int] = []
    ends = [0]
    for pieces in cut:
        places += sorted({column[piece] for piece in pieces if piece in column})
        ends.append(len(places))
    counts = np.diff(ends)
    values = np.repeat(1 / np.sqrt(np.maximum(counts, 1)), counts).astype(np.float32)
    return sp.csr_matrix((values, np.array(places, np.int32), np.array(ends)), (len(counts), len(column)))


def ridge(rows: sp.csr_matrix, said: Floats, *, strength: float = 1.0, steps: int = 15) -> Floats:
    """Return the vectors whose sums come nearest to ``said``; by conjugate gradients, a column for itself."""
    turned = rows.T.tocsr()
    found = np.zeros((rows.shape[1], said.shape[1]), np.float32)
    rest = np.asarray(turned @ said, np.float32)
    way = rest.copy()
    size = (rest * rest).sum(0)
    for _ in tqdm(range(steps), "ridge", delay=2, disable=None):
        along = turned @ (rows @ way) + strength * way
        step = size / ((way * along).sum(0) + 1e-12)
        found += step * way
        rest -= step * along
        before, size = size, (rest * rest).sum(0)
        way = rest + (size / (before + 1e-12)) * way
    return found


def tune(
    rows: sp.csr_matrix,
    said: Floats,
    vectors: Floats,
    *,
    rounds: int = 8,
    rate: float = 4e-3,
    theirs: float = 0.03,
    ours: float = 0.05,
    batch: int = 512,
    block: int = 64,
) -> Floats:
    """Tune vectors until texts are as near to each other as the teachers have them.

    In each batch every text spreads a share over the others, by nearness; ours is drawn to the teacher's. A
    batch holds blocks of texts that the teacher has close together: strangers alone teach little.

    Args:
        rows: The pieces of each text.
        said: What the teacher says of it, of length 1.
        vectors: To begin with.
        rounds: How often every text is seen.
        rate: How far the first steps go.
        theirs: How sharply the teacher's nearness is read,
        ours: and ours.
        batch: How many texts are compared with each other,
        block: and how many of them are close together.
    """
    rng = np.random.default_rng(_SEED)
    number = len(said)
    vectors = vectors.copy()
    slope, power = np.zeros_like(vectors), np.zeros_like(vectors)
    centres = said[rng.choice(number, min(700, number), replace=False)]
    near = np.concatenate([(said[at : at + 20000] @ centres.T).argmax(1) for at in range(0, number, 20000)])
    taken, steps = 0, rounds * (number // batch)
    with tqdm(total=steps, desc="tune", delay=2, disable=None) as bar:
        for _ in range(rounds):
            order = np.lexsort((rng.random(number), near))
            blocks = order[: number // block * block].reshape(-1, block)
            blocks = blocks[rng.permutation(len(blocks))]
            each = batch // block
            for at in range(0, len(blocks) - each + 1, each):
                texts_now = blocks[at : at + each].ravel()
                here = rows[texts_now]
                used = np.unique(here.indices)
                here = here[:, used]
                step = here.T @ _pull(here @ vectors[used], said[texts_now], theirs, ours) / batch
                taken += 1
                slope[used] = slope[used] * 0.9 + 0.1 * step
                power[used] = power[used] * 0.98 + 0.02 * step * step
                now = rate * min(1.0, taken / 100) * max(0.02, 1 - taken / steps)
                vectors[used] -= now * slope[used] / (np.sqrt(power[used]) + 1e-7)
                bar.update()
    return vectors


def _pull(sums: Floats, said: Floats, theirs: float, ours: float) -> Floats:
    """Return how each sum would have to change for its shares to become the teacher's."""
    lengths = np.linalg.norm(sums, axis=1, keepdims=True) + 1e-6
    turned = sums / lengths
    error = (_shares(turned, ours) - _shares(said, theirs)) / ours
    pull = (error + error.T) @ turned
    return np.asarray((pull - (pull * turned).sum(1, keepdims=True) * turned) / lengths, np.float32)


def _shares(turned: Floats, sharpness: float) -> Floats:
    near = turned @ turned.T / sharpness
    np.fill_diagonal(near, -1e4)
    near -= near.max(1, keepdims=True)
    np.exp(near, out=near)
    return np.asarray(near / near.sum(1, keepdims=True), np.float32)


def _length_one(vectors: Floats) -> Floats:
    return np.asarray(vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9), np.float32)


# --- All of it ------------------------------------------------------------------------------------


def save(path: Path, pieces: Sequence[str], vectors: Floats, rarities: Floats) -> None:
    """Write what ships: a row of small whole numbers for each piece, the size of a step in it, and how rare it is."""
    step = np.abs(vectors).max(1) / 127 + 1e-12
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            pieces=np.frombuffer("\n".join(pieces).encode(), np.uint8),
            rows=np.rint(vectors / step[:, None]).astype(np.int8),
            steps=step.astype(np.float16),
            rarities=rarities.astype(np.float16),
        )


def fit(rows: Sequence[str], said: Floats, words: Mapping[str, int], out: Path) -> None:
    """Fit the vectors to what the teacher said of texts, and write them."""
    cut = [terms(plain(text)) for text in tqdm(rows, "pieces", delay=2, disable=None)]
    pieces = vocabulary(cut, words)
    bag = bags(cut, {piece: at for at, piece in enumerate(pieces)})
    del cut
    save(out, pieces, tune(bag, said, ridge(bag, said)), rare(bag))


def rare(bag: sp.csr_matrix) -> Floats:
    """Return how much it says that a text holds each piece: the logarithm of one over the share that does."""
    held = np.bincount(bag.indices, minlength=bag.shape[1])
    return np.asarray(np.log((bag.shape[0] + 1) / (held + 0.5)), np.float32)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the training."""
    parser = argparse.ArgumentParser(prog="training.meaning", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with one folder for each data set")
    parser.add_argument("--out", type=Path, default=Path("gateway/meaning/weights/vectors.npz"))
    parser.add_argument("--said", type=Path, help="a folder that keeps what the teacher said, part by part")
    parser.add_argument("--without", choices=("even", "odd"), help="leave out every second trade of training/alike")
    options = parser.parse_args(arguments)
    if not options.data.is_dir():
        sys.stderr.write(f"{options.data} is no folder: give the one that holds a folder for each data set\n")
        return 2
    csv.field_size_limit(1 << 30)
    read = texts(options.data)
    lots = [read.rows, read.written, read.more]
    first = np.concatenate([asked(lot, options.said / "first" if options.said else None, teacher) for lot in lots[:2]])
    second = np.concatenate([asked(lot, options.said / "second" if options.said else None, Second) for lot in lots])
    rows = [text for lot in lots for text in lot]
    out = read.halves[options.without == "odd"] if options.without else frozenset()
    groups = [group for group in read.groups if not out & set(group)]
    said = targets(together(first, second), groups, [pair for pair in read.strangers if not out & set(pair)])
    left = [at for at in range(len(rows)) if at not in out]
    rows = [rows[at] for at in left]
    fit(rows, said[left], read.words, options.out)
    sys.stdout.write(
        f"{len(rows)} texts {digest(chr(10).join(rows).encode())}, the teachers' answers {digest(first.tobytes())} and "
        f"{digest(second.tobytes())}, {options.out} {digest(options.out.read_bytes())}\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
