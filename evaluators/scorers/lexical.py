"""Splits Chinese and English text into sentences, clauses and comparable terms."""

from __future__ import annotations

import re
from typing import Final

from evaluators.scorers.stems import stem
from evaluators.scorers.words import Words, fold

_SENTENCE: Final = re.compile(
    r"[。！？；!?;\n]+[”’」』）)\"']*|(?<=[^\d\s.])\.(?=\s|$)[\"')]*|(?<=\d)\.(?=\s+[A-Z]|\s*$)"
)
_ABBREVIATED: Final = re.compile(
    r"(?:(?<![a-z])(?:mr|mrs|ms|dr|st|vs|etc|[ap]\.m|e\.g|i\.e|approx|inc|ltd|co|art|sec|fig))$", re.IGNORECASE
)
_CLAUSE: Final = re.compile(r"[，：、—()（）]+|(?<!\d)[,:]|[,:](?!\d)|\s-\s")
_LIST: Final = re.compile(
    r"^\s*(?:[-*•·>#]+|\(?\d{1,2}[.、)）](?!\d)|[(（][一二三四五六七八九十]{1,2}[)）]|[一二三四五六七八九十]{1,2}、)\s*"
)
_MARKUP: Final = re.compile(r"\*\*|__|`+|^\s{0,3}#{1,6}\s+", re.MULTILINE)
_TERM: Final = re.compile(r"[\u3400-\u9fff]+|[a-z]+(?:'[a-z]+)?|\d+(?:\.\d+)?")


def sentences(text: str) -> list[str]:
    """Split text at 。！？；, at line ends, and at full stops that end an English sentence.

    List bullets and emphasis are taken off; a decimal point, an abbreviation and a number's
    comma split nothing.
    """
    text = _MARKUP.sub("", text)
    pieces: list[str] = []
    start = 0
    for match in _SENTENCE.finditer(text):
        if match[0].startswith(".") and _ABBREVIATED.search(text, max(start, match.start() - 10), match.start()):
            continue
        pieces.append(text[start : match.end()])
        start = match.end()
    pieces.append(text[start:])
    stripped = (_LIST.sub("", piece.strip()).strip() for piece in pieces)
    return [piece for piece in stripped if any(character.isalnum() for character in piece)]


def clauses(sentence: str) -> list[str]:
    """Split a sentence at commas, colons, brackets and dashes, but not inside numbers."""
    return [clause.strip() for clause in _CLAUSE.split(sentence) if any(c.isalnum() for c in clause)]


def terms(text: str, words: Words) -> list[str]:
    """Return what can be compared: pairs of Chinese characters, stems of English words.

    Grammar is left out: Chinese function words part others, English stop words go. Numbers are
    left out too: ``quantities`` compares them better.
    """
    found: list[str] = []
    for match in _TERM.finditer(fold(text)):
        run = match[0]
        if run[0].isdigit():
            continue
        if run[0].isascii():
            if run not in words.stopwords and run not in words.numerals:
                found.append(stem(run))
            continue
        for word in words.functional.sub(" ", run).split():
            found.extend([word] if len(word) == 1 else [word[i : i + 2] for i in range(len(word) - 1)])
    return found
