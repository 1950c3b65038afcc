"""Every attack by its name; names joined by ``+`` are made one after the other, the first one first."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from evaluators.attacks.attack import Attack, compose
from evaluators.attacks.characters import characters
from evaluators.attacks.encoding import encodings
from evaluators.attacks.frames import frames
from evaluators.attacks.indirect import indirect
from evaluators.attacks.layout import layouts
from evaluators.attacks.letters import letterings
from evaluators.attacks.sounds import sounds
from evaluators.attacks.turns import conversations
from gateway.document import suggest
from gateway.errors import ConfigError


@cache
def attacks() -> Mapping[str, Attack]:
    """Return all attacks, family by family."""
    made = (sounds(), characters(), letterings(), layouts(), encodings(), frames(), conversations(), indirect())
    return {attack.id: attack for family in made for attack in family}


def find_attack(name: str) -> Attack:
    """Return an attack by its name, such as ``pinyin`` or ``pinyin+base64+decode``.

    Raises:
        ConfigError: A part of the name is no attack.
    """
    known = attacks()
    parts = [part.strip() for part in name.split("+")]
    for part in parts:
        if part not in known:
            raise ConfigError(
                f"no attack is called {part!r}",
                hint=suggest(part, known) or "`sluice eval attacks` lists them; join names by +",
            )
    return compose([known[part] for part in parts])
