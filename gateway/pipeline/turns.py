"""Join what was said over several turns: an attack may come in parts that are harmless, each by itself.

The last turns of the user are read as one text, with nothing of the assistant between them, and so is what tools and
documents brought over several calls. Words of the user and of tools are not joined with each other: whoever writes
the one does not write the other. Only what runs over a seam is new: everything else was judged where it stands.
Personal data is not looked for across turns: two numbers that follow each other are no third one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from gateway.exchange import Path, Slot
from gateway.text import is_chinese
from gateway.verdict import Finding

REACH: Final = 1200
"""So many characters of what was said before are read again with the current turn, and so many of it: no detector adds
up what stands farther apart."""
RESULT_REACH: Final = 800
"""The same for what tools brought: it is long, comes often, and an order that is split stands at its seams."""
MOST: Final = 16
"""So many messages at most."""


class Seam(NamedTuple):
    """A stretch of a joined text that one slot has.

    Attributes:
        slot: Whose it is.
        start: Where it begins in the joined text,
        end: and ends.
        shift: What to add to an offset into the joined text to get one into the slot's.
        part: Of which message it is, or of which result of a tool.
    """

    slot: Slot
    start: int
    end: int
    shift: int
    part: Path


class Joined(NamedTuple):
    """Several turns as one text.

    Attributes:
        text: The text.
        seams: Its stretches, in order.
    """

    text: str
    seams: tuple[Seam, ...]

    def crossing(self, findings: Sequence[Finding]) -> Iterator[Finding]:
        """Yield the findings that stand in more than one message, or in what more than one call brought."""
        for finding in findings:
            first = next((seam for seam in self.seams if finding.start < seam.end), None)
            if first is None:
                continue
            others = (seam for seam in self.seams if seam.part != first.part)
            if any(seam.start >= first.end and finding.end > seam.start for seam in others):
                yield finding

    def shares(self, finding: Finding) -> Iterator[tuple[Slot, Finding]]:
        """Give each slot its part of a finding, in its own offsets."""
        for seam in self.seams:
            start, end = max(finding.start, seam.start), min(finding.end, seam.end)
            if start < end:
                yield seam.slot, finding._replace(start=start + seam.shift, end=end + seam.shift)


def join_turns(slots: Sequence[Slot], left_out: Collection[Path]) -> Joined | None:
    """Return what the user said over the last turns as one text; None if it was said in one.

    Args:
        slots: Every slot of the request.
        left_out: What does not reach the model, because it was forbidden by itself.
    """
    said = [slot for slot in slots if slot.role == "user" and slot.kind == "content" and slot.path not in left_out]
    now = [slot for slot in said if slot.current]
    if not now or len({slot.path[:2] for slot in said}) < 2:
        return None
    taken = [*_tails([slot for slot in said if not slot.current], REACH, MOST), *_heads(now, REACH)]
    return _joined(taken, [slot.path[:2] for slot, _, _ in taken])


def join_results(slots: Sequence[Slot], left_out: Collection[Path]) -> Iterator[Joined]:
    """Yield for each result of a tool in this turn what stands at its seam: its beginning, and what came before it.

    Args:
        slots: Every slot of the request.
        left_out: What does not reach the model, because it was forbidden by itself.
    """
    said = [slot for slot in slots if slot.role == "tool" and slot.kind == "content" and slot.path not in left_out]
    results: list[list[Slot]] = []
    for slot in said:
        if slot.joined and results:
            results[-1].append(slot)  # a result may come in texts that join
        else:
            results.append([slot])
    before: list[Slot] = []
    whose = {slot.path: result[0].path for result in results for slot in result}
    for result in results:
        if before and result[0].current:
            taken = [*_tails(before, RESULT_REACH, MOST), *_heads(result, RESULT_REACH)]
            if (joined := _joined(taken, [whose[slot.path] for slot, _, _ in taken])) is not None:
                yield joined
        before += result


def _heads(slots: Sequence[Slot], room: int) -> list[tuple[Slot, int, int]]:
    """Return the first characters of slots that follow each other, so many in all: each with its start and end."""
    taken = []
    for slot in slots:
        if room <= 0:
            break
        taken.append((slot, 0, min(len(slot.text), room)))
        room -= len(slot.text)
    return taken


def _tails(slots: Sequence[Slot], room: int, most: int) -> list[tuple[Slot, int, int]]:
    """Return the last characters of slots that follow each other, so many in all, and of so many slots at most."""
    taken: list[tuple[Slot, int, int]] = []
    for slot in reversed(slots):
        if room <= 0 or len(taken) >= most:
            break
        taken.insert(0, (slot, max(0, len(slot.text) - room), len(slot.text)))
        room -= len(slot.text)
    return taken


def _joined(taken: Sequence[tuple[Slot, int, int]], parts: Sequence[Path]) -> Joined | None:
    """Return stretches of slots as one text; None if all are of one part."""
    pieces: list[str] = []
    seams: list[Seam] = []
    at = 0
    for (slot, start, end), part in zip(taken, parts, strict=True):
        text = slot.text[start:end]
        if not text:
            continue
        gap = _gap(pieces[-1], text) if pieces and not slot.joined else ""
        at += len(gap)
        pieces += [gap, text] if gap else [text]
        seams.append(Seam(slot, at, at + len(text), start - at, part))
        at += len(text)
    return Joined("".join(pieces), tuple(seams)) if len({seam.part for seam in seams}) > 1 else None


def _gap(before: str, after: str) -> str:
    """Return what stands between two turns: words are kept apart, Chinese runs on."""
    if before[-1:].isspace() or after[:1].isspace() or is_chinese(before[-1:]) or is_chinese(after[:1]):
        return ""
    return " "
