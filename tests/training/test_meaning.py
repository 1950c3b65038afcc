"""The training of vectors: what it reads, what it never reads, and that tuning brings texts where they belong."""

import json
from pathlib import Path

import numpy as np
import pytest

from gateway.meaning.pieces import plain, terms
from gateway.meaning.vectors import read_vectors
from training import meaning

TEXTS = ("怎么申请退款", "我要退款", "退款怎么退", "今天下雨吗", "天气怎么样", "明天天气")


def data(folder: Path) -> Path:
    for name, rows in {
        "some": [{"q": "今天的天气怎么样？我们出去走走"}, {"q": "How do I get there from the station?"}],
        "banking77": [{"q": "这一句话是不能读到的"}],
        "lex_houbb": [{"q": "这一句话也是不能读的"}],
    }.items():
        (folder / name).mkdir()
        (folder / name / "a.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
        (folder / name / "SOURCE").write_text("这里写的是来源而已", "utf-8")
    return folder


def test_sentences_are_read_but_not_of_held_out_sets_nor_of_lists(tmp_path: Path) -> None:
    chinese, english = meaning.sentences(data(tmp_path))
    assert chinese == ["今天的天气怎么样？", "我们出去走走"]
    assert english == ["How do I get there from the station?"]


def small() -> tuple[list[list[str]], list[str], np.ndarray]:
    cut = [terms(plain(text)) for text in TEXTS] * 40
    said = np.array([[1, 0.1], [1, 0], [1, -0.1], [0, 1], [0.1, 1], [-0.1, 1]] * 40, np.float32)
    return cut, meaning.vocabulary(cut, {"退款": 900, "天气": 900}), said / np.linalg.norm(said, axis=1, keepdims=True)


def test_the_vocabulary_holds_characters_and_words_of_the_list() -> None:
    _, pieces, _ = small()
    assert {"退", "款", "退款", "天气"} <= set(pieces)
    assert len(pieces) == len(set(pieces))


def test_ridge_and_tuning_bring_texts_near_what_the_teacher_has_near(tmp_path: Path) -> None:
    cut, pieces, said = small()
    bag = meaning.bags(cut, {piece: at for at, piece in enumerate(pieces)})
    first = meaning.ridge(bag, said)
    tuned = meaning.tune(bag, said, first, rounds=2, batch=32, block=8)
    file = tmp_path / "vectors.npz"
    meaning.save(file, pieces, tuned)
    near = read_vectors(file.read_bytes()).many(TEXTS) @ read_vectors(file.read_bytes()).many(TEXTS).T
    assert near[0, 1] > near[0, 3] + 0.3
    assert near[3, 4] > near[2, 4] + 0.3


def test_the_same_texts_make_the_same_bytes(tmp_path: Path) -> None:
    cut, pieces, said = small()
    made = []
    for name in ("a", "b"):
        bag = meaning.bags(cut, {piece: at for at, piece in enumerate(pieces)})
        meaning.save(
            tmp_path / name, pieces, meaning.tune(bag, said, meaning.ridge(bag, said), rounds=1, batch=32, block=8)
        )
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]


def test_a_folder_that_is_none_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert meaning.main(["--data", str(tmp_path / "no")]) == 2
    assert "no folder" in capsys.readouterr().err
