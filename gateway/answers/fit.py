"""Makes the score of a matcher with other vectors mean what it means with those that ship, or says that it cannot.

The score's weights were fitted to the table that ships. Cosines of another model lie elsewhere, so they are read by a
line that brings two things together: how near foreign questions are to the ways of this bank on the average, and how
near to the nearest. Whether the score may then answer is tried on questions that no entry answers: the foreign ones,
and every way of the bank with its own entry taken away. From the score on at which next to none of them is answered
any more, it answers; a bank with too few ways to try only asks back.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.answers.match import Fit, Matcher
from gateway.answers.stock import Floats, Source
from gateway.answers.ways import Line
from gateway.meaning.pieces import plain
from gateway.packaged import packaged_text
from gateway.text import is_chinese

Numbers = NDArray[np.int64]

LEAST: Final = 100
"""Ways that a bank must have for its score to be tried."""
_MOST: Final = 400
"""Ways that are tried, evenly spread."""
_WITHIN: Final = 0.01
"""Of the bank's own ways without their entry this share may be answered,"""
_FOREIGN: Final = 0.005
"""and of foreign questions this."""
_NEVER: Final = 0.9995
"""A score that the very question alone reaches."""
_STEEPEST: Final = 1.0
"""Cosines are never read as further apart than they are: what is as near as a near miss would seem the same."""
_LOOKED_AT: Final = 2000


@cache
def foreign() -> tuple[str, ...]:
    """Return questions that hardly any bank answers, plain."""
    lines = packaged_text("answers/words/foreign.txt").splitlines()
    return tuple(plain(line) for line in lines if line and not line.startswith("#"))


class Apart(NamedTuple):
    """How near foreign questions are: on the average, and to what is nearest."""

    usual: float
    nearest: float


def fitted(own: Matcher, table: Matcher, strangers: Source) -> Matcher:
    """Return a matcher with its score calibrated.

    Args:
        own: With the vectors of another model.
        table: The same bank with those that ship.
        strangers: What the model says of the foreign questions.
    """
    texts = _spoken(own.ways.texts)
    if not own.ways.texts or not texts:
        return own.fitted(Fit(answer=None, why="the bank has no question to try"))
    numbers = np.unique(np.linspace(0, len(own.ways.texts) - 1, _LOOKED_AT).astype(np.int64))
    near = line(_nearness(own, strangers, texts, numbers), _nearness(table, table.vectors, texts, numbers))
    meaning = line(_likeness(own, strangers, texts, numbers), _likeness(table, table.vectors, texts, numbers))
    read = own.fitted(Fit(near, meaning, None))
    taken = _taken(read)
    if len(taken) < LEAST:
        why = f"the bank has {len(taken)} ways to try its score on, and {LEAST} are needed: it asks back at most"
        return own.fitted(Fit(near, meaning, None, why))
    within = sorted((read.lured(read.ways.texts[at], read.vectors, read.ways.owner(at)) for at in taken), reverse=True)
    without = sorted((read.lured(text, strangers) for text in texts), reverse=True)
    answer = max(within[int(_WITHIN * len(within))], without[int(_FOREIGN * len(without))])
    tried = f"{len(within)} ways without their entry and {len(without)} foreign questions"
    if answer >= _NEVER:
        why = f"{tried} cannot be told from what the bank answers: it asks back at most"
        return own.fitted(Fit(near, meaning, None, why))
    answer = round(answer + 0.0005, 3)  # above what they reach
    return own.fitted(Fit(near, meaning, answer, f"tried on {tried}"))


def _taken(matcher: Matcher) -> list[int]:
    """Return ways that are tried without their entry: those that no other entry has word for word."""
    ways = matcher.ways
    count = len(ways.texts)
    spread = dict.fromkeys(np.linspace(0, count - 1, min(count, _MOST)).astype(int).tolist())
    return [at for at in spread if len(ways.entries_of(ways.texts[at])) == 1]


def _spoken(ways: Sequence[str]) -> list[str]:
    """Return the foreign questions in the languages of the bank."""
    chinese = sum(map(is_chinese, ways))
    most = len(ways)
    spoken = {True: chinese * 10 >= most, False: (most - chinese) * 10 >= most}
    own = set(ways)
    return [text for text in foreign() if spoken[is_chinese(text)] and text not in own]


def _nearness(matcher: Matcher, source: Source, texts: Sequence[str], numbers: Numbers) -> Apart:
    return _apart([matcher.ways.cosines(source.of(text).vector, numbers) for text in texts])


def _likeness(matcher: Matcher, source: Source, texts: Sequence[str], numbers: Numbers) -> Apart:
    rows = np.stack([matcher.vectors.of(matcher.ways.texts[at]).vector for at in numbers])
    return _apart([rows @ source.of(text).vector for text in texts])


def _apart(cosines: Sequence[Floats]) -> Apart:
    return Apart(float(np.mean([one.mean() for one in cosines])), float(np.mean([one.max() for one in cosines])))


def line(own: Apart, table: Apart) -> Line:
    """Return how cosines of one kind are read as those of the other."""
    wide = own.nearest - own.usual
    times = max(0.0, min(_STEEPEST, (table.nearest - table.usual) / wide)) if wide > 1e-6 else 1.0
    return Line(times, table.nearest - times * own.nearest)
