"""Lines of the page hold a detector against harmless texts of the same language, and never without enough of them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.quality.tables import as_data, harmless, lines
from training.corpora.rows import Row


def rows(kind: str, count: int, language: str = "zh", source: str = "a", risks: tuple[str, ...] = ()) -> list[Row]:
    return [Row(f"{kind}{n}", source, language, kind, frozenset(risks)) for n in range(count)]  # type: ignore[arg-type]


def test_a_detector_is_held_against_harmless_texts_of_the_language() -> None:
    given = [
        *rows("must_refuse", 10, source="bad", risks=("harm",)),
        *rows("benign", 100, source="good"),
        *rows("benign", 100, "en", source="good"),
    ]
    scores = np.array([0.9] * 5 + [0.2] * 5 + [0.1] * 100 + [0.95] * 100)  # the English ones count for nothing
    (line,) = lines("risk", given, {"harm": scores})
    assert (line.risk, line.source, line.language, line.n) == ("harm", "bad", "zh", 10)
    assert line.area.value == 1.0
    assert [one.value for one in line.found] == [1.0] * 3
    assert (line.precision, line.f1) == (1.0, pytest.approx(2 / 3, abs=1e-4))
    assert json.loads(json.dumps(as_data(line)))["detector"] == "risk"


def test_comments_are_held_against_harmless_ones_of_their_own_set() -> None:
    given = [
        *rows("comment", 20, source="c", risks=("abuse",)),
        *rows("comment", 30, source="c"),
        *rows("comment", 30, source="other"),
    ]
    scores = np.array([0.6] * 20 + [0.4] * 30 + [0.9] * 30)
    (line,) = lines("risk", given, {"abuse": scores})
    assert (line.source, line.n, line.area.value) == ("c", 20, 1.0)


def test_where_too_few_harmless_texts_are_there_is_no_line() -> None:
    given = [*rows("must_refuse", 10, risks=("harm",)), *rows("benign", 19)]
    assert list(lines("risk", given, {"harm": np.linspace(1, 0, 29)})) == []
    assert list(lines("risk", given, {"fraud": np.linspace(1, 0, 29)})) == []


def test_refusals_of_harmless_texts_are_counted_by_set_kind_and_language() -> None:
    given = [*rows("benign", 4, source="a"), *rows("look_alike", 2, "en", source="b"), *rows("must_refuse", 3)]
    found = list(harmless(given, np.array([1, 0, 0, 0, 1, 1, 1, 1, 1], bool)))
    assert [(one.source, one.kind, one.language, one.n, one.refused.value) for one in found] == [
        ("b", "look_alike", "en", 2, 1.0),
        ("a", "benign", "zh", 4, 0.25),
    ]
