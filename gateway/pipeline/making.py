"""For whom content is labelled, and what came of it: all that an answer knows before anything has to be labelled."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.labels.metadata import AigcLabel
from gateway.wording import Language


@dataclass(frozen=True, slots=True)
class Making:
    """For whom content is labelled, and with what.

    Attributes:
        label: The metadata label; its ``produce_id`` is also what a watermark says. None for no metadata.
        language: Of the words: that of the prompt.
        key: Keys the watermark; empty for one that everybody may read.
        waived: Whether the visible label is left out under an agreement (Measures art. 9).
    """

    label: AigcLabel | None
    language: Language = "zh"
    key: bytes = b""
    waived: bool = False


@dataclass(frozen=True, slots=True)
class Labelled:
    """Content with its labels.

    Attributes:
        data: The file.
        marks: What it carries now: ``visible``, ``audible``, ``watermark``, ``metadata``.
        missing: What the policy asked for and it cannot carry, with the reason.
    """

    data: bytes
    marks: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def header(self) -> str:
        """What was done, for the client: ``visible+metadata``, ``none``."""
        return "+".join(self.marks) or "none"


def numbered(making: Making, number: int) -> Making:
    """Return for whom the picture of that number, from 0 on, is labelled: each has an id of its own."""
    if number == 0 or making.label is None:
        return making
    own = f"{making.label.produce_id}-{number + 1}"
    return replace(making, label=AigcLabel.of(making.label.content_producer, own))
