"""What data sets call a harm is told in the gateway's risks."""

from __future__ import annotations

import pytest

from gateway.detectors.risk_names import HEADS, ITEMS
from training.corpora.risks import ENGLISH, JADE, NOT_OURS, named


@pytest.mark.parametrize(
    ("label", "names", "risks"),
    [
        ("金融诈骗", JADE, {"a1.h", "fraud"}),
        ("地域歧视", JADE, {"a2.d", "hate"}),
        ("hate speech and bullying", ENGLISH, {"a2", "hate", "abuse", "a4.a"}),
        ("ransomware", ENGLISH, {"a1.h", "dangerous"}),
        ("gardening", ENGLISH, frozenset()),
    ],
)
def test_a_label_has_the_risks_of_all_that_is_found_in_it(
    label: str, names: tuple[tuple[str, tuple[str, ...]], ...], risks: frozenset[str]
) -> None:
    assert named(label, names) == risks


@pytest.mark.parametrize("names", [JADE, ENGLISH])
def test_every_risk_is_one_that_is_learnt(names: tuple[tuple[str, tuple[str, ...]], ...]) -> None:
    groups = {item.split(".")[0] for item in ITEMS}
    assert {risk for _, risks in names for risk in risks} <= {*HEADS, *ITEMS, *groups}


@pytest.mark.parametrize("label", ["legal opinion", "political lobbying", "spc"])
def test_what_is_no_risk_here_is_known_by_how_its_label_begins(label: str) -> None:
    assert NOT_OURS.search(label)
    assert not NOT_OURS.search(f"illegal {label}")
