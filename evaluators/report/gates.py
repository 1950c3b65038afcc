"""The head of a run's page: whether it passed, whom it asked, and what came of each gate."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from evaluators.gate import GateResult
from evaluators.report.words import Labels, both, percent, points
from evaluators.run import Run
from evaluators.summary import Summary

_TONES: Final = {0: "pass", 1: "fail", 3: "review", 4: "unscored"}


def head(run: Run, summary: Summary, gates: Sequence[GateResult], code: int, words: Labels) -> str:
    """Say in one look how the run ended, and how far it got."""
    verdict = words(f"verdict_{code}" if gates or code else "verdict_none")
    tone = _TONES[code] if gates or code else "skipped"
    incomplete = "" if summary.whole else f'<span class="badge unscored">{words("incomplete")}</span>'
    return (
        f'<p class="summary">{both(run.suite.summary)}</p>'
        f'<p><span class="badge big {tone}">{verdict}</span> {incomplete}</p>'
        f'<dl class="facts"><div><dt>{words("target")}</dt><dd>{target(run, words)}</dd></div>'
        f"<div><dt>{words('answered')}</dt><dd>{summary.answered} / {summary.asked}</dd></div>"
        f"<div><dt>{words('started')}</dt><dd>{escape(run.manifest.started)}</dd></div></dl>"
    )


def target(run: Run, words: Labels) -> str:
    """Say whom a run asks."""
    asked = run.manifest.asked
    if asked.recorded:
        return words("recorded")
    ways = asked.ways.values()
    places = (f"{way.model} @ {way.base_url}" if way.http is None else str(way.http["url"]) for way in ways)
    return " · ".join(f"<code>{escape(place)}</code>" for place in places)


def ruled(gates: Sequence[GateResult], words: Labels) -> str:
    """List the gates: what each asks for, and what came of it."""
    if not gates:
        return f"<p>{words('verdict_none')}</p>"
    return f'<ul class="gates">{"".join(_gate(result, words) for result in gates)}</ul>'


def _gate(result: GateResult, words: Labels) -> str:
    gate = result.gate
    against = gate is not None and gate.side == "no_worse_than"
    shown = points if against else percent
    if gate is None:
        name, mark = words("all_cells"), ""
    else:
        name = f"<code>{escape(gate.metric)}</code>"
        mark = f"{words(gate.side)} {percent(gate.mark)} · {words(gate.bound)}"
    bound = "" if result.bound is None else f" · {words('bound')} {shown(result.bound)}"
    p = "" if result.p is None else f" · p {result.p:.3f}"
    return (
        f'<li class="gate {result.ruling}"><span class="badge {result.ruling}">{words(result.ruling)}</span>'
        f'<span class="what">{name} <span class="dim">{mark}</span></span>'
        f'<span class="dim">{words("gain" if against else "value")} {shown(result.value)}{bound}{p} · n {result.n} · '
        f"{words.reason(result.reason)}</span></li>"
    )
