"""The machine-readable label: the seven elements of GB 45438-2025 Annex E.

Annex E speaks of file metadata. For an answer over an API there is no normative carrier: the field
``aigc`` and the header are our convention, with the same content.
"""

from __future__ import annotations

import re
from typing import Final

_ALLOWED: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


def aigc(producer: str, produce_id: str) -> dict[str, str]:
    """Return the label of content that is made by AI (``Label`` "1").

    At the first write the propagation elements equal the production elements (Annex E, note 1).

    Args:
        producer: Name or 27-character code of the producer, as the operator configured it.
        produce_id: The producer's unique id of this content: the exchange's id.
    """
    return {
        "Label": "1",
        "ContentProducer": producer,
        "ProduceID": produce_id,
        "ReservedCode1": "",
        "ContentPropagator": producer,
        "PropagateID": produce_id,
        "ReservedCode2": "",
    }


def fault_of_producer(producer: str) -> str | None:
    """Return what is wrong with a producer's name or code, or None.

    Annex E j): code points 0x21, 0x23-0x5B, 0x5D-0x7E: no space, no quotation mark, no backslash, no
    character beyond ASCII.
    """
    if not producer:
        return "is empty"
    if not _ALLOWED.fullmatch(producer):
        return "may hold only visible ASCII characters without space, quotation mark and backslash"
    return None
