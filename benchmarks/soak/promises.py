"""What is promised of a gateway that runs for long, and whether it was kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from benchmarks.soak.clients import Noted
from benchmarks.soak.records import Row, missing
from benchmarks.soak.watch import Sample

GROWTH: Final = 0.05
"""How much more memory the end may take than the beginning, as a share of it."""
LEAST: Final = 240.0
"""Seconds after the warm-up below which memory is not compared: noise would decide."""
TENTHS: Final = 10
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise, and what came of it.

    Attributes:
        name: What was promised.
        kept: Whether it was kept; None where that could not be judged, which is not kept.
        measured: What was measured.
        wrong: What is wrong, a sentence each.
    """

    name: str
    kept: bool | None
    measured: str
    wrong: tuple[str, ...] = ()


@dataclass(slots=True)
class After:
    """What was left when the last client had gone, after some patience.

    Attributes:
        seconds: How long it took until nothing was left, or was waited for.
        clients: Connections to the gateway.
        active: Exchanges under way, by the gateway's own gauge; None where it could not be asked.
        waiting: Records that are not written, likewise.
        upstream: Connections to the model.
        streams: Answers that the model was still giving.
        sockets: Open ones of the gateway before the first client came, and now.
        lives: The process that was started still runs.
    """

    seconds: float = 0.0
    clients: int = 0
    active: float | None = None
    waiting: float | None = None
    upstream: int = 0
    streams: int = 0
    sockets: tuple[int, int] = (0, 0)
    lives: bool = False

    def left(self) -> list[str]:
        """Return what is left, a sentence each."""
        counted = {
            "connections to the gateway": self.clients,
            "connections to the model": self.upstream,
            "answers that the model is giving": self.streams,
            "exchanges under way, by the gateway's gauge": self.active,
            "records that are not written, by the gateway's gauge": self.waiting,
            "sockets more than before the first client": max(0, self.sockets[1] - self.sockets[0]),
        }
        found = [
            f"{'nobody knows how many' if count is None else f'{count:g}'} {what}"
            for what, count in counted.items()
            if count != 0
        ]
        return found if self.lives else ["the gateway's process ended", *found]


@dataclass(slots=True)
class Soaked:
    """Everything that a run showed.

    Attributes:
        seed: What made it the run that it was.
        seconds: How long questions were begun.
        warm: Seconds of that after which memory is compared.
        at_once: How many clients.
        filled: Requests before that, which filled what the gateway remembers.
        noted: What the clients saw.
        samples: How the gateway's process stood.
        after: What was left at the end.
        rows: The records.
        model: What the model saw.
    """

    seed: int
    seconds: float
    warm: float
    at_once: int
    filled: int = 0
    noted: Noted = field(default_factory=Noted)
    samples: list[Sample] = field(default_factory=list)
    after: After = field(default_factory=After)
    rows: list[Row] = field(default_factory=list)
    model: dict[str, int] = field(default_factory=dict)


def tenths(samples: Sequence[Sample], warm: float) -> list[list[Sample]]:
    """Cut what was seen after the warm-up into ten parts of equal length in time; some may be empty."""
    after = [sample for sample in samples if sample.at >= warm]
    if not after:
        return [[] for _ in range(TENTHS)]
    begin, end = after[0].at, after[-1].at
    parts: list[list[Sample]] = [[] for _ in range(TENTHS)]
    for sample in after:
        share = (sample.at - begin) / (end - begin) if end > begin else 0.0
        parts[min(TENTHS - 1, int(share * TENTHS))].append(sample)
    return parts


def promises(soaked: Soaked) -> list[Promise]:
    """Return every promise and what came of it."""
    noted, model = soaked.noted, soaked.model
    lost, left = missing(noted.begun, soaked.rows), soaked.after.left()
    seen = [f"{count} requests with {what}" for what, count in _seen(model).items() if count]
    return [
        _flat(soaked),
        _none("no lost record", lost, f"{len(soaked.rows):,} records of {len(noted.begun):,} questions"),
        _none("nothing stuck", left, f"all let go after {soaked.after.seconds:.1f} s"),
        _none("every answer ends well", noted.faults, f"{len(noted.faults)} of {len(noted.begun):,} did not"),
        _none("nothing reaches the model that must not", seen, f"{model.get('asked', 0):,} requests looked at"),
    ]


def _seen(model: dict[str, int]) -> dict[str, int]:
    return {
        "personal data as the client wrote it": model.get("private", 0),
        "what the policy refuses": model.get("forbidden", 0),
    }


def _none(name: str, wrong: Sequence[str], measured: str) -> Promise:
    shown = [*wrong[:_SHOWN], *([f"… and {len(wrong) - _SHOWN} more"] if len(wrong) > _SHOWN else [])]
    return Promise(name, not wrong, measured, tuple(shown))


def _flat(soaked: Soaked) -> Promise:
    name = f"memory flat within {100 * GROWTH:.0f} %"
    parts = tenths(soaked.samples, soaked.warm)
    if soaked.seconds - soaked.warm < LEAST or not parts[0] or not parts[-1]:
        short = f"not judged: {max(0.0, soaked.seconds - soaked.warm):.0f} s after the warm-up, {LEAST:.0f} are needed"
        return Promise(name, None, short)
    first, last = (median(sample.rss for sample in part) for part in (parts[0], parts[-1]))
    grown = last / first - 1
    measured = f"{first:.1f} → {last:.1f} MB, {100 * grown:+.1f} %"
    wrong = (f"it grew by {100 * grown:.1f} %",) if grown > GROWTH else ()
    return Promise(name, not wrong, measured, wrong)
