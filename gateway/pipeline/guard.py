"""Judge an answer on its way out: nothing leaves before every rule that could forbid it has ruled.

The one path for whole answers and streams. ``Guard`` takes deltas and gives pieces that may
leave. A caller who does not stream, or a rule with ``release: buffer``, waits for the whole
text; then a refusal replaces all of it. In a stream a refusal cuts at the first finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from gateway.exchange import Channel, Delta
from gateway.pipeline.holdback import HoldBack, Settled
from gateway.pipeline.judging import judge
from gateway.pipeline.rewrite import JsonMask, Span, mask
from gateway.policy.plan import Rule, SidePlan
from gateway.policy.rule import Judged, decide, rules_for
from gateway.text import TextView
from gateway.verdict import Finding, Verdict, rank, silences


@dataclass(slots=True)
class Piece:
    """Text of one channel that may leave, and what it means for the rest.

    Attributes:
        channel: Whose text it is.
        text: What may leave, rewritten.
        stop: The rule that ends this choice here, if any.
        failed: A detector failed and its rule says refuse: ends the choice without a rule's reply.
    """

    channel: Channel
    text: str
    stop: Rule | None = None
    failed: bool = False


@dataclass(slots=True)
class _Line:
    """What is known of one channel so far."""

    hold: HoldBack
    watch: HoldBack
    json: JsonMask | None
    waiting: list[str] = field(default_factory=list)
    released: int = 0
    watched: int = 0
    findings: list[Finding] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


class Guard:
    """Judges the channels of one answer.

    Args:
        side: The response side of the plan.
        question: What was asked, for detectors that judge an answer with its question.
        whole: The caller waits for the whole answer, so all of it is judged at once.
        keep: What to remember of the text for the record.
    """

    def __init__(
        self,
        side: SidePlan,
        question: str = "",
        *,
        whole: bool = False,
        keep: Literal["none", "masked", "raw"] = "none",
    ) -> None:
        self._side, self._question, self._keep = side, question, keep
        self.whole = whole or any(rule.release == "buffer" for rule in side.rules)
        following = set() if self.whole else _following(side)
        self._holding = tuple(d for d in side.detectors if d.id not in following)
        self._following = tuple(d for d in side.detectors if d.id in following)
        self._lines: dict[Channel, _Line] = {}
        self._stopped: set[int] = set()
        self._errors: dict[str, str] = {}
        self._unread: list[str] = []
        self.notices: list[str] = []

    async def push(self, delta: Delta) -> Piece:
        """Take a delta; return what may leave now."""
        channel, text = delta
        if not self._side.detectors:
            if self._keep != "none":
                self._line(channel).kept.append(text)
            return Piece(channel, text)
        line = self._line(channel)
        if self.whole:
            line.waiting.append(text)
            return Piece(channel, "")
        followed = await self._follow(line, channel, line.watch.push(text)) if self._following else None
        return followed or await self._settle(line, channel, line.hold.push(text))

    async def close(self, choice: int) -> list[Piece]:
        """The choice ends: return what was held back of it."""
        if not self._side.detectors:
            return []
        pieces: list[Piece] = []
        for channel, line in self._lines.items():
            if channel.choice != choice:
                continue
            if line.waiting:
                line.hold.push("".join(line.waiting))
                line.waiting.clear()
            piece = await self._follow(line, channel, line.watch.close()) if self._following else None
            piece = piece or await self._settle(line, channel, line.hold.close())
            pieces.append(piece)
        if self.whole and (stops := [piece for piece in pieces if piece.stop or piece.failed]):
            # Nothing of this choice has left: the strongest rule of all its channels decides.
            return [max(stops, key=lambda piece: rank(piece.stop.then) if piece.stop else rank("refuse"))]
        return pieces

    def unread(self, paths: Sequence[str]) -> bool:
        """Note parts that no detector can read; return whether the policy refuses them."""
        self._unread.extend(path for path in paths if path not in self._unread)
        return bool(paths) and self._side.unjudged == "refuse"

    def stop(self, choice: int) -> None:
        """Nothing of this choice leaves any more."""
        self._stopped.add(choice)

    def verdict(self) -> Verdict:
        """Return the verdict on everything judged so far."""
        if not self._lines and not self._errors and not self._unread:
            return decide(self._side, (), (), ())
        return decide(self._side, self._judged(), list(self._errors.items()), self._unread)

    def findings(self) -> list[Finding]:
        """Return everything that was found; offsets into the text of its channel."""
        return [finding for line in self._lines.values() for finding in line.findings]

    def kept(self) -> list[tuple[Channel, str]]:
        """Return what is to be remembered of each channel's text."""
        return [(channel, "".join(line.kept)) for channel, line in self._lines.items() if line.kept]

    def _judged(self, choice: int | None = None) -> list[Judged]:
        return [
            Judged(_name(channel), "assistant", tuple(line.findings))
            for channel, line in self._lines.items()
            if line.findings and choice in (None, channel.choice)
        ]

    def _line(self, channel: Channel) -> _Line:
        line = self._lines.get(channel)
        if line is None:
            escaped = channel.kind == "arguments"
            line = _Line(
                HoldBack(escaped=escaped, question=self._question),
                HoldBack(escaped=escaped, question=self._question),
                JsonMask() if escaped else None,
            )
            self._lines[channel] = line
        return line

    async def _settle(self, line: _Line, channel: Channel, view: TextView) -> Piece:
        detectors = self._holding
        if self._errors:
            detectors = tuple(d for d in detectors if d.id not in self._errors)
        judged = await judge(detectors, view)
        if judged.errors and self._failed(judged.errors):
            return Piece(channel, "", failed=True)
        return self._rule(line, channel, line.hold.settle(view, judged.scans))

    def _rule(self, line: _Line, channel: Channel, settled: Settled) -> Piece:
        """Apply the rules to text that is certain."""
        text, findings = settled
        if not findings:
            line.released += len(text)
            if self._keep != "none":
                line.kept.append(text)
            if line.json:
                text = line.json.mask(text, ())
            return Piece(channel, text)
        spans: list[Span] = []
        stop: tuple[int, Rule] | None = None
        for finding in findings:
            line.findings.append(finding._replace(start=finding.start + line.released, end=finding.end + line.released))
            rule = rules_for(self._side, finding, "assistant")
            if rule is None:
                continue
            if silences(rule.then):
                stop = self._first(stop, finding, rule)
            elif rule.then == "mask":
                spans.append(Span(finding.start, finding.end, rule.keep))
            elif rule.then == "label" and rule.id not in self.notices:
                self.notices.append(rule.id)
        line.released += len(text)
        if self._keep != "none":
            every = [Span(f.start, f.end) for f in findings] if self._keep == "masked" else []
            line.kept.append(mask(text, every))
        if stop is not None:
            cut, rule = stop
            text = "" if self.whole else text[:cut]
            spans = [Span(s.start, min(s.end, cut)) if s.end > cut else s for s in spans if s.start < cut]
            if not self.whole:
                text = line.json.mask(text, spans) if line.json else mask(text, spans)
            return Piece(channel, text, stop=rule)
        return Piece(channel, line.json.mask(text, spans) if line.json else mask(text, spans))

    def _first(self, stop: tuple[int, Rule] | None, finding: Finding, rule: Rule) -> tuple[int, Rule]:
        """Which finding cuts: the first in the text; of two at one place, and for a caller who waits, the strongest."""
        if stop is None:
            return finding.start, rule
        if self.whole or finding.start == stop[0]:
            return (stop[0], rule) if rank(rule.then) > rank(stop[1].then) else stop
        return stop  # findings come in the order of the text

    async def _follow(self, line: _Line, channel: Channel, view: TextView) -> Piece | None:
        """Judge text that flows already; a hit retracts: the rest stays back (``release: follow``)."""
        judged = await judge([d for d in self._following if d.id not in self._errors], view)
        if judged.errors and self._failed(judged.errors):
            return Piece(channel, "", failed=True)
        settled = line.watch.settle(view, judged.scans)
        offset, line.watched = line.watched, line.watched + len(settled.text)
        for finding in settled.findings:
            line.findings.append(finding._replace(start=finding.start + offset, end=finding.end + offset))
            rule = rules_for(self._side, finding, "assistant")
            if rule is not None and silences(rule.then):
                return Piece(channel, "", stop=rule)
            if rule is not None and rule.then == "label" and rule.id not in self.notices:
                self.notices.append(rule.id)
        return None

    def _failed(self, errors: Sequence[tuple[str, str]]) -> bool:
        """Note detectors that failed; return whether that means to refuse."""
        self._errors.update(errors)
        return silences(decide(self._side, (), errors, ()).action)


def _following(side: SidePlan) -> set[str]:
    """Ids of detectors all of whose rules say ``follow``."""
    if all(rule.release != "follow" for rule in side.rules):
        return set()
    held = {id for rule in side.rules if rule.release != "follow" for id in rule.detectors}
    return {detector.id for detector in side.detectors} - held


def _name(channel: Channel) -> str:
    call = f"[{channel.call}]" if channel.kind == "arguments" else ""
    return f"choices[{channel.choice}].{channel.kind}{call}"
