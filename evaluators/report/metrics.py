"""The metrics of a run's page: each with its interval, what could not be judged, and what its judge is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from evaluators.gate import GateResult
from evaluators.report.plots import interval_plot
from evaluators.report.words import Labels, percent
from evaluators.score import OUTCOMES
from evaluators.summary import MetricSummary, Summary

Judge = Mapping[str, Any]
"""A judge's passport and the rate corrected for it, as ``report.json`` has them."""


def measured(summary: Summary, gates: Sequence[GateResult], judges: Sequence[Judge], words: Labels) -> str:
    """Show every metric."""
    marks = {g.metric: g.mark for result in gates if (g := result.gate) and g.side != "no_worse_than"}
    by_metric = {judge["metric"]: judge for judge in judges}
    blocks = (
        _metric(metric, marks.get(metric.metric.name), by_metric.get(metric.metric.name), words)
        for metric in summary.metrics
    )
    return f'<div class="metrics">{"".join(blocks)}</div>'


def _metric(metric: MetricSummary, mark: float | None, judge: Judge | None, words: Labels) -> str:
    low, high = metric.interval or (None, None)
    span = "–" if low is None else f"{percent(low)} – {percent(high)}"
    bounds = "–" if metric.worst is None else f"{percent(metric.worst)} – {percent(metric.best)}"
    counts = " ".join(
        f'<span class="chip {word}">{words(word)} {metric.counts[word]}</span>'
        for word in OUTCOMES
        if metric.counts.get(word)
    )
    reasons = "; ".join(f"{words.reason(code)} × {count}" for code, count in sorted(metric.reasons.items()))
    known = judge is not None and judge["corrected"] is not None
    mended = (judge["corrected"], judge["corrected_interval"]) if judge is not None and known else (None, None)
    plot = interval_plot(metric, mark, *mended)
    return (
        f'<div class="metric"><div class="name"><code>{escape(metric.metric.name)}</code>'
        f'<span class="dim">{words.meaning(metric.metric.name)}{words("better_" + metric.metric.better)}</span></div>'
        f'<div class="number">{percent(metric.value)}</div><div class="picture">{plot}</div>'
        f'<dl class="facts small"><div><dt>{words("interval")}</dt><dd>{span}</dd></div>'
        f"<div><dt>{words('n')}</dt><dd>{metric.n}</dd></div>"
        f"<div><dt>{words('bounds')}</dt><dd>{bounds}</dd></div>"
        f"<div><dt>{words('unscored_share')}</dt><dd>{percent(metric.unscored_share)}</dd></div>"
        f"{_corrected(judge, words)}</dl>"
        f'<div class="chips">{counts}</div>' + (f'<p class="dim why">{reasons}</p>' if reasons else "") + "</div>"
    )


def _corrected(judge: Judge | None, words: Labels) -> str:
    """Say what a rate is once its judge's errors are taken out."""
    if judge is None:
        return ""
    if judge["corrected"] is None:
        shown = words("not_corrected")
    else:
        low, high = judge["corrected_interval"]
        shown = f"{percent(judge['corrected'])} ({percent(low)} – {percent(high)})"
    return f"<div class='corrected'><dt>{words('corrected')}</dt><dd>{shown}</dd></div>"


def passports(summary: Summary, judges: Sequence[Judge], words: Labels) -> str:
    """Show how each judge fared against people, and the raw rate beside the corrected one; empty without judges."""
    if not judges:
        return ""
    raw = {metric.metric.name: metric.value for metric in summary.metrics}
    heads = ("metric", "kappa", "sensitivity", "specificity", "labelled", "measured_on", "raw", "corrected", "passport")
    head = "".join(f"<th scope='col'>{words(name)}</th>" for name in heads)
    body = "".join(_passport(judge, raw.get(judge["metric"])) for judge in judges)
    return f"<div class='wide'><table class='numbers'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def _passport(judge: Judge, raw: float | None) -> str:
    span = judge["corrected_interval"]
    known = judge["corrected"] is not None and span is not None
    corrected = f"{percent(judge['corrected'])} ({percent(span[0])} – {percent(span[1])})" if known else "–"
    cells = (
        f"{judge['kappa']:.2f}",
        percent(judge["sensitivity"]),
        percent(judge["specificity"]),
        str(judge["labelled"]),
        escape(str(judge["measured"])),
        percent(raw),
        f"<b>{corrected}</b>",
        f"<code title='{escape(judge['passport'])}'>{escape(judge['passport'][:12])}</code>",
    )
    name = f"<th scope='row'><code>{escape(judge['metric'])}</code></th>"
    return f"<tr>{name}{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
