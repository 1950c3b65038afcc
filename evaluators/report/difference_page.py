"""Two runs side by side, as HTML: a section of a run's report, and a page of its own."""

from __future__ import annotations

from html import escape
from typing import Final

from evaluators.compare import Comparison, Difference
from evaluators.report.difference import why_missing
from evaluators.report.plots import gain_plot
from evaluators.report.shell import Section, shell
from evaluators.report.words import Labels, labels, percent, points

MOST_FLIPS: Final = 500
"""So many rows that changed sides are listed; the JSON has all."""


def difference_page(found: Comparison) -> str:
    """Return a page about two runs; they keep no text, so it shows none."""
    words = labels()
    sections = [
        Section("difference", table(found, words), "difference_note"),
        Section("flips", flips(found, words), "flips_note"),
        Section("provenance", provenance(found, words)),
    ]
    suite = found.now.basis["suite"]
    return shell(words, suite, "difference_title", head=sides(found, words), sections=sections)


def sides(found: Comparison, words: Labels) -> str:
    """Say which two runs these are, and how many rows they share."""
    facts = [
        (words("baseline"), f"<code>{escape(found.baseline.id)}</code> {escape(found.baseline.target)}"),
        (words("now"), f"<code>{escape(found.now.id)}</code> {escape(found.now.target)}"),
        (words("rows_both"), str(found.both)),
        (words("rows_only_before"), str(found.only_before)),
        (words("rows_only_now"), str(found.only_now)),
    ]
    anyway = "".join(f'<p class="warn">{words("differs")}: {escape(one)}</p>' for one in found.differing)
    return anyway + '<dl class="facts">' + "".join(f"<div><dt>{k}</dt><dd>{v}</dd></div>" for k, v in facts) + "</dl>"


def table(found: Comparison, words: Labels) -> str:
    """Show every metric: before, now, gain with its interval, the tests, and what is missing."""
    heads = ("metric", "before", "now", "gain", "", "interval", "pairs", "fell", "rose", "p", "p_holm", "missing")
    head = "".join(f"<th scope='col'>{words(name) if name else ''}</th>" for name in heads)
    body = "".join(_line(one) for one in found.differences)
    return _wide(head, body)


def _wide(heads: str, body: str) -> str:
    head = f"<thead><tr>{heads}</tr></thead>"
    return f"<div class='wide'><table class='numbers'>{head}<tbody>{body}</tbody></table></div>"


def _line(one: Difference) -> str:
    low, high = one.interval or (None, None)
    span = "–" if low is None else f"{points(low)} … {points(high)}"
    tone = "" if one.adjusted > 0.05 or not one.gain else "good" if one.gain > 0 else "poor"
    lost, new = sum(one.only_before.values()), sum(one.only_now.values())
    why = f"{why_missing(one.only_before) or '–'} / {why_missing(one.only_now) or '–'}"
    cells = (
        percent(one.before),
        percent(one.now),
        f"<b class='{tone}'>{points(one.gain)}</b>",
        f"<div class='picture'>{gain_plot(one)}</div>",
        span,
        str(one.pairs),
        str(one.fell),
        str(one.rose),
        f"<span title='{one.test}'>{one.p:.3f}</span>",
        f"{one.adjusted:.3f}",
        f"<span title='{escape(why)}'>{lost} / {new}</span>",
    )
    return (
        f"<tr><th scope='row'><code>{escape(one.metric.name)}</code></th>{''.join(f'<td>{c}</td>' for c in cells)}</tr>"
    )


def flips(found: Comparison, words: Labels) -> str:
    """List the rows that changed sides, those that fell first."""
    if not found.flips:
        return f"<p>{words('no_flips')}</p>"
    ordered = sorted(found.flips, key=lambda flip: flip.now.outcome != "fail")
    body = "".join(
        f"<tr><th scope='row'><code>{escape(flip.key.row)}</code></th><td>{flip.key.repetition + 1}</td>"
        f"<td><code>{escape(flip.metric)}</code></td>"
        f"<td><span class='badge {flip.before.outcome}'>{words(flip.before.outcome)}</span> → "
        f"<span class='badge {flip.now.outcome}'>{words(flip.now.outcome)}</span></td>"
        f"<td>{flip.before.value:.3f} → {flip.now.value:.3f}</td></tr>"
        for flip in ordered[:MOST_FLIPS]
    )
    more = len(ordered) - MOST_FLIPS
    rest = f"<p class='dim'>{words('more')}: {more}</p>" if more > 0 else ""
    heads = "".join(
        f"<th scope='col'>{words(name)}</th>" for name in ("row", "repetition", "metric", "outcome", "value")
    )
    return _wide(heads, body) + rest


def provenance(found: Comparison, words: Labels) -> str:
    """Say what the two share, and what has changed between them."""
    facts = [(words("basis_" + name), escape(value) or "–") for name, value in found.now.basis.items() if value]
    facts += [
        (f"{words('changed')} <code>{escape(name)}</code>", f"{escape(before) or '–'} → {escape(now) or '–'}")
        for name, (before, now) in found.changed.items()
    ]
    return '<dl class="facts wide">' + "".join(f"<div><dt>{k}</dt><dd>{v}</dd></div>" for k, v in facts) + "</dl>"
