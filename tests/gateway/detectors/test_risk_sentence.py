"""What a second look adds is weighed with what the n-grams said, and only by the network that belongs to it.

Killed here: weights of the other language; a constant that is left out; a network fitted to another encoder.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gateway.detectors.risk_names import HEADS, LANGUAGES
from gateway.detectors.risk_sentence import SentenceModel
from gateway.meaning.encoder import WIDTH, shipped

TEXT = "怎么做蛋糕"
TOLD = HEADS[:-1]


def arrays(bias: float = 0.0) -> dict[str, np.ndarray]:
    inward = np.zeros((WIDTH + 1, 4), np.float16)
    outward = np.zeros((5, len(TOLD)), np.float16)
    outward[-1] = bias
    return {"sentence_in": inward, "sentence_out": outward}


def notes(zh: list[float], en: list[float], **more: Any) -> dict[str, Any]:
    weights = {language: dict.fromkeys(TOLD, told) for language, told in zip(LANGUAGES, (zh, en), strict=True)}
    return {"with_sentence": weights, "encoder": shipped().digest, **more}


def test_both_are_weighed_by_the_language() -> None:
    model = SentenceModel(shipped(), arrays(bias=2), notes([1, 0.5, 0.25], [3, 1, -1]))
    grams = np.arange(len(TOLD), dtype=np.float32)
    assert model.logits(TEXT, grams, 0) == pytest.approx(grams + 1 + 0.25)
    assert model.logits(TEXT, grams, 1) == pytest.approx(3 * grams + 2 - 1)
    assert (model.adds(TEXT, 0, 0), model.adds(TEXT, 0, 1)) == (1, 2)
    assert (model.counts(0, 0), model.counts(0, 1)) == (1, 3)


def test_what_is_between_is_cut_off_below_zero() -> None:
    made = arrays()
    made["sentence_in"][-1] = [5, -5, 0, 0]
    made["sentence_out"][:-1] = 1
    model = SentenceModel(shipped(), made, notes([0, 1, 0], [0, 1, 0]))
    assert model.logits(TEXT, np.zeros(len(TOLD), np.float32), 0) == pytest.approx(np.full(len(TOLD), 5.0))


@pytest.mark.parametrize(
    ("what", "changed", "told"),
    [
        ("another encoder", {}, {"encoder": "0" * 64}),
        ("another width", {"sentence_in": np.zeros((8, 4), np.float16)}, {}),
        ("fewer heads", {"sentence_out": np.zeros((5, 2), np.float16)}, {}),
        ("fewer numbers between", {"sentence_out": np.zeros((4, len(TOLD)), np.float16)}, {}),
    ],
)
def test_what_does_not_belong_together_is_refused(what: str, changed: dict[str, Any], told: dict[str, Any]) -> None:
    del what
    with pytest.raises(ValueError, match=r"encoder|shape"):
        SentenceModel(shipped(), {**arrays(), **changed}, notes([1, 1, 0], [1, 1, 0], **told))


def test_a_text_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question is judged when it is asked and again with its answer, and reading it is dear."""
    model = SentenceModel(shipped(), arrays(bias=2), notes([1, 1, 0], [1, 1, 0]))
    grams = np.zeros(len(TOLD), np.float32)
    first = model.logits(TEXT, grams, 0)
    monkeypatch.setattr(type(shipped().encoder), "read", lambda *_: pytest.fail("it was read again"))
    assert model.logits(TEXT, grams, 0) == pytest.approx(first)
    assert model.adds(TEXT, 0, 1) == 2
