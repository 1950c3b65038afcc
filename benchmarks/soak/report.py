"""What a run showed: tables for a terminal, a page with the curve of memory for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from html import escape
from statistics import median
from typing import Any, Final

from benchmarks.soak.promises import GROWTH, Promise, Soaked, promises, tenths
from benchmarks.soak.records import outcomes
from benchmarks.soak.watch import Sample
from benchmarks.speed.table import table

_WIDTH: Final = 860
_HEIGHT: Final = 300
_MARGIN: Final = 56
_HEAD: Final = ("part", "minutes", "RSS MB", "min", "max", "sockets", "to clients", "to the model", "questions/s")


def summary(soaked: Soaked) -> str:
    """Draw the tables for a terminal."""
    asked = len(soaked.noted.begun) - soaked.filled
    rate = asked / soaked.seconds if soaked.seconds else 0.0
    shown = [[one.name, one.measured, _said(one)] for one in promises(soaked)]
    parts = [
        f"{asked:,} questions in {soaked.seconds / 60:.1f} minutes ({rate:.1f}/s), {soaked.at_once} at once, "
        f"seed {soaked.seed}.",
        table("Memory of the gateway after the warm-up, in tenths", _HEAD, _tenths(soaked)),
        table("Promises", ["", "measured", ""], shown),
        *[f"{one.name}: {line}" for one in promises(soaked) for line in one.wrong],
    ]
    return "\n\n".join(parts)


def page(soaked: Soaked, notes: Mapping[str, str]) -> str:
    """Return the page for people."""
    judged = promises(soaked)
    verdict = "every promise was kept" if all(one.kept for one in judged) else "not every promise was kept"
    rows = [[one.name, one.measured, _said(one), "<br>".join(map(escape, one.wrong))] for one in judged]
    counted = {**dict(sorted(soaked.noted.kinds.items())), "not sent": soaked.noted.unsent}
    return _PAGE.format(
        verdict=verdict,
        intro=escape(
            f"{len(soaked.noted.begun) - soaked.filled:,} questions in {soaked.seconds / 60:.1f} minutes, "
            f"{soaked.at_once} clients at once, seed {soaked.seed}; {soaked.filled} long conversations before that "
            "filled what is remembered."
        ),
        notes=_rows([[escape(name), escape(said)] for name, said in notes.items()]),
        promises=_rows(rows),
        curve=curve(soaked),
        tenths=_rows([_HEAD, *_tenths(soaked)]),
        kinds=_rows([[escape(name), f"{count:,}"] for name, count in counted.items()]),
        outcomes=_rows([[escape(name), f"{count:,}"] for name, count in outcomes(soaked.rows).items()]),
    )


def document(soaked: Soaked, notes: Mapping[str, str]) -> dict[str, Any]:
    """Return everything for programs; every sample is in it."""
    return {
        "seed": soaked.seed,
        "seconds": soaked.seconds,
        "warm": soaked.warm,
        "at_once": soaked.at_once,
        "filled": soaked.filled,
        "notes": dict(notes),
        "promises": [asdict(one) for one in promises(soaked)],
        "faults": soaked.noted.faults,
        "kinds": dict(sorted(soaked.noted.kinds.items())),
        "outcomes": outcomes(soaked.rows),
        "model": soaked.model,
        "after": asdict(soaked.after),
        "samples": [asdict(sample) for sample in soaked.samples],
    }


def curve(soaked: Soaked) -> str:
    """Draw resident memory over time as SVG: the warm-up in grey, the limit as a line, every sample a point."""
    samples = soaked.samples
    if not samples:
        return ""
    parts = tenths(samples, soaked.warm)
    base = median(sample.rss for sample in parts[0]) if parts[0] else samples[-1].rss
    top = 1.05 * max(base * (1 + GROWTH), *(sample.rss for sample in samples))
    end = max(samples[-1].at, 1.0)

    def x(at: float) -> float:
        return _MARGIN + at / end * (_WIDTH - 2 * _MARGIN)

    def y(megabytes: float) -> float:
        return _HEIGHT - _MARGIN - megabytes / top * (_HEIGHT - 2 * _MARGIN)

    line = " ".join(f"{x(sample.at):.1f},{y(sample.rss):.1f}" for sample in samples)
    limit, bottom, step = base * (1 + GROWTH), y(0), _step(top)
    ticks = "".join(
        f'<line x1="{_MARGIN}" x2="{_WIDTH - _MARGIN}" y1="{y(at):.1f}" y2="{y(at):.1f}" class="grid"/>'
        f'<text x="{_MARGIN - 8}" y="{y(at) + 4:.1f}" text-anchor="end">{at:g}</text>'
        for at in (step * number for number in range(int(top / step) + 1))
    )
    times = "".join(
        f'<text x="{x(end * share):.1f}" y="{bottom + 18:.1f}" text-anchor="middle">{end * share / 60:.1f}</text>'
        for share in (0, 0.25, 0.5, 0.75, 1)
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Resident memory over time">'
        f'<rect x="{x(0):.1f}" y="{_MARGIN}" width="{x(min(soaked.warm, end)) - x(0):.1f}" '
        f'height="{bottom - _MARGIN:.1f}" class="warm"/>{ticks}{times}'
        f'<line x1="{x(min(soaked.warm, end)):.1f}" x2="{_WIDTH - _MARGIN}" y1="{y(limit):.1f}" y2="{y(limit):.1f}" '
        f'class="limit"/><text x="{_WIDTH - _MARGIN}" y="{y(limit) - 6:.1f}" text-anchor="end" class="limit-word">'
        f"limit: {limit:.0f} MB</text>"
        f'<polyline points="{line}" class="rss"/>'
        f'<text x="{_MARGIN}" y="{_MARGIN - 12}">RSS of the gateway, MB</text>'
        f'<text x="{_WIDTH - _MARGIN}" y="{_HEIGHT - 8}" text-anchor="end">minutes (grey: warm-up)</text></svg>'
    )


def _step(top: float) -> float:
    """Return a round distance of four to ten lines."""
    return next(step for step in (5, 10, 20, 25, 50, 100, 200, 500, 1000, 5000, 50_000) if top / step <= 10)


def _said(one: Promise) -> str:
    return "– not judged" if one.kept is None else "✔ kept" if one.kept else "✘ BROKEN"


def _tenths(soaked: Soaked) -> list[list[str]]:
    rows = []
    for number, part in enumerate(tenths(soaked.samples, soaked.warm), 1):
        if part:
            rss = [sample.rss for sample in part]
            rows.append(
                [
                    str(number),
                    f"{part[0].at / 60:.1f}–{part[-1].at / 60:.1f}",
                    f"{median(rss):.1f}",
                    f"{min(rss):.1f}",
                    f"{max(rss):.1f}",
                    *(f"{median(_each(part, name)):.0f}" for name in ("sockets", "clients", "upstream")),
                    f"{_rate(part):.1f}",
                ]
            )
    return rows


def _each(part: Sequence[Sample], name: str) -> list[float]:
    return [getattr(sample, name) for sample in part]


def _rate(part: Sequence[Sample]) -> float:
    seconds = part[-1].at - part[0].at
    return (part[-1].done - part[0].done) / seconds if seconds else 0.0


def _rows(rows: Sequence[Sequence[str]]) -> str:
    return "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)


_PAGE: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Sluice · soak</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 900px; margin: 2em auto; padding: 0 1em; color: #1d2730 }}
table {{ border-collapse: collapse; margin: .5em 0 1.5em; font-variant-numeric: tabular-nums }}
td {{ border-bottom: 1px solid #d8dee4; padding: .25em .8em .25em 0; vertical-align: top }}
svg {{ width: 100%; font-size: 12px; fill: #57606a }}
.grid {{ stroke: #e6eaee }} .warm {{ fill: #f1f3f5 }} .rss {{ fill: none; stroke: #0b6e99; stroke-width: 1.5 }}
.limit {{ stroke: #b42318; stroke-dasharray: 5 4 }} .limit-word {{ fill: #b42318 }}
@media (prefers-color-scheme: dark) {{
  body {{ background: #14191e; color: #dbe2e8 }} td, .grid {{ border-color: #313a43; stroke: #313a43 }}
  .warm {{ fill: #1d242b }} svg {{ fill: #9aa7b2 }} .rss {{ stroke: #4db6e2 }}
}}
</style>
<h1>Soak: {verdict}</h1><p>{intro}</p>
<h2>Promises</h2><table>{promises}</table>
<h2>Memory</h2>{curve}<table>{tenths}</table>
<h2>What was asked</h2><table>{kinds}</table>
<h2>How it ended, by the records</h2><table>{outcomes}</table>
<h2>Where and when</h2><table>{notes}</table>
</html>
"""
