"""The index of the report: the summary, and a link to the page of every run; one file, no network."""

from __future__ import annotations

import os
from collections.abc import Sequence
from html import escape
from pathlib import Path

from benchmarks.evaluation.runs import Result
from benchmarks.evaluation.table import NAMES, WAYS, Reached, by_suite, figure, notes

_PAGE = """<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>评测总览 · Evaluation</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 15px/1.6 system-ui, "Noto Sans CJK SC", sans-serif; margin: 2rem auto; max-width: 72rem;
  padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ border-bottom: 1px solid #8884; padding: .35rem .6rem; text-align: left; vertical-align: top; }}
td.number {{ font-variant-numeric: tabular-nums; white-space: nowrap; }}
tr.first td, tr.first th {{ border-top: 2px solid #888; }}
.dim {{ opacity: .65; }}
</style></head><body>
<h1>评测总览 · Evaluation</h1>
<p>演示模型直接作答，与经网关作答，并排对比。括号内为 95 % 区间；↓ 表示越低越好。 ·
The demonstration model answering directly and through the gateway, side by side; 95 % intervals in brackets; ↓: low is
better.</p>
<table><thead><tr><th>评测集 suite</th><th>指标 metric</th>{heads}</tr></thead><tbody>
{rows}
</tbody></table>
<ul>{notes}</ul>
</body></html>
"""


def index(results: Sequence[Result], leaked: Reached, folder: Path) -> str:
    """Return the page; links are relative to ``folder``."""
    heads = "".join(f"<th>{escape(name)}</th>" for name in WAYS.values())
    rows = [row for suite, ways in by_suite(results) for row in _rows(suite, ways, folder)]
    said = "".join(f"<li>{escape(note)}</li>" for note in notes(results, leaked))
    return _PAGE.format(heads=heads, rows="\n".join(rows), notes=said)


def _rows(suite: str, ways: dict[str, Result], folder: Path) -> list[str]:
    """Return a suite's rows: links to its pages, then its metrics."""
    links = "".join(f"<td>{_link(ways.get(way), folder)}</td>" for way in WAYS)
    made = [f'<tr class="first"><th scope="row">{escape(suite)}</th><td class="dim">报告 report</td>{links}</tr>']
    for name in next(iter(ways.values())).entry.shown:
        cells = "".join(
            f'<td class="number">{escape(figure(ways[way].metric(name))) if way in ways else ""}</td>' for way in WAYS
        )
        made.append(f"<tr><td></td><td>{escape(NAMES.get(name, name))}</td>{cells}</tr>")
    return made


def _link(result: Result | None, folder: Path) -> str:
    if result is None:
        return ""
    if result.page is None:
        return "–"
    answered = f"{result.report['answered']}/{result.report['asked']}"
    return f'<a href="{escape(os.path.relpath(result.page, folder))}">{answered}</a>'
