"""A model in a folder gives a vector of length one for each text, and says what is wrong with a folder that is none.

Mutants killed: padding counted as a word; the mean taken where the first word is wanted; the prefix left out; a name
that stays the same though the model is another; NaN let in.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kit.onnx import write_model

from gateway.errors import EndpointError
from gateway.meaning.folder import Folder

pytestmark = pytest.mark.anyio

ROWS = {
    "退": np.array([1, 0, 0], np.float32),
    "款": np.array([0, 1, 0], np.float32),
    "a": np.array([0, 0, 1], np.float32),
    ":": np.array([0, 0, 4], np.float32),
}
FIRST = {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}


async def test_a_texts_vector_is_the_mean_of_its_words_whatever_it_is_asked_with(tmp_path: Path) -> None:
    model = Folder(write_model(tmp_path / "m", ROWS))
    found = await model.rows(["退款", "退", "a", "?", ""])
    half = 0.5**0.5
    assert np.allclose(found, [[half, half, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]], atol=1e-6)
    assert np.allclose(model(["退款"]), found[:1])
    assert model([]).shape[0] == 0
    assert len(model(["退"] * 70)) == 70


async def test_the_first_word_stands_for_all_where_the_model_says_so(tmp_path: Path) -> None:
    found = await Folder(write_model(tmp_path / "m", ROWS, FIRST)).rows(["退款", "款"])
    assert np.allclose(found, [[1, 0, 0], [0, 1, 0]])


async def test_a_prefix_stands_before_every_text_and_makes_another_model_of_it(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", ROWS)
    plain, prefixed = Folder(folder), Folder(folder, "a:")
    assert (await prefixed.rows(["退"]))[0, 2] > 0.9 > (await plain.rows(["退"]))[0, 2]
    assert plain.name.startswith("folder:m:")
    assert plain.name != prefixed.name
    assert Folder(write_model(tmp_path / "n" / "m", ROWS)).name == plain.name
    assert Folder(write_model(tmp_path / "o" / "m", ROWS, FIRST)).name != plain.name


def test_a_model_in_a_folder_of_its_own_is_found(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", ROWS)
    (folder / "onnx").mkdir()
    (folder / "model.onnx").rename(folder / "onnx" / "model.onnx")
    assert Folder(folder)(["退"]).tolist() == [[1, 0, 0]]


def broken(folder: Path, how: str) -> None:
    if how == "model":
        (folder / "model.onnx").unlink()
    elif how == "words":
        (folder / "tokenizer.json").unlink()
    elif how == "rubbish":
        (folder / "model.onnx").write_bytes(b"no model")
    elif how == "pooling":
        (folder / "1_Pooling" / "config.json").write_text("[]", "utf-8")
    elif how == "max":
        (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_max_tokens": true}', "utf-8")


@pytest.mark.parametrize(
    ("how", "what"),
    [
        ("model", "there is no model.onnx — name the folder"),
        ("words", "there is no tokenizer.json — name the folder"),
        ("rubbish", "the model cannot be read"),
        ("pooling", "is no JSON object"),
        ("max", "wants neither the mean nor the first word"),
    ],
)
def test_a_folder_that_holds_no_model_is_told_with_what_to_do(tmp_path: Path, how: str, what: str) -> None:
    folder = write_model(tmp_path / "m", ROWS, FIRST)
    broken(folder, how)
    with pytest.raises(EndpointError, match=what):
        Folder(folder)(["退款"])


def test_a_model_that_takes_something_else_is_none_of_sentences(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", ROWS, inputs=("input_ids", "pixel_values"))
    with pytest.raises(EndpointError, match=r"takes input_ids, pixel_values, which is no model of sentences"):
        Folder(folder)(["退款"])


@pytest.mark.parametrize("table", [np.full((9, 3), np.nan, np.float32), np.ones((2, 3), np.float32)])
def test_what_is_no_vector_is_none(tmp_path: Path, table: Any) -> None:
    folder = write_model(tmp_path / "m", ROWS, table=table)
    with pytest.raises(EndpointError, match=r"something that is no vector|the model failed"):
        Folder(folder)(["退款的秘密"])


def test_without_the_extra_it_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_model(tmp_path / "m", ROWS)

    def absent(name: str) -> Any:
        raise ImportError(name=name)

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(EndpointError, match=r"needs onnxruntime — .* pip install 'sluice-gateway\[answers-model\]'"):
        Folder(folder)(["退款"])
