"""Models and their upstreams: what cannot be meant is told, with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.errors import ConfigError
from gateway.settings import load_settings
from gateway.settings.models import Model


@pytest.mark.parametrize("provider", ["litellm", "echo"])
def test_a_wire_format_is_said_of_servers_only(provider: Any) -> None:
    with pytest.raises(ValidationError, match="wire belongs to provider openai_compatible"):
        Model(provider=provider, wire="anthropic")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("models:\n  a: {model: x}\n", "sluice.yaml:2:3: 'models.a': a model needs provider (openai_compatible, lit"),
        (
            "models:\n  a: {region: cn, upstreams: [{provider: echo}]}\n",
            "sluice.yaml:2:3: 'models.a': region belongs to each of the upstreams here, not to the model",
        ),
        (
            "models:\n  a: {upstreams: [{provider: echo, name: x}, {provider: echo, name: x}]}\n",
            "the upstream 'x' is here twice",
        ),
        ("models:\n  a: {upstreams: [{provider: openai_compatible}]}\n", "needs base_url"),
        ("models:\n  a:\n    provider: echo\n    fallbacks: [b]\n", "'a' falls back to 'b'; there are: none"),
        ("models:\n  a: {provider: echo, fallbacks: [a]}\n", "'a' falls back to 'a'"),
        (
            "models:\n  a: {provider: echo, aliases: [b]}\n  b: {provider: echo}\n",
            "has the alias 'b', which is the",
        ),
        ("models:\n  a: {provider: echo, aliases: [x, x]}\n", "has the alias 'x'"),
        ("models:\n  a: {provider: echo, retry: {after: [soon]}}\n", "sluice.yaml:2:"),
        ("models:\n  a: {provider: echo, retry: {tries: 0}}\n", "sluice.yaml:2:31:"),
        ("models:\n  a: {provider: echo, weight: 2}\n", "unknown key 'weight'"),
        ("models:\n  a: {upstreams: [{provider: echo, weight: 0}]}\n", "sluice.yaml:2:36:"),
        ("models:\n  a: {provider: echo, concurrency: 0}\n", "sluice.yaml:2:23:"),
    ],
)
def test_models_that_cannot_be_meant_are_told_with_their_lines(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "sluice.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(file, {})
    assert message in str(caught.value)
    assert "sluice.yaml:" in str(caught.value)
