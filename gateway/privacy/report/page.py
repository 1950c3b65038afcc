"""Writes the assessment as one page that needs nothing else: no network, no other file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final

import numpy as np

from gateway.document import read_document
from gateway.packaged import packaged_text
from gateway.privacy.assess import Assessment
from gateway.privacy.ladder import Step
from gateway.privacy.risk import ACCEPTABLE, RECORD_THRESHOLD

_EDGES: Final = (1, 2, 5, 10, 20, 50, 100, 1000)


def page(assessment: Assessment, file: str, digest: str, made: str) -> str:
    """Return the page as HTML.

    Args:
        assessment: What came of it.
        file: The name of what was assessed,
        digest: its SHA-256,
        made: and when this was done, for people.
    """
    words = _Words(read_document(packaged_text("privacy/report/words.yaml"), "words.yaml").value)
    body = "".join(
        (
            _verdict(assessment, words),
            _prepare(assessment, file, digest, words),
            _qualitative(assessment, words),
            _quantitative(assessment, words),
            _conclusion(assessment, words),
            f"<section><h2>{words('follow')}</h2><p class='note'>{words('follow_note')}</p></section>",
            f"<section><h2>{words('documents')}</h2><p class='note'>{words('documents_note')}</p>"
            + _facts([(words("made"), escape(made)), (words("approved"), "&nbsp;")])
            + "</section>",
        )
    )
    filled = packaged_text("privacy/report/page.html")
    for slot, value in (
        ("title", escape(f"{words.plain('title')} · {file}")),
        ("switch", words("switch")),
        ("heading", words("title")),
        ("body", body),
    ):
        filled = filled.replace(f"<!--{slot}-->", value)
    return filled


class _Words:
    """The words of the page, both languages side by side; the page shows one."""

    def __init__(self, words: Mapping[str, Any]) -> None:
        self._words = words

    def __call__(self, key: str) -> str:
        return _both(self._words[key])

    def plain(self, key: str) -> str:
        return f"{self._words[key]['zh']} · {self._words[key]['en']}"

    def technique(self, name: str) -> str:
        stem, _, size = name.rpartition("-") if name.startswith(("band-", "prefix-")) else (name, "", "")
        word = self._words["technique"][stem]
        return _both({language: text.format(size) for language, text in word.items()})


def _both(word: Mapping[str, str]) -> str:
    return f'<span class="w" lang="zh">{escape(word["zh"])}</span><span class="w" lang="en">{escape(word["en"])}</span>'


def _facts(facts: Iterable[tuple[str, str]]) -> str:
    return f"<dl>{''.join(f'<dt>{name}</dt><dd>{value}</dd>' for name, value in facts)}</dl>"


def _grid(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    top = "".join(f"<th>{name}</th>" for name in head)
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{top}</tr>{cells}</table></div>'


def _share(value: float) -> str:
    return f"{value:.2%}"


def _verdict(assessment: Assessment, words: _Words) -> str:
    level = assessment.level
    analogy = f'<p class="note warn">{words("analogy")}</p>' if assessment.by_analogy else ""
    return (
        f'<section><div class="verdict"><div class="mark l{level}">{level}</div>'
        f"<div>{words(f'level_{level}')}</div></div>{analogy}</section>"
    )


def _prepare(assessment: Assessment, file: str, digest: str, words: _Words) -> str:
    context = assessment.context
    facts = [
        (words("file"), escape(file)),
        (words("digest"), f"<code>{escape(digest)}</code>"),
        (words("records"), f"{assessment.rows:,}"),
        (words("sharing"), words(context.sharing)),
        (words("chance"), f"{context.chance:g}"),
        (words("threshold"), f"{RECORD_THRESHOLD[context.sharing]:.3g}"),
        (words("acceptable"), f"{ACCEPTABLE:g}"),
    ]
    return f"<section><h2>{words('prepare')}</h2><p class='note'>{words('prepare_note')}</p>{_facts(facts)}</section>"


def _qualitative(assessment: Assessment, words: _Words) -> str:
    head = [words(key) for key in ("column", "role", "kind", "because", "distinct", "looked")]
    rows = [
        (
            escape(column.name),
            f'<span class="tag {column.role}">{words(column.role)}</span>',
            escape(column.kind),
            words(column.reason),
            f"{column.distinct:,}",
            f"{column.found:,} / {column.looked:,}" if column.looked else "–",
        )
        for column in assessment.columns
    ]
    note = f"<p class='note'>{words('qualitative_note')}</p>"
    return f"<section><h2>{words('qualitative')}</h2>{note}{_grid(head, rows)}</section>"


def _quantitative(assessment: Assessment, words: _Words) -> str:
    head = f"<section><h2>{words('quantitative')}</h2><p class='note'>{words('quantitative_note')}</p>"
    groups, risk = assessment.groups, assessment.risk
    if groups is None or risk is None:
        return f"{head}<p>{words('no_quasi')}</p></section>"
    if assessment.level == 1:
        head += f'<p class="note warn">{words("without_direct")}</p>'
    facts = [
        (words("classes"), f"{len(groups.sizes):,}"),
        (words("k"), f"{int(groups.sizes.min()):,}"),
        (words("unique"), f"{int((groups.sizes == 1).sum()):,}"),
        (words("above"), _share(risk.above)),
        (words("highest"), f"{risk.highest:.4g}"),
        (words("average"), f"{risk.average:.4g}"),
        (words("overall"), f"<b>{risk.overall:.4g}</b>"),
    ]
    return head + _facts(facts) + _sizes(assessment, words) + _diversity(assessment, words) + "</section>"


def _sizes(assessment: Assessment, words: _Words) -> str:
    """Draw which share of the records stands in classes of which size; red is above the threshold."""
    groups, risk = assessment.groups, assessment.risk
    if groups is None or risk is None:
        return ""
    total = groups.sizes.sum()
    parts = []
    for low, high in zip(_EDGES, (*_EDGES[1:], np.inf), strict=True):
        inside = groups.sizes[(groups.sizes >= low) & (groups.sizes < high)]
        share = float(inside.sum() / total)
        tone = "over" if 1 / low > risk.threshold else "under"
        name = f"{low}" if high - low == 1 else f"{low}–{int(high) - 1}" if np.isfinite(high) else f"≥ {low}"
        drawn = f'<rect class="{tone}" width="{share:.2%}" height="14" rx="3"/>'
        bar = f'<svg role="img" aria-label="{name}: {_share(share)}">{drawn}</svg>'
        parts.append(f"<span>{name}</span>{bar}<span>{_share(share)}</span>")
    return f"<h3>{words('sizes')}</h3><div class='bars'>{''.join(parts)}</div>"


def _diversity(assessment: Assessment, words: _Words) -> str:
    utility = assessment.utility
    useful = _facts(
        [
            (words("hidden"), _share(utility.hidden)),
            (words("class_size"), f"{utility.class_size:.3g}"),
            (words("discernibility"), f"{utility.discernibility:.3g}"),
        ]
    )
    out = ""
    if assessment.diversity:
        head = [words(key) for key in ("column", "l", "entropy_l", "t", "disclosed")]
        rows = [
            (escape(name), f"{one.distinct}", f"{one.entropy:.3g}", f"{one.closeness:.3g}", _share(one.disclosed))
            for name, one in assessment.diversity.items()
        ]
        out = f"<h3>{words('diversity')}</h3>{_grid(head, rows)}"
    return f"{out}<h3>{words('utility')}</h3>{useful}"


def _conclusion(assessment: Assessment, words: _Words) -> str:
    parts = [f"<section><h2>{words('conclusion')}</h2><p>{words(f'level_{assessment.level}')}</p>"]
    if assessment.level < 4:
        parts.append(f"<h3>{words('next')}</h3><ol>")
        if direct := assessment.of("direct"):
            parts.append(f"<li>{words('remove')}: {_names(column.name for column in direct)}</li>")
        if assessment.level == 3:
            parts.append(
                f"<li>{words('remove_quasi')}: {_names(column.name for column in assessment.of('quasi'))}</li>"
            )
        if assessment.way:
            parts.append(_way(assessment, words))
        parts.append("</ol>")
    return "".join(parts) + "</section>"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"<code>{escape(name)}</code>" for name in names)


def _way(assessment: Assessment, words: _Words) -> str:
    way = assessment.way
    if way is None:
        return ""
    if way.risk is None:
        return f"<li>{words('impossible')}</li>"
    out = (
        f"<li>{words('generalise')}<ol>{''.join(_step(step, words) for step in way.steps)}</ol></li>"
        if way.steps
        else ""
    )
    if way.suppress:
        share = way.suppress / assessment.rows
        out += f"<li>{words('suppress_records')}: {way.suppress:,} ({_share(share)})</li>"
    return f"{out}<li>{words('risk_then')}: <b>{way.risk.overall:.4g}</b></li>"


def _step(step: Step, words: _Words) -> str:
    left = f"{words('lost')} {_share(step.loss)}, {words('still_above')} {_share(step.records_above)}"
    what = f"<code>{escape(step.column)}</code>: {words.technique(step.technique)}"
    return f'<li>{what} <span class="note">({left})</span></li>'
