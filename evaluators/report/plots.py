"""Small pictures as SVG that stretch with the page: positions in percent, no text inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from evaluators.compare import Difference
from evaluators.score import OUTCOMES, Outcome
from evaluators.summary import MetricSummary


def interval_plot(
    metric: MetricSummary,
    mark: float | None,
    corrected: float | None = None,
    corrected_interval: Sequence[float] | None = None,
) -> str:
    """Draw a metric on a line from 0 to 1: band of bounds, interval, mean, the gate's mark, and the corrected rate."""
    parts = ['<line class="axis" x1="0%" x2="100%" y1="14" y2="14"/>']
    parts += [f'<line class="tick" x1="{at}%" x2="{at}%" y1="10" y2="18"/>' for at in (0, 25, 50, 75, 100)]
    if metric.worst is not None and metric.best is not None and metric.worst != metric.best:
        low, high = sorted((metric.worst, metric.best))
        parts.append(f'<rect class="band" x="{_at(low)}" width="{_at(high - low)}" y="5" height="18" rx="3"/>')
    if metric.interval is not None and metric.value is not None:
        low, high = metric.interval
        parts.append(f'<line class="span" x1="{_at(low)}" x2="{_at(high)}" y1="14" y2="14"/>')
        parts += [f'<line class="end" x1="{_at(end)}" x2="{_at(end)}" y1="9" y2="19"/>' for end in (low, high)]
        parts.append(f'<circle class="dot" cx="{_at(metric.value)}" cy="14" r="5"/>')
    if mark is not None:
        parts.append(f'<line class="mark" x1="{_at(mark)}" x2="{_at(mark)}" y1="1" y2="27"/>')
    if corrected is not None and corrected_interval is not None:
        low, high = corrected_interval
        parts.append(f'<line class="mended" x1="{_at(low)}" x2="{_at(high)}" y1="24" y2="24"/>')
        parts.append(f'<circle class="ring" cx="{_at(corrected)}" cy="24" r="4"/>')
    label = "–" if metric.value is None else f"{metric.value:.3f}"
    name = escape(f"{metric.metric.name}: {label}")
    return f'<svg class="plot" height="28" role="img" aria-label="{name}"><title>{name}</title>{"".join(parts)}</svg>'


def outcome_bar(counts: Mapping[Outcome, int], name: str) -> str:
    """Draw a bar of outcomes, each as wide as its share."""
    total = sum(counts.values())
    parts, at = [], 0.0
    for word in OUTCOMES:
        share = counts.get(word, 0) / total if total else 0.0
        if share:
            title = f"<title>{word}: {counts[word]}</title>"
            parts.append(f'<rect class="{word}" x="{_at(at)}" width="{_at(share)}" y="0" height="18">{title}</rect>')
            at += share
    said = ", ".join(f"{word} {counts[word]}" for word in OUTCOMES if counts.get(word))
    label = escape(f"{name}: {said}")
    return f'<svg class="bar" height="18" role="img" aria-label="{label}">{"".join(parts)}</svg>'


def gain_plot(one: Difference) -> str:
    """Draw a gain and its interval on a line whose middle is "no difference"; the ends are as far as the interval."""
    if one.gain is None or one.interval is None:
        return ""
    low, high = one.interval
    reach = max(abs(low), abs(high), 0.01)

    def at(value: float) -> str:
        return _at(0.5 + value / reach / 2)

    parts = [
        '<line class="axis" x1="0%" x2="100%" y1="14" y2="14"/>',
        '<line class="mark" x1="50%" x2="50%" y1="3" y2="25"/>',
    ]
    parts.append(f'<line class="span" x1="{at(low)}" x2="{at(high)}" y1="14" y2="14"/>')
    parts += [f'<line class="end" x1="{at(end)}" x2="{at(end)}" y1="9" y2="19"/>' for end in (low, high)]
    parts.append(f'<circle class="dot" cx="{at(one.gain)}" cy="14" r="5"/>')
    label = escape(f"{one.metric.name}: {100 * one.gain:+.1f} ({100 * low:+.1f} … {100 * high:+.1f})")
    return f'<svg class="plot" height="28" role="img" aria-label="{label}"><title>{label}</title>{"".join(parts)}</svg>'


def trend_plot(name: str, line: Sequence[tuple[str, Mapping[str, Any] | None]]) -> str:
    """Draw a metric over nights, from 0 (bottom) to 1: dots with their intervals; a night without a value is a gap."""
    width, height, parts = 100 / max(1, len(line)), 56, []
    parts += [f'<line class="axis" x1="0%" x2="100%" y1="{y}" y2="{y}"/>' for y in (4, height - 4)]

    def y(value: float) -> str:
        return f"{4 + (1 - value) * (height - 8):.1f}"

    before: tuple[float, str] | None = None
    for at, (when, entry) in enumerate(line):
        if entry is None or entry["value"] is None:
            before = None
            continue
        x, here = (at + 0.5) * width, y(entry["value"])
        if before is not None:
            parts.append(f'<line class="thread" x1="{before[0]:.2f}%" x2="{x:.2f}%" y1="{before[1]}" y2="{here}"/>')
        if entry["low"] is not None and entry["high"] is not None:
            ends = f'y1="{y(entry["low"])}" y2="{y(entry["high"])}"'
            parts.append(f'<line class="end" x1="{x:.2f}%" x2="{x:.2f}%" {ends}/>')
        title = escape(f"{when}: {100 * entry['value']:.1f} % (n {entry['n']})")
        parts.append(f'<circle class="dot" cx="{x:.2f}%" cy="{here}" r="4"><title>{title}</title></circle>')
        before = (x, here)
    label = escape(name)
    return f'<svg class="plot trend" height="{height}" role="img" aria-label="{label}">{"".join(parts)}</svg>'


def _at(share: float) -> str:
    return f"{100 * share:.2f}%"
