"""What every endpoint is fuzzed with: any JSON, any change to a valid body, any damage to its bytes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a body."""
    if at:
        yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from places(item, (*at, key))


@st.composite
def changed(draw: st.DrawFn, body: dict[str, Any]) -> dict[str, Any]:
    """A valid body with one to three places changed or taken out."""
    made = copy.deepcopy(body)
    every = list(places(body))
    for place, value in draw(
        st.lists(st.tuples(st.sampled_from(every), trees | st.just("DELETE")), min_size=1, max_size=3)
    ):
        target: Any = made
        try:
            for key in place[:-1]:
                target = target[key]
            if value == "DELETE":
                del target[place[-1]]
            else:
                target[place[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    return made


@st.composite
def damaged(draw: st.DrawFn, raw: bytes) -> bytes:
    """Bytes with one to four short stretches changed, put in or taken out."""
    made = bytearray(raw)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(made) - 1)))
        made[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=4))
    return bytes(made)
