"""The port behind which every file format stands: find a label, or write one, and touch nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple, Protocol, runtime_checkable

from gateway.errors import LabelError
from gateway.labels.metadata import AigcLabel
from gateway.labels.rules import Confidence

HEAD: Final = 4096
"""How many bytes of a file's beginning ``sniff`` gets to see."""


class Field(NamedTuple):
    """One place of a file that holds a label, or what is like one.

    Attributes:
        place: Where it stands, for a person: ``tEXt``, ``XMP``, ``docProps/custom.xml``.
        name: The field's name as found; the standard wants AIGC in it.
        text: The value as it stands; a mapping of another notation as the JSON that says the same.
        usual: Whether the guide for the format puts a label there.
    """

    place: str
    name: str
    text: str
    usual: bool = True


class Trace(NamedTuple):
    """A sign other than a label that AI made the content (Measures art. 6 (3)).

    Attributes:
        kind: A stable word: ``c2pa``, ``source-type``, ``generator``, ``foreign-schema``, ``visible-text``.
        what: What was seen, for a person; never the content itself.
    """

    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a carrier found in a file.

    Attributes:
        fields: Every label and every attempt at one, in the order of the file.
        traces: Other signs of AI.
        faults: What could not be read, for a person; then nobody may say "compliant" or "not found".
        end: Where the format says that the file ends, where it says so; what follows is of another kind.
    """

    fields: tuple[Field, ...] = ()
    traces: tuple[Trace, ...] = ()
    faults: tuple[str, ...] = ()
    end: int | None = None


@runtime_checkable
class Carrier(Protocol):
    """One file format. An instance is without state; both streams can seek and are read from their beginning."""

    @property
    def name(self) -> str:
        """The format's short name: ``png``."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """What the names of such files end with, lower case with the dot; the first is the usual one."""

    @property
    def place(self) -> str:
        """Where the label is written, for a person."""

    @property
    def guide(self) -> str:
        """The guide that says so, or ``our convention``."""

    @property
    def confidence(self) -> Confidence:
        """How sure we are of that place."""

    def sniff(self, head: bytes) -> bool:
        """Whether a file that begins with ``head`` is of this format."""

    def read(self, source: BinaryIO) -> Reading:
        """Find every label in ``source``. What is broken is told in ``faults``, never raised."""

    def write(self, source: BinaryIO, target: BinaryIO, label: AigcLabel) -> None:
        """Copy ``source`` to ``target`` with ``label`` as its only label; all else stays as it is.

        Raises:
            LabelError: The file cannot be given a label: encrypted, truncated, not understood.
        """


def refuse(what: str, hint: str = "") -> LabelError:
    """Return the error of a file that cannot be given a label."""
    return LabelError(f"{what}{f' — {hint}' if hint else ''}")
