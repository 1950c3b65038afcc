"""The detector of names: people, addresses, organisations and places, Chinese and English together."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.detectors.names import english, places
from gateway.detectors.names.english import Label
from gateway.detectors.names.people import ChinesePeople
from gateway.detectors.names.people_en import RISKS, EnglishPeople
from gateway.detectors.names.places import PLACES, ChinesePlaces
from gateway.detectors.names.small import SmallPeople
from gateway.detectors.names.street import detector as street
from gateway.detectors.names.street import street_addresses
from gateway.detectors.names.weights import EN, ZH, read_chinese, read_english
from gateway.errors import ConfigError
from gateway.packaged import packaged
from gateway.ports import BuiltDetector, Detector, DetectorSpec, Loader, Scan
from gateway.text import TextView
from gateway.verdict import Finding

NAME: Final = "names"
_FIND: Final = {
    "person": "pii.name",
    "address": "pii.address",
    "organization": "pii.organization",
    "location": "pii.location",
}
_BEHIND: Final = max(english.BEHIND, places.BEHIND, street.BEHIND)


class Names:
    """Several detectors as one: what any of them finds, and held where any of them is undecided."""

    __slots__ = ("_detectors",)

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self._detectors = tuple(detectors)

    def __call__(self, view: TextView) -> Scan:
        """Scan a view."""
        scans = [detector(view) for detector in self._detectors]
        findings = sorted(_outside([finding for scan in scans for finding in scan.findings]))
        return Scan(tuple(findings), min(scan.open for scan in scans))


def _outside(findings: list[Finding]) -> list[Finding]:
    """Leave out people who are only a part of an address or an organisation: 黑龙江远景科技有限公司."""
    kept: list[Finding] = []
    end = -1
    for finding in sorted(findings, key=lambda one: (one.start, -one.end)):
        if finding.risk == "pii.name":
            if finding.end <= end:
                continue
        elif finding.risk in (places.ADDRESS, places.ORGANISATION):
            end = max(end, finding.end)
        kept.append(finding)
    return kept


def _build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
    del load
    wanted = frozenset(_FIND[name] for name in options.get("find", tuple(_FIND)))
    languages: Sequence[str] = options.get("languages", ("zh", "en"))
    digest = hashlib.sha256(repr((sorted(wanted), sorted(languages))).encode())
    detectors: list[Detector] = []
    if "zh" in languages:
        if "pii.name" in wanted:
            content = _file(ZH)
            digest.update(content)
            detectors.append(ChinesePeople(read_chinese(content)))
        risks = wanted & {places.ADDRESS, places.ORGANISATION}
        if risks:
            content = packaged(PLACES)
            digest.update(content)
            detectors.append(ChinesePlaces(content.decode("utf-8").split(), risks))
    if "en" in languages:
        labels: frozenset[Label] = frozenset(label for label, risk in RISKS.items() if risk in wanted)
        if labels:
            content = _file(EN)
            digest.update(content)
            known = read_english(content)
            detectors.append(EnglishPeople(known, labels))
            if "person" in labels:
                detectors.append(SmallPeople(known))
        if "pii.address" in wanted:
            detectors.append(street_addresses())
    if not detectors:
        raise ConfigError(
            "nothing is left to find in these languages", None, "Chinese knows no location by itself: add en"
        )
    return BuiltDetector(wanted, f"5-{digest.hexdigest()[:16]}", Names(detectors), behind=_BEHIND)


def _file(path: Any) -> bytes:
    try:
        content: bytes = path.read_bytes()
    except OSError as error:
        hint = "install the package again"
        raise ConfigError(
            f"{path.name} of the detector of names cannot be read: {error.strerror}", None, hint
        ) from None
    return content


SPEC: Final = DetectorSpec(
    name=NAME,
    summary="Names of people, addresses, organisations and places in Chinese and English text.",
    risks=frozenset(_FIND.values()),
    scope="span",
    build=_build,
    options={
        "type": "object",
        "properties": {
            "find": {
                "type": "array",
                "items": {"type": "string", "enum": sorted(_FIND)},
                "minItems": 1,
                "description": "what to look for; all of it if left out",
            },
            "languages": {
                "type": "array",
                "items": {"type": "string", "enum": ["en", "zh"]},
                "minItems": 1,
                "description": "in which languages; both if left out",
            },
        },
    },
)
