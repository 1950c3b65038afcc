"""Lines of a terminal whose columns stand under each other, whatever language their words are in."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

_NARROWEST: Final = 32
_COUNTED: Final = {"refused": 8, "unscored": 9, "skipped": 8}


class MetricLine(NamedTuple):
    """A metric as a person reads it.

    Attributes:
        name: Its name, with group and answerer.
        value: None if no answer could be scored.
        interval: Low and high; None if there is none.
        n: Answers that count.
        counts: How many were not scored, by what became of them.
    """

    name: str
    value: float | None
    interval: tuple[float, float] | None
    n: int
    counts: Mapping[Any, int]


def metric_lines(metrics: Sequence[MetricLine]) -> Iterator[str]:
    """Yield the head and a line for each metric."""
    width = max([_NARROWEST, *(columns(metric.name) for metric in metrics)])
    counted = " ".join(f"{name:>{room}}" for name, room in _COUNTED.items())
    yield f"{'metric':{width}} {'value':>7}  {'95 % interval':>15} {'n':>5} {counted}"
    for metric in metrics:
        value = "–" if metric.value is None else f"{metric.value:.3f}"
        span = "–" if metric.interval is None else "{:.3f} – {:.3f}".format(*metric.interval)
        counted = " ".join(f"{metric.counts.get(name, 0):>{room}}" for name, room in _COUNTED.items())
        yield f"{padded(metric.name, width)} {value:>7}  {span:>15} {metric.n:>5} {counted}"


def columns(text: str) -> int:
    """Return how many columns a text takes on a screen: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def padded(text: str, width: int) -> str:
    """Return a text with spaces after it, so that it takes at least so many columns."""
    return text + " " * (width - columns(text))
