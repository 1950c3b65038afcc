"""The answer banks of a policy as the path asks them: one question, one standing, whatever the number of banks."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Final

from gateway.answers.bank import read_bank
from gateway.answers.lint import conflicts
from gateway.answers.match import Match, Matcher
from gateway.errors import ConfigError, PolicyError, PolicyErrors, Where
from gateway.ports import BuiltStandards, Loader, Standing

_ASKED_BACK: Final = 3
_RANK: Final = {"answer": 2, "ask": 1, "pass": 0}


def standards(banks: Sequence[str], loader: Loader) -> BuiltStandards:
    """Build banks; raises ``PolicyErrors`` with all that is wrong with them.

    Args:
        banks: Names of files. An id is given once in all of them.
        loader: Reads them.
    """
    problems: list[ConfigError] = []
    matchers: list[Matcher] = []
    for name in banks:
        try:
            bank = read_bank(loader(name), name)
        except ConfigError as error:
            problems.extend(error.problems)
            continue
        problems += [
            PolicyError(f"entry {one.entry!r} {one.what}", Where(name, one.row), "merge them, or change the days")
            for one in conflicts(bank)
            if one.wrong
        ]
        matchers.append(Matcher(bank))
    counted = Counter(entry.id for matcher in matchers for entry in matcher.bank.entries)
    problems += [
        PolicyError(f"the id {id!r} is in {count} banks", None, "rename it in all but one")
        for id, count in counted.items()
        if count > 1
    ]
    if problems:
        raise PolicyErrors(problems)

    def find(question: str, before: Sequence[str], tenant: str, day: str) -> Standing:
        found = [matcher.find(question, day=day, tenant=tenant, before=before) for matcher in matchers]
        best = max(found, key=lambda match: (_RANK[match.decision], match.score))
        return _standing(question, best)

    version = hashlib.sha256(" ".join(matcher.version for matcher in matchers).encode()).hexdigest()[:16]
    return BuiltStandards(find, version)


def _standing(question: str, match: Match) -> Standing:
    if match.entry is None:
        return Standing("pass")
    near = [one.questions[0] for one in (match.entry, *match.others) if one.questions]
    return Standing(
        match.decision,
        match.entry.name,
        match.score,
        match.entry.answer(question),
        tuple(near[:_ASKED_BACK]),
        match.entry.handoff,
    )
