"""What a second look adds is weighed with what the n-grams said, and only by the network that belongs to it.

Killed here: weights of the other language; a constant that is left out; a network fitted to another encoder; what
harm and attack say together given to the less likely one, to both, or to none.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gateway.detectors.risk_names import HEADS, LANGUAGES
from gateway.detectors.risk_sentence import BARE, FROM, FROM_SHORT, SHORT, Again, SentenceModel, Weights, worth_reading
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
    assert model.again(TEXT, grams, 1, 0) == Again(counts=1, adds=1)
    assert model.again(TEXT, grams, 1, 1) == Again(counts=3, adds=2)


@pytest.mark.parametrize(
    ("size", "language", "least"), [(SHORT, 0, FROM_SHORT), (SHORT + 1, 0, FROM), (1, 1, FROM), (500, 1, FROM)]
)
def test_short_chinese_texts_are_worth_reading_sooner(size: int, language: int, least: float) -> None:
    assert worth_reading(size, language) == least


def weights(together: list[float] | None) -> Weights:
    """Each head is what the n-grams say of it; together, all counts, and what speaks for attack twice."""
    told: dict[str, list[float]] = {head: [1, 0, 0] for head in TOLD}
    return Weights.of(told if together is None else {**told, "together": together})


WHOLE = np.array([math.nan], np.float32)
"""No stretch was read apart."""


def said(harm: float, attack: float) -> np.ndarray:
    return np.array([[harm, attack, *[0.0] * (len(TOLD) - 2)]], np.float32)


@pytest.mark.parametrize(
    ("harm", "attack", "found"),
    [
        (-1, -2, (0.5, -2)),  # harm is the likelier of the two: it gets what both say, -1 + 2 * -2 + 5.5
        (-2, -1, (-2, 1.5)),
        (1, 1, (8.5, 1)),  # equally likely: harm
        (3, -5, (3, -5)),  # what both say is less than what harm says alone
        (-5, 3, (-5, 6.5)),
    ],
)
def test_the_likelier_of_harm_and_attack_gets_what_both_say(
    harm: float, attack: float, found: tuple[float, float]
) -> None:
    zeros = np.zeros((1, len(TOLD)), np.float32)
    told = weights([1, 2, 0, 0, 5.5]).logits(said(harm, attack), zeros, WHOLE)[0]
    assert tuple(told[:2]) == found
    assert not told[2:].any()
    assert tuple(weights(None).logits(said(harm, attack), zeros, WHOLE)[0, :2]) == (harm, attack)


def test_together_counts_what_sentences_say_too() -> None:
    zeros, told = np.zeros((1, len(TOLD)), np.float32), weights([0, 0, 1, 3, 0.5])
    assert told.logits(zeros, said(1, 2), WHOLE)[0, 0] == pytest.approx(1 + 3 * 2 + 0.5)


def test_each_text_of_many_gets_its_own() -> None:
    zeros = np.zeros((2, len(TOLD)), np.float32)
    told = weights([1, 2, 0, 0, 5.5]).logits(np.concatenate([said(-1, -2), said(-2, -1)]), zeros, WHOLE.repeat(2))
    assert told[:, :2].tolist() == [[0.5, -2], [-2, 1.5]]


def test_what_is_told_of_a_head_adds_up() -> None:
    """Own n-grams, what was added, and the constant are the log-odds, whichever way they came about."""
    told, grams, sentence = weights([1, 2, 0.5, 0.5, 5.5]), said(-1, -2)[0], said(1, 1)[0]
    logits = told.logits(grams[None], sentence[None], WHOLE)[0]
    raised, other = (told.again(grams, sentence, math.nan, head) for head in (0, 1))
    assert raised == Again(counts=1, adds=-4 + 1)  # the other risk's n-grams, and both sentences
    assert raised.counts * grams[0] + raised.adds + 5.5 == pytest.approx(logits[0])
    assert other == Again(counts=1, adds=0)
    assert other.counts * grams[1] + other.adds == logits[1]


def read_apart() -> Weights:
    """As above, and what a stretch says of harm counts three times where one was read apart."""
    told: dict[str, list[float]] = {head: [1, 0, 0] for head in TOLD}
    return Weights.of({**told, "together": [1, 2, 0, 0, 5.5], "within": [1, 1, 1, 1, 3, 0.5]})


@pytest.mark.parametrize(
    ("apart", "found"),
    [
        (math.nan, (0.5, -2)),  # together: -1 + 2 * -2 + 5.5
        (2, (3.5 + 5, -2)),  # within: -1 - 2 + 2 + 3 + 3 * 2 + 0.5
        (-2, (-1, -2)),  # what the stretch says lowers what both say, and never what harm says alone
    ],
)
def test_a_stretch_that_was_read_apart_counts(apart: float, found: tuple[float, float]) -> None:
    told = read_apart().logits(said(-1, -2), said(2, 3), np.array([apart], np.float32))
    assert tuple(told[0, :2]) == found


def test_what_a_stretch_added_is_told() -> None:
    told, grams, sentence = read_apart(), said(-1, -2)[0], said(2, 3)[0]
    raised, other = (told.again(grams, sentence, 2, head) for head in (0, 1))
    assert raised == Again(counts=1, adds=-2 + 2 + 3, apart=3 * 2)
    assert raised.counts * grams[0] + raised.adds + raised.apart + 0.5 == 8.5
    assert other == Again(counts=1, adds=0)


@pytest.mark.parametrize(("size", "within", "apart"), [(65, True, True), (64, True, False), (500, False, False)])
def test_of_long_texts_alone_a_stretch_is_read_where_it_helps(size: int, within: bool, apart: bool) -> None:
    more = notes([1, 1, 0], [1, 1, 0])
    if within:
        more["with_sentence"]["zh"]["within"] = [1, 1, 1, 1, 1, 0]
    model = SentenceModel(shipped(), arrays(), more)
    assert model.reads_apart("问" * size, 0) == apart
    assert not model.reads_apart("问" * size, 1)


@pytest.mark.parametrize(("size", "adds"), [(1, 0.75), (BARE, 0.75), (BARE + 1, 0)])
def test_a_bare_request_is_sooner_harm_and_nothing_else(size: int, adds: float) -> None:
    told = notes([1, 1, 0], [1, 1, 0])
    told["with_sentence"]["zh"]["bare"] = [0.75]
    model, grams = SentenceModel(shipped(), arrays(), told), np.zeros(len(TOLD), np.float32)
    assert model.logits("问" * size, grams, 0).tolist() == [adds, *[0.0] * (len(TOLD) - 1)]
    assert not model.logits("问" * size, grams, 1).any()


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


@pytest.mark.parametrize(
    "more",
    [
        {"together": [1, 1, 1, 1]},
        {"within": [1] * 5},
        {"within": [1] * 7},
        {TOLD[0]: [1, 1]},
        {"within": []},
        {"bare": [1, 1]},
    ],
)
def test_too_many_or_too_few_numbers_are_told_before_a_text_comes(more: dict[str, list[float]]) -> None:
    told = notes([1, 1, 0], [1, 1, 0])
    told["with_sentence"]["zh"].update(more)
    with pytest.raises(ValueError, match=r"too many or too few|inhomogeneous"):
        SentenceModel(shipped(), arrays(), told)


def test_a_text_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question is judged when it is asked and again with its answer, and reading it is dear."""
    model = SentenceModel(shipped(), arrays(bias=2), notes([1, 1, 0], [1, 1, 0]))
    grams = np.zeros(len(TOLD), np.float32)
    first = model.logits(TEXT, grams, 0)
    monkeypatch.setattr(type(shipped().encoder), "read", lambda *_: pytest.fail("it was read again"))
    assert model.logits(TEXT, grams, 0) == pytest.approx(first)
    assert model.again(TEXT, grams, 0, 1).adds == 2
