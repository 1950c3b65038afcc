"""Risk × attack: which share of the attacks came through, before and after the gateway, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any, Final, NamedTuple

from evaluators.score import Score, Unscored
from evaluators.stats import Interval, interval
from evaluators.summary import RowSummary, Summary

ALL: Final = "*"
"""Stands for all risks, and for all attacks, the plain questions left out."""

PLAIN: Final = ""
"""Stands for the question as it is, without an attack."""


class Place(NamedTuple):
    """A cell of the matrix: a risk or ``ALL``, and an attack, ``PLAIN`` or ``ALL``."""

    risk: str
    attack: str


@dataclass(frozen=True, slots=True)
class Rate:
    """How many rows came through.

    Attributes:
        through: Rows whose metric says fail: answered what should be refused, leaked what should be kept.
        n: Rows that were judged.
        unscored: Rows that could not be judged; they count as neither.
        interval: 95 % interval of ``through / n``, with the independent questions as its n; None without any.
    """

    through: int
    n: int
    unscored: int
    interval: Interval | None

    @property
    def rate(self) -> float | None:
        """The share, or None where nothing was judged."""
        return self.through / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Matrix:
    """A metric by risk and attack.

    Attributes:
        metric: Its name.
        risks: In the order of first appearance.
        attacks: Likewise, ``PLAIN`` first.
        before: By place; places without any row are absent.
        after: Likewise, for the run through the gateway; None without such a run.
    """

    metric: str
    risks: tuple[str, ...]
    attacks: tuple[str, ...]
    before: Mapping[Place, Rate]
    after: Mapping[Place, Rate] | None = None


def matrix(before: Summary, after: Summary | None, metric: str, seed: int = 0) -> Matrix:
    """Lay two runs of the same suite side by side.

    Args:
        before: The run that asked the model directly.
        after: The run that asked it through the gateway, or None.
        metric: Whose failures count, such as ``refusal_rate`` or ``leak_rate``.
        seed: For intervals that are resampled.

    Raises:
        ValueError: No row of a run has the metric, or the runs asked different rows.
    """
    runs = [before] if after is None else [before, after]
    judged = [[row for row in run.rows if metric in row.cells] for run in runs]
    if not all(judged):
        known = sorted({name for run in runs for row in run.rows for name in row.cells})
        raise ValueError(f"no row has the metric {metric!r}; there are: {', '.join(known) or 'none'}")
    if len({frozenset((row.sample.id, row.sample.question) for row in rows) for rows in judged}) > 1:
        raise ValueError("the two runs asked different rows; run one suite twice, with the same seed and limit")
    rates = [_rates(rows, metric, seed) for rows in judged]
    attacks = dict.fromkeys(row.sample.attack for row in judged[0])
    return Matrix(
        metric,
        tuple(dict.fromkeys(row.sample.risk for row in judged[0])),
        (*([PLAIN] if PLAIN in attacks else []), *(attack for attack in attacks if attack != PLAIN)),
        rates[0],
        rates[1] if after is not None else None,
    )


def _rates(rows: Sequence[RowSummary], metric: str, seed: int) -> dict[Place, Rate]:
    found: dict[Place, list[RowSummary]] = {}
    for row in rows:
        risk, attack = row.sample.risk, row.sample.attack
        places = [Place(risk, attack), Place(ALL, attack)]
        if attack != PLAIN:
            places += [Place(risk, ALL), Place(ALL, ALL)]
        for place in places:
            found.setdefault(place, []).append(row)
    return {place: _rate(inside, metric, seed) for place, inside in found.items()}


def _rate(rows: Sequence[RowSummary], metric: str, seed: int) -> Rate:
    clusters: dict[str, list[float]] = {}
    unscored = 0
    for row in rows:
        cell = row.cells[metric]
        if isinstance(cell, Score):
            clusters.setdefault(row.sample.cluster, []).append(float(not cell.passed))
        elif isinstance(cell, Unscored):
            unscored += 1
    values = tuple(map(tuple, clusters.values()))
    through, n = round(sum(map(sum, values))), sum(map(len, values))
    return Rate(through, n, unscored, interval(values, "rate", seed) if values else None)


def data(found: Matrix) -> dict[str, Any]:
    """Return the matrix as JSON values."""

    def cells(rates: Mapping[Place, Rate]) -> list[dict[str, Any]]:
        return [{**place._asdict(), **asdict(rate), "rate": rate.rate} for place, rate in rates.items()]

    after = None if found.after is None else cells(found.after)
    return {
        "metric": found.metric,
        "risks": list(found.risks),
        "attacks": list(found.attacks),
        "before": cells(found.before),
        "after": after,
    }


def _lines(found: Matrix) -> list[tuple[str, list[Place]]]:
    """Return the lines of the table: the attack, and its places, all risks first."""
    columns = (ALL, *found.risks)
    attacks = (*found.attacks, *([ALL] if any(found.attacks) else []))
    return [(attack, [Place(risk, attack) for risk in columns]) for attack in attacks]


def _share(rate: Rate | None) -> str:
    return "–" if rate is None or rate.rate is None else f"{100 * rate.rate:.0f} %"


def _words(place: Place, found: Matrix) -> str:
    before = found.before.get(place)
    shown = _share(before)
    if found.after is not None:
        shown += f" → {_share(found.after.get(place))}"
    return f"{shown} ({before.n})" if before else "–"


def _attack(name: str) -> str:
    return {PLAIN: "(plain)", ALL: "all attacks"}.get(name, name)


def markdown(found: Matrix) -> str:
    """Return the matrix as a table: each cell the share that came through before → after, and how many rows."""
    heads = ["all risks", *(risk or "(none)" for risk in found.risks)]
    lines = [f"| attack | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    lines += [
        f"| {_attack(attack)} | {' | '.join(_words(place, found) for place in places)} |"
        for attack, places in _lines(found)
    ]
    return "\n".join(lines) + "\n"


def html(found: Matrix) -> str:
    """Return the matrix as an HTML table; the redder a cell, the more came through at last."""
    heads = "".join(f"<th scope='col'>{escape(risk or '–')}</th>" for risk in ("∑", *found.risks))
    body = []
    for attack, places in _lines(found):
        cells = "".join(_cell(place, found) for place in places)
        body.append(f"<tr><th scope='row'>{escape(_attack(attack))}</th>{cells}</tr>")
    return f"<table class='matrix'><thead><tr><th></th>{heads}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def _cell(place: Place, found: Matrix) -> str:
    before = found.before.get(place)
    after = None if found.after is None else found.after.get(place)
    last = before if found.after is None else after
    if before is None or last is None or last.rate is None:
        return "<td class='dim'>–</td>"
    limits = last.interval
    between = f"{100 * limits.low:.0f}–{100 * limits.high:.0f} %" if limits else "–"
    title = f"{last.through} / {last.n}; 95 %: {between}; unscored {last.unscored}"
    shown = _share(before) if found.after is None else f"{_share(before)} → {_share(after)}"
    colour = f"rgba(200, 40, 30, {0.06 + 0.6 * last.rate:.2f})" if last.rate else "rgba(40, 140, 70, 0.15)"
    return f"<td style='background: {colour}' title='{escape(title)}'>{escape(shown)}</td>"
