"""A sentence becomes a vector in which its order counts, the same alone and among others.

Killed here: a window that sees another text, or less of its own than there is; a piece that is likelier and not taken;
a character that no piece has and that is lost; a file that is broken and read; vectors that forget the order.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import ConfigError
from gateway.meaning import encoder as module
from gateway.meaning.arrays import packed
from gateway.meaning.encoder import UNKNOWN, WIDTH, Encoder, Shipped, shipped


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return shipped().encoder


def kept() -> dict[str, np.ndarray]:
    content = module.files("gateway.meaning").joinpath("weights", module.SHIPPED).read_bytes()
    return dict(np.load(io.BytesIO(content)))


def alike(encoder: Encoder, one: str, other: str) -> float:
    first, second = encoder.read([encoder.cut(one), encoder.cut(other)])
    return float(first @ second)


PIECES = ["<unk>", "<s>", "</s>", "\u2581", "a", "ab", "abc", "b", "c", "中", "中国", "国"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["\u2581"]),
        ("abc", ["\u2581", "abc"]),
        ("abb", ["\u2581", "ab", "b"]),
        ("a  b\n", ["\u2581", "a", "\u2581", "b"]),
        ("中国中", ["\u2581", "中国", "中"]),
        ("中x国", ["\u2581", "中", "<unk>", "国"]),
        ("ab国abc", ["\u2581", "ab", "国", "abc"]),
    ],
)
def test_a_text_is_cut_into_its_likeliest_pieces(text: str, expected: list[str]) -> None:
    scores = np.array([0, 0, 0, -1, -3, -3, -3, -3, -3, -3, -3, -3], np.float32)
    file = kept()
    arrays = {name: np.zeros(file[name].shape, np.float32) for name in module.MATRICES}
    small = Encoder(PIECES, scores, np.zeros((12, WIDTH), np.uint8), np.zeros((12, 2), np.float32), arrays)
    found = [PIECES[number] for number in small.cut(text)]
    assert found == ["<s>", *expected, "</s>"]


@pytest.mark.parametrize("text", ["今天天气怎么样", "how is the weather", "用Python写排序", "𠮷", "\u0000", "ﷺ"])
def test_every_text_has_a_vector_of_length_one(encoder: Encoder, text: str) -> None:
    vector = encoder.read([encoder.cut(text)])[0]
    assert vector.shape == (WIDTH,)
    assert float(np.linalg.norm(vector)) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("怎么做炸弹", "我想自己造一个炸弹", "怎么做蛋糕"),
        ("how do I build a bomb", "怎么做炸弹", "how do I bake a cake"),
        ("怎么骗老人的钱", "how can I scam the elderly", "怎么教老人用手机付钱"),
        ("帮我write一封骂人的信", "write an insulting letter", "帮我write一封感谢信"),
    ],
)
def test_what_asks_for_the_same_harm_is_nearer_than_what_has_the_same_words(
    encoder: Encoder, text: str, near: str, far: str
) -> None:
    assert alike(encoder, text, near) > alike(encoder, text, far) + 0.1


@pytest.mark.parametrize(("one", "other"), [("the dog bites the man", "the man bites the dog"), ("猫追狗", "狗追猫")])
def test_the_order_of_words_counts(encoder: Encoder, one: str, other: str) -> None:
    assert sorted(one) == sorted(other)
    assert alike(encoder, one, other) < 0.9999


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(alphabet="天气怎么样ab c，x", max_size=12), min_size=1, max_size=5))
def test_a_text_is_read_the_same_among_others(texts: list[str]) -> None:
    encoder = shipped().encoder
    cuts = [encoder.cut(text) for text in texts]
    together = encoder.read(cuts)
    for cut, vector in zip(cuts, together, strict=True):
        assert vector == pytest.approx(encoder.read([cut])[0], abs=1e-4)


def windows(x: np.ndarray, size: int, before: int, weights: np.ndarray, shift: np.ndarray) -> np.ndarray:
    padded = np.pad(x, ((before, size - 1 - before), (0, 0)))
    heard = np.stack([padded[at : at + size].ravel() for at in range(len(x))]) @ weights + shift
    return np.maximum(heard, 0) + x


def even(x: np.ndarray) -> np.ndarray:
    return (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-12)


@pytest.mark.parametrize(
    "text", ["", "天", "天气", "怎么做", "how to cook rice with 鸡蛋，西红柿和一点盐？" * 4, "天天 向上" * 99]
)
def test_the_network_is_the_one_that_is_written_down(encoder: Encoder, text: str) -> None:
    """Every window laid out whole, in numbers of double width."""
    file = kept()
    a = {name: file[name] * np.float64(file[f"{name}.step"] if file[name].ndim > 1 else 1) for name in module.MATRICES}
    cut = encoder.cut(text)
    begin = file["rows"][cut] * file["steps"][cut][:, :1].astype(np.float64) + file["steps"][cut][:, 1:]
    x = even(begin @ a["proj"] + a["proj_b"]) * a["proj_g"] + a["proj_o"]
    parts = [begin]
    for mine, (size, before) in zip(np.split(x, 3, axis=1), module.ORDERS, strict=True):
        for layer in "12":
            mine = windows(mine, size, before, a[f"w{layer}_{size}"], a[f"b{layer}_{size}"])  # noqa: PLW2901
        parts.append(mine)
    every = even(np.concatenate(parts, 1)) * a["ln_g"] + a["ln_b"]
    total = (every @ a["cnn_W"] + a["cnn_b"]).sum(0) / np.sqrt(len(cut))
    deep = np.maximum(np.maximum(total @ a["d0"], 0) @ a["d1"] + total @ a["p1"], 0)
    said = np.tanh(deep @ a["p3"] + np.maximum(deep @ a["d2"], 0) @ a["d3"])
    assert encoder.read([cut])[0] == pytest.approx(said / np.linalg.norm(said), abs=1e-5)


def test_what_no_piece_has_is_one_unknown_each(encoder: Encoder) -> None:
    assert encoder.cut("\ue000\ue001").count(UNKNOWN) == 2


def test_a_long_text_without_spaces_is_cut(encoder: Encoder) -> None:
    assert len(encoder.cut("天" * 100_000)) > 10_000


def broken() -> dict[str, bytes]:
    content = module.files("gateway.meaning").joinpath("weights", module.SHIPPED).read_bytes()
    file = kept()
    return {
        "empty": b"",
        "cut": content[: len(content) // 2],
        "without a matrix": packed({name: one for name, one in file.items() if name != "proj"}),
        "without a step": packed({name: one for name, one in file.items() if name != "d0.step"}),
        "rows of another width": packed({**file, "rows": file["rows"][:, :8]}),
        "fewer scores": packed({**file, "scores": file["scores"][:-1]}),
    }


@pytest.mark.parametrize(
    "how", ["empty", "cut", "without a matrix", "without a step", "rows of another width", "fewer scores"]
)
def test_a_broken_file_is_told(how: str, files_by_fault: dict[str, bytes]) -> None:
    with pytest.raises(ConfigError, match=r"the encoder .* — install the package again"):
        _ = Shipped(files_by_fault[how]).encoder


@pytest.fixture(scope="module")
def files_by_fault() -> dict[str, bytes]:
    return broken()


def test_a_missing_file_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "files", lambda package: tmp_path)
    with pytest.raises(ConfigError, match="cannot be read"):
        shipped.__wrapped__()
