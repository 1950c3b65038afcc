"""The report of a run as one page that needs nothing else: no network, no other file; its numbers need no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluators.compare import Comparison
from evaluators.gate import GateResult
from evaluators.report import breakdown, difference_page, gates, metrics, rows
from evaluators.report import people as people_section
from evaluators.report.provenance import provenance
from evaluators.report.shell import Section, shell
from evaluators.report.words import labels
from evaluators.review.people import People
from evaluators.run import Run
from evaluators.summary import Summary


def page(
    run: Run,
    summary: Summary,
    ruled: Sequence[GateResult],
    code: int,
    *,
    judges: Sequence[Mapping[str, Any]] = (),
    comparison: Comparison | None = None,
    before: rows.Answers | None = None,
    people: People | None = None,
) -> str:
    """Return the page as HTML; everything that rows and answers say is escaped.

    Args:
        run: The run.
        summary: What came of it.
        ruled: What came of its gates.
        code: The exit code that they ask for.
        judges: Passports and corrected rates, as ``report.json`` has them.
        comparison: The run held against a baseline; None without one.
        before: What the baseline's target said, where that is still on disk.
        people: What people said of the answers; None if nobody was asked.
    """
    words = labels()
    against = hits = ""
    if comparison is not None:
        against = difference_page.sides(comparison, words) + difference_page.table(comparison, words)
    if summary.rows:
        hits = '<div id="hits"></div><nav class="pages" id="hit-pages"></nav>'
    listed = rows.filters(summary, words, moved=comparison is not None) + rows.listing(summary, words)
    said = people_section.Section(people)
    sections: list[Section | str] = [
        Section("gates", gates.ruled(ruled, words), "gates_note"),
        Section("metrics", metrics.measured(summary, ruled, judges, words), "metrics_note"),
        Section("judges", metrics.passports(summary, judges, words), "judges_note"),
        said.html(summary.rows),
        Section("difference", against, "difference_note"),
        Section("slices", breakdown.slices(summary, words), "slices_note"),
        Section("heat", breakdown.heat(summary, words), "heat_note"),
        Section("matrices", breakdown.matrices(summary, words)),
        Section("hit_log", hits, "hit_log_note"),
        Section("rows", listed),
        Section("provenance", provenance(run, summary, words), "provenance_note"),
    ]
    return shell(
        words,
        run.suite.name,
        "title",
        head=gates.head(run, summary, ruled, code, words),
        sections=sections,
        data=rows.data(run, summary, words, comparison=comparison, before=before, people=said),
    )
