"""Rows become windows, features and targets: what is known counts, what is not does not."""

from __future__ import annotations

import numpy as np

from gateway.detectors.risk_names import WINDOW
from training.corpora.rows import Row
from training.examples import featurize, fold_of, targets, windows, written

HEADS = ("harm", "attack", "abuse", "answer.harm")


def row(text: str, kind: str, risks: str = "", unknown: str = "", question: str = "") -> Row:
    return Row(text, "s", "zh", kind, frozenset(risks.split()), frozenset(unknown.split()), question)  # type: ignore[arg-type]


def test_a_long_text_is_cut_into_windows_from_its_beginning_to_its_end() -> None:
    text = "".join(chr(0x4E00 + n) for n in range(3000))
    parts = windows(text)
    assert len(parts) == 4
    assert all(len(part) <= WINDOW and part in text for part in parts)
    assert text.startswith(parts[0])
    assert text.endswith(parts[-1])
    assert windows("短") == ["短"]


def test_what_is_shown_known_and_unknown() -> None:
    rows = [
        row("你好", "benign"),
        row("骂人", "comment", "abuse hate", "*"),
        row("坏事", "must_refuse", "harm a1.h", "abuse"),
        row("好的", "answer", "harm", question="坏事"),
    ]
    wanted, counts = targets(featurize(rows), HEADS)
    assert wanted.tolist() == [[0, 0, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]]
    assert (counts > 0).tolist() == [
        [True, True, True, False],
        [False, False, True, False],
        [True, True, False, False],
        [False, False, False, True],
    ]


def test_a_repeated_gram_counts_once_and_short_texts_say_less() -> None:
    once, twice = (featurize([row(text, "benign")]).features for text in ("天地", "天地 天地 天地"))
    assert np.unique(once.data).size == np.unique(twice.data).size == 1
    lengths = [
        float(np.square(featurize([row("".join(map(chr, range(0x4E00, 0x4E00 + n))), "benign")]).features.data).sum())
        for n in (2, 20, 200)
    ]
    assert lengths == sorted(lengths)
    assert lengths[0] < 0.5
    assert lengths[2] < 1.1


def test_the_highest_window_counts() -> None:
    examples = featurize(
        [row("天" * 10 + "".join(chr(0x4E00 + n) for n in range(2000)), "benign"), row("地", "benign")]
    )
    logits = np.arange(len(examples.row), dtype=np.float32)[:, None]
    assert examples.best(logits).ravel().tolist() == [float(len(examples.row) - 2), float(len(examples.row) - 1)]


def test_a_family_is_always_in_the_same_part() -> None:
    assert [fold_of(f"written:{n}", 4) for n in range(5)] == [fold_of(f"written:{n}", 4) for n in range(5)]
    assert {fold_of(f"written:{n}", 4) for n in range(40)} == {0, 1, 2, 3}


def test_lines_of_one_hand_count_half(tmp_path):
    text = "language: zh\nrisks: []\nkind: {kind}\nfamilies:\n  - {{id: {id}, texts: [{text}]}}\n"
    for number, (kind, family) in enumerate(
        [("instruction", "zh-a"), ("instruction", "zh-pl-a"), ("look_alike", "zh-b"), ("look_alike", "zh-pl-b")]
    ):
        (tmp_path / f"{number}.yaml").write_text(text.format(kind=kind, id=family, text=f"写一首诗{number}"), "utf-8")
    weights = {row.source: row.weight for row in written(tmp_path, 1)}
    assert weights == {"written:zh-a": 2.0, "written:zh-pl-a": 1.0, "written:zh-b": 1.0, "written:zh-pl-b": 0.5}
