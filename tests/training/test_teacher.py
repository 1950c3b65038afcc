"""The teacher in numpy: it cuts and reads a model that is written as the package writes it."""

from __future__ import annotations

import struct
from types import SimpleNamespace

import numpy as np
import pytest

from training import teacher
from training.teacher import Teacher

WIDTH, WIDE, HEADS = 32, 64, 2
WORDS = ("<s>", "<pad>", "</s>", "<unk>", "\u2581", "q", "u", "e", "r", "y", ":", "退", "款", "退款")
SCORES = (0.0, 0.0, 0.0, 0.0, *(-2.0 for _ in range(7)), -3.0, -3.0, -4.0)


def packed(rows: np.ndarray) -> bytes:
    """Write rows as blocks of 32 weights of 4 bits with a scale."""
    blocks = rows.reshape(-1, 32)
    scale = (np.abs(blocks).max(1, keepdims=True) / 7 + 1e-9).astype(np.float16)
    whole = (np.rint(blocks / scale.astype(np.float32)).clip(-8, 7) + 8).astype(np.uint8)
    made = np.zeros(len(blocks), np.dtype([("scale", "<f2"), ("two", "u1", (16,))]))
    made["scale"] = scale[:, 0]
    made["two"] = whole[:, :16] | whole[:, 16:] << 4
    return made.tobytes()


def model() -> bytes:
    rng = np.random.default_rng(1)

    def floats(*shape: int) -> bytes:
        return (rng.standard_normal(shape) / 10).astype("<f4").tobytes()

    def ones() -> bytes:
        return np.ones(WIDTH, "<f4").tobytes()

    def weights(*shape: int) -> bytes:
        return packed((rng.standard_normal(shape) / 5).astype(np.float32))

    tensors = {
        "emb.word": weights(len(WORDS), WIDTH),
        "emb.pos": floats(64, WIDTH),
        "emb.type": floats(2, WIDTH),
        "emb.ln.w": ones(),
        "emb.ln.b": floats(WIDTH),
    }
    for layer in range(2):
        for name, out, into in (
            *((part, WIDTH, WIDTH) for part in ("q", "k", "v", "ao")),
            ("fi", WIDE, WIDTH),
            ("fo", WIDTH, WIDE),
        ):
            tensors[f"l{layer}.{name}.w"] = weights(out, into)
            tensors[f"l{layer}.{name}.b"] = floats(out)
        for name in ("aln", "oln"):
            tensors[f"l{layer}.{name}.w"] = ones()
            tensors[f"l{layer}.{name}.b"] = floats(WIDTH)
    blob = b"".join(word.encode() for word in WORDS)
    ends = np.cumsum([0, *(len(word.encode()) for word in WORDS)]).astype("<u4").tobytes()
    folds = struct.pack("<IBI", ord("Ｑ"), 1, ord("q"))
    head = b"E5S1" + struct.pack("<I7if i", 1, WIDTH, 2, HEADS, WIDE, len(WORDS), 64, 2, 1e-5, 32)
    head += struct.pack("<5iQ", len(WORDS), 0, 2, 1, 3, len(blob)) + ends
    head += np.array(SCORES, "<f4").tobytes() + blob + struct.pack("<iI", 1, len(folds)) + folds
    at = len(head) + 4 + sum(2 + len(name) + 21 for name in tensors)
    listed = struct.pack("<i", len(tensors))
    for name, content in tensors.items():
        listed += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", 0, 0, at, len(content))
        at += len(content)
    return head + listed + b"".join(tensors.values())


TEACHER = Teacher(model())


def test_a_text_is_cut_into_the_likeliest_words() -> None:
    query = [4, 5, 6, 7, 8, 9, 10, 4]
    assert TEACHER.tokens("退款") == [0, *query, 13, 2]
    assert TEACHER.tokens("款退") == [0, *query, 12, 11, 2]
    assert TEACHER.tokens("Ｑ  q") == [0, *query, 5, 4, 5, 2]
    assert TEACHER.tokens("贷") == [0, *query, 3, 2]


def test_a_text_means_the_same_alone_and_among_others() -> None:
    together = TEACHER.query(["退款", "款退", "q", "退款退款"])
    assert together.shape == (4, WIDTH)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert np.allclose(together[1], TEACHER.query(["款退"])[0], atol=1e-5)
    assert together[0] @ together[1] < 0.999


def test_another_file_is_an_error() -> None:
    with pytest.raises(ValueError, match="E5S1"):
        Teacher(b"PK\x03\x04")


def test_the_second_teacher_is_asked_in_parts_that_come_back_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    class Model:
        def __init__(self, threads: int) -> None:
            assert threads == 1

        def encode(self, texts: list[str]) -> np.ndarray:
            sizes.append(len(texts))
            return np.array([[float(text)] for text in texts])

    monkeypatch.setattr(teacher, "package", lambda name: name)
    monkeypatch.setattr(teacher, "import_module", lambda name: SimpleNamespace(USE=Model))
    said = teacher.Second().query([str(n) for n in range(600)])
    assert said[:, 0].tolist() == list(range(600))
    assert sizes == [256, 256, 88]
