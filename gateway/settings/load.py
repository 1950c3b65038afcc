"""Reads the settings: ``sluice.yaml`` says it, environment variables say it stronger."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from gateway.document import read_document, suggest, validate
from gateway.errors import SettingsError
from gateway.settings.models import Model, Place
from gateway.settings.places import AnswersPlace
from gateway.settings.schema import Settings

ENVIRONMENT: Final[Mapping[str, str]] = {
    "SLUICE_CONFIG": "path of sluice.yaml (default: ./sluice.yaml if it exists)",
    "SLUICE_POLICY": "path of the policy, or the name of a policy that ships with Sluice",
    "SLUICE_WORKERS": "how many processes serve (default: 1, or listen: {workers: …})",
    "SLUICE_DATABASE_URL": "where records go: sqlite:///… or postgresql://…",
    "SLUICE_UPSTREAM": "base URL of an OpenAI-compatible server, such as http://127.0.0.1:11434/v1",
    "SLUICE_UPSTREAM_KEY": "its key",
    "SLUICE_MODEL": "the model to ask there; without it every name is passed on",
    "SLUICE_MARK_KEY": "key of the marks that nobody sees, in pictures and texts; without it anybody could write them",
    "SLUICE_PRODUCER": "name or 27-character code of the producer, for the aigc label",
    "SLUICE_SEAL_KEY": "key that seals recorded text (record: {text: encrypted})",
    "SLUICE_CLIENT_KEYS": "keys that clients must show, separated by commas",
    "SLUICE_PRIVACY_KEY": "key of surrogates and of people's digests: at least 32 bytes in Base64",
    "SLUICE_PRIVACY_KEYS_PREVIOUS": "keys before it that still restore: KEY@2026-12-31T00:00:00+08:00,…",
}
"""Every environment variable that Sluice reads, and what it is for."""


def load_settings(file: Path | None, environment: Mapping[str, str]) -> Settings:
    """Read the settings.

    Args:
        file: ``sluice.yaml``; None for the one that ``SLUICE_CONFIG`` names, or for
            ``./sluice.yaml`` if there is one.
        environment: The process's environment variables.

    Raises:
        SettingsError: A file that is not there, or a value that cannot be, with file and line.
    """
    unknown = [name for name in environment if name.startswith("SLUICE_") and name not in ENVIRONMENT]
    if unknown:
        meant = [guess for name in sorted(unknown) if (guess := suggest(name, ENVIRONMENT))]
        hint = "; ".join([*meant, f"known ones are {', '.join(ENVIRONMENT)}"])
        raise SettingsError(f"unknown environment variable {', '.join(sorted(unknown))}", hint=hint)
    file = file or (Path(named) if (named := environment.get("SLUICE_CONFIG")) else None)
    if file is None and Path("sluice.yaml").is_file():
        file = Path("sluice.yaml")
    settings = _read(file) if file else Settings()
    return _override(settings, environment)


def _read(file: Path) -> Settings:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"cannot read {file}: {os.strerror(error.errno or 0)}", hint="check SLUICE_CONFIG"
        ) from None
    document = read_document(content, str(file))
    settings = validate(document, Settings)
    # Paths in the file are relative to the file, wherever the process was started.
    changes: dict[str, Any] = {}
    if _is_path(settings.policy):
        changes["policy"] = str(file.parent / settings.policy)
    if settings.policies:
        changes["policies"] = {
            name: str(file.parent / policy) if _is_path(policy) else policy
            for name, policy in settings.policies.items()
        }
    if settings.stricter:
        changes["stricter"] = {
            name: str(file.parent / policy) if _is_path(policy) else policy
            for name, policy in settings.stricter.items()
        }
    if settings.answers.model_fields_set:
        changes["answers"] = _answers_beside(settings.answers, file.parent)
    if "spool" in settings.model_fields_set:
        changes["spool"] = str(file.parent / settings.spool)
    models = {name: _beside(model, file.parent) for name, model in settings.models.items()}
    return settings.model_copy(update={**changes, "models": models})


def _beside(model: Model, folder: Path) -> Model:
    """Return a model whose scripts are found from wherever the process was started."""

    def script(place: Place) -> dict[str, Any]:
        return {"script": str(folder / place.script)} if place.script else {}

    several = tuple(one.model_copy(update=script(one)) for one in model.upstreams)
    return model.model_copy(update={**script(model), "upstreams": several})


def _answers_beside(place: AnswersPlace, folder: Path) -> AnswersPlace:
    """Return where vectors are kept, and a model in a folder, as found from wherever the process was started."""
    said = place.embeddings
    if said is not None and said.folder is not None:
        said = said.model_copy(update={"folder": str(folder / said.folder)})
    kept = str(folder / place.vectors) if "vectors" in place.model_fields_set else place.vectors
    return place.model_copy(update={"embeddings": said, "vectors": kept})


def _is_path(policy: str) -> bool:
    """Whether a policy is a file, not the name of one that ships with Sluice."""
    return policy.endswith((".yaml", ".yml")) or "/" in policy


def _override(settings: Settings, environment: Mapping[str, str]) -> Settings:
    changes: dict[str, Any] = {}
    for variable, key in (
        ("SLUICE_POLICY", "policy"),
        ("SLUICE_DATABASE_URL", "database"),
        ("SLUICE_PRODUCER", "producer"),
    ):
        if value := environment.get(variable):
            changes[key] = value
    if workers := environment.get("SLUICE_WORKERS"):
        if not workers.isascii() or not workers.isdigit() or not 1 <= int(workers) <= 256:
            raise SettingsError(
                "SLUICE_WORKERS must be a number from 1 to 256", hint="it says how many processes serve"
            )
        changes["listen"] = settings.listen.model_copy(update={"workers": int(workers)})
    if upstream := environment.get("SLUICE_UPSTREAM"):
        if not upstream.startswith(("http://", "https://")):
            raise SettingsError("SLUICE_UPSTREAM must begin with http:// or https://", hint="name the base URL, …/v1")
        wanted = environment.get("SLUICE_MODEL") or "*"
        key_env = "SLUICE_UPSTREAM_KEY" if environment.get("SLUICE_UPSTREAM_KEY") else None
        changes["models"] = {wanted: Model(provider="openai_compatible", base_url=upstream, key_env=key_env)}
        changes["default_model"] = None if wanted == "*" else wanted
    elif environment.get("SLUICE_MODEL"):
        raise SettingsError("SLUICE_MODEL is set but SLUICE_UPSTREAM is not", hint="say where that model answers")
    settings = settings.model_copy(update=changes)
    if settings.producer is None and settings.demonstration:
        # A name, not a code: codes are the operator's alone.
        settings = settings.model_copy(update={"producer": "sluice-demonstration"})
    return settings
