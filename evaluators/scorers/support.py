"""How well one statement is supported by passages, as signs that can each be named to a person."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from evaluators.scorers.alignment import Pair, Passages, Sentence, opposite_in
from evaluators.scorers.quantities import Quantity
from evaluators.scorers.rarity import Rarity
from evaluators.scorers.units import Unit

_COMMON: Final = 200
"""A term in more sentences than this does not help to find the nearest one."""
Exchange = tuple[tuple[Unit, ...], tuple[Unit, ...]]
_PERSONAL: Final = frozenset({"i", "my", "me", "myself", "我", "咱"})


@dataclass(frozen=True, slots=True)
class Support:
    """What was measured of a statement, and the words to show for it.

    Attributes:
        signs: Every sign by its name.
        new: Words of the statement that stand in no passage.
        numbers: Quantities of it that no passage has, or none near its words.
        denied: Whether one side denies what the other says.
        opposed: A word of the nearest sentence that is the opposite of one of the statement's; or empty.
        exchanged: What stands where the nearest sentence has something else: ours, theirs.
    """

    signs: Mapping[str, float]
    new: tuple[str, ...]
    numbers: tuple[str, ...]
    denied: bool
    opposed: str
    exchanged: tuple[tuple[str, str], ...]


def measure(statement: Sentence, passages: Passages, rarity: Rarity, about: Sequence[str] = ()) -> Support:
    """Measure one statement against all passages.

    Args:
        statement: The statement.
        passages: What it may rest on.
        rarity: How much a term weighs.
        about: Terms of the question: a short answer leaves out what it is about.
    """
    wanted = list(dict.fromkeys(statement.terms))
    weight = {term: rarity(term) for term in wanted}
    total = math.fsum(weight.values()) or 1.0
    places = nearest(wanted, weight, passages) if wanted else holding(statement, passages, about)
    best = [passages.sentences[i] for i in places]
    first = best[0] if best else None
    near = set(first.terms) if first else set()
    keys_near = frozenset[str]().union(*(sentence.keys for sentence in best))
    pairs_near = frozenset[Pair]().union(*(sentence.pairs for sentence in best))
    soft = {term: _soft(term, passages) for term in wanted if term not in passages.index}
    covered = math.fsum(weight[term] for term in wanted if term in passages.index)
    covered = (covered + math.fsum(weight[term] * part for term, part in soft.items())) / total
    cover = math.fsum(weight[term] for term in wanted if term in near) / total
    misplaced = _misplaced(statement, passages, weight, {term: rarity(term) for term in about})
    bare = not wanted and bool(statement.numbers or any(unit.content for unit in statement.units))
    if bare:
        # All that can speak for it is that a passage holds it, where another of its kind does not answer better.
        covered = cover = (_held(statement, first) if first else 0.0) * (1 - misplaced)
    units = statement.units
    keys = [unit.key for unit in units]
    known, known_near = _known(units, passages.keys, passages.pairs), _known(units, keys_near, pairs_near)
    new, far = _runs(units, known), _runs(units, known_near)
    content = sum(unit.content for unit in units) or 1
    named_new = sum(unit.capital and not there for unit, there in zip(units[1:], known[1:], strict=True))
    named_far = sum(unit.capital and not there for unit, there in zip(units[1:], known_near[1:], strict=True))
    new_words = tuple(_words(units[i:j]) for i, j in new if any(u.content and not u.number for u in units[i:j]))
    exchanged = _exchanged(units, far, first) if first else []
    nowhere, astray = _numbers(statement, best, passages)
    denial = _denial(statement, first) if first else 0.0
    opposed = _opposed(statement, first) if first else ""
    inverted = _inverted(units, first) if first else 0.0
    clash = _clash(statement, best, rarity)
    text = statement.text.lower()
    fresh = max((weight[term] * (1 - part) for term, part in soft.items()), default=0.0)
    personal = any(key in _PERSONAL for key in keys) and not any(key in _PERSONAL for key in passages.keys)
    close = cover * cover
    signs = {
        "near": cover,
        "soft": covered,
        "new_share": 1 - cover if bare else sum(unit.content for i, j in new for unit in units[i:j]) / content,
        "far_share": 1 - cover if bare else sum(unit.content for i, j in far for unit in units[i:j]) / content,
        "named_new": math.log1p(named_new),
        "named_far": math.log1p(named_far),
        "named_new_close": math.log1p(named_new) * close,
        "numbers": math.log1p(len(statement.numbers)),
        "nowhere": math.log1p(len(nowhere)),
        "nowhere_close": math.log1p(len(nowhere)) * close,
        "denial_close": denial * close * close,
        "opposed_close": bool(opposed) * close * close,
        "misplaced": misplaced,
        "clash_number": clash[0],
        "clash_denial": clash[1],
        "clash_opposed": clash[2],
        "clash_order": clash[3],
        "inverted": inverted,
        "inverted_close": inverted * close * close,
        "personal": float(personal),
        "exact": float(len(text) > 8 and text.strip(" .。!！,，;；") in passages.folded),
        "length": math.log1p(len(wanted)),
        "empty": float(not wanted and not bare),
        "rarest_new_close": fresh * close,
    }
    return Support(
        signs, new_words, tuple(number_text(statement, n) for n in [*nowhere, *astray]), denial >= 0.5, opposed,
        tuple((_words(ours), _words(theirs)) for ours, theirs in exchanged),
    )  # fmt: skip


def number_text(statement: Sentence, number: Quantity) -> str:
    """Return a quantity as the statement writes it."""
    return statement.text[number.start : number.end].strip()


def nearest(wanted: Sequence[str], weight: Mapping[str, float], passages: Passages) -> list[int]:
    """Return the sentence that holds most of the terms, its neighbours, and the one that adds most to them."""
    held: dict[int, float] = {}
    for term in wanted:
        places = passages.index.get(term, ())
        if len(places) <= _COMMON:
            for place in places:
                held[place] = held.get(place, 0.0) + weight[term]
    if not held:
        return []
    best = max(held, key=lambda i: (held[i] - 0.002 * len(passages.sentences[i].terms), -i))
    begin, end = passages.bounds[passages.sentences[best].place]
    window = [best, *(i for i in (best - 1, best + 1) if begin <= i < end)]
    have = set[str]().union(*(passages.sentences[i].terms for i in window))
    gain: dict[int, float] = {}
    for term in wanted:
        if term not in have and len(places := passages.index.get(term, ())) <= _COMMON:
            for place in places:
                gain[place] = gain.get(place, 0.0) + weight[term]
    if gain:
        window.append(max(gain, key=lambda i: (gain[i], -abs(i - best))))
    return window


def holding(statement: Sentence, passages: Passages, about: Sequence[str]) -> list[int]:
    """Return the sentence that best holds a statement without terms, such as "3", "25元" or "红"; none if none does.

    Of several that hold as much, the one with most of the question's terms: an answer of one number leaves out what
    it is about.
    """
    asked = set(about)
    found = [(_held(statement, one), len(asked & one.held), -i) for i, one in enumerate(passages.sentences)]
    held, _, place = max(found, default=(0.0, 0, 0))
    return [-place] if held else []


def _held(statement: Sentence, other: Sentence) -> float:
    """Return the share of a statement's quantities, and of its words beside them, that a sentence has."""
    there = [any(number.agrees(one) for one in other.numbers) for number in statement.numbers]
    within = [(number.start, number.end) for number in statement.numbers]
    ours, text = statement.text.lower(), other.text.lower()
    at = 0
    for unit in statement.units:
        at = ours.find(unit.word, at)
        if unit.content and not unit.number and not any(begin <= at < end for begin, end in within):
            there.append(unit.word in text if unit.han else unit.key in other.keys)
    return sum(there) / len(there) if there else 0.0


def _soft(term: str, passages: Passages) -> float:
    if term.isascii():
        return 0.6 if len(term) > 4 and term[:5] in passages.stems else 0.0
    return 0.35 * sum(c in passages.characters for c in term) / len(term)


def _known(units: Sequence[Unit], keys: frozenset[str], pairs: frozenset[Pair]) -> list[bool]:
    """Return for each unit whether the text has it: a word by itself, a Chinese character with a neighbour."""
    made = []
    last = len(units) - 1
    for i, unit in enumerate(units):
        if not unit.content or unit.number or (unit.han and i and units[i - 1].number):
            made.append(True)  # numbers and their units are compared as quantities
        elif unit.han:
            after = i < last and (unit.key, units[i + 1].key) in pairs
            made.append(after or (i > 0 and (units[i - 1].key, unit.key) in pairs))
        else:
            made.append(unit.key in keys)
    return made


def _runs(units: Sequence[Unit], known: Sequence[bool]) -> list[tuple[int, int]]:
    """Return where units that are not known stand next to each other: begin and end of each run."""
    runs, begin = [], -1
    for i, there in enumerate(known):
        if there and begin >= 0:
            runs.append((begin, i))
            begin = -1
        elif not there and begin < 0:
            begin = i
    return [*runs, (begin, len(units))] if begin >= 0 else runs


def _exchanged(units: Sequence[Unit], runs: Sequence[tuple[int, int]], first: Sentence) -> list[Exchange]:
    """Return what stands where the nearest sentence has something else between the same words."""
    theirs = first.units
    found = []
    for begin, end in runs:
        left = units[begin - 1].key if begin else None
        right = units[end].key if end < len(units) else None
        for i in [-1] if left is None else first.places.get(left, ())[:8]:
            reach = range(i + 1, min(len(theirs), i + 9))
            stop = next((j for j in reach if theirs[j].key == right), None)
            if right is None and len(theirs) - i <= 8:
                stop = len(theirs)
            if stop is not None and any(unit.content for unit in theirs[i + 1 : stop]):
                found.append((tuple(units[begin:end]), tuple(theirs[i + 1 : stop])))
                break
    return found


def _numbers(
    statement: Sentence, best: Sequence[Sentence], passages: Passages
) -> tuple[list[Quantity], list[Quantity]]:
    """Return the quantities that no passage has, and those that stand only elsewhere."""
    nowhere: list[Quantity] = []
    astray: list[Quantity] = []
    for number in statement.numbers:
        if any(number.agrees(other) for sentence in best for other in sentence.numbers):
            continue
        (astray if any(number.agrees(other) for other in passages.numbers) else nowhere).append(number)
    return nowhere, astray


def _misplaced(
    statement: Sentence, passages: Passages, weight: Mapping[str, float], about: Mapping[str, float]
) -> float:
    """Return how much better another number of its kind fits the words around a number than the number itself does.

    Seven days for returns and fifteen for exchange: both stand in the passage, and "fifteen days for
    returns" is still wrong.
    """
    worst = 0.0
    every = {**{term: 0.4 * value for term, value in about.items()}, **weight}
    total = math.fsum(every.values())
    for number in statement.numbers if total else ():
        own = rival = 0.0
        before, after = statement.beside(number)
        for sentence in passages.sentences:
            for clause in sentence.clauses if sentence.numbers else ():
                kin = [one for one in clause.numbers if one.agrees(number) or one.dimension == number.dimension]
                if not kin:
                    continue
                here = set(clause.terms)
                around = math.fsum(value for term, value in every.items() if term in here)
                around += 0.5 * math.fsum(v for term, v in every.items() if term not in here and term in sentence.held)
                around = around / total + 0.6 * len(here & every.keys()) / max(1, len(here))
                for one in kin:
                    theirs = clause.beside(one)
                    fit = around + 0.4 * _shared(before, theirs[0]) + 0.2 * _shared(after, theirs[1])
                    if number.agrees(one):
                        own = max(own, fit)
                    else:
                        rival = max(rival, fit)
        if own:
            worst = max(worst, rival - own)
    return min(1.0, worst)


def _shared(ours: frozenset[str], theirs: frozenset[str]) -> float:
    return len(ours & theirs) / len(ours) if ours else 0.0


def _denial(statement: Sentence, first: Sentence) -> float:
    """Return how far one side denies what the other says: 0 to 1."""
    ours, theirs = statement.denied, first.denied
    if not ours and not theirs & set(statement.terms):
        return 0.0
    wrong = len((ours & set(first.terms)) - theirs) + len((theirs & set(statement.terms)) - ours)
    return (0.5 if bool(ours) != bool(theirs) else 0.0) + 0.5 * wrong / max(1, wrong + len(ours & theirs))


def _clash(statement: Sentence, best: Sequence[Sentence], rarity: Rarity) -> tuple[float, float, float, float]:
    """Return how far a clause is its nearest one but for a number, a denial, an opposite, the order."""
    number = denial = opposed = order = 0.0
    theirs = [clause for sentence in best for clause in sentence.clauses]
    for clause in statement.clauses:
        wanted = set(clause.terms)
        total = math.fsum(map(rarity, wanted))
        if len(wanted) < 2 or not theirs:
            continue
        shares = [math.fsum(map(rarity, wanted.intersection(other.terms))) / total for other in theirs]
        share = max(shares)
        if share < 0.4:
            continue
        near = [other for other, held in zip(theirs, shares, strict=True) if held >= share - 0.05]
        share *= share
        if not any(_same_numbers(clause, other) for other in near):
            number = max(number, share)
        if all(clause.denials % 2 != other.denials % 2 for other in near):
            denial = max(denial, share)
        if all(_opposed(clause, other) for other in near):
            opposed = max(opposed, share)
        order = max(order, share * share * min(_inverted(clause.units, other) for other in near))
    return number, denial, opposed, order


def _same_numbers(clause: Sentence, other: Sentence) -> bool:
    """Whether no number of a clause stands against another of its kind in the other."""
    for number in clause.numbers:
        rivals = [one for one in other.numbers if one.dimension == number.dimension or not number.dimension]
        if rivals and not any(number.agrees(one) for one in other.numbers):
            return False
    return True


def _opposed(statement: Sentence, first: Sentence) -> str:
    """Return a word of the nearest sentence that is the opposite of one that stands only in the statement."""
    theirs = first.signs
    for pair, side in statement.signs.items():
        other = theirs.get(pair)
        if other is not None and {side, other} == {1, 2}:
            return opposite_in(first, pair, other)
    return ""


def _inverted(units: Sequence[Unit], first: Sentence) -> float:
    """Return how many neighbouring units stand there in the other order, of those that stand there once."""
    order = []
    for i, unit in enumerate(units):
        if unit.content:
            key = unit.key + units[i + 1].key if unit.han and i + 1 < len(units) else unit.key
            place = first.single.get(key, -1)
            if place >= 0:
                order.append(place)
    if len(order) < 2:
        return 0.0
    return sum(b < a for a, b in pairwise(order)) / (len(order) - 1)


def _words(run: Sequence[Unit]) -> str:
    made = ""
    for unit in run:
        made += unit.word if unit.han or not made else " " + unit.word
    return made
