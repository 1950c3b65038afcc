"""The report as Markdown, for a pull request or a chat: numbers and ids, no text of questions or answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from evaluators.compare import Comparison
from evaluators.gate import GateResult
from evaluators.report import difference
from evaluators.report.people import markdown as people_section
from evaluators.review.people import People
from evaluators.run import Run
from evaluators.score import OUTCOMES
from evaluators.summary import MetricSummary, Summary

MOST_ROWS: Final = 50
_ENDED: Final = {
    0: "every gate passed",
    1: "a gate failed",
    3: "too few rows to say",
    4: "too many cells could not be judged",
}


def markdown(
    run: Run,
    summary: Summary,
    gates: Sequence[GateResult],
    code: int,
    *,
    judges: Sequence[Mapping[str, Any]] = (),
    comparison: Comparison | None = None,
    people: People | None = None,
) -> str:
    """Return the report of a run as Markdown."""
    parts = [
        f"# {_cell(run.suite.name)}: {_ENDED[code] if gates else 'no gates'} (exit {code})",
        f"{run.suite.summary['zh']}  \n{run.suite.summary['en']}",
        f"{summary.answered} of {summary.asked} answered; {100 * summary.unscored_share:.1f} % of cells unscored.",
        "\n".join(_gates(gates)),
        "\n".join(_metrics(summary.metrics)),
    ]
    if judges:
        parts.append("\n".join(_judges(judges)))
    if comparison is not None:
        parts.append(f"## Against the baseline\n\n{difference.markdown(comparison)}")
    if people is not None:
        parts.append(people_section(people, summary.rows))
    parts += ["\n".join(_rows(summary)), "\n".join(_provenance(run, summary))]
    return "\n\n".join(part for part in parts if part) + "\n"


def _gates(gates: Sequence[GateResult]) -> Iterator[str]:
    if not gates:
        return
    yield "## Gates\n"
    yield "| ruling | gate | value | bound | n | why |"
    yield "|---|---|---:|---:|---:|---|"
    for one in gates:
        gate = one.gate
        what = f"{gate.metric} {gate.side.replace('_', ' ')} {gate.mark:g}" if gate else "unscored cells of all metrics"
        yield f"| {one.ruling} | {_cell(what)} | {_number(one.value)} | {_number(one.bound)} | {one.n} | {one.reason} |"


def _metrics(metrics: Sequence[MetricSummary]) -> Iterator[str]:
    yield "## Metrics\n"
    yield f"| metric | value | 95 % interval | worst – best | n | {' | '.join(OUTCOMES)} |"
    yield "|---|---:|---:|---:|---:|" + "---:|" * len(OUTCOMES)
    for one in metrics:
        span = "–" if one.interval is None else f"{one.interval.low:.3f} – {one.interval.high:.3f}"
        bounds = "–" if one.worst is None else f"{one.worst:.3f} – {one.best:.3f}"
        counts = " | ".join(str(one.counts.get(word, 0)) for word in OUTCOMES)
        yield f"| {_cell(one.metric.name)} | {_number(one.value)} | {span} | {bounds} | {one.n} | {counts} |"


def _judges(judges: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "## Judges, measured against people\n"
    yield "| metric | kappa | sensitivity | specificity | measured | labelled | corrected rate | 95 % interval |"
    yield "|---|---:|---:|---:|---|---:|---:|---:|"
    for one in judges:
        span = one["corrected_interval"]
        shown = "–" if span is None or one["corrected"] is None else f"{span[0]:.3f} – {span[1]:.3f}"
        rates = " | ".join(_number(one[name]) for name in ("kappa", "sensitivity", "specificity"))
        labels = f"{one['measured']} | {one['labelled']}"
        yield f"| {_cell(one['metric'])} | {rates} | {labels} | {_number(one['corrected'])} | {shown} |"


def _rows(summary: Summary) -> Iterator[str]:
    grave = [row for row in summary.rows if row.outcome in ("fail", "unscored")]
    if not grave:
        return
    yield f"## Rows that fail or could not be judged: {len(grave)}\n"
    for row in grave[:MOST_ROWS]:
        yield f"- {row.outcome}: `{_cell(row.sample.id)}` #{row.repetition + 1}"
    if len(grave) > MOST_ROWS:
        yield f"- and {len(grave) - MOST_ROWS} more; report.html shows them all"


def _provenance(run: Run, summary: Summary) -> Iterator[str]:
    manifest = run.manifest
    yield "## Provenance\n"
    yield f"- run `{manifest.id}`, started {manifest.started}, seed {manifest.seed}"
    yield f"- suite `sha256:{manifest.suite_digest}`, data `sha256:{manifest.data_digest}`"
    yield f"- policies: {', '.join(f'`{_cell(name)}` × {count}' for name, count in summary.policies.items()) or 'none'}"
    yield f"- models: {', '.join(f'`{_cell(name)}` × {count}' for name, count in summary.models.items()) or 'none'}"
    versions = {**manifest.versions, **summary.versions}
    yield f"- versions: {', '.join(f'{name} {word}' for name, word in versions.items())}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _cell(text: str) -> str:
    """Keep a text inside its cell of the table."""
    return " ".join(text.replace("|", "\\|").replace("`", "'").split())
