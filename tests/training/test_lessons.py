"""What the encoder learns from: marked, further and made texts, each held out with all parts that hold it."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.detectors.risk_names import HEADS, WINDOW
from gateway.detectors.stretches import LONGEST, stretches
from training.corpora.rows import Row
from training.examples import sampled
from training.lessons import Lessons, lessons
from training.material import FOLDS, part_of

SOURCES = {"jade": "zh", "catqa": "en", "aisafetylab": "en", "flames": "zh"}
"""One of each part, in their order."""


def row(text: str, source: str, kind: str = "benign", question: str = "", language: str = "") -> Row:
    risks = frozenset({"harm"}) if kind == "must_refuse" else frozenset()
    return Row(text, source, language or SOURCES[source], kind, risks, question=question)  # type: ignore[arg-type]


def rows() -> list[Row]:
    found = []
    for number, (source, language) in enumerate(SOURCES.items()):
        mark = chr(0x4E00 + number) if language == "zh" else "abcd"[number]
        found += [row(f"{mark}{n}" * 3 + mark * 5, source, ("benign", "must_refuse")[n % 2]) for n in range(10)]
        found.append(row(f"answer {mark * 3}", source, "answer", f"question {mark * 3}"))
    return found


def of(found: Lessons, text: str) -> list[int]:
    return np.flatnonzero(found.parts[found.texts.index(text)]).tolist()


def test_the_sources_of_this_test_lie_in_a_part_each() -> None:
    assert [part_of(row("x", source)) for source in SOURCES] == list(range(FOLDS))


def test_marked_texts_come_first_then_further_ones_then_three_made_of_each_marked_one() -> None:
    found = lessons(rows(), 1)
    assert found.labelled == 40
    assert found.texts[40:48:2] == [f"answer {mark * 3}" for mark in ("一", "b", "c", chr(0x4E03))]
    assert found.texts[41:48:2] == [f"question {mark * 3}" for mark in ("一", "b", "c", chr(0x4E03))]
    assert len(found.texts) == 40 + 8 + 3 * 40
    assert found.wanted.shape == found.counts.shape == (40, len(HEADS) - 1)
    assert found.wanted[:, 0].tolist() == [0, 1] * 20


def test_stretches_of_long_chinese_texts_come_last_and_are_judged_as_their_texts_are() -> None:
    clauses = [f"第{n}个从句说的是另外一件平常的小事。" for n in "一二三四五六"]
    long = "".join(clauses)
    found = lessons([*rows(), row(long, "flames"), row("A long one. " * 20, "catqa")], 1)
    assert len(long) > LONGEST
    some = [found.texts[at] for at in found.judged.tolist()]
    assert some[: found.labelled] == found.texts[: found.labelled]
    assert some[found.labelled :] == stretches(long) == found.texts[-len(stretches(long)) :]
    assert found.judged_own.tolist()[found.labelled :] == [3] * len(stretches(long))
    assert of(found, stretches(long)[0]) == [3]


def test_comments_beyond_the_sample_are_further_texts() -> None:
    comments = [row(f"comment number {n}", "jade", "comment", language="en") for n in range(9500)]
    found = lessons(comments, 1)
    kept = [one.text for one in sampled(comments, 1)]
    assert found.labelled == len(kept) == 9000
    assert found.texts[:9000] == kept
    assert {*found.texts[9000:9500]} == {one.text for one in comments} - {*kept}


def test_a_text_belongs_to_its_part_and_what_is_made_of_it_too() -> None:
    found = lessons(rows(), 1)
    for at, text in enumerate(found.texts):
        marks = {number for number, mark in enumerate(("一", "b", "c", chr(0x4E03))) if mark in text.split()[-1]}
        assert set(np.flatnonzero(found.parts[at])) == marks
    assert found.own.tolist() == [part for part in range(FOLDS) for _ in range(10)]


@pytest.mark.parametrize("part", range(FOLDS))
def test_who_must_not_know_a_part_gets_no_text_of_it(part: int) -> None:
    both = "the same in two places"
    found = lessons([*rows(), row(both, "jade"), row(both, "flames"), row("x", "catqa", "answer", both)], 1)
    assert of(found, both) == [0, 1, 3]
    kept = {text for text, may in zip(found.texts, found.without(part), strict=True) if may}
    held = {one.text for one in rows() if part_of(one) == part} | ({both} if part in {0, 1, 3} else set())
    assert not kept & held
    assert found.without(None).all()


def test_a_made_text_that_stands_in_another_part_belongs_to_both() -> None:
    """Half of a text of one part may be a whole one of another."""
    source, halves = row("ab, cd ef", "catqa"), ["ab,", "cd ef", "ab, cd", "ef", "ab", "cd"]
    found = lessons([*[source] * 20, *(row(half, "flames") for half in halves)], 1)
    made = [at for at in range(found.labelled, len(found.texts)) if found.parts[at, 1]]
    assert {found.texts[at].strip() in halves for at in made} == {True, False}
    assert all(found.parts[at, 3] == (found.texts[at].strip() in halves) for at in made)


def test_only_languages_alike_are_joined() -> None:
    mixed = [row("用拼音写", "jade")] * 5 + [row("q w e r", "jade", language="en")] * 5 + [row("用 python", "jade")] * 5
    made = lessons(mixed, 1).texts[15:]
    assert not [text for text in made if {*"qwer"} & {*text} and "用" in text and "python" not in text]
    assert [text for text in made if "拼" in text and "python" in text]


def test_some_texts_alone_may_be_taken() -> None:
    whole, some = lessons(rows(), 1), lessons(rows(), 1, some=4)
    assert some.texts[:10] == whole.texts[:40:4]
    assert some.texts[10:12] == whole.texts[40:48:4]
    assert len(some.texts) == 10 + 2 + 30


def test_the_first_window_is_read_folded_and_too_short_a_further_text_is_not() -> None:
    found = lessons([row("ＡＢＣ" + "长" * 600, "jade"), row("好", "jade", "answer", "嗯")], 1)
    assert found.texts[0] == "abc" + "长" * (WINDOW - 3)
    assert found.labelled == 1
    assert len(found.texts) - len(found.stretch_own) == 4
