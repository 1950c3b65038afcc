"""What a detector is: it scans a view of a text and says what it saw, and from where on it may change its mind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from gateway.errors import DetectorError
from gateway.ports.providers import Provider, Route
from gateway.ports.surroundings import Clock, Counters, Ids, Ticker
from gateway.text import TextView
from gateway.verdict import Finding


class Scan(NamedTuple):
    """What a detector saw, and from where on it may still change its mind.

    Attributes:
        findings: What it saw, at or after ``view.start``; offsets into ``view.text``.
        open: Offset from which later text may still change the findings. ``len(view.text)`` if
            all is settled. Text before the smallest ``open`` of all detectors may leave.
    """

    findings: tuple[Finding, ...]
    open: int


Detector = Callable[[TextView], Scan]
"""Pure: no I/O, no clock, no log, no state. The same view gives the same scan."""

Judge = Callable[[TextView], Awaitable[Scan]]
"""The only detectors with I/O. Asked about a stretch of text that has ended: ``view.final`` is True, what
``view.before`` and ``view.text[:view.start]`` show is context. Raises ``DetectorError`` if it cannot judge:
an answer that is no verdict is never a pass; ``PartlyJudgedError`` if it found something all the same."""


class PartlyJudgedError(DetectorError):
    """A judge said something of one part of a text and could not judge another.

    What it found counts, and so does that it could not judge: neither is lost for the other.

    Attributes:
        reason: Why it could not judge a part.
        findings: What it found in the others.
    """

    def __init__(self, reason: DetectorError, findings: tuple[Finding, ...]) -> None:
        super().__init__(str(reason))
        self.reason, self.findings = reason, findings


class Evidence(NamedTuple):
    """One reason for a finding, for people.

    Attributes:
        start: Where it stands: offsets into ``view.text``,
        end: exclusive.
        weight: How much it spoke for the risk; below 0 if it spoke against it.
        what: What it is, in the detector's own words: a term, a feature, a check. It may quote the text.
    """

    start: int
    end: int
    weight: float
    what: str


Explain = Callable[[TextView, Finding], Sequence[Evidence]]
"""Says why a detector reported a finding, the strongest reason first. Pure, and only called for people
(``sluice explain``): it may take its time."""


class Piece(NamedTuple):
    """What a part of a text says when it is read another way.

    Attributes:
        start: Where the part stands: offsets into ``view.text``,
        end: exclusive.
        text: What it says.
        how: In which way it was read, such as ``base64``.
        coded: Whether it can only be meant so, as Base64 can. What is merely the likeliest spelling of a text
            says nothing by itself, and nothing about persons: names are spelled as they are.
    """

    start: int
    end: int
    text: str
    how: str
    coded: bool = True


class Derived(NamedTuple):
    """What a text says besides what it shows.

    Attributes:
        pieces: The parts that say something, at or after ``view.start``.
        open: Offset from which later text may still change them.
    """

    pieces: tuple[Piece, ...]
    open: int


Derive = Callable[[TextView], Derived]
"""Reads parts of a text another way, for the other detectors of a policy to judge. Pure, like a detector."""

Scope = Literal["span", "sentence", "whole"]
"""How much text a detector needs before its findings hold: a few characters, a clause (up to the
next ，。；！？ or line end), or all of it."""


@dataclass(frozen=True, slots=True)
class DetectorSpec:
    """What the registry knows about a kind of detector before one is built.

    Attributes:
        name: The word that policies use (``use: lexicon``).
        summary: One line for people, shown by ``sluice policy lint`` and in the schema.
        risks: Risk ids that it can find; empty if that depends on its options (a lexicon's
            lists, a pattern's ``risk``): then ``build`` says so through ``BuiltDetector.risks``.
        scope: How much text it needs.
        build: Makes the detector from its options; raises ``ConfigError`` for bad ones. Does
            the expensive work (compiling, loading), once a plan.
        options: JSON Schema of the options, for the policy schema; ``{}`` for none.
    """

    name: str
    summary: str
    risks: frozenset[str]
    scope: Scope
    build: Callable[[Mapping[str, Any], Loader], BuiltDetector]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BuiltDetector:
    """A detector (or a judge) ready to scan.

    Attributes:
        risks: Every risk id that it can report.
        version: A digest or version that changes when its behaviour changes; part of the plan's
            digest.
        scan: The detector; None for a judge.
        judge: The judge; None for a detector.
        derive: Reads other texts out of a text, for the policy's other detectors; None for both of these.
        behind: How many folded characters of an answer that have left it wants to see
            (``view.before``), because it judges with what was said.
        explain: Says why it reported a finding; None if it has no more to say than the finding does.
        prepare: Does what the first text would otherwise wait for; None if there is nothing. It is called on a thread
            of its own, once, while texts are judged already.
        derived: Whether it is handed what others read out of a text, too.
    """

    risks: frozenset[str]
    version: str
    scan: Detector | None = None
    judge: Judge | None = None
    derive: Derive | None = None
    behind: int = 0
    explain: Explain | None = None
    prepare: Callable[[], None] | None = None
    derived: bool = True


class Loader(Protocol):
    """Reads files that a policy names, relative to the policy that names them."""

    def __call__(self, name: str) -> bytes:
        """Return the bytes of ``name``; raise ``PolicyError`` if it cannot be read."""
        ...


class Outside(Protocol):
    """What judges may reach of the world, handed in by ``wiring``."""

    @property
    def asks(self) -> bool:
        """Whether judges may be asked at all; False where policies are only checked, and nothing is looked up."""
        ...

    @property
    def counters(self) -> Counters:
        """Counts calls, hits of the cache and changes of breakers."""
        ...

    @property
    def clock(self) -> Clock:
        """Seconds since the epoch, for signatures."""
        ...

    @property
    def ticker(self) -> Ticker:
        """A monotonic clock, for budgets and pauses."""
        ...

    @property
    def ids(self) -> Ids:
        """New unique ids, for calls and signatures."""
        ...

    def model(self, name: str) -> Route:
        """Return where a model of ``models:`` leads; raises ``ConfigError`` for an unknown one."""
        ...

    def server(self, base_url: str, key: str | None) -> Provider:
        """Return a provider for a server of its own, kept and closed by whoever gave it; raises ``ConfigError``."""
        ...

    def secret(self, variable: str) -> str:
        """Return what an environment variable holds; raises ``ConfigError`` if it is not set."""
        ...

    def watch(self, judge: str, resting: Callable[[], bool]) -> None:
        """Show whether a judge rests (its breaker is open) to whoever looks at the metrics."""
        ...
