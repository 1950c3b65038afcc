"""Where a run is good and where it is not: outcomes by slice, failures by risk and metric, risk × attack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from evaluators.matrix import html, matrix
from evaluators.report.plots import outcome_bar
from evaluators.report.words import Labels, percent
from evaluators.score import OUTCOMES, Score
from evaluators.stats import wilson
from evaluators.summary import Summary

_LANGUAGES = ("zh", "en", "mixed")


def slices(summary: Summary, words: Labels) -> str:
    """Show the outcomes by language, risk, kind and attack."""
    legend = "".join(f'<span class="chip {word}">{words(word)}</span>' for word in OUTCOMES)
    out = [f'<div class="chips">{legend}</div>']
    for dimension in dict.fromkeys(part.dimension for part in summary.slices):
        out.append(f'<div class="slices"><h3>{words(dimension)}</h3>')
        for part in summary.slices:
            if part.dimension == dimension:
                name = words(part.name) if part.name in _LANGUAGES else escape(part.name)
                total = sum(part.counts.values())
                out.append(
                    f'<div class="slice"><span class="label">{name}</span>{outcome_bar(part.counts, part.name)}'
                    f'<span class="dim total">{total}</span></div>'
                )
        out.append("</div>")
    return "".join(out)


def heat(summary: Summary, words: Labels) -> str:
    """Show for each risk and metric which share of the rows fails; empty if no row has a risk."""
    metrics = [m.metric.name for m in summary.metrics if "/" not in m.metric.name]
    cells: dict[tuple[str, str], dict[str, list[bool]]] = {}
    for row in summary.rows:
        for name, cell in row.cells.items():
            if row.sample.risk and isinstance(cell, Score):
                cells.setdefault((row.sample.risk, name), {}).setdefault(row.sample.cluster, []).append(not cell.passed)
    risks = sorted({risk for risk, _ in cells})
    shown = [name for name in metrics if any((risk, name) in cells for risk in risks)]
    if not shown:
        return ""
    heads = "".join(f"<th scope='col'><code>{escape(name)}</code></th>" for name in shown)
    body = "".join(
        f"<tr><th scope='row'>{escape(risk)}</th>{''.join(_heat(cells.get((risk, name))) for name in shown)}</tr>"
        for risk in risks
    )
    table = (
        f"<table class='matrix'><thead><tr><th>{words('risk')}</th>{heads}</tr></thead><tbody>{body}</tbody></table>"
    )
    return f"<div class='wide'>{table}</div>"


def _heat(clusters: Mapping[str, list[bool]] | None) -> str:
    if not clusters:
        return "<td class='dim'>–</td>"
    failed, n = sum(map(sum, clusters.values())), sum(map(len, clusters.values()))
    limits = wilson(sum(sum(one) / len(one) for one in clusters.values()), len(clusters))
    title = f"{failed} / {n}; 95 %: {percent(limits.low)} – {percent(limits.high)}"
    share = failed / n
    colour = f"rgba(200, 40, 30, {0.08 + 0.62 * share:.2f})" if failed else "rgba(40, 140, 70, 0.15)"
    return f"<td style='background: {colour}' title='{title}'>{100 * share:.0f} % <span class='dim'>{n}</span></td>"


def matrices(summary: Summary, words: Labels) -> str:
    """Show for each rate of an attacked run the table of risk × attack; empty for a run without attacks."""
    return "".join(_matrices(summary, words))


def _matrices(summary: Summary, words: Labels) -> Iterable[str]:
    if not any(row.sample.attack for row in summary.rows):
        return
    for metric in summary.metrics:
        name = metric.metric.name
        if metric.metric.kind == "rate" and "/" not in name:
            table = html(matrix(summary, None, name))
            title = f"{words('matrix')} · <code>{escape(name)}</code>"
            yield f'<details class="matrix-of"><summary>{title}</summary><div class="wide">{table}</div></details>'
