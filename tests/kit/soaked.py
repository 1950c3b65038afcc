"""What a soak might have seen."""

from __future__ import annotations

from benchmarks.soak.clients import Begun, Noted
from benchmarks.soak.promises import After, Soaked
from benchmarks.soak.records import Row
from benchmarks.soak.watch import Sample

FREE = After(seconds=1.0, active=0.0, waiting=0.0, sockets=(3, 3), lives=True)


def samples(*rss: float, every: float = 60.0) -> list[Sample]:
    return [Sample(at * every, one, 9, 5, 4, 5, 10 * at) for at, one in enumerate(rss)]


def run(*rss: float, after: After = FREE, noted: Noted | None = None, **model: int) -> Soaked:
    noted = noted or Noted([Begun("a", "1", left=False)])
    seen = samples(*rss)
    return Soaked(1, 60.0 * len(rss), 0.0, 5, 0, noted, seen, after, [Row("1", "a", "answered")], model)
