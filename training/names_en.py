"""Trains what ``gateway/detectors/names`` knows of English names of people, places and organisations.

    python -m training.names_en --data DATA                  train on all sets and write the weights
    python -m training.names_en --data DATA --leave wikigold  train without one set and report on it

DATA is the folder of public data sets. Reads wnut17, er_datasets (wikigold, broad twitter corpus, SEC filings),
presidio_research and pii_syn_nano_en, the lists of names in zh_names_wainshine and presidio_research, and English
texts for words that are written in small letters. The same data give the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from gateway.detectors.names.english import (
    FEATURES,
    LABELS,
    LISTED,
    RUN_WORDS,
    EnglishNames,
    Label,
    Reader,
    may_be_name,
    run_end,
    tokens,
)
from gateway.detectors.names.weights import EN, write_english

_SEED: Final = 11
_KINDS: Final[Mapping[str, Label]] = {
    **dict.fromkeys(("per", "person"), "person"),
    **dict.fromkeys(("loc", "location", "gpe"), "place"),
    **dict.fromkeys(("org", "corporation", "group", "organization", "organisation"), "organisation"),
}
Sentence = tuple[list[str], list[Label]]


def main() -> None:
    """Train and write, or report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public data sets")
    parser.add_argument("--leave", help="a set to leave out and report on; 'each' for one after the other")
    options = parser.parse_args()
    sets = read_sets(options.data)
    print({name: len(sentences) for name, sentences in sets.items()})
    lists = read_lists(options.data)
    if options.leave is None:
        EN.write_bytes(write_english(fit(lists, [s for one in sets.values() for s in one])))
        print(f"{EN}: {EN.stat().st_size:,} bytes")
        return
    for left in [name for name in sets if options.leave in ("each", name)]:
        family = left.split("_")[0]
        model = fit(lists, [s for name, one in sets.items() if not name.startswith(family) for s in one])
        print(left, *(f"{label} {_figures(model, sets[left], label)}" for label in LABELS[1:]), sep="  ")


# --- Sets ----------------------------------------------------------------------------------------


def read_sets(data: Path) -> dict[str, list[Sentence]]:
    """Return every set as tokens with labels."""
    return {
        "wnut_train": list(_conll(data / "wnut17" / "wnut17train.conll")),
        "wnut_dev": list(_conll(data / "wnut17" / "emerging.dev.conll")),
        "wikigold": list(_conll(data / "er_datasets" / "data__wikigold__CONLL-format__data__wikigold.conll.txt")),
        "sec": [
            *_conll(data / "er_datasets" / "data__SEC-filings__CONLL-format__data__train__FIN5.txt"),
            *_conll(data / "er_datasets" / "data__SEC-filings__CONLL-format__data__test__FIN3.txt"),
        ],
        "btc": [
            s for part in "abg" for s in _conll(data / "er_datasets" / f"data__BTC__CONLL-format__data__{part}.conll")
        ],
        "presidio_v2": list(_presidio(data / "presidio_research" / "data__synth_dataset_v2.json")),
        "presidio_large": list(_presidio(data / "presidio_research" / "tests__data__generated_large.json")),
        "nano": list(_nano(data / "pii_syn_nano_en" / "dataset__pii_syn_nano_en.json")),
    }


def _conll(path: Path) -> Iterator[Sentence]:
    words: list[str] = []
    labels: list[Label] = []
    for line in [*path.read_text(encoding="utf-8", errors="replace").splitlines(), ""]:
        cells = line.split()
        if len(cells) < 2:
            if words:
                yield words, labels
            words, labels = [], []
            continue
        kind = _KINDS.get(cells[-1].split("-")[-1].lower(), "none")
        for word in [token.text for token in tokens(cells[0])] or [cells[0]]:
            words.append(word)
            labels.append("none" if words[-2:-1] == ["@"] else kind)
    return


_SPANS: Final = {
    "PERSON": "person",
    "ORGANIZATION": "organisation",
    "GPE": "place",
    "LOCATION": "place",
    "ORG": "organisation",
}


def _presidio(path: Path) -> Iterator[Sentence]:
    for row in json.loads(path.read_text(encoding="utf-8")):
        spans = [(s["start_position"], s["end_position"], _SPANS.get(s["entity_type"], "none")) for s in row["spans"]]
        yield _mark(row["full_text"], spans)


def _nano(path: Path) -> Iterator[Sentence]:
    for row in json.loads(path.read_text(encoding="utf-8")):
        spans = []
        for entity in (one for one in row["NER"] if "entity" in one):
            kind = _SPANS.get(entity["label"], "none")
            spans += [(*match.span(), kind) for match in re.finditer(re.escape(entity["entity"]), row["text"])]
        yield _mark(row["text"], spans)


def _mark(text: str, spans: Sequence[tuple[int, int, Any]]) -> Sentence:
    words: list[str] = []
    labels: list[Label] = []
    for token in tokens(text):
        inside = [kind for start, end, kind in spans if start <= token.start and token.end <= end]
        words.append(token.text)
        labels.append(inside[0] if inside else "none")
    return words, labels


# --- Lists ---------------------------------------------------------------------------------------


def read_lists(data: Path) -> tuple[set[str], set[str], set[str]]:
    """Return given names, surnames, and words that are written in small letters."""
    first: set[str] = set()
    last: set[str] = set()
    with next(data.glob("presidio_research/*FakeName*.csv")).open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            first |= {part.lower() for part in re.split(r"[ -]", row["GivenName"]) if len(part) > 1}
            last |= {part.lower() for part in re.split(r"[ -]", row["Surname"]) if len(part) > 1}
    listed = next(data.glob("zh_names_wainshine/English*.txt")).read_text(encoding="utf-8-sig").split()
    names = {name for name in listed[2:] if name.isalpha()}
    small: Counter[str] = Counter()
    for pattern in (
        "selfinstruct/*",
        "bpo_testsets/*",
        "halueval/*",
        "hh_rlhf_test/*",
        "begin/*",
        "covid_faq/*",
        "arena_hard/*",
    ):
        for path in sorted(data.glob(pattern)):
            if path.name != "SOURCE" and path.suffix in {".json", ".jsonl", ".csv", ".tsv", ".txt"}:
                text = path.read_text(encoding="utf-8", errors="replace")[:2_500_000]
                small.update(re.findall(r"(?<![\w'-])[a-z]{2,16}(?![\w'-])", text))
    common = {word for word, count in small.items() if count >= 6}
    return first | names, last | names, common


def _table(words: set[str]) -> bytes:
    table = bytearray(LISTED >> 3)
    for word in words:
        for seed in (0, 0x9E3779B9, 0x85EBCA6B):
            at = zlib.crc32(word.encode(), seed) % LISTED
            table[at >> 3] |= 1 << (at & 7)
    return bytes(table)


# --- Fitting -------------------------------------------------------------------------------------


def fit(lists: tuple[set[str], set[str], set[str]], sentences: Sequence[Sentence]) -> EnglishNames:
    """Fit a softmax over hashed features by AdaGrad; averaged over the last epochs."""
    first, last, common = lists
    sentences = [*sentences, *_renamed(lists, sentences)]
    empty = bytes(FEATURES)
    model = EnglishNames((empty,) * len(LABELS), _table(first), _table(last), _table(common))
    rows: list[list[int]] = []
    truth: list[int] = []
    for words, labels in sentences:
        padded = ["", "", *words, "", ""]
        for at, word in enumerate(words):
            if may_be_name(word):
                rows.append(model.features(padded, at + 2))
                truth.append(LABELS.index(labels[at]))
    seen_places = np.array(rows, dtype=np.int64)
    wanted = np.array(truth, dtype=np.int64)
    order = np.random.default_rng(_SEED)
    weights = np.zeros((FEATURES, len(LABELS)))
    squares = np.full((FEATURES, len(LABELS)), 1e-2)
    average = np.zeros_like(weights)
    for epoch in range(6):
        shuffled = order.permutation(len(rows))
        for at in range(0, len(rows), 128):
            some = shuffled[at : at + 128]
            places = seen_places[some]
            total = weights[places].sum(axis=1)
            total -= total.max(axis=1, keepdims=True)
            chance = np.exp(total)
            chance /= chance.sum(axis=1, keepdims=True)
            chance[np.arange(len(some)), wanted[some]] -= 1
            flat = places.ravel()
            steps = np.repeat(chance, places.shape[1], axis=0) + 1e-3 * weights[flat]
            np.add.at(squares, flat, steps**2)
            np.subtract.at(weights, flat, 0.1 * steps / np.sqrt(squares[flat]))
        if epoch >= 3:
            average += weights / 3
    tables = tuple(
        bytes(np.clip(np.round(average[:, k] * 16) + 128, 0, 255).astype(np.uint8)) for k in range(len(LABELS))
    )
    return EnglishNames(tables, model.first, model.last, model.common)


def _renamed(lists: tuple[set[str], set[str], set[str]], sentences: Sequence[Sentence]) -> Iterator[Sentence]:
    """Yield sentences again with other persons in them: names are known by how they look and where they stand."""
    source = random.Random(_SEED)
    first, last, common = (sorted(one) for one in lists)
    rare = set(common)
    first = [name for name in first if name not in rare]
    last = [name for name in last if name not in rare]
    for words, labels in sentences:
        persons = spans(words, labels, "person")
        if not persons or len(words) < 5:
            continue
        for _ in range(2):
            new_words: list[str] = []
            new_labels: list[Label] = []
            at = 0
            for start, end in sorted(persons):
                new_words += words[at:start]
                new_labels += labels[at:start]
                name = _made_up(source, first, last, end - start)
                new_words += name
                new_labels += ["person"] * len(name)
                at = end
            yield new_words + words[at:], new_labels + labels[at:]


def _made_up(source: random.Random, first: Sequence[str], last: Sequence[str], size: int) -> list[str]:
    def random_word() -> str:  # nobody's list holds every name
        parts = [
            "ka",
            "lo",
            "mi",
            "ra",
            "ven",
            "tor",
            "san",
            "bel",
            "dri",
            "och",
            "wen",
            "zim",
            "ar",
            "el",
            "ov",
            "ski",
            "ton",
            "man",
            "ber",
            "gar",
            "li",
            "ne",
            "sha",
            "quin",
            "tte",
            "mu",
            "ro",
        ]
        return "".join(source.choices(parts, k=source.randint(2, 3))).title()

    surname = random_word() if source.random() < 0.3 else source.choice(last).title()
    given = source.choice(first).title()
    if size == 1:
        return [source.choice((surname, given))]
    middle = [f"{source.choice('ABCDEFGHJKLMNPRSTW')}."] if source.random() < 0.15 else []
    return [given, *middle, surname]


def spans(words: Sequence[str], labels: Sequence[Label], wanted: Label) -> set[tuple[int, int]]:
    """Return runs of one label."""
    found: set[tuple[int, int]] = set()
    start: int | None = None
    for at, label in enumerate([*labels, "none"]):
        if label == wanted and start is None:
            start = at
        elif label != wanted and start is not None:
            found.add((start, at))
            start = None
    return found


def guessed(model: EnglishNames, words: Sequence[str]) -> list[Label]:
    """Return the label of each word."""
    reader = Reader(model)
    padded = ["", "", *words, "", ""]
    labels: list[Label] = ["none"] * len(padded)
    at = 2
    while at < len(words) + 2:
        end = at + 1
        if may_be_name(padded[at]):
            end = run_end(padded, at)
            if end - at <= RUN_WORDS:
                for part in reader.read(padded, at, end):
                    labels[part.first : part.end] = [part.label] * (part.end - part.first)
        at = end
    return labels[2:-2]


def _figures(model: EnglishNames, sentences: Sequence[Sentence], wanted: Label) -> str:
    hit = said = gold = 0
    for words, labels in sentences:
        guess = guessed(model, words)
        right, ours = spans(words, labels, wanted), spans(words, guess, wanted)
        hit, said, gold = hit + len(right & ours), said + len(ours), gold + len(right)
    precision, recall = hit / max(1, said), hit / max(1, gold)
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return f"P {precision:.3f} R {recall:.3f} F1 {f1:.3f} (n {gold})"


if __name__ == "__main__":
    random.seed(_SEED)
    main()
