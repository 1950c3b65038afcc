"""A card names what weights were made of, with the licence that each set tells, or that it tells none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gateway.detectors.risk_names import HEADS
from training.card import Judged, card, licence_of
from training.corpora.rows import Row


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("repo: github:a/b\nlicence: MIT\n", ("a/b", "MIT")),
        ("licence:  CC BY 4.0 \nrepo: https://x/y\nmore: z\n", ("https://x/y", "CC BY 4.0 ")),
        ("repo: github:a/b\n", ("a/b", "not told")),
        ("", ("", "not told")),
        (None, ("", "not told")),
    ],
)
def test_a_licence_is_what_a_set_tells_and_no_guess(tmp_path: Path, said: str | None, found: tuple[str, str]) -> None:
    if said is not None:
        (tmp_path / "some_set").mkdir()
        (tmp_path / "some_set" / "SOURCE").write_text(said, "utf-8")
    assert licence_of(tmp_path, "some_set") == found


def test_answers_have_a_line_for_each_set_and_one_for_each_language(tmp_path: Path) -> None:
    def of(kind: str, language: str, *risks: str) -> Row:
        return Row("a", "set", language, kind, frozenset(risks))  # type: ignore[arg-type]

    answers = [of("answer", "zh"), of("answer", "zh"), of("answer", "zh", "harm"), of("answer", "zh", "harm")]
    texts = [of("implicit", "zh", "harm"), of("benign", "zh"), of("benign", "en")]
    judged = Judged(texts, np.zeros((len(texts), len(HEADS)), np.float32))
    told = card(
        [*texts, *answers],
        judged,
        Judged(answers, np.array([[0.1], [0.6], [0.9], [0.2]], np.float32)),
        data=tmp_path,
        seed=1,
        commit="abc",
    )
    for name in ("set", "all"):
        assert f"| {name} | zh | 2 | 0.500 (0.095–0.905) | 2 | 0.500 (0.095–0.905) | 0.750 (" in told
    assert "| all | en | 0 |  | 0 |  |  |" in told
