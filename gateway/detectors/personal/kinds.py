"""Every kind of personal data with a form, the preferred of equals first; and the detectors made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.detectors.personal import (
    birth,
    card,
    credit_code,
    english,
    identity,
    mobile,
    online,
    papers,
    phone,
    place,
    plate,
    regional,
    travel,
    vehicle,
)
from gateway.detectors.personal.kind import Kind
from gateway.detectors.personal.scan import BEHIND, Personal
from gateway.ports import BuiltDetector, DetectorSpec, Loader

NAME: Final = "personal_data"
KINDS: Final[tuple[Kind, ...]] = (
    identity.KIND,
    card.KIND,
    mobile.KIND,
    credit_code.KIND,
    plate.KIND,
    travel.PASSPORT_KIND,
    travel.PERMIT_KIND,
    regional.KIND,
    regional.FOREIGN_KIND,
    vehicle.VIN_KIND,
    vehicle.LICENCE_KIND,
    papers.SOCIAL_SECURITY,
    papers.MILITARY,
    papers.MEDICAL,
    papers.STAFF,
    papers.INSURANCE,
    online.QQ,
    online.WECHAT,
    online.IMEI,
    online.MAC,
    online.IP,
    english.SSN_KIND,
    english.IBAN_KIND,
    english.NINO_KIND,
    birth.KIND,
    place.POSTCODE,
    place.COORDINATES,
    phone.KIND,
    card.ACCOUNT_KIND,
)
_VERSION: Final = "7"
_NAMES: Final = {kind.risk.removeprefix("pii."): kind for kind in KINDS}


def _build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
    del load
    names: Sequence[str] = options.get("kinds", tuple(_NAMES))
    kinds = [kind for name, kind in _NAMES.items() if name in names]
    risks = frozenset(kind.risk for kind in kinds)
    return BuiltDetector(risks, _VERSION, Personal(kinds, NAME, KINDS), behind=BEHIND)


SPEC: Final = DetectorSpec(
    name=NAME,
    summary="Personal data of a known form, all kinds in one pass: papers, cards, phones, vehicles, accounts, devices.",
    risks=frozenset(kind.risk for kind in KINDS),
    scope="span",
    build=_build,
    options={
        "type": "object",
        "properties": {
            "kinds": {
                "type": "array",
                "items": {"type": "string", "enum": sorted(_NAMES)},
                "minItems": 1,
                "description": "which kinds to look for; all of them if left out",
            },
        },
    },
)


def _alone(name: str, kind: Kind, summary: str) -> DetectorSpec:
    def build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
        del options, load
        return BuiltDetector(frozenset({kind.risk}), _VERSION, Personal((kind,), name, KINDS), behind=BEHIND)

    return DetectorSpec(name=name, summary=summary, risks=frozenset({kind.risk}), scope="span", build=build)


ALONE: Final[tuple[DetectorSpec, ...]] = (
    _alone(
        "identity_number",
        identity.KIND,
        "Resident identity numbers: province, date and check digit; a lower score if the check digit is wrong.",
    ),
    _alone(
        "mobile_number",
        mobile.KIND,
        "Mobile numbers of mainland China, with or without +86; 0.5 for ranges not known to be in use.",
    ),
    _alone("bank_card", card.KIND, "Bank card numbers of 12 to 19 digits: issuer, length and check digit."),
)
