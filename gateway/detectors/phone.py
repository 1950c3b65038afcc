"""Finds mobile numbers of mainland China."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from gateway.detectors.sweep import Sweep
from gateway.ports import BuiltDetector, DetectorSpec, Loader

RISK: Final = "pii.mobile_number"
NAME: Final = "mobile_number"
_GAP: Final = "[ -]?"
_SHAPE: Final = rf"(?:(?:\+|00)?86{_GAP})?1[3-9][0-9]{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}"
# Ranges given out to operators, as libphonenumber 9.0 lists them.
_IN_USE: Final = re.compile(r"1740[0-5]|1610|1(?:[38]\d|4[57]|[59][0-35-9]|6[25-7]|7[0-35-8])", re.ASCII)
_UNKNOWN_RANGE: Final = 0.5


def mobile_score(text: str) -> float:
    """Say how sure it is that a text of the right shape is a mobile number.

    Returns:
        1.0 if its range is in use, else 0.5.
    """
    number = text.replace(" ", "").replace("-", "")[-11:]
    return 1.0 if _IN_USE.match(number) else _UNKNOWN_RANGE


_SCAN: Final = Sweep(
    detector=NAME,
    risk=RISK,
    shapes=(_SHAPE,),
    first="+018",
    ahead="[0-9][ 0-9-]{9}",
    alphabet="0123456789+ -",
    check=mobile_score,
)


def _build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
    del options, load
    return BuiltDetector(frozenset({RISK}), "1", _SCAN)


SPEC: Final = DetectorSpec(
    name=NAME,
    summary="Mobile numbers of mainland China, with or without +86; 0.5 for ranges not known to be in use.",
    risks=frozenset({RISK}),
    scope="span",
    build=_build,
)
