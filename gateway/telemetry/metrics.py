"""Counts and measures in plain Python: a microsecond a call, read by Prometheus or OpenTelemetry.

The hot path only adds to a list in a dict; everything costly happens when somebody reads. Law 6 is
kept here once for all callers: an attribute's value that does not look like an id becomes ``other``.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import inf, isfinite
from typing import TYPE_CHECKING, Final, TypeVar

from gateway.telemetry.names import ATTRIBUTES, METRICS, SECONDS, Metric

if TYPE_CHECKING:
    from opentelemetry.metrics import CallbackOptions, Meter, Observation

OTHER: Final = "other"
"""Stands for a value that is not an id, and for every value beyond ``MOST``."""

MOST: Final = 1000
"""How many attribute sets one metric may have: a client that invents model names fills no memory."""

_ID: Final = re.compile(r"[A-Za-z0-9_.:@/-]{0,64}")
_UNSAID: Final = Metric("counter", "Not described.")
_UNSAID_HISTOGRAM: Final = Metric("histogram", "Not described.", "", SECONDS)

Labels = tuple[tuple[str, str], ...]
_Cell = TypeVar("_Cell")


def safe(value: str) -> str:
    """Return ``value`` if it looks like an id, else ``other`` (law 6)."""
    return value if _ID.fullmatch(value) else OTHER


class Histogram:
    """Counts values by bucket; a value equal to a bound belongs below it."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def note(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    @property
    def count(self) -> int:
        """How many values there were."""
        return sum(self.counts)


class _Family(dict[Labels, _Cell]):
    """The cells of one metric by attributes, in the order of their names."""

    def __init__(self, metric: Metric, make: Callable[[], _Cell]) -> None:
        super().__init__()
        self.metric, self._make = metric, make

    def cell(self, attributes: Mapping[str, str]) -> tuple[_Cell, bool]:
        """Return the cell for ``attributes``, and whether these may be remembered as they are."""
        labels = tuple((name, safe(attributes[name])) for name in sorted(attributes))
        plain = all(attributes[name] == value for name, value in labels)
        if labels not in self and len(self) >= MOST:
            labels, plain = tuple((name, OTHER) for name, _ in labels), False
        return self.setdefault(labels, self._make()), plain


class Metrics:
    """Implements the port ``Counters``.

    Safe to call from several threads: no count spans two bytecodes between which CPython (with its
    global lock) would switch threads. Reading may see a histogram's total a moment before its count.
    """

    def __init__(self) -> None:
        self._counters: dict[str, _Family[list[int]]] = {}
        self._histograms: dict[str, _Family[Histogram]] = {}
        self._gauges: dict[str, Callable[[], float]] = {}
        # From the arguments of a call, as they come, to its cell. Holds ids only: see _Family.cell.
        self._known: dict[object, list[int]] = {}
        self._measured: dict[object, Histogram] = {}

    def add(self, name: str, amount: int = 1, **attributes: str) -> None:
        """Add to a counter. To a name that is a histogram, note ``amount`` as a value."""
        key = (name, *attributes.items())
        known = self._known.get(key)
        if known is None:
            if METRICS.get(name, _UNSAID).instrument == "histogram":
                self.observe(name, amount, **attributes)
                return
            known = self._counter(name, attributes, key)
        known[0] += amount

    def observe(self, name: str, value: float, **attributes: str) -> None:
        """Note a value in a histogram; what is not a number is left out."""
        if not isfinite(value):  # it would poison the sum for good
            return
        key = (name, *attributes.items())
        known = self._measured.get(key)
        if known is None:
            known = self._histogram(name, attributes, key)
        known.note(value)

    def watch(self, name: str, read: Callable[[], float]) -> None:
        """Show what ``read`` returns whenever somebody looks, as the gauge ``name``."""
        self._gauges[name] = read

    def value(self, name: str, **attributes: str) -> int:
        """Return a counter's sum over every attribute set that has these attributes."""
        wanted = set(attributes.items())
        return sum(cell[0] for labels, cell in self._cells(self._counters, name) if wanted <= set(labels))

    def histogram(self, name: str, **attributes: str) -> Histogram:
        """Return a copy of the sum of a histogram over every attribute set that has these attributes."""
        wanted = set(attributes.items())
        out = Histogram(METRICS.get(name, _UNSAID_HISTOGRAM).bounds)
        for labels, cell in self._cells(self._histograms, name):
            if wanted <= set(labels):
                out.counts = [a + b for a, b in zip(out.counts, cell.counts, strict=True)]
                out.total += cell.total
        return out

    def prometheus(self) -> str:
        """Write everything in Prometheus' text format, version 0.0.4."""
        lines: list[str] = []
        for name, counters in sorted(self._counters.items()):
            title = _head(lines, name, counters.metric)
            lines += [f"{title}{_labels(labels)} {cell[0]}" for labels, cell in sorted(counters.items())]
        for name, histograms in sorted(self._histograms.items()):
            title = _head(lines, name, histograms.metric)
            for labels, cell in sorted(histograms.items(), key=lambda item: item[0]):
                lines += _buckets(title, labels, cell)
        for name, read in sorted(self._gauges.items()):
            title = _head(lines, name, METRICS.get(name, Metric("gauge", "Not described.")))
            lines.append(f"{title} {_number(read())}")
        return "\n".join(lines) + "\n" if lines else ""

    def observe_with(self, meter: Meter) -> None:
        """Give OpenTelemetry the same numbers, read when its exporter asks; nothing on the hot path.

        OpenTelemetry has no observable histogram: one shows as two counters, ``….count`` and ``….sum``.
        """
        for name, metric in METRICS.items():
            if metric.instrument == "counter":
                meter.create_observable_counter(name, [self._reader(name, _first)], metric.unit, metric.help)
            elif metric.instrument == "histogram":
                count, total = self._measure(name, _count), self._measure(name, _total)
                meter.create_observable_counter(f"{name}.count", [count], "", metric.help)
                meter.create_observable_counter(f"{name}.sum", [total], metric.unit, metric.help)
            else:
                meter.create_observable_gauge(name, [self._gauge(name)], metric.unit, metric.help)

    def _counter(self, name: str, attributes: Mapping[str, str], key: object) -> list[int]:
        family = self._counters.get(name)
        if family is None:
            family = self._counters.setdefault(name, _Family(METRICS.get(name, _UNSAID), lambda: [0]))
        cell, plain = family.cell(attributes)
        if plain:
            self._known[key] = cell
        return cell

    def _histogram(self, name: str, attributes: Mapping[str, str], key: object) -> Histogram:
        family = self._histograms.get(name)
        if family is None:
            metric = METRICS.get(name, _UNSAID_HISTOGRAM)
            family = self._histograms.setdefault(name, _Family(metric, lambda: Histogram(metric.bounds)))
        cell, plain = family.cell(attributes)
        if plain:
            self._measured[key] = cell
        return cell

    @staticmethod
    def _cells(families: Mapping[str, _Family[_Cell]], name: str) -> list[tuple[Labels, _Cell]]:
        family = families.get(name)
        return list(family.items()) if family is not None else []

    def _reader(self, name: str, read: Callable[[list[int]], float]) -> Callable[..., Iterable[Observation]]:
        def observe(_: CallbackOptions) -> Iterator[Observation]:
            return _observations((labels, read(cell)) for labels, cell in self._cells(self._counters, name))

        return observe

    def _measure(self, name: str, read: Callable[[Histogram], float]) -> Callable[..., Iterable[Observation]]:
        def observe(_: CallbackOptions) -> Iterator[Observation]:
            return _observations((labels, read(cell)) for labels, cell in self._cells(self._histograms, name))

        return observe

    def _gauge(self, name: str) -> Callable[..., Iterable[Observation]]:
        def observe(_: CallbackOptions) -> Iterator[Observation]:
            read = self._gauges.get(name)
            return _observations([((), read())] if read is not None else [])

        return observe


def _observations(pairs: Iterable[tuple[Labels, float]]) -> Iterator[Observation]:
    from opentelemetry.metrics import Observation  # noqa: PLC0415 - loaded only where it is used

    for labels, value in pairs:
        yield Observation(value, {ATTRIBUTES.get(name, f"sluice.{name}"): said for name, said in labels})


def _first(cell: list[int]) -> float:
    return cell[0]


def _count(cell: Histogram) -> float:
    return cell.count


def _total(cell: Histogram) -> float:
    return cell.total


def _head(lines: list[str], name: str, metric: Metric) -> str:
    """Write the lines that introduce a metric; return its name as Prometheus wants it."""
    title = re.sub(r"[^A-Za-z0-9_]", "_", name)
    if metric.unit == "s":
        title += "_seconds"
    if metric.instrument == "counter":
        title += "_total"
    about = metric.help.replace("\\", r"\\").replace("\n", r"\n")
    lines += [f"# HELP {title} {about}", f"# TYPE {title} {metric.instrument}"]
    return title


def _buckets(title: str, labels: Labels, cell: Histogram) -> Iterator[str]:
    seen = 0
    counts = list(cell.counts)
    for bound, count in zip((*cell.bounds, inf), counts, strict=True):
        seen += count
        yield f"{title}_bucket{_labels((*labels, ('le', _number(bound))))} {seen}"
    yield f"{title}_sum{_labels(labels)} {_number(cell.total)}"
    yield f"{title}_count{_labels(labels)} {seen}"


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    if value == inf:
        return "+Inf"
    return repr(int(value)) if value == int(value) else repr(float(value))
