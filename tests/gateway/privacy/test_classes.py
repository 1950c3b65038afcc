"""What the rules say about each kind of personal data."""

from __future__ import annotations

from typing import get_args

import pytest

from gateway.detectors.registry import registry
from gateway.privacy.classes import CATEGORIES, CLASSES, Category, classes_of, groups, level_of, told

FOUND = {risk for spec in registry().values() for risk in spec.risks if risk.startswith(("pii.", "secret."))}


def test_everything_that_can_be_found_has_its_classes() -> None:
    assert FOUND - set(CLASSES) == set()


def test_the_thirteen_classes_of_the_standard_are_all_named() -> None:
    assert tuple(CATEGORIES) == get_args(Category)
    assert len(CATEGORIES) == 13
    assert {classes.category for classes in CLASSES.values()} <= set(CATEGORIES)


@pytest.mark.parametrize(
    ("risk", "annex_b", "gbt45574", "pipl28", "identifier"),
    [
        # GB/T 45574-2025 took the number of an identity card off its list; Annex B of 35273 has it.
        ("pii.identity_number", True, False, False, "direct"),
        ("pii.bank_card", True, True, True, "direct"),
        ("pii.medical_record", True, True, True, "direct"),
        ("pii.coordinates", True, True, True, "direct"),
        ("pii.mobile_number", False, False, False, "direct"),
        ("pii.date_of_birth", False, False, False, "quasi"),
        ("pii.postcode", False, False, False, "quasi"),
    ],
)
def test_what_the_rules_say_of_some(risk: str, annex_b: bool, gbt45574: bool, pipl28: bool, identifier: str) -> None:
    classes = CLASSES[risk]
    assert (classes.annex_b, classes.gbt45574, classes.pipl28) == (annex_b, gbt45574, pipl28)
    assert classes.identifier == identifier


def test_what_a_law_calls_sensitive_is_never_of_a_low_level() -> None:
    assert all(classes.level >= 3 for classes in CLASSES.values() if classes.annex_b or classes.pipl28)


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        CLASSES["pii.email"] = CLASSES["pii.name"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("risk", "classes", "level"),
    [
        ("pii.bank_card", ("property", "annex_b", "gbt45574", "pipl28", "direct"), 4),
        ("pii.identity_number", ("identity", "annex_b", "direct"), 4),
        ("pii.date", ("basic", "quasi"), 1),
        ("secret.api_key", ("property", "annex_b", "gbt45574", "pipl28"), 4),
        ("a1.a", (), 0),
        ("pii.nothing", (), 0),
    ],
)
def test_every_risk_says_its_classes_in_the_words_of_policies(risk: str, classes: tuple[str, ...], level: int) -> None:
    assert (classes_of(risk), level_of(risk)) == (classes, level)
    assert set(classes) <= set(groups())
    assert told(risk, "en") == (f" [{', '.join(classes)}; level {level}]" if classes else "")


@pytest.mark.parametrize(
    ("risk", "said"),
    [
        (
            "pii.bank_card",
            "（个人财产信息、GB/T 35273 附录 B 敏感、GB/T 45574 敏感、个人信息保护法第二十八条、直接标识；4 级）",
        ),
        ("pii.date", "（个人基本资料、准标识；1 级）"),
        ("a1.a", ""),
    ],
)
def test_in_chinese_they_are_said_in_chinese(risk: str, said: str) -> None:
    assert told(risk, "zh") == said


def test_nothing_is_left_in_english_in_chinese() -> None:
    assert [risk for risk in CLASSES if any(name in told(risk, "zh") for name in classes_of(risk))] == []
