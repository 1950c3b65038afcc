"""What the rules say about each kind of personal data that can be found, by risk id.

Sources: GB/T 35273-2020 Annex A and B, GB/T 45574-2025, PIPL Art. 28, GB/T 42460-2023 Annex A and B.
GB/T 45574 no longer counts the *number* of an identity card as sensitive, only its picture; our level
still treats it as high, because of what a leak does. Free text is outside of GB/T 42460's scope: the
last column is used by analogy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

Category = Literal[
    "basic",
    "identity",
    "biometric",
    "network",
    "health",
    "education_work",
    "property",
    "communication",
    "contacts",
    "browsing",
    "device",
    "location",
    "other",
]
"""The thirteen classes of GB/T 35273-2020, Table A.1, in their order."""

CATEGORIES: Final[Mapping[Category, str]] = MappingProxyType(
    {
        "basic": "个人基本资料",
        "identity": "个人身份信息",
        "biometric": "个人生物识别信息",
        "network": "网络身份标识信息",
        "health": "个人健康生理信息",
        "education_work": "个人教育工作信息",
        "property": "个人财产信息",
        "communication": "个人通信信息",
        "contacts": "联系人信息",
        "browsing": "个人上网记录",
        "device": "个人常用设备信息",
        "location": "个人位置信息",
        "other": "其他信息",
    }
)
"""Their names in the standard."""

Identifier = Literal["direct", "quasi", "none"]
"""Whether it names a person by itself, together with others, or not at all (GB/T 42460-2023, Annex A and B)."""


class Classes(NamedTuple):
    """What the rules say about one kind.

    Attributes:
        category: Its class in GB/T 35273-2020, Table A.1.
        annex_b: Whether GB/T 35273-2020, Table B.1 counts it as sensitive.
        gbt45574: Whether GB/T 45574-2025 does.
        pipl28: Whether it is of a class that PIPL Art. 28 names.
        identifier: Direct or quasi identifier.
        level: How much harm a leak does, 1 (little) to 4 (grave); ours, for thresholds and reports.
    """

    category: Category
    annex_b: bool
    gbt45574: bool
    pipl28: bool
    identifier: Identifier
    level: Literal[1, 2, 3, 4]


_PAPER: Final = Classes("identity", True, False, False, "direct", 4)
_ACCOUNT: Final = Classes("network", False, False, False, "direct", 2)
_SECRET: Final = Classes("property", True, True, True, "none", 4)

CLASSES: Final[Mapping[str, Classes]] = MappingProxyType(
    {
        "pii.name": Classes("basic", False, False, False, "direct", 2),
        "pii.address": Classes("basic", False, False, False, "direct", 3),
        "pii.organization": Classes("education_work", False, False, False, "quasi", 1),
        "pii.location": Classes("location", False, False, False, "quasi", 1),
        "pii.date": Classes("basic", False, False, False, "quasi", 1),
        "pii.date_of_birth": Classes("basic", False, False, False, "quasi", 2),
        "pii.mobile_number": Classes("basic", False, False, False, "direct", 3),
        "pii.phone_number": Classes("basic", False, False, False, "direct", 2),
        "pii.email": Classes("basic", False, False, False, "direct", 2),
        "pii.identity_number": _PAPER,
        "pii.regional_identity": _PAPER,
        "pii.residence_permit": _PAPER,
        "pii.passport": _PAPER,
        "pii.travel_permit": _PAPER,
        "pii.driving_licence": _PAPER,
        "pii.military_id": _PAPER,
        "pii.social_security": _PAPER,
        "pii.us_ssn": _PAPER,
        "pii.uk_nino": _PAPER,
        "pii.staff_number": Classes("identity", False, False, False, "direct", 2),
        "pii.credit_code": Classes("identity", False, False, False, "quasi", 1),
        "pii.bank_card": Classes("property", True, True, True, "direct", 4),
        "pii.bank_account": Classes("property", True, True, True, "direct", 4),
        "pii.iban": Classes("property", True, True, True, "direct", 4),
        "pii.insurance_number": Classes("property", True, False, False, "direct", 3),
        "pii.medical_record": Classes("health", True, True, True, "direct", 4),
        "pii.plate": Classes("property", False, False, False, "direct", 2),
        "pii.vin": Classes("property", False, False, False, "direct", 2),
        "pii.wechat": _ACCOUNT,
        "pii.qq": _ACCOUNT,
        "pii.ip_address": _ACCOUNT,
        "pii.url": Classes("network", False, False, False, "direct", 1),
        "pii.uuid": Classes("device", False, False, False, "direct", 1),
        "pii.crypto_wallet": Classes("property", True, True, True, "direct", 3),
        "pii.imei": Classes("device", False, False, False, "direct", 2),
        "pii.mac_address": Classes("device", False, False, False, "direct", 2),
        "pii.postcode": Classes("basic", False, False, False, "quasi", 1),
        "pii.coordinates": Classes("location", True, True, True, "direct", 3),
        "secret.api_key": _SECRET,
        "secret.password": _SECRET,
        "secret.url": _SECRET,
    }
)
"""By risk id."""


def classes_of(risk: str) -> tuple[str, ...]:
    """Return the classes of a risk, in the words that policies use after ``class.``; none for no personal data."""
    one = CLASSES.get(risk)
    if one is None:
        return ()
    flags = (("annex_b", one.annex_b), ("gbt45574", one.gbt45574), ("pipl28", one.pipl28))
    identifier = () if one.identifier == "none" else (one.identifier,)
    return (one.category, *(name for name, holds in flags if holds), *identifier)


def level_of(risk: str) -> int:
    """Return how much harm a leak of it does, 1 to 4; 0 for what is no personal data."""
    one = CLASSES.get(risk)
    return one.level if one is not None else 0


_IN_CHINESE: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{str(name): said for name, said in CATEGORIES.items()},
        "annex_b": "GB/T 35273 附录 B 敏感",
        "gbt45574": "GB/T 45574 敏感",
        "pipl28": "个人信息保护法第二十八条",
        "direct": "直接标识",
        "quasi": "准标识",
    }
)


def told(risk: str, language: Literal["zh", "en"]) -> str:
    """Return the classes and the level of a risk as people see them beside a finding; empty for no personal data."""
    classes = classes_of(risk)
    if not classes:
        return ""
    if language == "zh":
        return f"（{'、'.join(_IN_CHINESE[name] for name in classes)}；{level_of(risk)} 级）"
    return f" [{', '.join(classes)}; level {level_of(risk)}]"


def groups() -> Mapping[str, frozenset[str]]:
    """Return the classes that policies can name (``risk: class.pipl28``), and the risks of each."""
    tests: Mapping[str, Callable[[Classes], bool]] = {
        "annex_b": lambda one: one.annex_b,
        "gbt45574": lambda one: one.gbt45574,
        "pipl28": lambda one: one.pipl28,
        "direct": lambda one: one.identifier == "direct",
        "quasi": lambda one: one.identifier == "quasi",
        "level_2": lambda one: one.level >= 2,
        "level_3": lambda one: one.level >= 3,
        "level_4": lambda one: one.level >= 4,
    }
    by_test = {name: frozenset(risk for risk, one in CLASSES.items() if test(one)) for name, test in tests.items()}
    by_category: dict[str, frozenset[str]] = {
        category: frozenset(risk for risk, one in CLASSES.items() if one.category == category)
        for category in CATEGORIES
    }
    return {name: risks for name, risks in {**by_test, **by_category}.items() if risks}
