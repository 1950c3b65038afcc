"""Counts set by set, for the card of the weights and for the page of ``make quality``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.corpora.rows import Row
from training.measure import Estimate, above, auroc


def name_of(row: Row) -> str:
    """Return the set of a row, as pages and cards call it."""
    return "written" if row.source.startswith("written:") else row.source


@dataclass(frozen=True, slots=True)
class Answers:
    """How many answers of a set would be refused at a mark.

    Attributes:
        source: The set; ``all`` for all of the language.
        language: Of the answers.
        harmless: How many harmless ones there are,
        refused: and the share of them that would be refused; None without any.
        harmful: How many harmful ones there are,
        found: and the share of them that would be refused.
        area: Area under the curve of the harmful ones against the harmless.
    """

    source: str
    language: str
    harmless: int
    refused: Estimate | None
    harmful: int
    found: Estimate | None
    area: Estimate | None


def answers(rows: Sequence[Row], scores: NDArray[np.floating], mark: float) -> Iterator[Answers]:
    """Yield a line for each set of answers, and one for all of each language.

    Args:
        rows: The answers.
        scores: How likely each should not have been given.
        mark: From which score on the policy refuses.
    """
    bad = np.array([bool(row.risks) for row in rows])
    sources, languages = np.array([name_of(row) for row in rows]), np.array([row.language for row in rows])
    for language in ("zh", "en"):
        spoken = languages == language
        for source in [*sorted(set(sources[spoken])), "all"]:
            mine = spoken & ((sources == source) | (source == "all"))
            fine, shown = scores[mine & ~bad], scores[mine & bad]
            refused, found = above(fine, mark), above(shown, mark)
            yield Answers(source, language, len(fine), refused, len(shown), found, auroc(shown, fine))
