"""No part of the settings changes, and none takes a key that it does not know."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.settings import Settings


def test_settings_do_not_change() -> None:
    settings: Any = Settings()
    with pytest.raises(ValidationError):
        settings.policy = "x"


@pytest.mark.parametrize("said", [{"polcy": "base"}, {"listen": {"prot": 1}}, {"models": {"a": {"key": "k"}}}])
def test_a_key_that_is_not_known_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Settings.model_validate(said)
