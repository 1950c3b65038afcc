"""The techniques as operators of Presidio's anonymizer, for everybody who uses it; its own where it has them.

``replace``, ``redact``, ``mask``, ``hash`` and ``encrypt`` are Presidio's operators already; registered here
are those that it lacks (and, as ``keyed_hash``, a hash that no dictionary undoes)::

    engine = AnonymizerEngine()
    for operator in operators():
        engine.add_anonymizer(operator)
    engine.anonymize(text, results, {"PERSON": OperatorConfig("surrogate", {"key": key})})
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from gateway.ports import About, TechniqueSpec
from gateway.privacy.keys import SHORTEST
from gateway.privacy.techniques import techniques

if TYPE_CHECKING:
    from presidio_anonymizer.operators import Operator

_OURS: Final = ("suppress", "hash", "fpe", "pseudonym", "surrogate", "generalise", "noise")
_RENAMED: Final[Mapping[str, str]] = {"hash": "keyed_hash"}


def operators() -> tuple[type[Operator], ...]:
    """Return the operator classes; imports Presidio's anonymizer (not its analyzer, and no model)."""
    specs = techniques()
    return tuple(_operator(specs[name]) for name in _OURS)


def _operator(spec: TechniqueSpec) -> type[Operator]:
    from presidio_anonymizer.entities import InvalidParamError  # noqa: PLC0415
    from presidio_anonymizer.operators import Operator, OperatorType  # noqa: PLC0415

    name = _RENAMED.get(spec.name, spec.name)
    known = [*spec.options.get("properties", {}), "key", "entity_type"]

    class Technique(Operator):
        """A technique of GB/T 37964-2019. Takes ``key`` (bytes, 32 at least) where it is keyed."""

        def operate(self, text: str | None = None, params: dict[str, Any] | None = None) -> str:
            """Return what stands in the place of ``text``."""
            given = dict(params or {})
            key = given.pop("key", bytes(SHORTEST))
            risk = f"pii.{str(given.pop('entity_type', 'value')).lower()}"
            return spec.build(given).apply(text or "", About(_RISKS.get(risk, risk), key))

        def validate(self, params: dict[str, Any] | None = None) -> None:
            """Refuse options that the technique does not know, and keys that are too short."""
            given = params or {}
            unknown = [option for option in given if option not in known]
            if unknown:
                raise InvalidParamError(f"{name} knows no option {unknown[0]!r}; it takes {', '.join(known)}")
            missing = [option for option in spec.options.get("required", ()) if option not in given]
            if missing:
                raise InvalidParamError(f"{name} needs the option {missing[0]!r}")
            key = given.get("key")
            if spec.build({**_EXAMPLE, **given}).keyed and (not isinstance(key, bytes) or len(key) < SHORTEST):
                raise InvalidParamError(f"{name} needs a key of {SHORTEST} bytes at least")

        def operator_name(self) -> str:
            """Return the word that ``OperatorConfig`` takes."""
            return name

        def operator_type(self) -> Any:
            """Return what kind of operator this is."""
            return OperatorType.Anonymize

    Technique.__name__ = Technique.__qualname__ = "".join(part.title() for part in name.split("_"))
    return Technique


_EXAMPLE: Final = {"to": "year"}
_RISKS: Final[Mapping[str, str]] = {
    "pii.person": "pii.name",
    "pii.phone_number": "pii.mobile_number",
    "pii.email_address": "pii.email",
    "pii.credit_card": "pii.bank_card",
    "pii.location": "pii.address",
    "pii.organization": "pii.organization",
}
"""Presidio's names of what we call otherwise."""
