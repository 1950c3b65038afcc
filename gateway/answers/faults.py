"""What keeps the entries of a bank from doing their work: whatever kind of file it came from, it is refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import re2

from gateway.answers.bank import Bank
from gateway.answers.entry import Entry, is_day
from gateway.errors import ConfigError, PolicyError, Where

_ID: Final = re.compile(r"[^\s|;,]{1,80}\Z")
_LONGEST_QUESTION: Final = 500
_LONGEST_ANSWER: Final = 8000


def faults(bank: Bank) -> Iterator[ConfigError]:
    """Yield what keeps entries from doing their work."""
    counted = Counter(entry.id for entry in bank.entries)
    limits = bank.thresholds
    if limits is not None and limits.ask > limits.answer:
        yield PolicyError("ask is above answer: nothing would be asked back", Where(bank.file), "let ask be lower")
    repeated: set[str] = set()
    for entry in bank.entries:
        where = Where(bank.file, entry.row)
        if counted[entry.id] > 1:
            if entry.id in repeated:
                yield PolicyError(f"the id {entry.id!r} is here twice", where, "rename one")
            repeated.add(entry.id)
        for what, hint in _faults_of(entry):
            yield PolicyError(f"entry {entry.id!r}: {what}", where, hint)


def _faults_of(entry: Entry) -> Iterator[tuple[str, str]]:
    if not _ID.match(entry.id):
        yield "its id holds spaces or one of | ; ,", "use letters, digits and hyphens"
    if not (entry.questions or entry.patterns or entry.keywords.all or entry.keywords.any):
        yield "nothing leads to it", "give it a question, a pattern or keywords"
    if not (entry.zh or entry.en or entry.handoff):
        yield "it has no answer", "write one in zh or en, or name who takes over: handoff"
    if any(len(question) > _LONGEST_QUESTION for question in entry.questions):
        yield f"a question has more than {_LONGEST_QUESTION} characters", "shorten it"
    if max(len(entry.zh), len(entry.en)) > _LONGEST_ANSWER:
        yield f"an answer has more than {_LONGEST_ANSWER} characters", "shorten it"
    if entry.approver and entry.approver == entry.author:
        yield "its author approved it", "let somebody else approve it"
    if entry.valid_from and entry.valid_to and entry.valid_to < entry.valid_from:
        yield f"it ends ({entry.valid_to}) before it begins ({entry.valid_from})", "swap the two"
    for day in (entry.valid_from, entry.valid_to):
        if day and not is_day(day):
            yield f"there is no day {day}", "write a date of the calendar"
    for pattern in entry.patterns:
        try:
            fits_all = compiled(pattern).search("") is not None
        except PolicyError as error:
            yield error.what, error.hint
            continue
        if fits_all:
            yield f"the pattern {pattern!r} fits every question", "let it need a word"


def compiled(pattern: str) -> Any:
    """Return a pattern, compiled; raises ``PolicyError`` for one that runs in no linear time, or is none."""
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error)
        raise PolicyError(f"the pattern {pattern!r} is none: {reason}", None, "see RE2's syntax") from None
