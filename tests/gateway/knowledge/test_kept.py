"""A passage is searched with what stands above it; vectors of two makers are told apart with a way out."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.knowledge.kept import KeptPassage, Meaning, differing


def passage(title: str, headings: tuple[str, ...], text: str) -> KeptPassage:
    return KeptPassage("d#1", "d", title, "", text, headings, "", frozenset(), (), np.zeros(2, np.float32))


@pytest.mark.parametrize(
    ("title", "headings", "text", "searched"),
    [
        ("手册", ("退货", "运费"), "买家承担。", "手册\n退货\n运费\n买家承担。"),
        ("Handbook", (), "Seven days.", "Handbook\nSeven days."),
        ("退货", ("退货", "Returns"), "七天 seven days", "退货\nReturns\n七天 seven days"),
    ],
)
def test_a_passage_is_searched_with_its_title_and_headings_each_once(
    title: str, headings: tuple[str, ...], text: str, searched: str
) -> None:
    assert passage(title, headings, text).searched == searched


def test_vectors_of_two_makers_are_told_with_what_to_do() -> None:
    said = differing(Meaning("own", 256), Meaning("bge", 1024))
    assert said.startswith("the passages were embedded by own (256 numbers), and now bge (1024 numbers) is asked")
    assert said.endswith("— embed them anew: sluice kb rebuild")
