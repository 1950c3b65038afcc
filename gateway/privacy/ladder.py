"""Finds which generalisations bring a table below its risk threshold at the least loss (GB/T 37964-2019, A.5)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.privacy.risk import RECORD_THRESHOLD, Codes, Risk, Sharing, encode, entropy_of, risk_of

_DAY: Final = re.compile(r"((?:19|20)\d\d)(?:[-/.年]?(\d{1,2})(?:[-/.月]?(\d{1,2}))?)?")
_CHINESE_AREA: Final = re.compile(r"(.+?(?:省|自治区|特别行政区|市))?(.+?(?:市|自治州|地区|盟))?(.+?(?:区|县|市|旗))?")
_NUMBER: Final = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")
_COMMON: Final = 0.95
_MOST_STEPS: Final = 24
_GONE: Final = 0.5
"""What it costs on top when nothing of a column is left."""
_RARE: Final = 0.02
"""A share of records that is rather left out than generalised for."""


class Rung(NamedTuple):
    """One way to make a column coarser."""

    technique: str
    change: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Step:
    """A change to one column and what it leaves.

    Attributes:
        column: Its name.
        technique: What to do, such as ``band-10``, ``year`` or ``suppress``.
        records_above: Share of records that are still above the threshold afterwards.
        loss: Share of what the column told that is lost, in [0, 1].
    """

    column: str
    technique: str
    records_above: float
    loss: float


@dataclass(frozen=True, slots=True)
class Way:
    """A way to the next level.

    Attributes:
        steps: In this order.
        suppress: How many records must be left out after the steps.
        risk: What remains then; None if no record is left.
    """

    steps: tuple[Step, ...]
    suppress: int
    risk: Risk | None


def rungs(kind: str, counts: Counter[str]) -> Iterator[Rung]:
    """Yield how a column of this kind, with these values, can be made coarser: the gentlest first."""
    filled = [value for value in counts if value]
    if kind in ("birth_date", "event_date") or _mostly(
        filled, lambda value: bool(_DAY.match(value)) and len(value) > 5
    ):
        yield Rung("month", lambda value: _date(value, 2))
        yield Rung("year", lambda value: _date(value, 1))
        yield Rung("decade", lambda value: _date(value, 1)[:3] + "0s" if value else "")
    elif kind in ("area", "address") and _mostly(filled, lambda value: value.isdigit()):
        yield Rung("prefix-4", lambda value: value[:4])
        yield Rung("prefix-2", lambda value: value[:2])
    elif _mostly(filled, _is_number):
        numbers = sorted(float(value.replace(",", "")) for value in filled if _is_number(value))
        spread = (numbers[-1] - numbers[0]) if numbers else 0.0
        widths = (5, 10, 20) if spread <= 150 else tuple(float(f"{spread / parts:.1g}") for parts in (50, 20, 8))
        for width in widths:
            yield Rung(f"band-{width:g}", partial(_band, width=width))
    elif kind in ("area", "address"):
        yield Rung("district", lambda value: _area(value, 3))
        yield Rung("city", lambda value: _area(value, 2))
        yield Rung("province", lambda value: _area(value, 1))
    else:
        common = _most_common(counts)
        yield Rung("merge-rare", lambda value: value if value in common else "*")
    yield Rung("suppress", lambda _: "*")


def generalised(value: str, to: str) -> str:
    """Return one value made coarser.

    ``to`` is ``band-N``, ``month``, ``year``, ``decade``, ``district``, ``city`` or ``province``.

    A number keeps its unit (``37岁`` becomes ``30–40岁``); what cannot be made coarser becomes ``*``.
    """
    if to.startswith("band-"):
        match = _NUMBER.search(value)
        width = float(to.removeprefix("band-"))
        return f"{value[: match.start()]}{_band(match.group(), width)}{value[match.end() :]}" if match else "*"
    if to in ("month", "year", "decade"):
        year = _date(value, 1)
        return _date(value, 2) if to == "month" else year if to == "year" or year == "*" else f"{year[:3]}0s"
    return _area(value, {"province": 1, "city": 2, "district": 3}[to])


def find_way(
    names: Sequence[str],
    kinds: Sequence[str],
    columns: Sequence[Sequence[str]],
    sharing: Sharing,
    context: float,
) -> Way:
    """Find changes, greedily, after which the overall risk is below the acceptable one.

    At each step the change is taken that puts the most records below the threshold for what it
    loses. Records that are left above the threshold are counted as to be left out, once they are fewer
    than one in fifty.

    Args:
        names: The quasi-identifiers' names,
        kinds: what each holds,
        columns: and its values.
        sharing: How the data is shared.
        context: How likely an attack is, in [0, 1].
    """
    size = len(columns[0])
    generator = np.random.default_rng(0)
    # A record's key is the sum of its values' numbers times random odd factors (mod 2^64): equal records
    # have equal keys, and others hardly ever, so a change to one column costs one addition.
    factors = generator.integers(1, 2**63, len(columns), dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    ladders = [_climb(kind, column) for kind, column in zip(kinds, columns, strict=True)]
    current = [ladder[0].codes for ladder in ladders]
    at = [0] * len(columns)
    key = np.zeros(size, np.uint64)
    for factor, codes in zip(factors, current, strict=True):
        key += factor * codes.astype(np.uint64)
    steps: list[Step] = []
    state = _state(key, sharing)
    while len(steps) < _MOST_STEPS and state.above > _RARE:
        best: tuple[float, int, int, _State, NDArray[np.uint64]] | None = None
        for column, ladder in enumerate(ladders):
            rung = at[column] + 1  # the gentlest that is left: the next may still follow
            if rung == len(ladder):
                continue
            codes = ladder[rung].codes.astype(np.uint64)
            changed = key + factors[column] * (codes - current[column].astype(np.uint64))
            left = _state(changed, sharing)
            # While every record stands alone no change puts any below: then what counts is how
            # much closer records come to each other.
            gain = state.above - left.above + state.apart - left.apart
            price = ladder[rung].loss - ladder[at[column]].loss + (_GONE if rung == len(ladder) - 1 else 0.0)
            worth = gain / (_RARE + price)
            if best is None or worth > best[0]:
                best = worth, column, rung, left, changed
        if best is None:
            break
        _, column, rung, state, key = best
        at[column], current[column] = rung, ladders[column][rung].codes
        steps.append(Step(names[column], ladders[column][rung].technique, state.above, ladders[column][rung].loss))
    return _finish(steps, key, sharing, context)


def _finish(steps: Sequence[Step], key: NDArray[np.uint64], sharing: Sharing, context: float) -> Way:
    """Leave out what remains above the threshold, class by class, until the overall risk is low enough."""
    _, sizes = np.unique(key, return_counts=True)
    sizes = np.sort(sizes)
    total = int(sizes.sum())
    low, high = 0, len(sizes)
    while low < high:  # the fewest classes, smallest first, without which the risk is acceptable
        middle = (low + high) // 2
        if risk_of(sizes[middle:], sharing, context).acceptable:
            high = middle
        else:
            low = middle + 1
    kept = sizes[low:]
    last_of_column = {step.column: step for step in steps}
    shown = tuple(step for step in steps if last_of_column[step.column] is step)
    return Way(shown, total - int(kept.sum()), risk_of(kept, sharing, context) if len(kept) else None)


class _Level(NamedTuple):
    technique: str
    codes: Codes
    loss: float


def _climb(kind: str, column: Sequence[str]) -> list[_Level]:
    """Return a column at each rung of its ladder, as it is first."""
    counts = Counter(column)
    distinct = list(counts)
    numbers = {value: number for number, value in enumerate(distinct)}
    base = np.fromiter((numbers[value] for value in column), np.int64, len(column))
    whole = entropy_of(base)
    levels = [_Level("", base, 0.0)]
    for rung in rungs(kind, counts):
        mapped = encode([rung.change(value) for value in distinct])[base]
        loss = 1 - entropy_of(mapped) / whole if whole else 0.0
        if rung.technique != "suppress" and loss <= levels[-1].loss + 1e-9:
            continue
        levels.append(_Level(rung.technique, mapped, loss))
    return levels


class _State(NamedTuple):
    """Share of records above the threshold, and how well classes tell records apart (1: each stands alone)."""

    above: float
    apart: float


def _state(key: NDArray[np.uint64], sharing: Sharing) -> _State:
    ordered = np.sort(key)
    edges = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1], [True])))
    sizes = np.diff(edges)
    share = sizes / len(key)
    bits = -(share * np.log(share)).sum() / max(np.log(len(key)), 1.0)
    over = 1.0 / sizes > RECORD_THRESHOLD[sharing] + 1e-12
    return _State(float(share[over].sum()), float(bits))


def _mostly(values: Sequence[str], fits: Callable[[str], bool]) -> bool:
    return bool(values) and sum(1 for value in values if fits(value)) >= 0.9 * len(values)


def _is_number(value: str) -> bool:
    try:
        return bool(np.isfinite(float(value.replace(",", ""))))
    except ValueError:
        return False


def _band(value: str, width: float) -> str:
    if not _is_number(value):
        return value and "*"
    start = np.floor(float(value.replace(",", "")) / width) * width
    return f"{start:g}–{start + width:g}"


def _date(value: str, parts: int) -> str:
    match = _DAY.match(value)
    if match is None:
        return value and "*"
    return "-".join(part.zfill(2) for part in match.groups()[:parts] if part)


def _area(value: str, parts: int) -> str:
    if not re.search("[\u4e00-\u9fff]", value):  # 12 High Street, Springfield, Ohio: the coarsest stands last
        return ",".join(value.split(",")[-parts:]).strip()
    match = _CHINESE_AREA.match(value)
    found = [part for part in match.groups() if part] if match else []
    return "".join(found[:parts]) or value[: 2 * parts]


def _most_common(counts: Counter[str]) -> frozenset[str]:
    kept, seen = set(), 0
    total = counts.total()
    for value, count in counts.most_common():
        if seen >= _COMMON * total:
            break
        kept.add(value)
        seen += count
    return frozenset(kept)
