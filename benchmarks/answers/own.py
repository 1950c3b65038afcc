"""The Chinese answer banks written for this project: five trades, paraphrases that they have not seen, near misses.

Each trade is a bank of its own, as a company has one: what a shop says of a parcel is no miss of what a courier says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import yaml

from gateway.answers.bank import Bank
from gateway.answers.entry import Entry

FOLDER: Final = Path(__file__).with_name("own")
TRADES: Final = ("shop", "bank", "telecom", "public", "travel")


class Matter(NamedTuple):
    """What is written of one entry.

    Attributes:
        ask: The question that the bank has.
        others: Other ways of asking it.
        near: Questions that look like it, of which the bank has none.
    """

    ask: str
    others: Sequence[str]
    near: Sequence[str]


class Written(NamedTuple):
    """A bank, and questions to it.

    Attributes:
        trade: Which trade.
        bank: Its entries.
        asked: Each question with the entry that it is about; None for what the bank does not hold.
    """

    trade: str
    bank: Bank
    asked: list[tuple[str, str | None]]


def matters(trade: str) -> Mapping[str, Matter]:
    """Return what is written for a trade, by entry."""
    said = yaml.safe_load((FOLDER / f"{trade}.yaml").read_text("utf-8"))
    return {id: Matter(*one) for id, one in said.items()}


def banks(ways: int = 1) -> Iterator[Written]:
    """Yield the bank of each trade with its questions.

    Args:
        ways: How many ways of asking an entry has in the bank, up to 5; those that are left are asked.
    """
    apart = yaml.safe_load((FOLDER / "apart.yaml").read_text("utf-8"))
    for trade in TRADES:
        entries: list[Entry] = []
        asked: list[tuple[str, str | None]] = []
        for id, one in matters(trade).items():
            known = (one.ask, *one.others[: ways - 1])
            entries.append(Entry(id, known, zh=id, state="approved"))
            asked += [(text, id) for text in one.others[ways - 1 :]]
            asked += [(text, None) for text in one.near]
        asked += [(text, None) for text in apart]
        yield Written(trade, Bank(trade, tuple(entries)), asked)
