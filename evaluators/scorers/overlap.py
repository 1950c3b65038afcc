"""How far an answer and a reference use the same words or characters: right for Chinese as for English.

A Chinese character counts as a word wherever words are counted, so two equal Chinese sentences agree
wholly. All values lie in [0, 1].
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Final, TypeVar

from evaluators.scorers.words import fold

_HAN: Final = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN: Final = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]+(?:'[a-z]+)?|[^\w\s]|_")
Token = TypeVar("Token", bound=Hashable)

_ARTICLES: Final = frozenset({"a", "an", "the"})
_LONGEST: Final = 2_000_000_000
"""Product of two lengths up to which the longest common subsequence is looked for: seconds."""


def tokens(text: str) -> list[str]:
    """Return Chinese characters one by one, other words whole, and punctuation."""
    return _TOKEN.findall(fold(text))


def words_of(text: str) -> list[str]:
    """Return ``tokens`` without punctuation."""
    return [token for token in tokens(text) if token[0].isalnum()]


def exact(answer: str, references: Sequence[str]) -> float:
    """Return 1 if the answer is a reference, but for case, width, punctuation, spaces and articles."""
    said = _bare(answer)
    return float(any(said == _bare(reference) for reference in references))


def f1(answer: str, references: Sequence[str]) -> float:
    """Return the best harmonic mean of precision and recall over words, each as often as it stands there."""
    return max(_f(Counter(_bare(answer)), Counter(_bare(reference))) for reference in references)


def rouge_n(answer: str, references: Sequence[str], n: int) -> float:
    """Return the best F1 of n-grams of words.

    Source: C.-Y. Lin, "ROUGE: a package for automatic evaluation of summaries", 2004.
    """
    said, best = words_of(answer), 0.0
    for reference in references:
        wanted = words_of(reference)
        have, want = Counter(_grams(said, n)), Counter(_grams(wanted, n))
        best = max(best, _f(have, want) if have or want else float(said == wanted))
    return best


def rouge_l(answer: str, references: Sequence[str]) -> float | None:
    """Return the best F1 of the longest common subsequence; None if texts are too long to look for it."""
    said = words_of(answer)
    best = 0.0
    for reference in references:
        wanted = words_of(reference)
        if len(said) * len(wanted) > _LONGEST:
            return None
        if not said or not wanted:
            best = max(best, float(said == wanted))
            continue
        best = max(best, 2 * common_subsequence(said, wanted) / (len(said) + len(wanted)))
    return best


def bleu(answer: str, references: Sequence[str]) -> float:
    """Return sentence BLEU-4: exponential smoothing, orders that a short answer cannot have left out.

    Source: K. Papineni et al., "BLEU: a method for automatic evaluation of machine translation", 2002;
    smoothing 3 of B. Chen and C. Cherry, 2014.
    """
    said = tokens(answer)
    wanted = [tokens(reference) for reference in references]
    if not said or not any(wanted):
        return float(said in wanted)
    logs, smooth, orders = 0.0, 1.0, 0
    for n in range(1, min(4, len(said)) + 1):
        have = Counter(_grams(said, n))
        most: Counter[Hashable] = Counter()
        for reference in wanted:
            most |= Counter(_grams(reference, n))
        hits = sum((have & most).values())
        if n == 1 and not hits:
            return 0.0
        if not hits:
            smooth *= 2
        logs += math.log((hits or 1 / smooth) / (len(said) - n + 1))
        orders += 1
    nearest = min((abs(len(reference) - len(said)), len(reference)) for reference in wanted)[1]
    return min(1.0, math.exp(min(0.0, 1 - nearest / len(said)) + logs / orders))


def chrf(answer: str, references: Sequence[str]) -> float:
    """Return chrF2: F with recall counted twice, over character n-grams up to 6, without spaces.

    Source: M. Popović, "chrF: character n-gram F-score for automatic MT evaluation", 2015.
    """
    said = "".join(fold(answer).split())
    best = 0.0
    for reference in references:
        wanted = "".join(fold(reference).split())
        precision = recall = 0.0
        for n in range(1, min(6, len(said), len(wanted)) + 1):
            hits = sum((Counter(_pieces(said, n)) & Counter(_pieces(wanted, n))).values())
            precision += hits / (len(said) - n + 1)
            recall += hits / (len(wanted) - n + 1)
        orders = min(6, len(said), len(wanted))
        if orders and precision and recall:
            best = max(best, 5 * precision * recall / (4 * precision + recall) / orders)
        elif said == wanted:
            best = 1.0
    return best


def common_subsequence(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """Return the length of the longest common subsequence, many positions at a time.

    Source: M. Crochemore et al., "A fast and practical bit-vector algorithm for the longest common
    subsequence problem", 2001.
    """
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    places: dict[Hashable, int] = {}
    for place, token in enumerate(short):
        places[token] = places.get(token, 0) | 1 << place
    full = (1 << len(short)) - 1
    row = full
    for token in long:
        if held := places.get(token):
            both = row & held
            row = (row + both | row - both) & full
    return len(short) - row.bit_count()


def _bare(text: str) -> list[str]:
    return [word for word in words_of(text) if word not in _ARTICLES]


def _grams(parts: Sequence[str], n: int) -> list[Hashable]:
    return list(zip(*(parts[i:] for i in range(n)), strict=False))


def _pieces(text: str, n: int) -> list[str]:
    return [text[i : i + n] for i in range(len(text) - n + 1)]


def _f(said: Counter[Token], wanted: Counter[Token]) -> float:
    total = sum(said.values()) + sum(wanted.values())
    return 2 * sum((said & wanted).values()) / total if total else 1.0
