"""Street addresses as English texts write them: a number, a street, and what follows."""

from __future__ import annotations

from typing import Final

from gateway.detectors.sweep import Sweep
from gateway.ports import Detector

ADDRESS: Final = "pii.address"
_STREET: Final = (
    "street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|place|pl|square|sq|highway|hwy|terrace|way|"
    "circle|parkway|pkwy|close|crescent|row|mews"
)
_WORD: Final = "[a-z][a-z.'-]{0,14}"
_FLAT: Final = r"(?:,? (?:apt|apartment|suite|ste|unit|flat|room|floor|#)\.? ?#?[0-9a-z-]{1,6})?"
_TOWN: Final = rf"(?:, {_WORD}(?: {_WORD}){{0,2}}, [a-z]{{2}},? [0-9]{{5}}(?:-[0-9]{{4}})?)?"
_SHAPE: Final = rf"[0-9]{{1,6}}[a-z]? (?:[nsew]\.? )?(?:{_WORD} ){{1,3}}(?:{_STREET})\.?{_FLAT}{_TOWN}"


def street_addresses() -> Detector:
    """Return a detector of street addresses."""
    return Sweep(
        detector="names",
        risk=ADDRESS,
        shapes=(_SHAPE,),
        first="0-9",
        ahead=r"[0-9]{0,5}[a-z]? [a-z]",
        alphabet="0123456789abcdefghijklmnopqrstuvwxyz .,'-#",
        check=lambda text: 0.8,
    )
