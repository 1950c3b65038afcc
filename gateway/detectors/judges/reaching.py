"""Where a judge answers: a model of ``models:``, or a server of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from gateway.errors import PolicyError
from gateway.ports import Outside, Route

PLACE: Final[Mapping[str, Any]] = {
    "model": {
        "type": "string",
        "minLength": 1,
        "description": "the model that judges: a name of models: in sluice.yaml; with base_url, the server's own name",
    },
    "base_url": {
        "type": "string",
        "minLength": 1,
        "description": "where it answers, such as http://127.0.0.1:8000/v1; without it, model is one of models:",
    },
    "key_env": {
        "type": "string",
        "minLength": 1,
        "description": "the environment variable that holds the server's key; goes with base_url",
    },
}
"""The options of every judge about where it answers, as JSON Schema."""


def reach(options: Mapping[str, Any], outside: Outside) -> Route | None:
    """Return where the judge answers; None where nobody may be asked.

    Raises:
        PolicyError: The options contradict each other, or the address is none.
        ConfigError: There is no such model, or the key is not set.
    """
    model, base_url, variable = str(options["model"]), options.get("base_url"), options.get("key_env")
    if base_url is None:
        if variable is not None:
            what = "key_env goes with base_url"
            raise PolicyError(what, None, "add base_url, or remove it: a model of models: has its own key")
        return outside.model(model) if outside.asks else None
    check_address(base_url)
    if not outside.asks:
        return None
    key = outside.secret(variable) if variable else None
    return Route(model, outside.server(base_url, key), model)


def check_address(base_url: str) -> None:
    """Refuse what is no address; raises ``PolicyError``."""
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets without an end, a port that is no number
        usable = False
    if not usable or parts.query or parts.fragment or parts.username:
        hint = "write it like https://api.example.com/v1"
        raise PolicyError("base_url is not an http or https address", None, hint)


def label(kind: str, options: Mapping[str, Any]) -> str:
    """Name a judge for metrics: its kind and its model."""
    return f"{kind}:{options.get('model', '')}"[:64]
