"""What was measured, for people (tables) and for programs (JSON)."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Final

from benchmarks.speed.measure import SPEAKERS, STREAMS, TURNS
from benchmarks.speed.stats import difference, middle, ratio, spread
from benchmarks.speed.table import table
from benchmarks.speed.targets import Measured, Target
from benchmarks.speed.texts import DELTAS

ROWS: Final[Mapping[str, str]] = {
    "direct": "(a) direct",
    "nginx": "(b) nginx",
    "bare": "bare Starlette + aiohttp",
    "empty": "(c) gateway, policy empty",
    "base": "(d) gateway, policy base",
}
KINDS: Final[Mapping[str, str]] = {
    "chat": "chat",
    "responses": "Responses",
    "messages": "messages",
    "translated": "messages over a chat model",
}
_NOISY: Final = 0.25
_JUDGED: Final = ("bare", "empty", "base")
_SAYS_MUCH: Final = ("rps_1", "rps_32", "p50_1")


def report(measured: Measured) -> str:
    """Draw the tables."""
    names = [name for name in ROWS if name in measured]
    head = ["", "req/s 1", "÷ bare", "p50 ms", "p99 ms", "req/s 32", "÷ bare", "p50 ms", "p99 ms", "RSS MB"]
    whole = [[ROWS[name], *_whole(measured, name)] for name in names]
    firsts = [[ROWS[name], *_firsts(measured[name])] for name in names]
    paced = [[ROWS[name], *_paced(measured, name)] for name in names if measured[name].get("delta")]
    streams = [
        [f"{KINDS[kind]} · {ROWS[name]}", *_streams(measured, name, kind)]
        for kind in STREAMS
        for name in SPEAKERS
        if measured[name].get(f"sps_{kind}")
    ]
    talks = [[ROWS[name], *_talks(measured[name])] for name in names if measured[name].get("talk_1")]
    return "\n\n".join(
        [
            table("Whole answers · 1 and 32 at once", head, whole),
            table("Streams: milliseconds to the first word", ["", "p50 1", "p99 1", "p50 32", "p99 32"], firsts),
            table(
                "Streams in each dialect, 32 at once",
                ["", "streams/s", "÷ bare", "first word ms", "CPU µs/stream", "÷ bare"],
                streams,
            ),
            table(
                f"Streams of {DELTAS} small Chinese deltas: processor time",
                ["", "µs/delta", "µs above bare"],
                paced,
            ),
            table(
                f"A talk of {TURNS} turns, equal new text",
                ["", "p50 ms, 1 turn", f"p50 ms, {TURNS} turns", "ratio", "CPU µs, 1", f"CPU µs, {TURNS}", "ratio"],
                talks,
            ),
        ]
    )


def verdicts(targets: Sequence[Target]) -> str:
    """Draw the table of promises."""
    return table("Targets", ["", "measured", "target", ""], [target.row() for target in targets])


def noise(measured: Measured) -> str:
    """Say how far the rounds of the rows that targets compare lie apart."""
    worst = max(
        ((spread(measured[name][quantity]), name, quantity) for name in _JUDGED for quantity in _SAYS_MUCH),
        default=(0.0, "", ""),
    )
    if not worst[0]:
        return "One round only: no telling how noisy it was."
    advice = "NOISY: repeat on a quiet machine" if worst[0] > _NOISY else "steady"
    return f"Rounds lie at most {100 * worst[0]:.0f} % apart ({worst[1]}, {worst[2]}): {advice}."


def document(measured: Measured, targets: Sequence[Target], notes: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything for programs; every round is in it."""
    return {
        "machine": {
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
            "processors": len(os.sched_getaffinity(0)),
        },
        **notes,
        "rows": {name: {key: list(rounds) for key, rounds in row.items()} for name, row in measured.items()},
        "targets": [
            {
                "name": target.name,
                "value": target.value if isfinite(target.value) else None,
                "limit": target.limit,
                "kept": target.kept,
            }
            for target in targets
        ],
    }


def _whole(measured: Measured, name: str) -> list[str]:
    row, bare = measured[name], measured["bare"]
    shown: list[str] = []
    for at_once in (1, 32):
        rate = f"rps_{at_once}"
        shown += [
            f"{middle(row[rate]):,.0f}",
            f"{ratio(row[rate], bare[rate]):.2f}",
            f"{middle(row[f'p50_{at_once}']):.2f}",
            f"{middle(row[f'p99_{at_once}']):.2f}",
        ]
    memory = middle(row["memory"])
    return [*shown, f"{memory:.0f}" if memory else "–"]


def _firsts(row: Mapping[str, Sequence[float]]) -> list[str]:
    return [f"{middle(row[key]):.2f}" for key in ("first50_1", "first99_1", "first50_32", "first99_32")]


def _streams(measured: Measured, name: str, kind: str) -> list[str]:
    row, bare = measured[name], measured["bare"]
    rate, cpu = f"sps_{kind}", f"cpu_{kind}"
    return [
        f"{middle(row[rate]):,.0f}",
        f"{ratio(row[rate], bare[rate]):.2f}",
        f"{middle(row[f'word_{kind}']):.2f}",
        f"{middle(row[cpu]):,.0f}",
        f"{ratio(row[cpu], bare[cpu]):.2f}",
    ]


def _paced(measured: Measured, name: str) -> list[str]:
    row, bare = measured[name]["delta"], measured["bare"]["delta"]
    return [f"{middle(row):.0f}", f"{difference(row, bare):+.0f}" if name != "bare" else "–"]


def _talks(row: Mapping[str, Sequence[float]]) -> list[str]:
    shown: list[str] = []
    for quantity, form in (("talk", ".2f"), ("cpu", ".0f")):
        one, many = row[f"{quantity}_1"], row[f"{quantity}_{TURNS}"]
        shown += [f"{middle(one):{form}}", f"{middle(many):{form}}", f"{ratio(many, one):.2f}"]
    return shown
