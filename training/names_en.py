"""Reads what English names are learnt from: marked sentences, lists, and other sentences; counts what is found.

Marked are WNUT-17, wikigold, the Broad Twitter Corpus, SEC filings, presidio-research and pii_syn_nano_en. Lists hold
given names, surnames, and words that people write in small letters. What is learnt is in ``training/names_en_fit.py``.
"""

from __future__ import annotations

import csv
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from gateway.detectors.names.english import RUN_WORDS, Label, may_be_name, run_end, tokens
from gateway.detectors.names.english_net import EnglishNames
from gateway.detectors.names.english_reader import Reader
from training.written import read

_SEED: Final = 11
_KINDS: Final[Mapping[str, Label]] = {
    **dict.fromkeys(("per", "person"), "person"),
    **dict.fromkeys(("loc", "location", "gpe"), "place"),
    **dict.fromkeys(("org", "corporation", "group", "organization", "organisation"), "organisation"),
}
Sentence = tuple[list[str], list[Label]]
_UNMARKED: Final = (
    *("halueval", "begin", "ragchecker_meta", "bump", "hh_rlhf_test", "selfinstruct", "bpo_testsets", "arena_hard"),
    *("fastchat_bench", "coconot", "diasafety", "covid_faq", "surge_toxicity", "ragas_samples"),
)
_MOST: Final = 6000
_MIXED: Final = (
    *("aisafetylab", "chinese_safetyqa", "cold", "compass_pi_zh", "halluqa", "huatuo_med_zh", "jade"),
    *("prompts_zh_roleplay", "swsr", "teleantifraud"),
)
_MOST_MIXED: Final = 1500
_MOST_WRITTEN: Final = 4000
_LONGEST_MIXED: Final = 120
_LATIN: Final = re.compile("[A-Z][A-Za-z]")
_ENDS_ZH: Final = re.compile("(?<=[。！？!?；;])|\n")
_MOST_WORDS: Final = 70
_SHORTEST, _LONGEST = 12, 400
_CAPITALS: Final = re.compile("[A-Z][a-z]")
_HAN: Final = re.compile("[\u3400-\u9fff]")
_ENDS: Final = re.compile(r'(?<=[.!?]) +(?=[A-Z"“])')
Lists = tuple[set[str], set[str], set[str]]


# --- Sets ----------------------------------------------------------------------------------------


def read_sets(data: Path) -> dict[str, list[Sentence]]:
    """Return every set as tokens with labels."""
    return {
        "wnut_train": list(_conll(data / "wnut17" / "wnut17train.conll")),
        "wnut_dev": list(_conll(data / "wnut17" / "emerging.dev.conll")),
        "btc": [
            s
            for part in "abgefh"
            for s in _conll(data / "er_datasets" / f"data__BTC__CONLL-format__data__{part}.conll")
        ],
        "sec": [
            *_conll(data / "er_datasets" / "data__SEC-filings__CONLL-format__data__train__FIN5.txt"),
            *_conll(data / "er_datasets" / "data__SEC-filings__CONLL-format__data__test__FIN3.txt"),
        ],
        "wikigold": list(_conll(data / "er_datasets" / "data__wikigold__CONLL-format__data__wikigold.conll.txt")),
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
        yield mark(row["full_text"], spans)


def _nano(path: Path) -> Iterator[Sentence]:
    for row in json.loads(path.read_text(encoding="utf-8")):
        spans = []
        for entity in (one for one in row["NER"] if "entity" in one):
            kind = _SPANS.get(entity["label"], "none")
            spans += [(*match.span(), kind) for match in re.finditer(re.escape(entity["entity"]), row["text"])]
        yield mark(row["text"], spans)


def mark(text: str, spans: Sequence[tuple[int, int, Any]]) -> Sentence:
    """Return a text in words, each with the label of the span that it lies in."""
    words: list[str] = []
    labels: list[Label] = []
    for token in tokens(text):
        inside = [kind for start, end, kind in spans if start <= token.start and token.end <= end]
        words.append(token.text)
        labels.append(inside[0] if inside else "none")
    return words, labels


# --- Sentences that nobody marked ----------------------------------------------------------------


def unmarked(data: Path) -> list[list[str]]:
    """Return English sentences of other sets in words: those with two capitalised words or more, a part of each set."""
    chance = random.Random(3)
    found: list[list[str]] = []
    for name in _UNMARKED:
        some = list(dict.fromkeys(_sentences(data / name)))
        chance.shuffle(some)
        found += [[token.text for token in tokens(one)][:_MOST_WORDS] for one in some[:_MOST]]
    return found


def mixed(data: Path, written: Path) -> list[list[str]]:
    """Return Chinese sentences with a Latin word that begins with a capital in words: of sets, and of written texts."""
    chance = random.Random(3)
    found: list[list[str]] = []
    texts = [(strings(data / name), _MOST_MIXED) for name in _MIXED]
    ours = (row.text for row in read(written, 1) if row.language != "en")
    for some, most in (*texts, (ours, _MOST_WRITTEN)):
        kept = list(dict.fromkeys(one for text in some for one in _parts(text)))
        chance.shuffle(kept)
        found += [[token.text for token in tokens(one)][:_MOST_WORDS] for one in kept[:most]]
    return found


def _parts(text: str) -> Iterator[str]:
    for cut in _ENDS_ZH.split(text):
        one = cut.strip()
        if len(one) < _LONGEST_MIXED and _LATIN.search(one) and len(_HAN.findall(one)) > 3:
            yield one


def _sentences(folder: Path) -> Iterator[str]:
    for text in strings(folder):
        if not _HAN.search(text):
            for line in text.split("\n"):
                for cut in _ENDS.split(line):
                    one = cut.strip()
                    small = sum(map(str.islower, one))
                    if _SHORTEST < len(one) < _LONGEST and len(_CAPITALS.findall(one)) > 1 and 2 * small > len(one):
                        yield one


def strings(folder: Path) -> Iterator[str]:
    """Yield every string of the files of a set."""
    for path in sorted(folder.iterdir()):
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.suffix in {".csv", ".tsv", ".txt"}:
            yield from text.splitlines()
        elif path.suffix in {".json", ".jsonl"}:
            try:
                yield from _said([json.loads(text)])
            except ValueError:  # an object a line
                yield from _said([json.loads(line) for line in text.splitlines() if line.startswith(("{", "["))])


def _said(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _said(one)


# --- Lists ---------------------------------------------------------------------------------------


def read_lists(data: Path) -> Lists:
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


# --- Made-up names --------------------------------------------------------------------------------


def renamed(lists: Lists, sentences: Sequence[Sentence]) -> Iterator[Sentence]:
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
                name = made_up(source, first, last, end - start)
                new_words += name
                new_labels += ["person"] * len(name)
                at = end
            yield new_words + words[at:], new_labels + labels[at:]


_SOUNDS: Final = "ka lo mi ra ven tor san bel dri och wen zim ar el ov ski ton man ber gar li ne sha quin tte mu ro"
_SYLLABLES: Final = _SOUNDS.split()


def random_word(source: random.Random) -> str:
    """Return a word that sounds like a name."""
    return "".join(source.choices(_SYLLABLES, k=source.randint(2, 3))).title()


def made_up(source: random.Random, first: Sequence[str], last: Sequence[str], size: int) -> list[str]:
    """Return the words of a name: a surname or a given name, or more; nobody's list holds every name."""
    surname = random_word(source) if source.random() < 0.3 else source.choice(last).title()
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


def figures(model: EnglishNames, sentences: Sequence[Sentence], wanted: Label) -> str:
    """Say how many names of one kind a model finds with both ends right."""
    hit = said = gold = 0
    for words, labels in sentences:
        guess = guessed(model, words)
        right, ours = spans(words, labels, wanted), spans(words, guess, wanted)
        hit, said, gold = hit + len(right & ours), said + len(ours), gold + len(right)
    precision, recall = hit / max(1, said), hit / max(1, gold)
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return f"P {precision:.3f} R {recall:.3f} F1 {f1:.3f} (n {gold})"
