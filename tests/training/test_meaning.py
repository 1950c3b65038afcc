"""The training of vectors: what it reads, what it never reads, and that tuning brings texts where they belong."""

from pathlib import Path

import numpy as np
import pytest

from gateway.meaning.pieces import plain, terms
from gateway.meaning.vectors import read_vectors
from training import meaning

TEXTS = ("怎么申请退款", "我要退款", "退款怎么退", "今天下雨吗", "天气怎么样", "明天天气")


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
    meaning.save(file, pieces, tuned, meaning.rare(bag))
    near = read_vectors(file.read_bytes()).many(TEXTS) @ read_vectors(file.read_bytes()).many(TEXTS).T
    assert near[0, 1] > near[0, 3] + 0.3
    assert near[3, 4] > near[2, 4] + 0.3


def test_the_same_texts_make_the_same_bytes(tmp_path: Path) -> None:
    cut, pieces, said = small()
    made = []
    for name in ("a", "b"):
        bag = meaning.bags(cut, {piece: at for at, piece in enumerate(pieces)})
        tuned = meaning.tune(bag, said, meaning.ridge(bag, said), rounds=1, batch=32, block=8)
        meaning.save(tmp_path / name, pieces, tuned, meaning.rare(bag))
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]


def test_what_fewer_texts_hold_is_rarer() -> None:
    cut = [["a", "b"], ["a"], ["a", "c"]]
    rare = meaning.rare(meaning.bags(cut, {"a": 0, "b": 1, "c": 2}))
    assert rare[0] < rare[1] == rare[2]


def test_texts_of_a_group_are_to_mean_the_same() -> None:
    answers = np.random.default_rng(1).standard_normal((300, 160)).astype(np.float32)
    said = meaning.targets(answers, [[3, 7]])
    assert said.shape == (300, meaning.WIDTH)
    assert np.allclose(said[3], said[7], atol=1e-6)
    assert not np.allclose(said[3], said[8], atol=1e-2)


def test_a_stranger_is_moved_away_from_the_question_it_looks_like() -> None:
    answers = np.random.default_rng(1).standard_normal((300, 20)).astype(np.float32)
    answers[4] = answers[3] + 0.3 * answers[4]
    before, after = meaning.targets(answers, []), meaning.targets(answers, [], [(4, 3)])
    assert after[4] @ after[3] < before[4] @ before[3]
    assert before[4] @ before[3] > 0.8


def test_what_the_first_teacher_has_not_read_is_guessed_from_the_second() -> None:
    rng = np.random.default_rng(1)
    hidden = rng.standard_normal((400, 6))
    first, second = (hidden @ rng.standard_normal((6, n)) for n in (12, 9))
    both = meaning.together(first[:300].astype(np.float16), second.astype(np.float16))
    assert both.shape == (400, 21)
    true = first[300:] / np.linalg.norm(first[300:], axis=1, keepdims=True)
    assert np.mean((both[300:, :12] * true).sum(1)) > 0.95


def test_answers_that_are_kept_are_not_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Counting:
        asked = 0

        def query(self, texts: list[str]) -> np.ndarray:
            Counting.asked += len(texts)
            return np.array([[len(text), 1] for text in texts], np.float32)

    monkeypatch.setattr(meaning, "_PART", 2)
    first = meaning.asked(["a", "bb", "ccc"], tmp_path, Counting)
    again = meaning.asked(["a", "bb", "dddd"], tmp_path, Counting)
    assert first[:, 0].tolist() == [1, 2, 3]
    assert again[:, 0].tolist() == [1, 2, 4]
    assert Counting.asked == 4


def test_a_folder_that_is_none_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert meaning.main(["--data", str(tmp_path / "no")]) == 2
    assert "no folder" in capsys.readouterr().err
