"""Join what was said over several turns: an attack may come in parts that are harmless, each by itself.

The last turns of the user are read as one text, with nothing of the assistant between them. Only what runs over
the seam of two messages is new: everything else was judged where it stands. Personal data is not looked for across
turns: two numbers that follow each other are no third one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from gateway.exchange import Path, Slot
from gateway.text import is_chinese
from gateway.verdict import Finding

REACH: Final = 2000
"""So many characters of what was said before are read again with the current turn, and so many of it."""
MOST: Final = 16
"""So many messages at most."""


class Seam(NamedTuple):
    """A stretch of a joined text that one slot has.

    Attributes:
        slot: Whose it is.
        start: Where it begins in the joined text,
        end: and ends.
        shift: What to add to an offset into the joined text to get one into the slot's.
    """

    slot: Slot
    start: int
    end: int
    shift: int


class Joined(NamedTuple):
    """Several turns as one text.

    Attributes:
        text: The text.
        seams: Its stretches, in order.
    """

    text: str
    seams: tuple[Seam, ...]

    def crossing(self, findings: Sequence[Finding]) -> Iterator[Finding]:
        """Yield the findings that stand in more than one message."""
        for finding in findings:
            first = next((seam for seam in self.seams if finding.start < seam.end), None)
            if first is None:
                continue
            if any(seam.start >= first.end and finding.end > seam.start for seam in self.seams if _apart(first, seam)):
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
    if not now or len(said) < 2 or len({_message(slot) for slot in said}) < 2:
        return None
    taken: list[tuple[Slot, int, int]] = []
    room = REACH
    for slot in now:
        if room <= 0:
            break
        taken.append((slot, 0, min(len(slot.text), room)))
        room -= len(slot.text)
    room = REACH
    for slot in reversed([slot for slot in said if not slot.current]):
        if room <= 0 or len(taken) >= MOST:
            break
        taken.insert(0, (slot, max(0, len(slot.text) - room), len(slot.text)))
        room -= len(slot.text)
    pieces: list[str] = []
    seams: list[Seam] = []
    at = 0
    for slot, start, end in taken:
        text = slot.text[start:end]
        if not text:
            continue
        gap = _gap(pieces[-1], text) if pieces and not slot.joined else ""
        at += len(gap)
        pieces += [gap, text] if gap else [text]
        seams.append(Seam(slot, at, at + len(text), start - at))
        at += len(text)
    return Joined("".join(pieces), tuple(seams)) if len({_message(seam.slot) for seam in seams}) > 1 else None


def _gap(before: str, after: str) -> str:
    """Return what stands between two turns: words are kept apart, Chinese runs on."""
    if before[-1:].isspace() or after[:1].isspace() or is_chinese(before[-1:]) or is_chinese(after[:1]):
        return ""
    return " "


def _message(slot: Slot) -> Path:
    return slot.path[:2]


def _apart(one: Seam, other: Seam) -> bool:
    return _message(one.slot) != _message(other.slot)
