"""A score with other vectors answers only from where next to nothing that no entry answers would be answered.

Mutants killed: the threshold of the table taken over as it is; the own entry not taken away; a bank of a few ways
calibrated all the same; a threshold that is not raised; cosines read as further apart than they are; a
question that the bank holds taken for a foreign one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from kit.embedding import Axes
from kit.shelf import THINGS, bank, entry

from gateway.answers.bank import Bank, Thresholds
from gateway.answers.embedded import Embedded, Model
from gateway.answers.fit import LEAST, Apart, fitted, foreign, line
from gateway.answers.match import DEFAULT, Fit, Matcher, asked
from gateway.answers.standards import Meant, meant
from gateway.meaning.pieces import plain
from gateway.text import is_chinese


def axes(noise: float = 0.6, width: int = 96) -> Axes:
    return Axes([[thing] for thing in THINGS], width, noise)


def made(of: Bank, model: Axes) -> Meant:
    return meant([of], Model(model))[0]


def found(one: Meant, model: Axes, question: str) -> tuple[str, str]:
    source = one.own.vectors
    assert isinstance(source, Embedded)
    texts = asked(question)
    match = one.own.find(question, vectors=source.asked(dict(zip(texts, model(texts), strict=True))))
    return match.decision, match.entry.id if match.entry else ""


def test_foreign_questions_are_many_in_both_languages_and_each_is_there_once() -> None:
    texts = foreign()
    chinese = sum(map(is_chinese, texts))
    assert len(set(texts)) == len(texts)
    assert chinese >= 100
    assert len(texts) - chinese >= 60


def test_a_calibrated_score_answers_from_where_hardly_anything_foreign_would_be_answered() -> None:
    one = made(bank(), axes())
    fit = one.own.fit
    assert fit.answer is not None
    assert one.own.limits.answer == max(DEFAULT.answer, fit.answer)
    assert fit.why.startswith("tried on 120 ways without their entry and")
    assert fit.near.times <= 1.0
    ways = one.own.ways
    lured = [one.own.lured(text, one.own.vectors, ways.owner(at)) for at, text in enumerate(ways.texts)]
    assert sum(score >= fit.answer for score in lured) <= 0.01 * len(lured)
    assert max(lured) > 0


def test_the_right_entry_is_found_and_a_foreign_question_passes_on() -> None:
    model = axes()
    one = made(bank(), model)
    assert found(one, model, "请帮我弄弄护照")[1] == "护照"
    assert found(one, model, "护照怎么办理") == ("answer", "护照")  # the very question
    for text in ("月亮离地球有多远", "红烧肉怎么做才不腻", "how far away is the moon"):
        assert found(one, model, text)[0] == "pass"


def test_a_bank_with_a_few_ways_asks_back_at_most() -> None:
    model = axes(0.1)
    one = made(bank(20), model)
    assert one.own.fit.answer is None
    assert f"has 60 ways to try its score on, and {LEAST} are needed" in one.own.fit.why
    assert found(one, model, "护照怎么办理") == ("answer", "护照")  # the very question
    near = [found(one, model, f"{thing}要怎么办理呢") for thing in THINGS[:20]]
    assert near == [("ask", thing) for thing in THINGS[:20]]
    calibrated = made(bank(), model)
    answered = [found(calibrated, model, f"{thing}要怎么办理呢") for thing in THINGS[:20]]
    assert answered == [("answer", thing) for thing in THINGS[:20]]


def test_a_model_that_takes_one_thing_for_another_answers_from_a_higher_score_or_never() -> None:
    """Every two entries are one to it: with an entry taken away its questions seem to be the other's."""
    pairs = list(zip(THINGS[::2], THINGS[1::2], strict=True))
    model = Axes([[*pair, f"{pair[0]}或其他"] for pair in pairs], 96, 0.1)
    one = made(bank(), model)
    fit = one.own.fit
    assert fit.answer is None or fit.answer > DEFAULT.answer
    held = Bank("half", tuple(entry for entry in bank().entries if entry.id in THINGS[::2]))
    half = meant([held], Model(model))[0]
    believing, careful = half.own.fitted(Fit(half.own.fit.near, half.own.fit.meaning, 0.0)), half.own.fitted(fit)
    source = half.own.vectors
    assert isinstance(source, Embedded)
    wrong = {"believing": 0, "careful": 0}
    for other in THINGS[1::2]:
        text = f"我想问{other}的事情该找谁"
        rows = source.asked(dict(zip(asked(text), model(asked(text)), strict=True)))
        wrong["believing"] += believing.find(text, vectors=rows).decision == "answer"
        wrong["careful"] += careful.find(text, vectors=rows).decision == "answer"
    assert wrong["believing"] >= 5
    assert wrong["careful"] <= 1


def test_a_banks_own_thresholds_are_only_ever_raised() -> None:
    strict = replace(bank(), thresholds=Thresholds(0.995, 0.4))
    assert made(strict, axes()).own.limits == Thresholds(0.995, 0.4)
    mild = replace(bank(), thresholds=Thresholds(0.1, 0.05))
    one = made(mild, axes())
    assert one.own.fit.answer is not None
    assert one.own.limits.answer == one.own.fit.answer > 0.1


def test_a_question_that_the_bank_holds_is_no_foreign_one() -> None:
    text = "红烧肉怎么做才不腻"
    held = Bank("b", (*bank().entries, replace(entry("护照"), id="meat", questions=(text,))))
    one = made(held, axes())
    chinese = sum(map(is_chinese, foreign()))
    assert f"and {chinese - 1} foreign questions" in one.own.fit.why
    assert plain(text) in one.own.ways.texts


@pytest.mark.parametrize(
    "empty", [Bank("b", ()), Bank("b", (replace(entry("护照"), questions=(), patterns=("护照",)),))]
)
def test_a_bank_without_questions_has_nothing_to_calibrate(empty: Bank) -> None:
    one = made(empty, axes())
    assert one.own.fit.answer is None
    assert fitted(Matcher(empty), Matcher(empty), Matcher(empty).vectors).fit.answer is None


def test_the_version_tells_which_model_it_is() -> None:
    first, again, other = made(bank(), axes()), made(bank(), axes()), axes()
    other.name = "other"
    assert first.own.version == again.own.version
    assert len({first.own.version, first.table.version, made(bank(), other).own.version}) == 3


@pytest.mark.parametrize(
    ("own", "table", "times", "nearest"),
    [
        (Apart(0.7, 0.9), Apart(0.0, 0.1), 0.5, 0.1),  # further apart: read as nearer together
        (Apart(0.0, 0.1), Apart(0.0, 0.4), 1.0, 0.4),  # nearer together: never as further apart
        (Apart(0.5, 0.5), Apart(0.1, 0.3), 1.0, 0.3),  # all the same
    ],
)
def test_cosines_are_read_as_those_of_the_table_are(own: Apart, table: Apart, times: float, nearest: float) -> None:
    read = line(own, table)
    assert np.isclose(read.times, times)
    assert np.isclose(read(own.nearest), nearest)
