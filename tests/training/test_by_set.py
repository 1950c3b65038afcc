"""What is counted set by set goes by what a set is called, and of what is not there nothing is said."""

from __future__ import annotations

import numpy as np
import pytest

from training.by_set import answers, name_of
from training.corpora.rows import Row


def rows(kind: str, count: int, language: str = "zh", source: str = "a", risks: tuple[str, ...] = ()) -> list[Row]:
    return [Row(f"{kind}{n}", source, language, kind, frozenset(risks)) for n in range(count)]  # type: ignore[arg-type]


@pytest.mark.parametrize(("source", "name"), [("written:x", "written"), ("a", "a"), ("rewritten:x", "rewritten:x")])
def test_what_was_written_for_this_project_is_one_set(source: str, name: str) -> None:
    assert name_of(Row("t", source, "zh", "benign")) == name


def test_answers_are_counted_by_set_and_language_and_of_what_is_not_there_nothing_is_said() -> None:
    given = [
        *rows("answer", 4, source="a"),
        *rows("answer", 2, source="a", risks=("harm",)),
        *rows("answer", 2, "en", source="b"),
    ]
    found = {(x.source, x.language): x for x in answers(given, np.array([0.1, 0.2, 0.3, 0.7, 0.6, 0.9, 0.1, 0.1]), 0.6)}
    assert list(found) == [("a", "zh"), ("all", "zh"), ("b", "en"), ("all", "en")]
    one = found["a", "zh"]
    assert (one.harmless, one.harmful) == (4, 2)
    assert one.refused is not None
    assert one.found is not None
    assert one.area is not None
    assert (one.refused.value, one.found.value, one.area.value) == (0.25, 1.0, 0.875)
    assert (found["b", "en"].harmful, found["b", "en"].found, found["b", "en"].area) == (0, None, None)
