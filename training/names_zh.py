"""Trains what ``gateway/detectors/names`` knows of Chinese names of people.

    python -m training.names_zh --data DATA

DATA is the folder of public data sets. Reads zh_names_wainshine (how names are built), KdConv (where
names stand: the persons of its knowledge are marked in its dialogues), plain Chinese texts and the ones in
``training/written`` (what is no name). Writes ``gateway/detectors/weights/names_zh.bin``; the same data give the same
bytes. ``--without 0`` leaves a quarter of the written families out, says what it finds in them, and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from gateway.detectors.names.chinese import (
    COMPOUND,
    NEIGHBOURS,
    PAIRS,
    TRIPLES,
    Candidate,
    ChineseNames,
    beside,
    pair,
    triple,
)
from gateway.detectors.names.weights import ZH, read_chinese, write_chinese
from gateway.text import fold
from training.examples import fold_of
from training.names_zh_texts import CARRIERS, GIVEN, NAMED, SURNAMES
from training.written import read as read_written

_HAN: Final = re.compile("[\u4e00-\u9fff]+")
_NAME: Final = re.compile("[\u4e00-\u9fff]{2,4}")
_NAMED: Final = re.compile("|".join(sorted(NAMED, key=len, reverse=True)))
_PERSON: Final = re.compile("导演|主演|演员|编剧|歌手|演唱|作词|作曲|编曲|制片|监制|作者|填词|谱曲|原唱|主持")
_SEED: Final = 7
# What stands behind a name as often as at its end: 孙丽三人, 张伟一起.
_COUNTING: Final = frozenset("一二三四五六七八九十")
_TRAINED: Final = 14000
_UNREAD: Final = "chinese_safetyqa/*.json*"
# Real texts hold other shares of names than the sentences made for training. The value was chosen by judgement,
# after a look at what KdConv's dialogues and made-up letters miss and what plain texts report; no procedure found it.
_SHIFT: Final = 2.2
_WRITTEN: Final = Path(__file__).parent / "written"
_READ: Final = 300
"""Characters of a written text that are looked at."""
_PARTS: Final = 4
# What people ask for every day is what must not be taken for names, and there are few such texts.
_REQUESTS_COUNT: Final = 10.0


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public data sets")
    parser.add_argument("--only-report", action="store_true", help="say how good the shipped weights are")
    parser.add_argument("--without", type=int, choices=range(_PARTS), help="hold that part of the written texts out")
    options = parser.parse_args()
    if options.without is not None:
        held = train(options.data, options.without)
        print(f"requests, part {options.without} held out: {in_requests(held, written_texts(options.without))}")
        for line in evaluate(held, marked_dialogues(options.data, "test"), ()):
            print(line)
        return
    if not options.only_report:
        ZH.write_bytes(write_chinese(train(options.data)))
        print(f"{ZH}: {ZH.stat().st_size:,} bytes")
    plain = plain_texts(options.data)
    random.Random(_SEED).shuffle(plain)
    model = read_chinese(ZH.read_bytes())
    for line in evaluate(model, marked_dialogues(options.data, "test"), plain[_TRAINED:20000]):
        print(line)
    unread = [fold(text) for path in sorted(options.data.glob(_UNREAD)) for text in _read(path) if _HAN.search(text)]
    print(f"of {_UNREAD}, which training does not read at all: {evaluate(model, (), unread)[-1]}")


# --- Texts ---------------------------------------------------------------------------------------


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _read(path: Path) -> Iterator[str]:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield from _strings(json.loads(archive.read(name)))
        return
    content = path.read_text(encoding="utf-8-sig", errors="replace")
    try:
        yield from _strings(json.loads(content))
    except json.JSONDecodeError:  # rows of JSON, or plain lines
        for line in content.splitlines():
            try:
                yield from _strings(json.loads(line))
            except json.JSONDecodeError:
                yield line


PLAIN: Final = (
    "crosswoz/*.zip",
    "halluqa/*.json",
    "huatuo_med_zh/*.json",
    "zh_medical_qa/*",
    "kdconv/*travel*.json",
    "cold/*train.csv",
    "swsr/*.csv",
    "teleantifraud/*normal*.jsonl",
    "jade/*",
)


def plain_texts(data: Path) -> list[str]:
    """Return Chinese texts that hardly name anybody."""
    texts: list[str] = []
    for pattern in PLAIN:
        for path in sorted(data.glob(pattern)):
            if path.name == "SOURCE" or path.suffix not in {".zip", ".json", ".jsonl", ".csv", ".txt"}:
                continue
            found = [fold(text) for text in _read(path) if len(_HAN.findall(text)) and len(text) < 4000]
            texts += dict.fromkeys(found)
    return texts


def written_texts(part: int | None = None, *, without: bool = False) -> list[str]:
    """Return the Chinese and mixed texts written for training, folded.

    Args:
        part: Of the families those alone that are held out together; None for all.
        without: All but those instead.
    """
    return [
        fold(row.text)
        for row in read_written(_WRITTEN, _SEED)
        if row.language != "en"
        and (part is None or (fold_of(row.family.partition("--")[0], _PARTS) == part) != without)
    ]


def marked_dialogues(data: Path, which: str) -> list[tuple[str, list[str]]]:
    """Return KdConv's messages about films and music with the persons that its knowledge names in them."""
    marked: list[tuple[str, list[str]]] = []
    for path in sorted(data.glob(f"kdconv/*{which}.json")):
        if "travel" in path.name:
            continue
        for dialogue in json.loads(path.read_text(encoding="utf-8")):
            persons: set[str] = set()
            for message in dialogue["messages"]:
                attrs = message.get("attrs", ())
                jobs = {
                    attr["name"] for attr in attrs if attr["attrname"] in ("职业", "出生日期", "生日", "星座", "民族")
                }
                persons |= {name for name in jobs if _NAME.fullmatch(name) and name[0] in SURNAMES}
                for attr in attrs:
                    if _PERSON.search(attr["attrname"]):
                        persons |= {
                            n
                            for n in re.split("[、，,/ ;；]+", attr["attrvalue"])
                            if _NAME.fullmatch(n) and n[0] in SURNAMES
                        }
            marked += [(fold(message["message"]), sorted(persons)) for message in dialogue["messages"]]
    return marked


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
            if _NAME.fullmatch(name) and len(name) <= 3 and name[:2] not in COMPOUND:
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


def train(data: Path, without: int | None = None) -> ChineseNames:
    """Return the model. KdConv's test files and the rest of the plain texts are left for measuring.

    Args:
        data: The folder of public data sets.
        without: A part of the written texts that is left for measuring too.
    """
    source = random.Random(_SEED)
    plain = plain_texts(data)
    random.Random(_SEED).shuffle(plain)
    names = Names(data)
    requests = written_texts(without, without=True)
    unigrams: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    triples: Counter[str] = Counter()
    for text in [*plain, *requests]:
        for run in _HAN.findall(text):
            unigrams.update(run)
            pairs.update(run[i : i + 2] for i in range(len(run) - 1))
            triples.update(run[i : i + 3] for i in range(len(run) - 2))
    model = _tables(names, source, unigrams, pairs, triples)
    marked = marked_dialogues(data, "dev")
    known = {person for _, persons in marked for person in persons}
    rows = [*_from_dialogues(model, marked, names, source), *_from_carriers(model, plain, names, source)]
    rows += [Row(t, c, 0) for text in plain[:_TRAINED] for t, c in _all(model, text[:200])]
    # A person whom the knowledge names elsewhere is no example of what is no name.
    rows = [row for row in rows if row.is_name or row.said not in known]
    rows += _from_requests(model, requests)
    names_seen = sum(row.is_name for row in rows)
    print(f"{names_seen:,} names, {len(rows) - names_seen:,} others")
    return _fit(model, rows)


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

    surnames = keep(odds(surname, 8), -1.0)  # 和, 时, 南 are surnames too, of very few
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
        is_name: 1 if it is a name, else 0.
        counts: As much as so many others.
    """

    text: str
    candidate: Candidate
    is_name: int
    counts: float = 1.0

    @property
    def said(self) -> str:
        """The candidate's own characters."""
        return self.text[self.candidate.start : self.candidate.end]


def _all(model: ChineseNames, text: str) -> Iterator[tuple[str, Candidate]]:
    for head in model.heads().finditer(text):
        for candidate in model.candidates(text, head.start()):
            yield text, candidate


def _from_dialogues(
    model: ChineseNames, marked: Sequence[tuple[str, list[str]]], names: Names, source: random.Random
) -> Iterator[Row]:
    """Real sentences; most of their persons get another name, so that none is learnt by heart."""
    for original, persons in marked:
        text = original
        if not persons or source.random() < 0.3:
            continue
        for person in sorted(persons, key=len, reverse=True):
            if person in text and source.random() < 0.8:
                text = text.replace(person, f"\ue000{names.make(source)}\ue001")
            else:
                text = text.replace(person, f"\ue000{person}\ue001")
        yield from _label(model, *_unmark(text))


def _from_carriers(model: ChineseNames, plain: Sequence[str], names: Names, source: random.Random) -> Iterator[Row]:
    """Names planted in sentences made for it, with real sentences around."""
    for _ in range(30_000):
        carrier = source.choice(CARRIERS)
        while "{" in carrier:
            carrier = carrier.replace("{n}", f"\ue000{names.make(source)}\ue001", 1)
        if source.random() < 0.4:
            around = source.choice(plain)[:40].replace("\ue000", "")
            carrier = around + source.choice("。，\n") + carrier
        if source.random() < 0.3:
            carrier += source.choice("，。") + source.choice(plain)[:30]
        text, spans = _unmark(fold(carrier))
        yield from _label(model, text, spans)


def _from_requests(model: ChineseNames, texts: Sequence[str]) -> Iterator[Row]:
    """What people ask for, and the few whom they name: of a part of a name nothing is said."""
    for whole in texts:
        text = whole[:_READ]
        spans = {found.span() for found in _NAMED.finditer(text)}
        for _, candidate in _all(model, text):
            start, _, end = candidate
            if (start, end) in spans or not any(start < last and end > first for first, last in spans):
                yield Row(text, candidate, int((start, end) in spans), _REQUESTS_COUNT)


def _unmark(text: str) -> tuple[str, set[tuple[int, int]]]:
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
    for _, candidate in _all(model, text):
        yield Row(text, candidate, int((candidate.start, candidate.end) in spans))


# --- Fitting ---------------------------------------------------------------------------------------


def _fit(model: ChineseNames, rows: Sequence[Row]) -> ChineseNames:
    """Fit logistic regression by AdaGrad; the order of rows is drawn from the seed."""
    figures = np.array([model.figures(row.text, row.candidate) for row in rows], dtype=np.float64)
    near = np.array([beside(row.text, row.candidate) for row in rows], dtype=np.int64)
    truth = np.array([row.is_name for row in rows], dtype=np.float64)
    counts = np.array([row.counts for row in rows])
    scale = np.maximum(figures.std(axis=0), 1e-6)
    figures /= scale
    order = np.random.default_rng(_SEED)
    dense, bias = np.zeros(figures.shape[1]), np.zeros(1)
    weights = np.zeros(NEIGHBOURS)
    seen_dense, seen_bias, seen = np.full(figures.shape[1], 1e-2), np.full(1, 1e-2), np.full(NEIGHBOURS, 1e-2)
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
    return ChineseNames(
        model.surnames,
        model.first,
        model.last,
        model.single,
        model.pairs,
        model.triples,
        model.common,
        tuple(round(float(w), 4) for w in dense / scale),
        tuple(round(float(w) * 16) / 16 for w in weights),
        round(float(bias[0]) + _SHIFT, 4),
    )


def in_requests(model: ChineseNames, texts: Sequence[str]) -> str:
    """Say in how many requests somebody is found whom they do not name."""
    from gateway.detectors.names.people import ChinesePeople  # noqa: PLC0415
    from gateway.text import TextView  # noqa: PLC0415

    detector = ChinesePeople(model)
    wrong = 0
    for text in texts:
        spans = [found.span() for found in _NAMED.finditer(text)]
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


if __name__ == "__main__":
    main()
