"""Pictures behind URLs are fetched where the settings say so, and only from hosts that are hosts."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.errors import LabelError
from gateway.settings import Settings
from gateway.wiring import fetch_of


def test_without_a_word_nothing_is_fetched() -> None:
    assert fetch_of(Settings()) is None


async def test_what_the_settings_allow_is_what_is_fetched() -> None:
    fetch = fetch_of(Settings.model_validate({"fetch": {"hosts": ["pictures.example"]}}))
    assert fetch is not None
    with pytest.raises(LabelError, match="none of the hosts"):
        await fetch("https://other.example/1.png")
    with pytest.raises(LabelError, match="only https"):
        await fetch("http://pictures.example/1.png")


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"hosts": []},
        {"hosts": ["https://pictures.example"]},
        {"hosts": ["*"]},
        {"hosts": ["."]},
        {"hosts": ["a.example"], "seconds": 0},
        {"hosts": ["a.example"], "bytes": 10},
    ],
)
def test_what_cannot_be_meant_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"fetch": entry})
