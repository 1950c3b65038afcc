"""Whom a run asks, as it stands in the run's own file: names of variables, never keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from evaluators.pace import Limits, Price


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a run asks. Holds names of environment variables, never keys.

    Attributes:
        recorded: Whether the rows' own recorded answers are scored instead of asking anyone.
        base_url: The target's endpoint.
        model: The model's name there.
        key_env: The environment variable with its key.
        parameters: Further fields of each request.
        timeout_s: Seconds for one attempt.
        attempts: How often one question is asked at most.
        kind: What is asked, and how; see ``suite_file.KINDS``.
        http: For the kind ``http`` the suite's words on how it is asked.
        limits: How fast it may be asked: the fields of ``Limits``.
        price: What its tokens cost: the fields of ``Price``; None if nobody said.
        direct: For the kind ``pair`` what stands behind the gateway.
    """

    recorded: bool
    base_url: str
    model: str
    key_env: str
    parameters: Mapping[str, Any]
    timeout_s: float
    attempts: int
    kind: str = "chat"
    http: Mapping[str, Any] | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)
    price: Mapping[str, Any] | None = None
    direct: Asked | None = None

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Asked:
        """Read what ``asdict`` and JSON made of it; raises ``TypeError`` for anything else."""
        direct = written.get("direct")
        return cls(**{**written, "direct": cls.read(direct) if direct else None})

    @property
    def ways(self) -> Mapping[str, Asked]:
        """Every way that a row is asked, by its name; one without a name where there is but one."""
        return {"": self} if self.direct is None else {"direct": self.direct, "gateway": self}

    @property
    def pace(self) -> Limits:
        """How fast it may be asked."""
        return Limits(**self.limits)

    @property
    def cost(self) -> Price | None:
        """What its tokens cost."""
        return Price(**self.price) if self.price else None
