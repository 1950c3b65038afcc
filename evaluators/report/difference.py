"""Two runs side by side: as a table for a terminal, as Markdown, and as JSON values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from evaluators.compare import Comparison, Difference, Flip
from evaluators.marks import Mark

FORMAT: Final = 1


def data(found: Comparison) -> dict[str, Any]:
    """Return the comparison as JSON values; a gain is positive where the metric got better."""
    return {
        "format": FORMAT,
        "now": _run(found.now.id, found.now.started, found.now.target),
        "baseline": _run(found.baseline.id, found.baseline.started, found.baseline.target),
        "differing": list(found.differing),
        "changed": {name: {"before": before, "now": now} for name, (before, now) in found.changed.items()},
        "rows": {"both": found.both, "only_before": found.only_before, "only_now": found.only_now},
        "metrics": [_difference(one) for one in found.differences],
        "flips": [_flip(one) for one in found.flips],
    }


def _run(id: str, started: str, target: str) -> dict[str, str]:
    return {"id": id, "started": started, "target": target}


def _difference(one: Difference) -> dict[str, Any]:
    low, high = one.interval or (None, None)
    return {
        "name": one.metric.name,
        "better": one.metric.better,
        "before": one.before,
        "now": one.now,
        "gain": one.gain,
        "low": low,
        "high": high,
        "pairs": one.pairs,
        "clusters": len(one.gains),
        "fell": one.fell,
        "rose": one.rose,
        "test": one.test,
        "p": one.p,
        "p_holm": one.adjusted,
        "only_before": dict(one.only_before),
        "only_now": dict(one.only_now),
    }


def _flip(one: Flip) -> dict[str, Any]:
    def side(mark: Mark) -> dict[str, Any]:
        return {"outcome": mark.outcome, "value": mark.value}

    key = {"row": one.key.row, "repetition": one.key.repetition, "metric": one.metric}
    return {**key, "before": side(one.before), "now": side(one.now)}


def lines(found: Comparison) -> Iterator[str]:
    """Yield the comparison as lines for a terminal."""
    yield f"baseline {found.baseline.id} ({found.baseline.target})"
    yield f"now      {found.now.id} ({found.now.target})"
    for word in found.differing:
        yield f"differs, compared anyway: {word}"
    for name, (before, now) in found.changed.items():
        yield f"changed: {name} {before or 'none'} → {now or 'none'}"
    yield f"rows in both {found.both}, only in the baseline {found.only_before}, only now {found.only_now}"
    yield ""
    heads = ("before", "now", "gain", "95 % interval", "pairs", "fell", "rose", "p", "Holm", "missing")
    yield "{:32} {:>7} {:>7} {:>7} {:>16} {:>6} {:>5} {:>5} {:>6} {:>6} {:>9}".format("metric", *heads)
    for one in found.differences:
        span = "–" if one.interval is None else f"{one.interval.low:+.3f} – {one.interval.high:+.3f}"
        gain = "–" if one.gain is None else f"{one.gain:+.3f}"
        yield (
            f"{one.metric.name:32} {_number(one.before):>7} {_number(one.now):>7} {gain:>7} {span:>16} "
            f"{one.pairs:>6} {one.fell:>5} {one.rose:>5} {one.p:>6.3f} {one.adjusted:>6.3f} {missing(one):>9}"
        )
    yield ""
    yield "gain: positive is better. missing: rows with a score only before / only now, which no test sees."
    yield "Holm: the p that remains when all metrics are looked at together."


def missing(one: Difference) -> str:
    """Return how many cells only one of the runs has a score for: before / now."""
    return f"{sum(one.only_before.values())} / {sum(one.only_now.values())}"


def why_missing(counts: Mapping[str, int]) -> str:
    """Return what became of cells that lack a score on the other side."""
    return ", ".join(f"{word} × {count}" for word, count in sorted(counts.items()))


def markdown(found: Comparison) -> str:
    """Return the comparison as a table in Markdown."""
    out = [
        f"Run `{found.now.id}` against `{found.baseline.id}` of {found.baseline.started}: rows in both {found.both}, "
        f"only in the baseline {found.only_before}, only now {found.only_now}.",
        "",
        *(f"- differs, compared anyway: {one}" for one in found.differing),
        *(f"- changed: {name} `{before or '–'}` → `{now or '–'}`" for name, (before, now) in found.changed.items()),
        "",
        "| metric | before | now | gain | 95 % interval | pairs | fell | rose | p | p (Holm) | missing before / now |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in found.differences:
        span = "–" if one.interval is None else f"{one.interval.low:+.3f} … {one.interval.high:+.3f}"
        gain = "–" if one.gain is None else f"{one.gain:+.3f}"
        out.append(
            f"| {one.metric.name} | {_number(one.before)} | {_number(one.now)} | {gain} | {span} | {one.pairs} | "
            f"{one.fell} | {one.rose} | {one.p:.3f} | {one.adjusted:.3f} | {missing(one)} |"
        )
    return "\n".join(out) + "\n"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
