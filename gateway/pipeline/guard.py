"""Judge an answer on its way out: nothing leaves before every rule that could forbid it has ruled.

The one path for whole answers and streams. ``Guard`` takes deltas and gives pieces that may
leave. A caller who does not stream, or a rule with ``release: buffer``, waits for the whole
text; then a refusal replaces all of it. In a stream a refusal cuts at the first finding.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from gateway.exchange import Channel, Delta
from gateway.masking import Span, mask
from gateway.pipeline.holdback import HoldBack, Settled, joined
from gateway.pipeline.judging import judge
from gateway.pipeline.rewrite import JsonMask
from gateway.policy.plan import BoundDetector, Rule, SidePlan
from gateway.policy.rule import Judged, decide, rules_for
from gateway.ports import About, Scan, Scope
from gateway.privacy.restoring import RISK as SURROGATE
from gateway.privacy.restoring import Restoring
from gateway.text import TextView
from gateway.verdict import Finding, Verdict, rank, silences

_HOLDING: Final[Mapping[Scope, int]] = {"whole": 0, "sentence": 1, "span": 2}
"""Who holds longest looks first: while it holds all that is new, the others need not look."""


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
    """What is known of one channel so far; ``judged`` is what was judged ahead, a part for each delta to come."""

    hold: HoldBack
    watch: HoldBack
    json: JsonMask | None
    judged: deque[Settled] = field(default_factory=deque)
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
        keep: What to remember of the text for the record: as the model said it, with what stands for values.
        live: For each replacement that went to the model the value that comes back in its place. It is
            found in the same pass as everything else, so that what was restored is never judged or
            hidden again.
    """

    def __init__(
        self,
        side: SidePlan,
        question: str = "",
        *,
        whole: bool = False,
        keep: Literal["none", "masked", "raw"] = "none",
        live: Mapping[str, str] | None = None,
    ) -> None:
        self._side, self._question, self._keep = side, question, keep
        self._restoring = Restoring(live) if live else None
        self._idle = not side.detectors and self._restoring is None
        self.whole = whole or any(rule.release == "buffer" for rule in side.rules)
        following = set() if self.whole else _following(side)
        detectors = sorted(side.detectors, key=lambda detector: _HOLDING[detector.scope])
        self._holding = tuple(d for d in detectors if d.id not in following)
        self._following = tuple(d for d in detectors if d.id in following)
        self._lines: dict[Channel, _Line] = {}
        self._errors: dict[str, str] = {}
        self._broken = False
        self._unread: list[str] = []
        self.notices: list[str] = []

    async def look(self, deltas: Sequence[Delta]) -> None:
        """Judge deltas that came together as one text, which costs as much as to judge one of them.

        They are pushed next, and each then leaves as far as what came with it makes it certain. Where a detector
        fails nothing is judged ahead: how far the others come shows delta by delta.
        """
        if self._idle or self.whole or self._following or self._broken or len(deltas) < 2:
            return
        for channel in dict.fromkeys([delta.channel for delta in deltas]):
            texts = [delta.text for delta in deltas if delta.channel == channel]
            if len(texts) > 1:
                line = self._line(channel)
                view = line.hold.ahead("".join(texts))
                scans, errors = await self._asked(self._holding, view)
                if errors:
                    return
                settled = line.hold.settle(view, self._with_restoring(scans, view))
                sizes = [len(text) for text in texts]
                sizes[0] += len(view.text) - view.start - sum(sizes)
                line.judged.extend(settled.parts(sizes, escaped=view.escaped))

    async def push(self, delta: Delta) -> Piece:
        """Take a delta; return what may leave now."""
        channel, text = delta
        if self._idle:
            if self._keep != "none":
                self._line(channel).kept.append(text)
            return Piece(channel, text)
        line = self._line(channel)
        if self.whole:
            line.waiting.append(text)
            return Piece(channel, "")
        return await self._judge(line, channel, text)

    async def end(self, channel: Channel) -> Piece | None:
        """One channel ends: return what was held back of it; None if it waits for the end of its choice.

        More of it may come: that is a text of its own.
        """
        line = self._lines.get(channel)
        if self._idle or (line is None and not self.whole):
            return Piece(channel, "")
        if self.whole or line is None:
            return None
        piece = await self._judge(line, channel, None)
        if line.json and not (piece.stop or piece.failed):
            piece.text += line.json.close()
        fresh = self._fresh(channel)
        line.hold, line.watch, line.json = fresh.hold, fresh.watch, fresh.json
        return piece

    async def close(self, choice: int) -> list[Piece]:
        """The choice ends: return what was held back of it."""
        if self._idle:
            return []
        pieces: list[Piece] = []
        for channel, line in self._lines.items():
            if channel.choice != choice:
                continue
            if line.waiting:
                line.hold.push("".join(line.waiting))
                line.waiting.clear()
            piece = await self._judge(line, channel, None)
            if line.json and not (piece.stop or piece.failed):
                piece.text += line.json.close()
            pieces.append(piece)
        if self.whole and (stops := [piece for piece in pieces if piece.stop or piece.failed]):
            # Nothing of this choice has left: the strongest rule of all its channels decides.
            return [max(stops, key=lambda piece: rank(piece.stop.then) if piece.stop else rank("refuse"))]
        return pieces

    def unread(self, paths: Sequence[str]) -> bool:
        """Note parts that no detector can read; return whether the policy refuses them."""
        self._unread.extend(path for path in paths if path not in self._unread)
        return bool(paths) and self._side.unjudged == "refuse"

    def verdict(self) -> Verdict:
        """Return the verdict on everything judged so far."""
        judged = [
            Judged(_name(channel), "assistant", tuple(line.findings))
            for channel, line in self._lines.items()
            if line.findings
        ]
        return decide(self._side, judged, list(self._errors.items()), self._unread)

    def findings(self) -> list[Finding]:
        """Return everything that was found; offsets into the text of its channel."""
        return [finding for line in self._lines.values() for finding in line.findings]

    def channels(self) -> list[tuple[Channel, list[Finding]]]:
        """Return what was found in each channel."""
        return [(channel, line.findings) for channel, line in self._lines.items()]

    def kept(self) -> list[tuple[Channel, str]]:
        """Return what is to be remembered of each channel's text; nothing masked where a detector failed."""
        if self._keep == "masked" and self._errors:
            return []
        said = [(channel, "".join(line.kept), line.findings) for channel, line in self._lines.items() if line.kept]
        if self._keep == "raw":
            return [(channel, text) for channel, text, _ in said]
        return [
            (channel, mask(text, [Span(f.start, f.end) for f in self._side.pointed(found)]))
            for channel, text, found in said
        ]

    def _line(self, channel: Channel) -> _Line:
        line = self._lines.get(channel)
        if line is None:
            line = self._lines[channel] = self._fresh(channel)
        return line

    def _fresh(self, channel: Channel) -> _Line:
        escaped = channel.kind == "arguments"
        return _Line(
            HoldBack(escaped=escaped, question=self._question, behind=_behind(self._holding)),
            HoldBack(escaped=escaped, question=self._question, behind=_behind(self._following)),
            JsonMask() if escaped else None,
        )

    async def _judge(self, line: _Line, channel: Channel, text: str | None) -> Piece:
        """Judge the next text of a channel, or what is left of it (None)."""
        if self._broken:  # by another channel: the rule that says refuse means all of them
            return Piece(channel, "", failed=True)
        if self._following:
            view = line.watch.close() if text is None else line.watch.push(text)
            stopped = await self._follow(line, channel, view)
            if stopped is not None:
                return stopped
        settled: Settled | None
        if line.judged and text is not None:
            settled = line.judged.popleft()
        else:
            settled = await self._settle(line, line.hold.close() if text is None else line.hold.push(text))
        return Piece(channel, "", failed=True) if settled is None else self._rule(line, channel, settled)

    async def _settle(self, line: _Line, view: TextView) -> Settled | None:
        """Judge a view of a channel; return what is certain of it, or None if a detector failed that may not."""
        scans = await self._scan(self._holding, view)
        if scans is None:
            return None
        settled = line.hold.settle(view, self._with_restoring(scans, view))
        if not view.final or not line.judged:
            return settled
        # The upstream broke off between what had come together: all of it was said.
        settled, line.judged = joined([*line.judged, settled]), deque()
        return settled

    def _with_restoring(self, scans: Sequence[Scan], view: TextView) -> Sequence[Scan]:
        return [*scans, self._restoring(view)] if self._restoring else scans

    async def _asked(
        self, detectors: tuple[BoundDetector, ...], view: TextView
    ) -> tuple[Sequence[Scan], Sequence[tuple[str, str]]]:
        """Let the detectors look, without those that failed before; return what they say, and who fails now."""
        if self._errors:
            detectors = tuple(d for d in detectors if d.id not in self._errors)
        return await judge(detectors, view, clauses=not self.whole)

    async def _scan(self, detectors: tuple[BoundDetector, ...], view: TextView) -> Sequence[Scan] | None:
        """Let the detectors look; None if one failed and that means to refuse. One that failed looks no more."""
        scans, errors = await self._asked(detectors, view)
        if errors:
            self._errors.update(errors)
            self._broken = silences(decide(self._side, (), errors, ()).action)
        return None if self._broken else scans

    def _rule(self, line: _Line, channel: Channel, settled: Settled) -> Piece:
        """Apply the rules to text that is certain."""
        text, findings = settled
        offset = line.released
        line.released += len(text)
        spans: list[Span] = []
        if self._restoring and findings:
            spans, findings = self._restore(text, findings, escaped=line.json is not None)
        stop: tuple[int, Rule] | None = None
        judged = 0
        for finding in findings:
            if stop is not None and finding.start > stop[0] and not self.whole:
                break  # behind the cut nothing is said, and nothing judged: however the text came
            line.findings.append(finding._replace(start=finding.start + offset, end=finding.end + offset))
            judged = max(judged, finding.end)
            rule = rules_for(self._side, finding, "assistant")
            if rule is None:
                continue
            if silences(rule.then):
                if stop is None:
                    stop = finding.start, rule
                elif rank(rule.then) > rank(stop[1].then):  # as strong as the strongest, as early as the first
                    stop = stop[0], rule
            elif rule.then == "mask":
                spans.append(_hidden(text, finding, rule))
            elif rule.then == "label" and rule.id not in self.notices:
                self.notices.append(rule.id)
        if self._keep != "none":
            line.kept.append(text if stop is None or self.whole else text[:judged])
        if stop is not None:
            cut = 0 if self.whole else stop[0]
            text = text[:cut]
            spans = [Span(s.start, cut) if s.end > cut else s for s in spans if s.start < cut]
        return Piece(
            channel, line.json.mask(text, spans) if line.json else mask(text, spans), stop=stop[1] if stop else None
        )

    def _restore(
        self, text: str, findings: tuple[Finding, ...], *, escaped: bool
    ) -> tuple[list[Span], tuple[Finding, ...]]:
        """Return the spans in which values come back, and the findings that are about anything else.

        What stands for a value of the request is nobody's personal data: findings that say so are left out.
        """
        restoring = self._restoring
        back = [finding for finding in findings if finding.risk == SURROGATE]
        if not back or restoring is None:
            return [], findings
        spans = [
            Span(one.start, one.end, instead=restoring.value(text[one.start : one.end], escaped=escaped))
            for one in back
        ]
        others = tuple(
            finding
            for finding in findings
            if finding.risk != SURROGATE and not (_is_personal(finding) and _touches(finding, spans))
        )
        return spans, others

    async def _follow(self, line: _Line, channel: Channel, view: TextView) -> Piece | None:
        """Judge text that flows already; a hit retracts: the rest stays back (``release: follow``)."""
        scans = await self._scan(self._following, view)
        if scans is None:
            return Piece(channel, "", failed=True)
        settled = line.watch.settle(view, scans)
        offset, line.watched = line.watched, line.watched + len(settled.text)
        for finding in settled.findings:
            line.findings.append(finding._replace(start=finding.start + offset, end=finding.end + offset))
            rule = rules_for(self._side, finding, "assistant")
            if rule is not None and silences(rule.then):
                return Piece(channel, "", stop=rule)
            if rule is not None and rule.then == "label" and rule.id not in self.notices:
                self.notices.append(rule.id)
        return None


def _hidden(text: str, finding: Finding, rule: Rule) -> Span:
    """Return the stretch that a rule hides; what a technique puts there in an answer is not undone."""
    if rule.how is None:
        return Span(finding.start, finding.end, rule.keep)
    made = rule.how.apply(text[finding.start : finding.end], About(finding.risk, bytes(32)))
    return Span(finding.start, finding.end, instead=made)


def _is_personal(finding: Finding) -> bool:
    return finding.risk.startswith(("pii.", "secret."))


def _touches(finding: Finding, spans: Sequence[Span]) -> bool:
    return any(span.start < finding.end and finding.start < span.end for span in spans)


def _following(side: SidePlan) -> set[str]:
    """Ids of detectors all of whose rules say ``follow``."""
    if all(rule.release != "follow" for rule in side.rules):
        return set()
    held = {id for rule in side.rules if rule.release != "follow" for id in rule.detectors}
    return {detector.id for detector in side.detectors} - held


def _behind(detectors: Sequence[BoundDetector]) -> int:
    """How much of what has left these detectors want to see."""
    return max((detector.behind for detector in detectors), default=0)


def _name(channel: Channel) -> str:
    call = f"[{channel.call}]" if channel.kind == "arguments" else ""
    return f"choices[{channel.choice}].{channel.kind}{call}"
