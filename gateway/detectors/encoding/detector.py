"""Offers the reading of encoded text to policies: ``use: encoding``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gateway.detectors.encoding.spans import BLOCK, Encodings
from gateway.ports import BuiltDetector, DetectorSpec, Loader

NAME: Final = "encoding"
RISK: Final = "attack.encoding"


def _build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
    del options, load
    return BuiltDetector(frozenset({RISK}), "2", derive=Encodings(), behind=BLOCK + 1)


SPEC: Final = DetectorSpec(
    name=NAME,
    summary="Reads encoded, turned, hidden, split and rearranged text (Base64, rot13, acrostics) for others to judge.",
    risks=frozenset({RISK}),
    scope="span",
    build=_build,
)
