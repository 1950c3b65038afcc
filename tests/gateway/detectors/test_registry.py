"""The registry: what policies can use."""

from __future__ import annotations

import pytest

from gateway.detectors.registry import registry

FIXED = {
    "identity_number": {"pii.identity_number"},
    "mobile_number": {"pii.mobile_number"},
    "email": {"pii.email"},
    "bank_card": {"pii.bank_card"},
    "api_key": {"secret.api_key", "secret.password", "secret.url"},
    "privacy_request": {"a4.e", "a4.f"},
    "orders": {"attack.indirect"},
    "injection": {
        "attack.encoding",
        "attack.indirect",
        "attack.injection",
        "attack.jailbreak",
        "attack.prompt_leak",
        "attack.suffix",
    },
}
JUDGES = {
    "aliyun_moderation",
    "detoxify",
    "json_judge",
    "llama_guard",
    "openai_moderation",
    "qwen3guard",
    "shieldgemma",
}
WITH_OPTIONS = {"lexicon", "pattern", "personal_data", "names", "presidio", "classifier", *JUDGES}
READS = {"encoding", "spelling"}


def test_each_kind_is_there_under_its_name() -> None:
    assert {name: spec.name for name, spec in registry().items()} == {
        name: name for name in {*FIXED, *WITH_OPTIONS, *READS}
    }


@pytest.mark.parametrize("name", FIXED)
def test_kinds_without_options_say_which_risks_they_find(name: str) -> None:
    spec = registry()[name]
    built = spec.build({}, lambda file: b"")
    assert spec.risks == built.risks == FIXED[name]
    assert spec.options == {}
    assert built.scan is not None
    assert built.judge is None
    assert built.version


@pytest.mark.parametrize("name", sorted(READS))
def test_a_kind_that_reads_other_texts_leaves_them_to_the_others(name: str) -> None:
    built = registry()[name].build({}, lambda file: b"")
    assert built.derive is not None
    assert (built.scan, built.judge) == (None, None)
    assert built.risks == registry()[name].risks


@pytest.mark.parametrize("name", sorted({*FIXED, *WITH_OPTIONS, *READS}))
def test_every_kind_has_a_line_for_people(name: str) -> None:
    summary = registry()[name].summary
    assert summary.endswith(".")
    assert "\n" not in summary
