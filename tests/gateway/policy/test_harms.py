"""Every item and group of Annex A has its words in both languages, and nothing else has."""

from __future__ import annotations

import pytest

from gateway.detectors.risk_names import GROUPS, HEADS, ITEMS
from gateway.policy.harms import harm_in_words
from gateway.text import is_chinese


@pytest.mark.parametrize("risk", [*GROUPS, *ITEMS])
def test_an_item_or_group_is_said_in_words(risk: str) -> None:
    chinese, english = harm_in_words(risk, "zh"), harm_in_words(risk, "en")
    assert chinese[0] + chinese[-1] == "（）"
    assert is_chinese(chinese)
    assert english.startswith(" (")
    assert english.isascii()
    assert risk not in chinese + english


def test_no_two_are_said_alike() -> None:
    for language in ("zh", "en"):
        assert len({harm_in_words(risk, language) for risk in [*GROUPS, *ITEMS]}) == len(GROUPS) + len(ITEMS)


@pytest.mark.parametrize(
    ("risk", "language", "said"),
    [
        ("a1.h", "zh", "（其他法律、行政法规禁止的内容）"),
        ("a1.h", "en", " (other content that laws or regulations forbid)"),
        ("a2.e", "zh", "（性别歧视）"),
        ("a4.f", "en", " (infringing rights to personal information)"),
    ],
)
def test_the_words_are_those_of_the_standard(risk: str, language: str, said: str) -> None:
    assert harm_in_words(risk, language) == said  # type: ignore[arg-type]


@pytest.mark.parametrize("risk", [*HEADS, "pii.name", "a1.z", "a", "", "a6"])
def test_nothing_is_said_of_what_is_none(risk: str) -> None:
    assert (harm_in_words(risk, "zh"), harm_in_words(risk, "en")) == ("", "")
