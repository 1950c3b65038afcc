"""Write a model of sentences as ONNX, as small as one can be: a table of characters, looked up; no package for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FLOAT, _INT64 = 1, 7


def write_model(
    folder: Path,
    rows: Mapping[str, NDArray[np.float32]],
    pooling: Mapping[str, Any] | None = None,
    *,
    inputs: tuple[str, ...] = ("input_ids", "attention_mask"),
    table: NDArray[np.float32] | None = None,
) -> Path:
    """Write a folder that reads every character as its row; return it.

    Args:
        folder: Where.
        rows: What each character means; others are the unknown one, of which the row is zeros.
        pooling: What ``1_Pooling/config.json`` says.
        inputs: What the model says that it takes.
        table: What stands in the model in place of the rows.
    """
    from tokenizers import Regex, Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Split

    folder.mkdir(parents=True, exist_ok=True)
    words = {"[PAD]": 0, "[UNK]": 1} | {character: at for at, character in enumerate(rows, 2)}
    tokens = Tokenizer(WordLevel(words, unk_token="[UNK]"))
    tokens.pre_tokenizer = Split(Regex("."), "isolated")
    tokens.save(str(folder / "tokenizer.json"))
    width = len(next(iter(rows.values())))
    every = np.stack([np.full(width, 9, np.float32), np.zeros(width, np.float32), *rows.values()])  # padding shouts
    (folder / "model.onnx").write_bytes(_model(every if table is None else table, inputs))
    if pooling is not None:
        (folder / "1_Pooling").mkdir(exist_ok=True)
        (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling), "utf-8")
    return folder


def _model(table: NDArray[np.float32], inputs: tuple[str, ...]) -> bytes:
    node = _text(1, "table") + _text(1, inputs[0]) + _text(2, "last_hidden_state") + _text(4, "Gather")
    tensor = b"".join(_number(1, size) for size in table.shape) + _number(2, _FLOAT) + _text(8, "table")
    tensor += _bytes(9, table.astype("<f4").tobytes())
    graph = _bytes(1, node) + _text(2, "g") + _bytes(5, tensor)
    graph += b"".join(_bytes(11, _value(name, _INT64, ("b", "s"))) for name in inputs)
    graph += _bytes(12, _value("last_hidden_state", _FLOAT, ("b", "s", table.shape[1])))
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, _text(1, "") + _number(2, 13))


def _value(name: str, kind: int, shape: tuple[str | int, ...]) -> bytes:
    sizes = (_text(2, one) if isinstance(one, str) else _number(1, one) for one in shape)
    dims = b"".join(_bytes(1, size) for size in sizes)
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, dims)))


def _varint(value: int) -> bytes:
    said = bytearray()
    while value > 127:
        said.append(value & 127 | 128)
        value >>= 7
    return bytes([*said, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())
