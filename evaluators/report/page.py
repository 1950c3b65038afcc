"""The report as one page that needs nothing else: no network, no other file, readable without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from importlib import resources
from typing import Any, Final

from evaluators.gate import GateResult
from evaluators.matrix import html, matrix
from evaluators.report.people import Section
from evaluators.report.plots import interval_plot, outcome_bar
from evaluators.report.words import Labels, both, labels, percent
from evaluators.review.people import People
from evaluators.run import Run
from evaluators.sample import Failure
from evaluators.score import OUTCOMES, Cell, Outcome, Score, Unscored, outcome
from evaluators.summary import MetricSummary, RowSummary, Summary

_SLOT: Final = re.compile(r"<!--slot:([a-z_]+)-->")


def page(run: Run, summary: Summary, gates: Sequence[GateResult], code: int, people: People | None = None) -> str:
    """Return the page as HTML; everything that rows and answers say is escaped."""
    files = resources.files("evaluators.report")
    words = labels()
    marks = {g.metric: g.mark for result in gates if (g := result.gate) and g.side != "no_worse_than"}
    said = Section(people)
    slots: dict[str, Callable[[], str]] = {
        "style": lambda: files.joinpath("style.css").read_text("utf-8"),
        "script": lambda: files.joinpath("script.js").read_text("utf-8"),
        "name": lambda: escape(run.suite.name),
        "head": lambda: _head(run, summary, gates, code, words),
        "gates": lambda: _gates(gates, words),
        "metrics": lambda: "".join(_metric(metric, marks.get(metric.metric.name), words) for metric in summary.metrics),
        "slices": lambda: _slices(summary, words),
        "filters": lambda: _filters(summary, words),
        "people": lambda: said.html(summary.rows),
        "rows": lambda: "".join(_row(row, run, words, said) for row in summary.rows),
        "provenance": lambda: _provenance(run, summary, words),
        "legend": lambda: _legend(words),
    }

    def fill(match: re.Match[str]) -> str:
        return slots[match[1]]() if match[1] in slots else words(match[1].removeprefix("w"))

    return _SLOT.sub(fill, files.joinpath("page.html").read_text("utf-8"))


def _head(run: Run, summary: Summary, gates: Sequence[GateResult], code: int, words: Labels) -> str:
    asked = run.manifest.asked
    verdict = words(f"verdict_{code}" if gates else "verdict_none")
    tone = {0: "pass", 1: "fail", 3: "review", 4: "unscored"}[code] if gates else "skipped"
    incomplete = "" if summary.whole else f'<span class="badge unscored">{words("incomplete")}</span>'
    places = (
        f"{way.model} @ {way.base_url}" if way.http is None else str(way.http["url"]) for way in asked.ways.values()
    )
    target = words("recorded") if asked.recorded else " · ".join(f"<code>{escape(place)}</code>" for place in places)
    return (
        f'<p class="summary">{both(run.suite.summary)}</p>'
        f'<p><span class="badge big {tone}">{verdict}</span> {incomplete}</p>'
        f'<dl class="facts"><div><dt>{words("target")}</dt><dd>{target}</dd></div>'
        f"<div><dt>{words('answered')}</dt><dd>{summary.answered} / {summary.asked}</dd></div>"
        f"<div><dt>{words('started')}</dt><dd>{escape(run.manifest.started)}</dd></div></dl>"
    )


def _gates(gates: Sequence[GateResult], words: Labels) -> str:
    if not gates:
        return f"<p>{words('verdict_none')}</p>"
    out = []
    for result in gates:
        gate = result.gate
        if gate is None:
            name, mark = words("all_cells"), ""
        else:
            name = f"<code>{escape(gate.metric)}</code>"
            mark = f"{words(gate.side)} {percent(gate.mark)} · {words(gate.bound)}"
        bound = "" if result.bound is None else f" · {words('bound')} {percent(result.bound)}"
        out.append(
            f'<li class="gate {result.ruling}"><span class="badge {result.ruling}">{words(result.ruling)}</span>'
            f'<span class="what">{name} <span class="dim">{mark}</span></span>'
            f'<span class="dim">{words("value")} {percent(result.value)}{bound} · n {result.n} · '
            f"{words.reason(result.reason)}</span></li>"
        )
    return f'<ul class="gates">{"".join(out)}</ul>'


def _metric(metric: MetricSummary, mark: float | None, words: Labels) -> str:
    low, high = metric.interval or (None, None)
    span = "–" if low is None else f"{percent(low)} – {percent(high)}"
    bounds = "–" if metric.worst is None else f"{percent(metric.worst)} – {percent(metric.best)}"
    counts = " ".join(
        f'<span class="chip {word}">{words(word)} {metric.counts[word]}</span>'
        for word in OUTCOMES
        if metric.counts.get(word)
    )
    reasons = "; ".join(f"{words.reason(code)} × {count}" for code, count in sorted(metric.reasons.items()))
    return (
        f'<div class="metric"><div class="name"><code>{escape(metric.metric.name)}</code>'
        f'<span class="dim">{words.meaning(metric.metric.name)}{words("better_" + metric.metric.better)}</span></div>'
        f'<div class="number">{percent(metric.value)}</div><div class="picture">{interval_plot(metric, mark)}</div>'
        f'<dl class="facts small"><div><dt>{words("interval")}</dt><dd>{span}</dd></div>'
        f"<div><dt>{words('n')}</dt><dd>{metric.n}</dd></div>"
        f"<div><dt>{words('bounds')}</dt><dd>{bounds}</dd></div>"
        f"<div><dt>{words('unscored_share')}</dt><dd>{percent(metric.unscored_share)}</dd></div></dl>"
        f'<div class="chips">{counts}</div>' + (f'<p class="dim why">{reasons}</p>' if reasons else "") + "</div>"
    )


def _slices(summary: Summary, words: Labels) -> str:
    out = []
    for dimension in ("way", "lang", "risk", "kind", "attack"):
        parts = [part for part in summary.slices if part.dimension == dimension]
        if not parts:
            continue
        out.append(f'<div class="slices"><h3>{words(dimension)}</h3>')
        for part in parts:
            name = words(part.name) if dimension == "lang" else escape(part.name)
            total = sum(part.counts.values())
            out.append(
                f'<div class="slice"><span class="label">{name}</span>{outcome_bar(part.counts, part.name)}'
                f'<span class="dim total">{total}</span></div>'
            )
        out.append("</div>")
    return "".join([*out, *_matrices(summary, words)])


def _matrices(summary: Summary, words: Labels) -> Iterable[str]:
    """Yield for each metric of an attacked run the table of risk × attack."""
    if not any(row.sample.attack for row in summary.rows):
        return
    for metric in summary.metrics:
        name = metric.metric.name
        if metric.metric.kind == "rate" and "/" not in name:
            table = html(matrix(summary, None, name))
            title = f"{words('matrix')} · <code>{escape(name)}</code>"
            yield f'<details class="matrix-of"><summary>{title}</summary><div class="wide">{table}</div></details>'


def _legend(words: Labels) -> str:
    return "".join(f'<span class="chip {word}">{words(word)}</span>' for word in OUTCOMES)


def _filters(summary: Summary, words: Labels) -> str:
    choices: dict[str, list[str]] = {
        "outcome": [word for word in OUTCOMES if any(row.outcome == word for row in summary.rows)],
        "way": list(dict.fromkeys(row.way for row in summary.rows if row.way)),
        "lang": list(dict.fromkeys(row.sample.lang for row in summary.rows)),
        "risk": list(dict.fromkeys(row.sample.risk for row in summary.rows if row.sample.risk)),
        "kind": list(dict.fromkeys(row.sample.kind for row in summary.rows if row.sample.kind)),
        "attack": list(dict.fromkeys(row.sample.attack for row in summary.rows if row.sample.attack)),
    }
    out = [
        f'<input type="search" id="search" placeholder="{words.plain("search")}" aria-label="{words.plain("search")}">'
    ]
    for name, values in choices.items():
        if len(values) < 2:
            continue
        known = name in ("outcome", "lang")
        options = "".join(
            f'<option value="{escape(value)}">{words.plain(value) if known else escape(value)}</option>'
            for value in values
        )
        label = words.plain(name)
        out.append(
            f'<select data-key="{name}" aria-label="{label}"><option value="">{label}</option>{options}</select>'
        )
    return "".join(out) + f'<span class="dim"><span id="count">{len(summary.rows)}</span> {words("shown")}</span>'


def _row(row: RowSummary, run: Run, words: Labels, said: Section) -> str:
    sample = row.sample
    number = f" #{row.repetition + 1}" if run.manifest.repetitions > 1 else ""
    tags = "".join(
        f'<span class="tag">{escape(tag)}</span>' for tag in (row.way, sample.risk, sample.kind, sample.attack) if tag
    )
    lang = _lang(sample.lang)
    parts = []
    for name, texts in (("plain", [sample.plain]), ("turns", sample.turns), ("question", [sample.question])):
        if any(texts):
            told = "".join(f"<p class='text' lang='{lang}'>{escape(text)}</p>" for text in texts)
            parts.append(f"<h4>{words(name)}</h4>{told}")
    if sample.tool:
        parts.append(f"<h4>{words('tool')}</h4><p class='text'>{escape(sample.tool)}</p>")
    if sample.system:
        parts.append(f"<h4>{words('system')}</h4><p class='text'>{escape(sample.system)}</p>")
    if sample.contexts:
        relevant = set(sample.relevant or ())
        items = "".join(
            f"<li{' class=relevant' if p.id in relevant else ''}><code>{escape(p.id)}</code> {escape(p.text)}</li>"
            for p in sample.contexts
        )
        parts.append(f"<h4>{words('passages')}</h4><ol class='passages'>{items}</ol>")
    parts.append(f"<h4>{words('answer')}</h4>{_said(row, words)}")
    if sample.should:
        parts.append(f"<p><span class='dim'>{words('should')}</span> {words('should_' + sample.should)}</p>")
    cells = "".join(_cell(name, cell, words) for name, cell in row.cells.items())
    parts.append(f"<h4>{words('judged')}</h4><ul class='cells'>{cells}</ul>")
    parts.append(said.row(row))
    data = f'data-outcome="{row.outcome}" data-lang-of="{sample.lang}" data-risk="{escape(sample.risk)}"'
    return (
        f'<details class="row" {data} data-kind="{escape(sample.kind)}" data-way="{row.way}" '
        f'data-attack="{escape(sample.attack)}"><summary>'
        f'<span class="badge {row.outcome}">{words(row.outcome)}</span> <code>{escape(sample.id)}{number}</code> '
        f'<span class="brief">{escape(sample.question)}</span>{tags}</summary>'
        f'<div class="body">{"".join(parts)}</div></details>'
    )


def _said(row: RowSummary, words: Labels) -> str:
    if row.answer is None or isinstance(row.answer, Failure):
        code = words.reason(row.answer.code) if row.answer else words.reason("not_asked")
        return f"<p>{words('no_answer')}: {code}</p>"
    finish = f' <span class="tag">{escape(row.answer.finish)}</span>' if row.answer.finish else ""
    text = escape(row.answer.text) if row.answer.text else words("empty")
    return f'<p class="text">{text}</p><p class="dim">{row.answer.seconds:.2f} s{finish}</p>'


def _cell(name: str, cell: Cell, words: Labels) -> str:
    word: Outcome = outcome(cell)
    value = f"{cell.value:.3f}" if isinstance(cell, Score) else words.reason(cell.reason)
    more = ""
    if isinstance(cell, Score) and cell.detail.get("statements"):
        items = "".join(
            f"<li class='{'pass' if entry['reason'] == 'supported' else 'fail'}'>{escape(str(entry['text']))} "
            f"<span class='dim'>{words.reason(str(entry['reason']))} {escape(str(entry['passage']))}</span></li>"
            for entry in cell.detail["statements"]
        )
        more = f"<ul class='statements'>{items}</ul>"
    elif isinstance(cell, (Score, Unscored)) and cell.detail:
        said = ", ".join(f"{key}: {_flat(value)}" for key, value in cell.detail.items() if value)
        more = f" <span class='dim'>{escape(said)}</span>" if said else ""
    return f'<li><span class="dot-{word}"></span><code>{escape(name)}</code> {value}{more}</li>'


def _flat(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _provenance(run: Run, summary: Summary, words: Labels) -> str:
    manifest = run.manifest
    policies = ", ".join(f"{name} × {count}" for name, count in summary.policies.items())
    models = ", ".join(f"{name} × {count}" for name, count in summary.models.items())
    versions = {**manifest.versions, **summary.versions}
    facts: list[tuple[str, str]] = [
        (words("run"), escape(manifest.id)),
        (words("suite"), escape(manifest.suite)),
        (words("suite_digest"), escape(manifest.suite_digest)),
        (words("data_digest"), escape(manifest.data_digest)),
        (words("policy"), escape(policies) or words("no_policy")),
        (words("model"), escape(models) or "–"),
        (words("parameters"), escape(", ".join(f"{k}={v}" for k, v in manifest.asked.parameters.items())) or "–"),
        (words("seed"), str(manifest.seed)),
        (words("repetitions"), str(manifest.repetitions)),
    ]
    if manifest.limit is not None:
        facts.append((words("limit"), str(manifest.limit)))
    for name, address in (("judge", manifest.judge), ("embedding", manifest.embedding)):
        if address is not None:
            facts.append((words(name), escape(f"{address.model} @ {address.base_url}")))
    facts.append((words("version"), escape(", ".join(f"{name} {word}" for name, word in versions.items()))))
    return "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)


def _lang(name: str) -> str:
    return "en" if name == "en" else "zh"
