"""What people see does not say who wrote it: ids tell nothing, orders differ, personal data is hidden."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from evaluators.review.item import Item, Shown


def blind_id(letter: str, seed: int, *parts: object) -> str:
    """Return an id that says nothing of what it stands for; the same parts give the same one."""
    said = "\x1f".join(map(str, (seed, *parts)))
    return letter + hashlib.sha256(said.encode("utf-8", "backslashreplace")).hexdigest()[:12]


def in_order(item: Item, reviewer: str, seed: int) -> tuple[Shown, ...]:
    """Return an item's answers in the order in which one person sees them; another sees them in another."""
    order = list(item.answers)
    random.Random(f"{seed}\x1f{item.id}\x1f{reviewer}").shuffle(order)
    return tuple(order)


def hider() -> Callable[[str], str]:
    """Return what hides personal data and secrets in a text, by the gateway's own detectors, with asterisks."""
    from evaluators.effect import certain, scans  # noqa: PLC0415 - only a draw needs the detectors
    from gateway.masking import Span, mask  # noqa: PLC0415

    detectors = scans()

    def hide(text: str) -> str:
        return mask(text, [Span(found.start, found.end) for found in certain(text, detectors)])

    return hide


def hidden(item: Item, hide: Callable[[str], str]) -> Item:
    """Return an item with what ``hide`` hides, in every text."""

    def all_of(texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(map(hide, texts))

    return replace(
        item,
        question=hide(item.question),
        plain=hide(item.plain),
        system=hide(item.system),
        tool=hide(item.tool),
        turns=all_of(item.turns),
        contexts=all_of(item.contexts),
        answers=tuple(Shown(answer.id, hide(answer.text)) for answer in item.answers),
    )
