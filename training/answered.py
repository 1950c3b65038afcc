"""What an answer is to the risk model while it streams: its beginnings, which the gateway judges one by one.

An answer is as bad as the worst of its beginnings, since it is refused at the first that says so. Therefore harmless
answers are learnt from with their beginnings (``当然可以。`` alone), harmful ones as a whole: how they begin is often
innocent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.detectors.classifier import clause_ends
from gateway.detectors.risk_names import HEADS, WINDOW
from training.corpora.rows import Row
from training.examples import Examples, featurize, targets
from training.fit import Floats

_MOST: Final = 14
"""So many beginnings of an answer are looked at."""
_LEAST: Final = 4
"""Characters that a beginning has more than the one before."""


class Answers(NamedTuple):
    """Answers as features.

    Attributes:
        examples: For each answer the windows of the whole of it, and its beginnings.
        whole: For each of these whether it is a window of the whole answer.
    """

    examples: Examples
    whole: NDArray[np.bool_]


def beginnings(text: str) -> list[str]:
    """Return what is judged of an answer before the whole is there: up to the ends of clauses, the first and some more.

    Args:
        text: The answer; only of its first ``WINDOW`` characters beginnings are returned.
    """
    kept, last = list[int](), 0
    for end in clause_ends(text, 0, 0, final=True):
        if last + _LEAST <= end < min(len(text), WINDOW + 1):
            kept.append(end)
            last = end
    if len(kept) > _MOST:
        kept = [kept[round(number * (len(kept) - 1) / (_MOST - 1))] for number in range(_MOST)]
    return [text[:end] for end in kept]


def begun(rows: Sequence[Row]) -> Answers:
    """Turn answers into features."""
    texts, own, whole = list[str](), list[int](), list[bool]()
    for number, row in enumerate(rows):
        for text, all_of_it in _several(row.text):
            texts.append(text)
            own.append(number)
            whole.append(all_of_it)
    found = featurize([rows[number] for number in own], texts)
    return Answers(replace(found, rows=rows, row=np.array(own)[found.row]), np.array(whole)[found.row])


def _several(text: str) -> Iterator[tuple[str, bool]]:
    yield text, True
    for one in beginnings(text):
        yield one, False


def answer_targets(answers: Answers) -> tuple[Floats, Floats]:
    """Return for each window whether the answer should not be given, and how much that counts.

    The beginnings of a harmless answer count as much together as its row does; those of a harmful one do not.
    """
    examples, whole = answers
    rows = examples.rows
    complete = replace(examples, row=examples.row[whole])
    wanted, counts = (np.zeros((len(whole), 1), np.float32) for _ in range(2))
    wanted[whole], counts[whole] = targets(complete, HEADS[-1:])
    harmless = np.zeros(len(rows), np.bool_)
    harmless[complete.row] = (wanted[whole, 0] == 0) & (counts[whole, 0] > 0)
    number = np.bincount(examples.row[~whole], minlength=len(rows))
    each = np.array([row.weight for row in rows], np.float32) * harmless / np.maximum(number, 1)
    counts[~whole, 0] = each[examples.row[~whole]]
    return wanted, counts
