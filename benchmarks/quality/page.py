"""Writes the page: Markdown for reading and comparing, HTML with a plot for looking."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.quality.tables import Harmless, Line
from training.by_set import Answers
from training.measure import Estimate, rate

Table = tuple[str, str, list[str], list[list[str]]]
"""Title, a sentence about it, heads, rows."""


def tables(found: Mapping[str, Any]) -> Iterator[Table]:
    """Yield every table of the page."""
    lines: Sequence[Line] = found["lines"]
    heads = ["detector", "risk", "set", "lang", "n", "AUROC", "found @1 %", "@2 %", "@5 %", "precision", "F1", "Brier"]
    yield (
        "Detectors, on sets that they have not seen",
        "The risk model was fitted without each set. @: where so many percent of all harmless texts in the language"
        " (for comments: of the same set) are flagged too. 95 % intervals: DeLong, Wilson.",
        heads,
        [
            [
                *(x.detector, x.risk, x.source, x.language, f"{x.n:,}", str(x.area), *map(str, x.found)),
                *(f"{x.precision:.3f}", f"{x.f1:.3f}", f"{x.brier:.3f}"),
            ]
            for x in lines
        ],
    )
    harmless: Sequence[Harmless] = found["harmless"]
    yield (
        "Harmless texts that the risk model would have refused",
        "With the thresholds of the base policy, fitted without the set.",
        ["set", "kind", "lang", "n", "refused"],
        [[x.source, x.kind, x.language, f"{x.n:,}", str(x.refused)] for x in harmless],
    )
    answers: Sequence[Answers] = found["answers"]
    yield (
        "Answers",
        "Refused at the mark of the base policy, with their questions where there are some, at the worst of their"
        " beginnings; fitted without the set.",
        ["set", "lang", "harmless", "refused", "harmful", "refused", "AUROC"],
        [
            [
                *(x.source, x.language, f"{x.harmless:,}", str(x.refused or "—")),
                *(f"{x.harmful:,}", str(x.found or "—"), str(x.area or "—")),
            ]
            for x in answers
        ],
    )
    yield (
        "Disguised",
        "Chinese and English requests that are found as they stand, and disguised: with folding and spelling, with"
        " folding alone, with neither; and harmless texts that are refused in the same disguise.",
        ["disguise", "n", "found", "with folding alone", "with neither", "harmless", "refused"],
        [
            [name, str(n), str(rate(both, n)), str(rate(on, n)), str(rate(off, n)), str(m), str(rate(wrong, m))]
            for name, n, both, on, off, m, wrong in found["disguised"]
        ],
    )
    yield (
        "Personal data",
        "Found: spans that something of the right type overlaps; right: what was said that overlaps such a span.",
        ["set", "type", "n", "found", "right"],
        [
            [
                x["source"],
                x["type"],
                str(x["n"]),
                str(rate(x["found"], x["n"])),
                str(rate(x["right"], x["told"]) or "—"),
            ]
            for x in found["personal"]
        ],
    )
    yield (
        "Time",
        "Median of 60 runs, µs of processor time, Chinese and English text; all together share one view.",
        ["detector", "500 zh", "2,000 zh", "500 en"],
        [[name, *(f"{cell:,.0f}" for cell in cells)] for name, *cells in found["timings"]],
    )
    foot = found["footprint"]
    yield (
        "Footprint",
        "A new process that loads the base policy.",
        ["seconds", "MB at the peak"],
        [[f"{foot['seconds']:.2f}", f"{foot['megabytes']:.0f}"]],
    )


def markdown(found: Mapping[str, Any]) -> str:
    """Return the page as Markdown."""
    parts = [f"# Quality of the detectors\n\n{found['date']}, `{found['command']}`, load {found['load']}\n"]
    for title, about, heads, rows in tables(found):
        parts += [f"\n## {title}\n\n{about}\n", f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
        parts += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(parts) + "\n"


def page(found: Mapping[str, Any]) -> str:
    """Return the page as one HTML file that needs nothing else."""
    body = [
        f"<h1>Quality of the detectors</h1><p>{html.escape(found['date'])} · ",
        f"<code>{html.escape(found['command'])}</code></p>",
        _plot([x for x in found["lines"] if x.detector == "risk"]),
    ]
    for title, about, heads, rows in tables(found):
        head = "".join(f"<th>{html.escape(cell)}</th>" for cell in heads)
        lines = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
        body.append(f"<h2>{html.escape(title)}</h2><p>{html.escape(about)}</p><table><tr>{head}</tr>{lines}</table>")
    style = (
        "body{font:14px system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}"
        "table{border-collapse:collapse;font-variant-numeric:tabular-nums}td,th{padding:.2rem .6rem;text-align:left;"
        "border-bottom:1px solid #d0d7de}th{position:sticky;top:0;background:#fff}svg text{font:12px system-ui}"
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Quality of the detectors</title><style>{style}</style>{''.join(body)}</html>\n"
    )


def _plot(lines: Sequence[Line]) -> str:
    """Draw the area under the curve of every set as a dot with its interval."""
    height = 20 * len(lines) + 40
    parts = [f"<svg width=760 height={height} role=img aria-label='Area under the curve on unseen sets'>"]
    for mark in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        at = _across(mark)
        parts.append(f"<line x1={at} x2={at} y1=10 y2={height - 24} stroke='#d0d7de'/>")
        parts.append(f"<text x={at} y={height - 8} text-anchor=middle>{mark}</text>")
    for number, line in enumerate(sorted(lines, key=lambda x: (x.risk, x.language, -x.area.value))):
        y = 20 * number + 20
        color = {"harm": "#b42318", "attack": "#175cd3", "abuse": "#b54708"}[line.risk]
        low, at, high = (_across(value) for value in (line.area.low, line.area.value, line.area.high))
        name = html.escape(f"{line.risk} · {line.source} ({line.language})")
        parts.append(f"<text x=226 y={y + 4} text-anchor=end>{name}</text>")
        parts.append(f"<line x1={low} x2={high} y1={y} y2={y} stroke='{color}' stroke-width=2 />")
        parts.append(f"<circle cx={at} cy={y} r=4 fill='{color}'/>")
    return "".join([*parts, "</svg>"])


def _across(value: float) -> float:
    return round(240 + 500 * (max(0.4, value) - 0.4) / 0.6, 1)


__all__ = ["Estimate", "markdown", "page", "tables"]
