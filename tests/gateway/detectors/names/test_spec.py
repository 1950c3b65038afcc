"""The detector of names as policies use it."""

from __future__ import annotations

import pytest

from gateway.detectors.names import spec
from gateway.detectors.names.spec import SPEC
from gateway.errors import ConfigError
from gateway.text import TextView

TEXT = "我叫陈晓明，住在北京市海淀区中关村大街27号。My name is John Smith, at 12 Main Street."


def risks(**options: object) -> list[str]:
    scan = SPEC.build(options, lambda name: b"").scan
    assert scan is not None
    return [finding.risk for finding in scan(TextView(TEXT)).findings]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["pii.name", "pii.address", "pii.name", "pii.address"]),
        ({"find": ["person"]}, ["pii.name", "pii.name"]),
        ({"find": ["person"], "languages": ["zh"]}, ["pii.name"]),
        ({"find": ["address"], "languages": ["en"]}, ["pii.address"]),
    ],
)
def test_what_is_asked_for_is_found(options: dict[str, object], expected: list[str]) -> None:
    assert risks(**options) == expected


def test_a_part_of_an_organisation_or_an_address_is_nobody() -> None:
    scan = SPEC.build({}, lambda name: b"").scan
    assert scan is not None
    text = "2010年加入甘肃海纳物流有限公司，住江苏省苏州市吴中区人民路5号"
    assert [f.risk for f in scan(TextView(text)).findings] == ["pii.organization", "pii.address"]


def test_nothing_left_to_find_is_told() -> None:
    with pytest.raises(ConfigError, match="nothing is left"):
        SPEC.build({"find": ["location"], "languages": ["zh"]}, lambda name: b"")


def test_another_choice_is_another_version() -> None:
    versions = {
        SPEC.build(options, lambda name: b"").version for options in ({}, {"find": ["person"]}, {"languages": ["zh"]})
    }
    assert len(versions) == 3


def test_a_missing_file_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spec, "ZH", spec.ZH.with_name("missing.bin"))
    with pytest.raises(ConfigError, match=r"missing\.bin"):
        SPEC.build({}, lambda name: b"")
