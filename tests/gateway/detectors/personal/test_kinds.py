"""The detectors that are made of kinds."""

from __future__ import annotations

import pytest

from gateway.detectors.personal.kind import Kind
from gateway.detectors.personal.kinds import ALONE, KINDS, SPEC
from gateway.text import TextView, fold


def test_one_kind_can_be_looked_for_alone() -> None:
    built = SPEC.build({"kinds": ["qq", "plate"]}, lambda name: b"")
    assert built.risks == {"pii.qq", "pii.plate"}
    assert built.scan is not None
    text = "QQ 12345678，京A12345，手机13800138000"
    assert [f.risk for f in built.scan(TextView(text)).findings] == ["pii.qq", "pii.plate"]


def test_every_kind_has_a_risk_of_its_own_and_can_be_named_in_a_policy() -> None:
    risks = [kind.risk for kind in KINDS]
    assert len(set(risks)) == len(risks)
    assert SPEC.options["properties"]["kinds"]["items"]["enum"] == sorted(risk[4:] for risk in risks)


@pytest.mark.parametrize("kind", KINDS, ids=[kind.risk for kind in KINDS])
def test_labels_are_folded_as_texts_are_and_short_enough_to_be_seen(kind: Kind) -> None:
    assert [label for label in kind.labels if fold(label) != label or len(label) > 32] == []
    assert kind.shapes or (kind.announced and kind.labels)


def test_three_kinds_have_words_of_their_own() -> None:
    assert [spec.name for spec in ALONE] == ["identity_number", "mobile_number", "bank_card"]
    assert all(spec.build({}, lambda name: b"").behind > 32 for spec in ALONE)
