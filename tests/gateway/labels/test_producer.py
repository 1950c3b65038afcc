"""A provider's code is right in every position, or it is told which is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.labels.producer import fault_of_code, fault_of_credit_code, is_meant_as_code, parse_code

# Codes that big providers publish in their files: facts, and the only ones that are beyond doubt.
PUBLISHED = [
    "001191110102MAD55U9H0F10002",
    "001191440300708461136T1XGW3",
    "001191110102MACQD9K64010000",
    "001191440300MA5G49LC9K1YO01",
]


@pytest.mark.parametrize("code", PUBLISHED)
def test_published_codes_are_right(code: str) -> None:
    assert fault_of_code(code, "1") is None
    assert is_meant_as_code(code)


def test_a_code_is_taken_apart() -> None:
    code = parse_code(PUBLISHED[0])
    assert (code.subject_type, code.binding, code.service, code.extension) == ("1", "1", "1", "0002")
    assert code.subject == "91110102MAD55U9H0F"
    with pytest.raises(ValueError, match="26 characters"):
        parse_code(PUBLISHED[0][:-1])


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("", "0 characters"),
        (PUBLISHED[0] + "0", "28 characters"),
        (PUBLISHED[0].lower(), "capital"),
        ("01" + PUBLISHED[0][2:], "begin with 00"),
        (PUBLISHED[0].replace("F1", "G1"), "check character does not fit"),
        ("0011" + "91110102MAD55U9H1" + "F" + "10002", "check"),
        ("0011" + "I1110102MAD55U9H0F" + "10002", "other than I, O"),
        (PUBLISHED[0][:22] + "30002", "position 23"),
        (PUBLISHED[0][:22] + "00001", "position 23"),
        (PUBLISHED[0][:22] + "20002", "2 at position 23, not 1"),
        ("００" + PUBLISHED[0][2:], "digits and capital letters"),
    ],
)
def test_what_is_wrong_with_a_code_is_told(code: str, said: str) -> None:
    assert said in (fault_of_code(code, "1") or "")


def test_a_propagators_code_and_an_unused_extension_are_right() -> None:
    assert fault_of_code(PUBLISHED[0][:22] + "20002", "12") is None
    assert fault_of_code(PUBLISHED[0][:22] + "00000", "1") is None


def test_other_subjects_than_organisations_pass_because_their_rule_is_not_known() -> None:
    assert fault_of_code("0021" + "0" * 18 + "10000") is None


@given(st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_every_single_changed_character_of_a_credit_code_is_found(place: int, letter: str) -> None:
    right = "91110102MAD55U9H0F"
    changed = right[:place] + letter + right[place + 1 :]
    assert (fault_of_credit_code(changed) is None) is (changed == right)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("acme", False),
        ("MiniMax", False),
        ("某公司", False),
        ("0" * 19, False),
        ("001191110102MAD55U9H0f10002", True),
        ("00119111010200000000", True),
        ("91110108MA01234567ACME00001", True),
        ("ACMEINTELLIGENTSYSTEMSGROUP", False),
    ],
)
def test_a_name_is_not_taken_for_a_code(text: str, meant: bool) -> None:
    assert is_meant_as_code(text) is meant
