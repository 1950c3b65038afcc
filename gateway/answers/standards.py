"""The answer banks of a policy as the path asks them: one question, one standing, whatever the number of banks.

Where a model gives them their meaning, what needs none (a rule, the very question) is answered without it; and where
it does not answer, a question is judged by the table that ships, which the standing says.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from gateway.answers.bank import Bank
from gateway.answers.embedded import Embedded, Model
from gateway.answers.fit import fitted, foreign
from gateway.answers.lint import conflicts
from gateway.answers.match import Match, Matcher, asked
from gateway.answers.read import read_bank
from gateway.errors import ConfigError, EndpointError, PolicyError, PolicyErrors, Where
from gateway.ports import BuiltStandards, Loader, Standing

_ASKED_BACK: Final = 3
_RANK: Final = {"answer": 2, "ask": 1, "pass": 0}


class Meant(NamedTuple):
    """A bank, ready to be asked by the table that ships, and by a model.

    Attributes:
        table: Needs nobody.
        own: With the model's vectors, calibrated.
    """

    table: Matcher
    own: Matcher


class Found(NamedTuple):
    """What came of asking one or several banks.

    Attributes:
        match: The best.
        fault: Why the model's vectors were not used; None if they were, or nobody needed them.
    """

    match: Match
    fault: EndpointError | None = None


def meant(banks: Sequence[Bank], model: Model) -> list[Meant]:
    """Return banks with the vectors of a model, calibrated; asks it for those that are not kept.

    Raises:
        EndpointError: The model does not give them.
    """
    tables = [Matcher(bank) for bank in banks]
    strange = foreign()
    rows = model.ways([*strange, *(text for table in tables for text in table.ways.texts)])
    middle = np.asarray(np.mean([rows[text] for text in strange], axis=0), np.float32)
    strangers = Embedded(model.name, {text: rows[text] for text in strange}, middle)
    found = []
    for table in tables:
        source = strangers.asked({text: rows[text] for text in table.ways.texts})
        found.append(Meant(table, fitted(Matcher(table.bank, source), table, strangers)))
    return found


async def ask(
    banks: Sequence[Meant],
    model: Model,
    question: str,
    *,
    before: Sequence[str] = (),
    tenant: str = "",
    day: str = "",
) -> Found:
    """Return what banks with a model's vectors say to a question; by the table where the model does not answer."""
    certain = [one.table.certain(question, day=day, tenant=tenant) for one in banks]
    known = [match for match in certain if match is not None]
    if any(match.decision == "answer" for match in known):
        return Found(_best(known))
    try:
        rows = await model.question(asked(question, before))
        sources = [one.own.vectors for one in banks]
        vectors = next((source.asked(rows) for source in sources if isinstance(source, Embedded)), None)
    except EndpointError as error:
        why = f"; by the table that ships, for {error}"
        tabled = (one.table.find(question, day=day, tenant=tenant, before=before) for one in banks)
        return Found(_best(match._replace(why=match.why + why) for match in tabled), error)
    return Found(_best(one.own.find(question, day=day, tenant=tenant, before=before, vectors=vectors) for one in banks))


def standards(banks: Sequence[str], loader: Loader, model: Model | None = None) -> BuiltStandards:
    """Build banks; raises ``PolicyErrors`` with all that is wrong with them.

    Args:
        banks: Names of files. An id is given once in all of them.
        loader: Reads them.
        model: Gives them their meaning; None for the table that ships.
    """
    problems: list[ConfigError] = []
    read: list[Bank] = []
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
        read.append(bank)
    counted = Counter(entry.id for bank in read for entry in bank.entries)
    problems += [
        PolicyError(f"the id {id!r} is in {count} banks", None, "rename it in all but one")
        for id, count in counted.items()
        if count > 1
    ]
    if problems:
        raise PolicyErrors(problems)
    return _by_table(read) if model is None else _by_model(read, model)


def _by_table(banks: Sequence[Bank]) -> BuiltStandards:
    matchers = [Matcher(bank) for bank in banks]

    async def find(question: str, before: Sequence[str], tenant: str, day: str) -> Standing:
        found = [matcher.find(question, day=day, tenant=tenant, before=before) for matcher in matchers]
        return _standing(question, Found(_best(found)))

    return BuiltStandards(find, _version(matchers))


def _by_model(banks: Sequence[Bank], model: Model) -> BuiltStandards:
    try:
        ready = meant(banks, model)
    except EndpointError as error:
        hint = "mend it, or leave out embeddings: under answers: in sluice.yaml; what was in force stays so"
        raise PolicyError(f"the banks cannot be given their meaning: {error}", None, hint) from None

    async def find(question: str, before: Sequence[str], tenant: str, day: str) -> Standing:
        return _standing(question, await ask(ready, model, question, before=before, tenant=tenant, day=day))

    return BuiltStandards(find, _version([one.own for one in ready]))


def _best(matches: Iterable[Match]) -> Match:
    return max(matches, key=lambda match: (_RANK[match.decision], match.score))


def _version(matchers: Sequence[Matcher]) -> str:
    return hashlib.sha256(" ".join(matcher.version for matcher in matchers).encode()).hexdigest()[:16]


def _standing(question: str, found: Found) -> Standing:
    match, fault = found.match, type(found.fault).__name__ if found.fault else ""
    if match.entry is None:
        return Standing("pass", fault=fault)
    near = [one.questions[0] for one in (match.entry, *match.others) if one.questions]
    return Standing(
        match.decision,
        match.entry.name,
        match.score,
        match.entry.answer(question),
        tuple(near[:_ASKED_BACK]),
        match.entry.handoff,
        fault,
    )
