"""Reads what Chinese names of people are learnt from, and fits what ``gateway/detectors/names`` knows of them.

Read are zh_names_wainshine (how names are built), KdConv (where names stand: the persons of its knowledge are marked in
its dialogues), plain Chinese texts and the ones in ``training/written`` (what is no name). What a teacher says of other
sentences comes from ``training/names_zh_fit.py``, which puts all of it together.
"""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from zlib import crc32

import numpy as np

from gateway.detectors.names.chinese import (
    COMPOUND,
    NEIGHBOURS,
    PAIRS,
    TRIPLES,
    Candidate,
    ChineseNames,
    beside,
    inside,
    pair,
    triple,
)
from gateway.text import fold
from training.names_zh_read import HAN, NAME, PARTS, SEED, marked_dialogues, plain_texts, written_texts
from training.names_zh_texts import CARRIERS, GIVEN, NAMED, SURNAMES

NAMES: Final = re.compile("|".join(sorted(NAMED, key=len, reverse=True)))
# What stands behind a name as often as at its end: 孙丽三人, 张伟一起.
_COUNTING: Final = frozenset("一二三四五六七八九十")
TRAINED: Final = 14000
"""Of so many plain texts all candidates are taken for none."""
# Real texts hold other shares of names than the sentences made for training. The value was chosen by judgement,
# after a look at what KdConv's dialogues and made-up letters miss and what plain texts report; no procedure found it.
_SHIFT: Final = 1.7
_USUAL: Final = 0.03
"""A surname of so many in a hundred people is learnt,"""
_WORD_TOO: Final = -3.0
"""even if its character says so little for a name, as it is far more often a word."""
_PLANTED: Final = 30_000
_PLACES: Final = 11
"""Of a candidate in the table of weights."""
_READ: Final = 300
"""Characters of a written text that are looked at."""
# What people ask for every day is what must not be taken for names, and there are few such texts.
_REQUESTS_COUNT: Final = 10.0


# --- How names are built ---------------------------------------------------------------------------


class Names:
    """Makes up names, as they are given today with some of older times."""

    def __init__(self, data: Path) -> None:
        surnames = dict(SURNAMES)
        older: Counter[str] = Counter()
        self._old: list[str] = []
        path = next(data.glob("zh_names_wainshine/*Ancient*.txt"))
        for line in path.read_text(encoding="utf-8-sig").splitlines()[3:]:
            name = fold(line.strip(), "simplified")
            if NAME.fullmatch(name) and len(name) <= 3 and name[:2] not in COMPOUND:
                older[name[0]] += 1
                self._old.append(name)
        for name, count in older.items():
            if name not in surnames and count >= 40:
                surnames[name] = min(0.05, count / 40000)
        self.surnames = surnames
        self._pick = list(surnames), list(surnames.values())
        chars = [(c, w) for tier, text in GIVEN.items() for c in text for w in (tier,)]
        self._given = [c for c, _ in chars], [w for _, w in chars]
        self._compound = sorted(COMPOUND)
        self._old_given = [name[1:] for name in self._old if name[0] in surnames]

    def make(self, source: random.Random) -> str:
        """Return one name."""
        if source.random() < 0.015:
            surname = source.choice(self._compound[:14] if source.random() < 0.5 else self._compound)
        else:
            surname = source.choices(*self._pick)[0]
        if source.random() < 0.2:
            return surname + source.choice(self._old_given)
        size = 1 if source.random() < 0.2 else 2
        given = source.choices(*self._given, k=size)
        if size == 2 and source.random() < 0.03:
            given[1] = given[0]
        return surname + "".join(given)


class Material(NamedTuple):
    """What is learnt from.

    Attributes:
        plain: Texts that hardly name anybody, in any order.
        requests: Texts written for training.
        marked: Messages with the persons whom they name, as far as that is known.
    """

    plain: list[str]
    requests: list[str]
    marked: list[tuple[str, list[str]]]


def material(data: Path, without: int | None = None, *, dialogues: bool = True) -> Material:
    """Return what is learnt from. KdConv's test files are left for measuring.

    Args:
        data: The folder of public data sets.
        without: A part of the plain and the written texts that is left for measuring too.
        dialogues: KdConv is learnt from.
    """
    plain = [text for text in plain_texts(data, dialogues=dialogues) if without is None or part_of(text) != without]
    random.Random(SEED).shuffle(plain)
    return Material(plain, written_texts(without, without=True), marked_dialogues(data, "dev") if dialogues else [])


def part_of(text: str) -> int:
    """Return which part a plain text belongs to."""
    return crc32(text.encode()) % PARTS


def examples(names: Names, learnt: Material) -> tuple[ChineseNames, list[Row]]:
    """Return what is known of characters, and candidates to learn from."""
    source = random.Random(SEED)
    unigrams: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    triples: Counter[str] = Counter()
    for text in [*learnt.plain, *learnt.requests]:
        for run in HAN.findall(text):
            unigrams.update(run)
            pairs.update(run[i : i + 2] for i in range(len(run) - 1))
            triples.update(run[i : i + 3] for i in range(len(run) - 2))
    model = _tables(names, source, unigrams, pairs, triples)
    known = {person for _, persons in learnt.marked for person in persons}
    rows = [*_from_dialogues(model, learnt.marked, names, source), *_from_carriers(model, learnt.plain, names, source)]
    rows += [Row(t, c, 0) for text in learnt.plain[:TRAINED] for t, c in candidates_in(model, text[:200])]
    # A person whom the knowledge names elsewhere is no example of what is no name.
    rows = [row for row in rows if row.is_name or row.said not in known]
    rows += _from_requests(model, learnt.requests)
    return model, rows


def _tables(
    names: Names, source: random.Random, unigrams: Counter[str], pairs: Counter[str], triples: Counter[str]
) -> ChineseNames:
    total = sum(unigrams.values())
    surname: Counter[str] = Counter()
    first: Counter[str] = Counter()
    last: Counter[str] = Counter()
    single: Counter[str] = Counter()
    count = 300_000
    for _ in range(count):
        name = names.make(source)
        cut = 2 if name[:2] in COMPOUND else 1
        if cut == 1:
            surname[name[0]] += 1
        given = name[cut:]
        if len(given) == 1:
            single[given] += 1
        elif len(given) == 2:
            first[given[0]] += 1
            last[given[1]] += 1

    def odds(counts: Counter[str], least: int) -> dict[str, float]:
        size = sum(counts.values())
        return {
            c: round(math.log(n / size) - math.log((unigrams[c] + 20) / total), 2)
            for c, n in sorted(counts.items())
            if n >= least and "\u4e00" <= c <= "\u9fff"
        }

    def keep(table: dict[str, float], floor: float) -> dict[str, float]:
        return {c: v for c, v in table.items() if v > floor}

    def levels(counts: Counter[str], size: int, place: Any, least: int, kept: Any) -> bytes:
        table = bytearray(size)
        for gram, n in counts.items():
            if n >= least and kept(gram):
                at = place(*gram)
                table[at] = max(table[at], min(63, int(2 * math.log2(n))))
        return bytes(table)

    # 和, 南 are surnames too, of very few; 成, 时, 简 of so many that they are learnt, with what little they say.
    surnames = {c: v for c, v in odds(surname, 8).items() if v > (_WORD_TOO if SURNAMES.get(c, 0) >= _USUAL else -1.0)}
    return ChineseNames(
        surnames=surnames,
        first=keep(odds(first, 6), -3.5),
        last={c: v for c, v in keep(odds(last, 6), -3.5).items() if c not in _COUNTING},
        single=keep(odds(single, 4), -3.0),
        pairs=levels(pairs, PAIRS, pair, 4, lambda gram: True),
        triples=levels(triples, TRIPLES, triple, 4, lambda gram: True),
        common={c: round(math.log(n), 1) for c, n in sorted(unigrams.items()) if n > 50},
        dense=(0.0,) * 12,
        neighbours=(0.0,) * NEIGHBOURS,
        bias=0.0,
    )


class Row(NamedTuple):
    """A candidate to learn from.

    Attributes:
        text: Where it stands.
        candidate: Its place.
        is_name: How likely it is a name; 1 or 0 if that is known.
        counts: As much as so many others.
    """

    text: str
    candidate: Candidate
    is_name: float
    counts: float = 1.0

    @property
    def said(self) -> str:
        """The candidate's own characters."""
        return self.text[self.candidate.start : self.candidate.end]


def candidates_in(model: ChineseNames, text: str) -> Iterator[tuple[str, Candidate]]:
    """Yield what may be a name in a text, with the text."""
    for head in model.heads().finditer(text):
        for candidate in model.candidates(text, head.start()):
            yield text, candidate


Marked = tuple[str, set[tuple[int, int]]]
"""A text and where names stand in it."""


def renamed(
    marked: Sequence[tuple[str, list[str]]], names: Names, source: random.Random, spared: float = 0.3
) -> Iterator[Marked]:
    """Yield real sentences; most of their persons get another name, so that none is learnt by heart.

    Args:
        marked: Messages with the persons in them.
        names: Makes up names.
        source: Of what is left to chance.
        spared: Which share of the messages is left out.
    """
    for original, persons in marked:
        text = original
        if not persons or source.random() < spared:
            continue
        for person in sorted(persons, key=len, reverse=True):
            if person in text and source.random() < 0.8:
                text = text.replace(person, f"\ue000{names.make(source)}\ue001")
            else:
                text = text.replace(person, f"\ue000{person}\ue001")
        yield unmark(text)


def planted(plain: Sequence[str], names: Names, source: random.Random, count: int) -> Iterator[Marked]:
    """Yield sentences made for it with names planted in them, and with real sentences around."""
    for _ in range(count):
        carrier = source.choice(CARRIERS)
        while "{" in carrier:
            carrier = carrier.replace("{n}", f"\ue000{names.make(source)}\ue001", 1)
        if source.random() < 0.4:
            around = source.choice(plain)[:40].replace("\ue000", "")
            carrier = around + source.choice("。，\n") + carrier
        if source.random() < 0.3:
            carrier += source.choice("，。") + source.choice(plain)[:30]
        yield unmark(fold(carrier))


def _from_dialogues(
    model: ChineseNames, marked: Sequence[tuple[str, list[str]]], names: Names, source: random.Random
) -> Iterator[Row]:
    for text, spans in renamed(marked, names, source):
        yield from _label(model, text, spans)


def _from_carriers(model: ChineseNames, plain: Sequence[str], names: Names, source: random.Random) -> Iterator[Row]:
    for text, spans in planted(plain, names, source, _PLANTED):
        yield from _label(model, text, spans)


def _from_requests(model: ChineseNames, texts: Sequence[str]) -> Iterator[Row]:
    """What people ask for, and the few whom they name: of a part of a name nothing is said."""
    for whole in texts:
        text = whole[:_READ]
        spans = {found.span() for found in NAMES.finditer(text)}
        for _, candidate in candidates_in(model, text):
            start, _, end = candidate
            if (start, end) in spans or not any(start < last and end > first for first, last in spans):
                yield Row(text, candidate, int((start, end) in spans), _REQUESTS_COUNT)


def unmark(text: str) -> Marked:
    """Return a text without marks, and where names stood between them."""
    pieces: list[str] = []
    spans: set[tuple[int, int]] = set()
    at = 0
    for piece in re.split("(\ue000[^\ue001]*\ue001)", text):
        plain = piece.strip("\ue000\ue001")
        if piece.startswith("\ue000"):
            spans.add((at, at + len(plain)))
        pieces.append(plain)
        at += len(plain)
    return "".join(pieces), spans


def _label(model: ChineseNames, text: str, spans: set[tuple[int, int]]) -> Iterator[Row]:
    for _, candidate in candidates_in(model, text):
        yield Row(text, candidate, int((candidate.start, candidate.end) in spans))


# --- Fitting ---------------------------------------------------------------------------------------


def fit(model: ChineseNames, rows: Sequence[Row]) -> ChineseNames:
    """Fit logistic regression by AdaGrad; the order of rows is drawn from the seed."""
    figures = np.array([model.figures(row.text, row.candidate) for row in rows], dtype=np.float64)
    # A given name of one character has one place fewer; the last of the table stands for it, and weighs nothing.
    near = np.full((len(rows), _PLACES), NEIGHBOURS, dtype=np.int64)
    for line, row in enumerate(rows):
        both = *inside(row.text, row.candidate), *beside(row.text, row.candidate)
        near[line, : len(both)] = both
    truth = np.array([row.is_name for row in rows], dtype=np.float64)
    counts = np.array([row.counts for row in rows])
    scale = np.maximum(figures.std(axis=0), 1e-6)
    figures /= scale
    order = np.random.default_rng(SEED)
    dense, bias = np.zeros(figures.shape[1]), np.zeros(1)
    weights = np.zeros(NEIGHBOURS + 1)
    seen_dense, seen_bias, seen = np.full(figures.shape[1], 1e-2), np.full(1, 1e-2), np.full(NEIGHBOURS + 1, 1e-2)
    for epoch in range(6):
        rate = 0.15 / (1 + epoch * 0.5)
        shuffled = order.permutation(len(rows))
        for at in range(0, len(rows), 256):
            some = shuffled[at : at + 256]
            total = figures[some] @ dense + weights[near[some]].sum(axis=1) + bias[0]
            wrong = counts[some] * (1 / (1 + np.exp(-np.clip(total, -30, 30))) - truth[some])
            step = figures[some].T @ wrong / len(some) * 16 + 1e-4 * dense
            seen_dense += step**2
            dense -= rate * step / np.sqrt(seen_dense)
            push = wrong.sum() / len(some) * 16
            seen_bias += push**2
            bias -= rate * push / np.sqrt(seen_bias)
            places = near[some].ravel()
            steps = np.repeat(wrong, near.shape[1]) / len(some) * 16 + 1e-3 * weights[places]
            np.add.at(seen, places, steps**2)
            np.subtract.at(weights, places, rate * steps / np.sqrt(seen[places]))
            weights[NEIGHBOURS] = 0.0
    return ChineseNames(
        model.surnames,
        model.first,
        model.last,
        model.single,
        model.pairs,
        model.triples,
        model.common,
        tuple(round(float(w), 4) for w in dense / scale),
        tuple(round(float(w) * 16) / 16 for w in weights[:NEIGHBOURS]),
        round(float(bias[0]) + _SHIFT, 4),
    )


def in_requests(model: ChineseNames, texts: Sequence[str]) -> str:
    """Say in how many requests somebody is found whom they do not name."""
    from gateway.detectors.names.people import ChinesePeople  # noqa: PLC0415
    from gateway.text import TextView  # noqa: PLC0415

    detector = ChinesePeople(model)
    wrong = 0
    for text in texts:
        spans = [found.span() for found in NAMES.finditer(text)]
        said = [f for f in detector(TextView(text)).findings if f.score >= 0.5 and "·" not in text[f.start : f.end]]
        wrong += any(not any(f.start < last and f.end > first for first, last in spans) for f in said)
    return f"a name in {wrong:,} of {len(texts):,} ({wrong / max(1, len(texts)):.4f}) that name nobody there"


def evaluate(model: ChineseNames, marked: Iterable[tuple[str, list[str]]], plain: Iterable[str]) -> list[str]:
    """Say how many of the persons of unseen dialogues are found, and how often plain text fires."""
    from gateway.detectors.names.people import ChinesePeople  # noqa: PLC0415
    from gateway.text import TextView  # noqa: PLC0415

    detector = ChinesePeople(model)
    found = gold = right = 0
    misses: Counter[str] = Counter()
    extra: Counter[str] = Counter()
    for text, persons in marked:
        spans = {m.span() for person in persons for m in re.finditer(re.escape(person), text)}
        said = {(f.start, f.end) for f in detector(TextView(text)).findings if f.score >= 0.5}
        gold += len(spans)
        found += len(spans & said)
        if spans:
            right += len(said)
        misses.update(text[a:b] for a, b in spans - said)
        if spans:
            extra.update(text[a:b] for a, b in said - spans)
    fired = characters = 0
    false: Counter[str] = Counter()
    for text in plain:
        characters += len(text)
        for f in detector(TextView(text)).findings:
            if f.score >= 0.5:
                fired += 1
                false[text[f.start : f.end]] += 1
    return [
        f"unseen dialogues: recall {found / max(1, gold):.3f} of {gold}",
        f"of {right} said there {found / max(1, right):.3f} were marked",
        f"misses {misses.most_common(15)}",
        f"extra {extra.most_common(25)}",
        f"plain text: {fired} in {characters:,} characters; {false.most_common(40)}",
    ]
