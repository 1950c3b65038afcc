"""Places in a ranking, as people write them: a tie is said (``2=``), so that a place given twice by mistake is seen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final, NamedTuple

_PLACE: Final = re.compile(r"(?:第|no\.?\s*)?([0-9]{1,2})(?:\.0)?\s*(?:名)?\s*([=＝]?)\Z", re.IGNORECASE)


class Place(NamedTuple):
    """A place, 1 the best, and whether it is said to be shared."""

    number: int
    shared: bool


def read_place(text: str) -> Place | None:
    """Read ``2``, ``2=`` or ``第2名``; None for anything else."""
    found = _PLACE.match(text.strip())
    return Place(int(found[1]), bool(found[2])) if found else None


def fault(places: Mapping[str, Place]) -> tuple[str, str] | None:
    """Return what is wrong with the places of all things ranked together, with the thing; None if nothing.

    It is ``doubled`` (a place given twice without being said to be shared), ``alone`` (shared with nobody) or
    ``missing`` (a place was left out before it). After a tie the next place may be the next number or leave out as
    many as share it: 1, 2=, 2=, 3 and 1, 2=, 2=, 4 are the same.
    """
    count = Counter(place.number for place in places.values())
    for thing, place in places.items():
        if count[place.number] > 1 and not place.shared:
            return thing, "doubled"
        if count[place.number] == 1 and place.shared:
            return thing, "alone"
    wanted = {1}
    for number in sorted(count):
        if number not in wanted:
            thing = next(thing for thing, place in places.items() if place.number == number)
            return thing, "missing"
        wanted = {number + 1, number + count[number]}
    return None


def levels(places: Mapping[str, int]) -> dict[str, int]:
    """Return places without gaps: 1, 2, 2, 4 becomes 1, 2, 2, 3."""
    order = {number: at for at, number in enumerate(sorted(set(places.values())), 1)}
    return {thing: order[number] for thing, number in places.items()}
