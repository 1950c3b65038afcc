"""What may happen to a bank: entries are brought, approved and retired, each noted in its history."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from gateway.answers.bank import Bank
from gateway.answers.entry import Entry, Event
from gateway.document import suggest
from gateway.errors import PolicyError, Where


def merged(old: Bank, new: Bank, *, by: str, day: str) -> Bank:
    """Lay new entries over a bank: what changed is a draft again, of the next version, with its history.

    Args:
        old: The bank.
        new: What was brought; entries that it lacks stay as they are.
        by: Who brings it.
        day: Today.
    """
    known = {entry.id: entry for entry in old.entries}
    for entry in new.entries:
        before = known.get(entry.id)
        if before is None:
            known[entry.id] = _noted(replace(entry, version=1), by, day, "created")
        elif before.digest != entry.digest:
            changed = replace(
                entry, version=before.version + 1, state="draft", author=by, approver="", history=before.history
            )
            known[entry.id] = _noted(changed, by, day, "changed")
    return replace(old, entries=tuple(known.values()))


def set_state(bank: Bank, id: str, state: Literal["approved", "retired"], *, by: str, day: str) -> Bank:
    """Approve or retire an entry; raises ``PolicyError`` if there is none, or its author would approve it."""
    entry = next((one for one in bank.entries if one.id == id), None)
    if entry is None:
        hint = suggest(id, [one.id for one in bank.entries]) or "see the ids in the bank"
        raise PolicyError(f"there is no entry {id!r}", Where(bank.file), hint)
    if state == "approved" and entry.author == by:
        raise PolicyError(f"{by} wrote {id!r}", Where(bank.file, entry.row), "let somebody else approve it")
    changed = replace(entry, state=state, approver=by if state == "approved" else entry.approver)
    noted = _noted(changed, by, day, state)
    return replace(bank, entries=tuple(noted if one.id == id else one for one in bank.entries))


def _noted(entry: Entry, by: str, day: str, what: str) -> Entry:
    return replace(entry, history=(*entry.history, Event(entry.version, day, by, what, entry.digest)))
