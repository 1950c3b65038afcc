"""The network of English names that ships learns from marks, and from what a teacher says.

Runs in an environment of its own (``make test-heavy``); elsewhere it is skipped, and says so.

Mutants killed: a network that learns from nothing but marks; a set of the family that is left out and learnt from.
"""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: make test-heavy has an environment with it")

from gateway.detectors.names.english import LABELS
from gateway.detectors.names.english_net import Tables, table
from gateway.detectors.names.weights import read_english, write_english
from training import names_en_fit
from training.names_en import Sentence, guessed
from training.names_en_fit import examples, fit, marked

NOBODY = Tables(table({"ann"}), table({"lee"}), table({"today"}))


def sentence(text: str, label: str = "person") -> Sentence:
    """Words, of which those in capitals are somebody."""
    words = text.split()
    return words, [label if word.isupper() else "none" for word in words]  # type: ignore[list-item]


def test_the_network_learns_from_marks_and_from_what_the_teacher_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names_en_fit, "_ROUNDS", 20)
    none, _, oslo, _ = np.eye(len(LABELS), dtype=np.float32)
    soft = [(["in", f"Os{end}", "now"], np.stack([none, oslo, none])) for end in ("lo", "by", "to", "ka")] * 40
    told = [*marked([sentence("Ask ANN today"), sentence("then LEE spoke")] * 80), *soft]
    model = read_english(write_english(fit(NOBODY, examples(NOBODY, told), 1)))
    assert guessed(model, ["Ask", "ANN", "today"])[1] == "person"
    assert guessed(model, ["in", "Oslo", "now"])[1] == "place"
    assert write_english(fit(NOBODY, examples(NOBODY, told), 1)) == write_english(model)


def test_what_is_learnt_from_ends_in_words_that_may_be_names() -> None:
    told = examples(NOBODY, list(marked([sentence("ask ANN today I say")])))
    assert told.signs.shape == (1, names_en_fit.NEAR, len(NOBODY.signs("a")))
    assert told.truth.tolist() == [[0, 1, 0, 0]]
