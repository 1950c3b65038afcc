"""Rows × attacks: each row as it is, and once more for every attack that fits it and changes it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from evaluators.attacks.attack import Attack, attempt_of
from evaluators.sample import Sample

MARK = "@"
"""Stands in ids between the row and the attack."""


def attack_row(sample: Sample, attack: Attack, seed: int) -> Sample | None:
    """Return a row that asks the same by way of an attack; None if the attack does not fit it or changes nothing.

    A recorded answer is left out: it belongs to the question as it was. The new row is in the group of the old one.
    """
    if not attack.fits(sample.lang):
        return None
    plain = attempt_of(sample)
    made = attack.apply(plain, seed)
    if made == plain:
        return None
    return replace(
        sample,
        id=f"{sample.id}{MARK}{attack.id}",
        question=made.last,
        turns=made.turns[:-1],
        contexts=made.contexts,
        tool=made.tool,
        answer=None,
        faithful=None,
        group=sample.cluster,
        attack=attack.id,
        plain=sample.question,
    )


def with_attacks(samples: Iterable[Sample], attacks: Sequence[Attack], seed: int) -> Iterator[Sample]:
    """Yield every row, and behind it what the attacks make of it."""
    for sample in samples:
        yield sample
        yield from (made for attack in attacks if (made := attack_row(sample, attack, seed)))


def asked_digest(samples: Iterable[Sample]) -> str:
    """Return ``sha256`` of everything that the rows ask, 64 hex digits; another version may ask otherwise."""
    seen = hashlib.sha256()
    for sample in samples:
        passages = [passage.text for passage in sample.contexts]
        for text in (sample.id, *sample.turns, sample.question, sample.tool, *passages):
            seen.update(text.encode("utf-8", "surrogatepass") + b"\0")
    return seen.hexdigest()
