"""The machine-readable label: the seven elements of GB 45438-2025 Annex E.

Annex E speaks of file metadata. For an answer over an API there is no normative carrier: the field
``aigc`` and the header are our convention, with the same content.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, Self

from gateway.labels.producer import fault_of_code, is_meant_as_code

_ALLOWED: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")

Kind = Literal["1", "2", "3"]
"""What the content is: ``1`` made by AI, ``2`` may be, ``3`` suspected (Annex E c)."""

KINDS: Final[tuple[Kind, ...]] = ("1", "2", "3")

NAME: Final = "AIGC"
"""What the name of the extension field must contain (Annex E a)."""

HEADER: Final = "x-sluice-aigc"
"""Name of the response header that carries the label of an answer."""

KEYS: Final = (
    "Label",
    "ContentProducer",
    "ProduceID",
    "ReservedCode1",
    "ContentPropagator",
    "PropagateID",
    "ReservedCode2",
)
"""The seven elements, in the order of the standard."""


@dataclass(frozen=True, slots=True)
class AigcLabel:
    """The seven elements of a label, as they stand in a file.

    A label that was read may break any rule of the standard (``rules.examine`` says which); one that
    comes from ``of`` or ``passed_on`` and whose ``fault`` is None breaks none.

    Attributes:
        label: ``1`` made by AI, ``2`` may be, ``3`` suspected.
        content_producer: Name or 27-character code of who made the content.
        produce_id: The producer's unique id of this content; ours is the exchange's id.
        reserved_code1: The producer's safety protection: a signature, a digest, or empty.
        content_propagator: Name or code of who spread it last; at the first write the producer.
        propagate_id: The propagator's unique id; at the first write the producer's.
        reserved_code2: The propagator's safety protection, or empty.
    """

    label: str
    content_producer: str
    produce_id: str
    reserved_code1: str = ""
    content_propagator: str = ""
    propagate_id: str = ""
    reserved_code2: str = ""

    @classmethod
    def of(cls, producer: str, produce_id: str, kind: Kind = "1") -> Self:
        """Return the first label of a content: its propagation elements equal its production elements (note 1)."""
        return cls(kind, producer, produce_id, "", producer, produce_id, "")

    @classmethod
    def from_elements(cls, elements: Mapping[str, object]) -> Self:
        """Return the label that ``elements`` hold, whatever is wrong with it: what is missing is empty."""
        values = [elements.get(key, "") for key in KEYS]
        return cls(*(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values))

    def passed_on(self, propagator: str, propagate_id: str, kind: str | None = None) -> Self:
        """Return the label as a platform writes it (Measures art. 6): its own propagation elements, the rest kept."""
        return replace(
            self,
            label=self.label if kind is None else kind,
            content_propagator=propagator,
            propagate_id=propagate_id,
            reserved_code2="",
        )

    def elements(self) -> dict[str, str]:
        """Return the seven elements in the order of the standard."""
        return {
            "Label": self.label,
            "ContentProducer": self.content_producer,
            "ProduceID": self.produce_id,
            "ReservedCode1": self.reserved_code1,
            "ContentPropagator": self.content_propagator,
            "PropagateID": self.propagate_id,
            "ReservedCode2": self.reserved_code2,
        }

    def dump(self, *, wrapped: bool = False) -> str:
        """Return the label as one line of plain JSON.

        Args:
            wrapped: Whether ``{"AIGC": …}`` stands around the seven keys, as in EXIF and PNG text chunks
                (TC260-PG-20259A Annex B); fields that are named AIGC themselves hold the inner object.
        """
        elements = self.elements()
        return json.dumps({NAME: elements} if wrapped else elements, ensure_ascii=False, separators=(",", ":"))

    def fault(self, *, passed_on: bool = False) -> str | None:
        """Return why this label must not be written, or None. Stricter than reading: only what is beyond doubt.

        Args:
            passed_on: Whether the producer's elements are somebody else's, who answers for them: then only
                the propagation elements are looked at.
        """
        if self.label not in KINDS:
            return "the label must be 1, 2 or 3"
        elements = [
            ("the propagator", self.content_propagator, fault_of_producer),
            ("the propagation id", self.propagate_id, fault_of_id),
        ]
        if not passed_on and (self.content_producer or self.produce_id or self.label == "1"):
            elements[:0] = [
                ("the producer", self.content_producer, fault_of_producer),
                ("the content id", self.produce_id, fault_of_id),
            ]
        for name, value, fault_of in elements:
            if fault := fault_of(value):
                return f"{name} {fault}"
        for value in ("" if passed_on else self.reserved_code1, self.reserved_code2):
            if value and not _ALLOWED.fullmatch(value.replace('"', "'")):
                return "a reserved code may hold only visible ASCII characters without space and backslash"
        return None


def header(label: AigcLabel) -> tuple[str, str]:
    """Return the response header that carries a label, a convention of ours: one line of JSON, ASCII only."""
    return HEADER, json.dumps(label.elements(), separators=(",", ":"))


def fault_of_producer(producer: str) -> str | None:
    """Return what is wrong with a producer's name or code, or None.

    Annex E j): code points 0x21, 0x23-0x5B, 0x5D-0x7E: no space, no quotation mark, no backslash, no
    character beyond ASCII. What is meant as a 27-character code is checked as one.
    """
    if fault := _fault_of_value(producer):
        return fault
    return fault_of_code(producer) if is_meant_as_code(producer) else None


def fault_of_id(content_id: str) -> str | None:
    """Return what is wrong with the id of a content, or None (Annex E j)."""
    return _fault_of_value(content_id)


def _fault_of_value(value: str) -> str | None:
    if not value:
        return "is empty"
    if not _ALLOWED.fullmatch(value):
        return "may hold only visible ASCII characters without space, quotation mark and backslash"
    return None
