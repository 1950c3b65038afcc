"""What the teachers of the vectors read: sentences of the data folder, ways of asking with words put in, words alone.

Ways of asking come in groups that ask the same (``asked.yaml``, with words of which each may stand for the others; and
``alike``, questions of many trades, each with strangers that only look like it).
The sets that quality is measured with (``HELD_OUT``) are never read.
"""

from __future__ import annotations

import collections
import importlib.util
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from training.alike import Group, trades
from training.corpora.files import decoded, unpacked

HELD_OUT: Final = frozenset({"banking77", "clinc150", "covid_faq", "pawsx_zh_dev"})
NO_TEXTS: Final = frozenset(
    {
        *("lex_houbb", "lex_sensitive_lexicon", "lex_sensitive_stop_words", "lex_ldnoobw", "lex_surge_profanity"),
        *("zh_admin_divisions", "zh_companies_wainshine", "zh_names_wainshine"),
        *("er_datasets", "wnut17", "pii_syn_nano_en", "presidio_research"),
    }
)
"""Lists of words and names, and texts of which every word has a label."""
_SEED: Final = 1
_CUT: Final = re.compile(r"(?<=[。！？!?；;])|[\n\r\t]+|(?<=[.])\s")
_HAN: Final = re.compile("[\u4e00-\u9fff]")
_ASKS_EN: Final = re.compile(r"\?")
_ASKS_ZH: Final = re.compile("[？?]|吗|怎么|如何|什么|哪|多少")
_OTHER_TERMS: Final = re.compile("table|code")
_SHORT: Final = 24
"""Characters of a Chinese question that is preferred; an English one has three times as many."""


class Texts(NamedTuple):
    """What the teachers read.

    Attributes:
        rows: Texts of the data sets, ways of asking with words put in, words alone; shuffled.
        written: The questions of ``training/alike``.
        more: Further texts of the data sets, which only the quicker teacher reads.
        groups: Places of rows, and of what is written after them, that mean the same; a place is in one group at most.
        strangers: Places of questions that look like another, each with the place of that.
        halves: Places of what is written in trades at even places, and at odd ones.
        words: How often each Chinese word of the word list is used.
    """

    rows: list[str]
    written: list[str]
    more: list[str]
    groups: list[list[int]]
    strangers: list[tuple[int, int]]
    halves: tuple[frozenset[int], frozenset[int]]
    words: Mapping[str, int]


def sentences(data: Path, *, zh: int = 30000, en: int = 7000) -> tuple[list[str], list[str]]:
    """Return Chinese and English sentences of a data folder, so many of each set at most, questions first."""
    rng = random.Random(_SEED)
    found: tuple[set[str], set[str]] = (set(), set())
    for folder in sorted(data.iterdir()):
        if not folder.is_dir() or folder.name in HELD_OUT | NO_TEXTS:
            continue
        chinese, english = sentences_of(folder)
        for texts, asks, most, into in ((chinese, _ASKS_ZH, zh, found[0]), (english, _ASKS_EN, en, found[1])):
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
    lines = (package("jieba") / "dict.txt").read_text("utf-8").splitlines()
    found = [(word, int(count), part) for word, count, part in (line.split() for line in lines)]
    return sorted((row for row in found if _HAN.match(row[0]) and 2 <= len(row[0]) <= 4), key=lambda r: (-r[1], r[0]))


def texts(data: Path) -> Texts:
    """Return all that the teacher reads, the same for the same data."""
    rng = random.Random(_SEED)
    sentences_read = sentences(data)
    chinese, english = map(list, sentences_read)
    words = word_list()
    nouns = [word for word, _, part in words if part in {"n", "nz", "vn", "l"}][:20000]
    verbs = [word for word, _, part in words if part in {"v", "vn"}][:7000]
    alone = [word for word, _, part in words if part not in {"nr", "ns", "nt", "nrt"}]
    counted = collections.Counter(word for text in english for word in re.findall("[a-z]{2,}", text.lower()))
    latin = [word for word, count in counted.most_common(26000) if count >= 3]
    asked = yaml.safe_load(Path(__file__).with_name("asked.yaml").read_text("utf-8"))
    trade = {kind: asked["service_zh"][kind].split() for kind in ("nouns", "verbs")}
    same = {kind: _sets(asked["same_zh"][kind]) for kind in ("nouns", "verbs")}
    service = [word.replace("-", " ") for word in asked["service_en"].split()]
    same_en = _sets(asked["same_en"])
    zh, en = list(asked["zh"].values()), list(asked["en"].values())
    ways = [
        *_groups(
            zh, 8500, {"n": [same["nouns"], _each(trade["nouns"])], "v": [same["verbs"], _each(trade["verbs"])]}, rng
        ),
        *_groups(zh, 2500, {"n": [_each(nouns)], "v": [_each(verbs)]}, rng, lean=1.7),
        *_groups(en, 2000, {"w": [same_en, _each(service)]}, rng),
        *_groups(en, 1000, {"w": [_each(latin)]}, rng, lean=1.7),
        *(list(one) for one in (*same["nouns"], *same["verbs"], *same_en)),
    ]
    rng.shuffle(chinese)
    rng.shuffle(english)
    chinese.sort(key=lambda text: not (_ASKS_ZH.search(text) and len(text) <= _SHORT))
    english.sort(key=lambda text: not ("?" in text and len(text) <= 3 * _SHORT))
    rows = {
        *(text for group in ways for text in group),
        *chinese[:11000],
        *english[:7000],
        *trade["nouns"],
        *trade["verbs"],
        *service,
        *alone[:12000],
        *latin[:5000],
    }
    ordered = sorted(rows)
    rng.shuffle(ordered)
    place = {text: at for at, text in enumerate(ordered)}
    taken: set[int] = set()
    groups: list[list[int]] = []
    for group in ways:
        if len(free := sorted({place[text] for text in group} - taken)) > 1:
            groups.append(free)
            taken.update(free)
    kin, strangers, halves, written = _written(list(trades().values()), len(ordered))
    more = _further(sentences_read, set(ordered))
    counts = {word: count for word, count, _ in words}
    return Texts(ordered, written, more, groups + kin, strangers, halves, counts)


def _further(read: tuple[Sequence[str], Sequence[str]], known: set[str]) -> list[str]:
    """Return further sentences, Chinese and English ones, short questions first."""
    rng = random.Random(_SEED)
    found: list[str] = []
    for some, asks, longest, most in ((read[0], _ASKS_ZH, _SHORT, 30000), (read[1], _ASKS_EN, 3 * _SHORT, 55000)):
        left = [text for text in some if text not in known]
        rng.shuffle(left)
        left.sort(key=lambda text, asks=asks, longest=longest: not (asks.search(text) and len(text) <= longest))  # type: ignore[misc]
        found += left[:most]
    return found


def _written(
    some: Sequence[Sequence[Group]], start: int
) -> tuple[list[list[int]], list[tuple[int, int]], tuple[frozenset[int], frozenset[int]], list[str]]:
    """Return places: of questions that ask the same, of strangers with what they look like, of halves; and the texts.

    Args:
        some: The groups of each trade.
        start: The place of the first question.
    """
    groups = [group for trade in some for group in trade]
    written = list(dict.fromkeys(text for one in groups for text in (one.ask, *one.same, *one.near)))
    place = {text: start + at for at, text in enumerate(written)}
    taken: set[int] = set()
    kin: list[list[int]] = []
    for one in groups:
        kin.append(sorted({place[text] for text in (one.ask, *one.same)} - taken))
        taken.update(kin[-1])
    strangers = [(place[text], place[one.ask]) for one in groups for text in one.near if place[text] not in taken]
    even, odd = (
        frozenset(place[text] for trade in some[n::2] for one in trade for text in (one.ask, *one.same, *one.near))
        for n in (0, 1)
    )
    return kin, strangers, (even, odd), written


Alike = Sequence[Sequence[str]]
"""Sets of words of which each may stand for the others."""


def _sets(written: str) -> Alike:
    return [one.replace("-", " ").split("|") for one in written.split()]


def _each(words: Sequence[str]) -> Alike:
    return [[word] for word in words]


def _groups(
    ways: Sequence[Sequence[str]],
    number: int,
    words: Mapping[str, Sequence[Alike]],
    rng: random.Random,
    lean: float = 1.0,
) -> Iterator[list[str]]:
    """Yield so many groups of three ways of asking one thing, each with words that mean the same.

    Args:
        ways: Groups of ways of asking, with places for words in braces.
        number: How many.
        words: For each place, lists of sets; each list is drawn from equally often.
        rng: Draws.
        lean: How much the first of a list are drawn more often (1: all alike).
    """
    for at in range(number):
        some = ways[at % len(ways)]
        drawn: dict[str, Sequence[str]] = {}
        for place in (f"{name}{more}" for name in words for more in ("", "2")):
            lists = words[place.rstrip("2")]
            choice = lists[rng.randrange(len(lists))]
            drawn[place] = choice[int(len(choice) * rng.random() ** lean)]
        if all("{v}" in way for way in some) and rng.random() < 1 / 3:
            drawn["n"] = [""]  # 怎么退款 has no noun
        yield [
            re.sub(r"\{(\w+)\}", lambda place, drawn=drawn: rng.choice(drawn[place[1]]), way)  # type: ignore[misc]
            for way in rng.sample(some, min(3, len(some)))
        ]


def package(name: str) -> Path:
    """Return where a package lies; raises ``SystemExit`` for one that is not installed."""
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"the package {name} is not installed: pip install -c constraints.txt '.[training]'")
    return Path(found.submodule_search_locations[0])
