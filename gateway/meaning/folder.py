"""Embeds texts by a sentence-embedding model in a folder, as ONNX; nothing is downloaded and nothing leaves.

The folder is what ``optimum-cli export onnx`` and most published models have: ``model.onnx`` (there or in ``onnx/``),
``tokenizer.json`` and, if it says how words become one vector, ``1_Pooling/config.json``: their mean, or the first.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.errors import EndpointError
from gateway.meaning.endpoint import TOGETHER

_LONGEST: Final = 256
"""Pieces of a text that are read: a question has fewer."""
_EXTRA: Final = "pip install 'sluice-gateway[answers-model]'"


class _Loaded(NamedTuple):
    session: Any
    tokens: Any
    inputs: frozenset[str]
    output: str
    first: bool


class Folder:
    """An ``Embedder`` that runs a model on this machine; read at its first use.

    Args:
        folder: Holds the model.
        prefix: Stands before every text, for models that want one, such as ``query: ``.
    """

    def __init__(self, folder: Path, prefix: str = "") -> None:
        self._folder, self._prefix = folder, prefix
        self._reading = Lock()

    @cached_property
    def name(self) -> str:
        """Names the model by what its files hold; raises ``EndpointError`` if they cannot be read."""
        digest = hashlib.sha256(self._prefix.encode())
        try:
            for file in self._files():
                with file.open("rb") as opened:
                    digest.update(hashlib.file_digest(opened, "sha256").digest())
        except OSError as error:
            raise EndpointError(f"{self._folder}: a file of the model cannot be read ({error.strerror})") from None
        return f"folder:{self._folder.name}:{digest.hexdigest()[:16]}"

    async def rows(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a row of length 1 for each text; raises ``EndpointError``."""
        return await asyncio.to_thread(self, texts)

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a row of length 1 for each text; raises ``EndpointError``. Takes milliseconds for each."""
        with self._reading:
            model = self._loaded
        found = [self._run(model, texts[at : at + TOGETHER]) for at in range(0, len(texts), TOGETHER)]
        return np.concatenate(found) if found else np.zeros((0, 1), np.float32)

    def _run(self, model: _Loaded, texts: Sequence[str]) -> NDArray[np.float32]:
        said = model.tokens.encode_batch([self._prefix + text for text in texts])
        mask = np.array([one.attention_mask for one in said], np.int64)
        given = {
            "input_ids": np.array([one.ids for one in said], np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        try:
            (out,) = model.session.run([model.output], {name: given[name] for name in model.inputs})
        except Exception as error:
            # onnxruntime's errors have no common root, and their messages may hold what was given.
            raise EndpointError(f"{self._folder}: the model failed ({type(error).__name__})") from None
        rows = _pooled(np.asarray(out, np.float32), mask, first=model.first)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if rows.shape[0] != len(texts) or not np.isfinite(lengths).all():
            raise EndpointError(f"{self._folder}: the model gives something that is no vector")
        return np.asarray(rows / np.where(lengths > 0, lengths, 1), np.float32)

    @cached_property
    def _loaded(self) -> _Loaded:
        try:
            runtime, tokenizers = importlib.import_module("onnxruntime"), importlib.import_module("tokenizers")
        except ImportError as error:
            raise EndpointError(f"a model of one's own needs {error.name} — install the extra: {_EXTRA}") from None
        model, words, *_ = self._files()
        try:
            tokens = tokenizers.Tokenizer.from_file(str(words))
            tokens.enable_truncation(_LONGEST)
            pad = tokens.padding or {}
            tokens.enable_padding(pad_id=pad.get("pad_id", 0), pad_token=pad.get("pad_token", "[PAD]"))
            session = runtime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
        except Exception as error:
            raise EndpointError(f"{self._folder}: the model cannot be read ({type(error).__name__})") from None
        inputs = frozenset(one.name for one in session.get_inputs())
        if not {"input_ids"} <= inputs <= {"input_ids", "attention_mask", "token_type_ids"}:
            what = f"{model}: takes {', '.join(sorted(inputs))}, which is no model of sentences"
            raise EndpointError(f"{what} — it must take input_ids and attention_mask")
        outputs = [one.name for one in session.get_outputs()]
        output = next((name for name in ("sentence_embedding", "last_hidden_state") if name in outputs), outputs[0])
        return _Loaded(session, tokens, inputs, output, self._first())

    def _files(self) -> list[Path]:
        """Return the model, its tokenizer and how words become one vector, if that is said."""
        models = [self._folder / "model.onnx", self._folder / "onnx" / "model.onnx"]
        model = next((file for file in models if file.is_file()), None)
        words, pooling = self._folder / "tokenizer.json", self._folder / "1_Pooling" / "config.json"
        if model is None or not words.is_file():
            lacking = "tokenizer.json" if model else "model.onnx"
            raise EndpointError(f"{self._folder}: there is no {lacking} — name the folder of an exported ONNX model")
        return [model, words, *([pooling] if pooling.is_file() else [])]

    def _first(self) -> bool:
        """Whether the first word stands for all: 1_Pooling/config.json says so."""
        pooling = self._folder / "1_Pooling" / "config.json"
        if not pooling.is_file():
            return False
        try:
            said = json.loads(pooling.read_text("utf-8"))
            first, mean = bool(said.get("pooling_mode_cls_token")), bool(said.get("pooling_mode_mean_tokens"))
        except (OSError, ValueError, AttributeError):
            raise EndpointError(f"{pooling}: is no JSON object — take the file that came with the model") from None
        if first == mean:
            raise EndpointError(f"{pooling}: wants neither the mean nor the first word, which are what is known here")
        return first


def _pooled(out: NDArray[np.float32], mask: NDArray[np.int64], *, first: bool) -> NDArray[np.float32]:
    """Return one vector for each text."""
    if out.ndim == 2:
        return out
    if first:
        return np.asarray(out[:, 0], np.float32)
    weights = mask[:, :, None].astype(np.float32)
    return np.asarray((out * weights).sum(1) / np.maximum(weights.sum(1), 1), np.float32)
