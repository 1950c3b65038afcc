"""A teacher of Chinese names learns a few sentences and says of others how likely each candidate is a name.

Runs in an environment of its own (``make test-heavy``); elsewhere it is skipped, and says so.

Mutants killed: sentences that come back in another order; a candidate without a word of the teacher.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

pytest.importorskip("torch", reason="torch is not installed: make test-heavy has an environment with it")

from kit.tiny_teacher import tiny_teacher

from gateway.detectors.names.weights import ZH, read_chinese
from training import teacher
from training.names_zh_fit import Course, Told, heard
from training.names_zh_said import Line, Lines, labels_of

LINES = Lines(read_chinese(ZH.read_bytes()))
TEXTS = ["周星驰和张伟来了", "请问张伟在吗", "我叫李娜"]


class Little(Course):
    """Three sentences to read, and the same to learn from."""

    def __init__(self) -> None:
        """Nothing is drawn from data."""

    def unmarked(self) -> list[Line]:
        """Return what is read."""
        return [LINES(text) for text in TEXTS]

    def taught(self, unmarked: Sequence[Line]) -> Iterator[Told]:
        """Yield what is learnt."""
        for line in unmarked:
            yield Told(line.words(), labels_of(line, ()))


def test_each_candidate_of_each_sentence_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teacher, "teacher", tiny_teacher)
    said = list(heard(Little(), 1))
    assert [line.text for line, _ in said] == TEXTS
    for line, sure in said:
        assert len(sure) == len(line.candidates) > 0
        assert all(0 <= one <= 1 for one in sure)
    assert said == list(heard(Little(), 1))
    assert [line.text for line, _ in heard(Little(), 1, some=2)] == TEXTS[::2]
