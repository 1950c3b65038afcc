"""Make what builds the answer banks of policies, and the model that gives them their meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.errors import SettingsError
from gateway.ports import BuildStandards, BuiltStandards, Loader
from gateway.settings.places import AnswersPlace, BankModel
from gateway.wiring.plans import standards_of

if TYPE_CHECKING:
    from gateway.answers.embedded import Model
    from gateway.meaning.endpoint import Embedder


def banks_of(model: Model | None) -> BuildStandards:
    """Return what builds answer banks: with the table that ships, or with a model."""
    if model is None:
        return standards_of

    def build(banks: Sequence[str], loader: Loader) -> BuiltStandards:
        from gateway.answers.standards import standards  # noqa: PLC0415

        return standards(banks, loader, model)

    return build


def model_of(
    place: AnswersPlace,
    environment: Mapping[str, str],
    progress: Callable[[int, int], object] = lambda done, of: None,
) -> Model | None:
    """Return the model of the settings; None for the table that ships. Asks and reads nothing yet.

    Args:
        place: What the settings say of answer banks.
        environment: Holds the endpoint's key.
        progress: Hears of new ways how many there are done, and of how many.

    Raises:
        SettingsError: The variable that holds the key is not set.
    """
    if place.embeddings is None:
        return None
    from gateway.answers.embedded import Care, Model  # noqa: PLC0415
    from gateway.answers.kept import KeptVectors  # noqa: PLC0415

    said = place.embeddings
    care = Care(seconds=said.seconds, building=said.building)
    return Model(embedder_of(said, environment), KeptVectors(Path(place.vectors)), care, progress=progress)


def embedder_of(said: BankModel, environment: Mapping[str, str]) -> Embedder:
    """Return what embeds texts; raises ``SettingsError`` if its key is not set."""
    if said.folder is not None:
        from gateway.meaning.folder import Folder  # noqa: PLC0415

        return Folder(Path(said.folder), said.prefix)
    from gateway.meaning.endpoint import Endpoint  # noqa: PLC0415
    from gateway.meaning.remote import Place  # noqa: PLC0415

    key = environment.get(said.key_env, "") if said.key_env else ""
    if said.key_env and not key:
        raise SettingsError(f"answers: the environment variable {said.key_env} is not set")
    # One batch of ways may take longer than a question, which has a limit of its own.
    return Endpoint(Place(said.url or "", key, min(60.0, max(30.0, said.seconds)), said.model), said.prefix)
