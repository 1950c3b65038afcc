"""The index of a night: every suite with its gates, what it was held against, and how its metrics went over nights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from evaluators.kept.nights import Night, SuiteNight
from evaluators.report.plots import trend_plot
from evaluators.report.shell import Section, shell
from evaluators.report.words import Labels, labels, percent, points

Report = Mapping[str, Any]
"""What ``report.json`` holds, rows left out."""


def night_page(
    night: Night,
    reports: Mapping[str, Report],
    past: Sequence[tuple[Night, Mapping[str, Report]]],
    notes: Sequence[str],
) -> str:
    """Return the page.

    Args:
        night: The night.
        reports: By suite, what its run came to; suites that could not be run are absent.
        past: Nights with what their runs came to, oldest first, this one last.
        notes: What the operator should know, such as a store that could not be reached.
    """
    words = labels()
    tone = {"good": "pass", "review": "review", "bad": "fail"}.get(night.state, "unscored")
    warned = "".join(f'<p class="warn">{escape(note)}</p>' for note in notes)
    head = (
        f'<p><span class="badge big {tone}">{words("night_" + night.state)}</span></p>{warned}'
        f'<dl class="facts"><div><dt>{words("night")}</dt><dd><code>{escape(night.id)}</code></dd></div>'
        f"<div><dt>{words('started')}</dt><dd>{night.started.isoformat(timespec='seconds')}</dd></div>"
        f"<div><dt>{words('exit_code')}</dt><dd>{night.exit_code}</dd></div></dl>"
    )
    suites = "".join(_suite(name, one, reports.get(name), words) for name, one in night.suites.items())
    sections = [
        Section("night_suites", suites),
        Section("trend", _trends(night, past, words), "trend_note"),
        Section("nights", _nights(past, words)),
    ]
    return shell(words, night.plan, "night_title", head=head, sections=sections)


def _suite(name: str, one: SuiteNight, report: Report | None, words: Labels) -> str:
    tone = {0: "pass", 1: "fail", 3: "review"}.get(one.code if one.code is not None else 2, "unscored")
    link = f'<a href="{escape(one.run)}/report.html">{escape(name)}</a>' if report is not None else escape(name)
    against = f"<code>{escape(one.baseline)}</code>" if one.baseline else words("no_baseline_tonight")
    why = f'<p class="warn">{escape(one.why)}</p>' if one.why else ""
    verdict = words(f"verdict_{one.code}" if one.code in (0, 1, 3, 4) else "verdict_broken")
    gates = "".join(_gate(gate, words) for gate in (report or {}).get("gates", ()))
    return (
        f'<h3><span class="badge {tone}">{verdict}</span> {link}</h3>'
        f'<p class="dim">{words("baseline")}: {against}</p>{why}<ul class="gates">{gates}</ul>'
    )


def _gate(result: Mapping[str, Any], words: Labels) -> str:
    gate, against = result["gate"], bool(result["gate"]) and result["gate"]["side"] == "no_worse_than"
    what = (
        f"<code>{escape(gate['metric'])}</code> {words(gate['side'])} {percent(gate['mark'])}"
        if gate
        else words("all_cells")
    )
    value = points(result["value"]) if against else percent(result["value"])
    return (
        f'<li class="gate {result["ruling"]}"><span class="badge {result["ruling"]}">{words(result["ruling"])}</span>'
        f'<span class="what">{what}</span><span class="dim">{value} · n {result["n"]} · '
        f"{words.reason(result['reason'])}</span></li>"
    )


def _trends(night: Night, past: Sequence[tuple[Night, Mapping[str, Report]]], words: Labels) -> str:
    """Draw each metric that has a gate, over the nights."""
    out = []
    for suite in night.suites:
        series: dict[str, list[tuple[str, Mapping[str, Any] | None]]] = {}
        gated = {g["gate"]["metric"] for _, found in past for g in found.get(suite, {}).get("gates", ()) if g["gate"]}
        for metric in sorted(gated):
            for one, found in past:
                values = {entry["name"]: entry for entry in found.get(suite, {}).get("metrics", ())}
                series.setdefault(metric, []).append((f"{one.started:%Y-%m-%d} {one.state}", values.get(metric)))
        if series:
            out.append(f"<h3>{escape(suite)}</h3>")
        for metric, line in series.items():
            last = next((value for _, value in reversed(line) if value and value["value"] is not None), None)
            shown = percent(last["value"]) if last else "–"
            out.append(
                f'<div class="slice"><span class="label"><code>{escape(metric)}</code></span>'
                f'{trend_plot(metric, line)}<span class="dim total">{shown}</span></div>'
            )
    return "".join(out)


def _nights(past: Sequence[tuple[Night, Mapping[str, Report]]], words: Labels) -> str:
    lines = "".join(
        f"<tr><th scope='row'><code>{escape(one.id)}</code></th><td>{one.started.isoformat(timespec='seconds')}</td>"
        f"<td>{words('night_' + one.state)}</td><td>{'–' if one.exit_code is None else one.exit_code}</td></tr>"
        for one, _ in reversed(past)
    )
    heads = "".join(f"<th scope='col'>{words(name)}</th>" for name in ("night", "started", "outcome", "exit_code"))
    return (
        f"<div class='wide'><table class='numbers'><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>"
    )
