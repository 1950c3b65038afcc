"""Where things are kept and who else is asked: a place that cannot be is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.errors import ConfigError
from gateway.settings import Settings, load_settings
from gateway.settings.places import BankModel


@pytest.mark.parametrize(
    "said",
    [
        "handoff: {url: 'ftp://x', secret_env: S}",
        "handoff: {url: 'https://x'}",
        "handoff: {url: 'https://x', secret_env: S, tries: 0}",
        "handoff: {url: 'https://x', secret_env: S, secret: abc}",
    ],
)
def test_handing_over_to_nobody_is_told_with_its_line(tmp_path: Path, said: str) -> None:
    (tmp_path / "s.yaml").write_text(said, "utf-8")
    with pytest.raises(ConfigError, match=r"s\.yaml:1"):
        load_settings(tmp_path / "s.yaml", {})


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
def test_hosts_that_are_none_are_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"fetch": entry})


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({}, "needs one of url"),
        ({"url": "http://x/v1", "folder": "m"}, "needs one of url"),
        ({"folder": "m", "model": "x"}, "belong to url"),
        ({"folder": "m", "key_env": "KEY"}, "belong to url"),
        ({"url": "ftp://x"}, "url"),
        ({"url": "http://x", "seconds": 0}, "seconds"),
    ],
)
def test_embeddings_that_cannot_be_are_told(said: dict[str, Any], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        BankModel.model_validate(said)
