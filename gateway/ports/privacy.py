"""What replaces personal data, and keeps what stands for what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol


class About(NamedTuple):
    """What a technique knows of the value that it replaces.

    Attributes:
        risk: What it is, such as ``pii.person_name``.
        key: The key of the tenant's conversation, 32 bytes.
        attempt: 0, or how often what was made before could not be used.
    """

    risk: str
    key: bytes
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Technique:
    """A way to put something else in the place of a value (GB/T 37964-2019, Annex A).

    Attributes:
        name: The word that policies use.
        undone: Whether an answer gets the value back; then it makes something else of other values.
        keyed: Whether what it makes depends on the key.
        apply: Makes what stands in the value's place; the same for the same value, key and attempt.
    """

    name: str
    undone: bool
    keyed: bool
    apply: Callable[[str, About], str]


@dataclass(frozen=True, slots=True)
class TechniqueSpec:
    """What is known of a technique before its options are.

    Attributes:
        name: The word that policies use (``how: {use: surrogate}``).
        summary: One line for people.
        family: Its place in GB/T 37964-2019 Annex A, such as ``A.4``.
        build: Makes it from checked options.
        options: JSON Schema of the options.
    """

    name: str
    summary: str
    family: str
    build: Callable[[Mapping[str, Any]], Technique]
    options: Mapping[str, Any] = field(default_factory=dict)


Keys = Callable[[str, str, float], tuple[bytes, ...]]
"""``keys(tenant, conversation, now)``: the keys of a conversation, 32 bytes each; the first makes
surrogates, the others are rotated out and only restore what they made, until their time is up."""


class Vault(Protocol):
    """Keeps for a while what stands for what in an exchange, each tenant apart."""

    async def put(self, tenant: str, exchange: str, live: Mapping[str, str]) -> None:
        """Keep for each replacement the value that it stands for; raises ``VaultError``."""
        ...

    async def get(self, tenant: str, exchange: str) -> Mapping[str, str] | None:
        """Return them, or None if nothing is kept (any more); raises ``VaultError``."""
        ...


class Shelf(Protocol):
    """Keeps sealed bytes under a name until a time. Knows neither tenants nor keys."""

    async def put(self, name: str, sealed: bytes, until: float) -> None:
        """Keep bytes until ``until``, seconds since the epoch; raises ``VaultError``."""
        ...

    async def get(self, name: str) -> bytes | None:
        """Return them, or None if there are none (any more); raises ``VaultError``."""
        ...

    async def aclose(self) -> None:
        """Let go of whatever it holds."""
        ...


SubjectDigest = Callable[[str, str], str]
"""``digest(tenant, identifier)``: the keyed digest under which a person's records are found."""

Seal = Callable[[str, str], str]
"""Seal a text for the record: ``seal(text, exchange_id)``."""
