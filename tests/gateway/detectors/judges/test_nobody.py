"""Nobody can be reached where policies are only checked."""

from __future__ import annotations

import pytest

from gateway.detectors.judges.nobody import NOBODY
from gateway.errors import SettingsError


def test_nobody_is_asked_and_nothing_counted() -> None:
    assert NOBODY.asks is False
    NOBODY.counters.add("x", judge="y")
    NOBODY.counters.observe("x", 1.0)
    NOBODY.watch("x", lambda: True)
    assert (NOBODY.clock(), NOBODY.ticker(), NOBODY.ids()) == (0.0, 0.0, "")


@pytest.mark.parametrize(
    "ask", [lambda: NOBODY.model("m"), lambda: NOBODY.server("u", None), lambda: NOBODY.secret("S")]
)
def test_whoever_asks_all_the_same_is_told(ask: object) -> None:
    with pytest.raises(SettingsError, match="here"):
        ask()  # type: ignore[operator]
