"""Lets a Detoxify model look at a text: in a thread of its own, from a checkpoint on this machine, never from a hub.

torch and its friends are imported when a policy first uses this kind; they belong into an
environment of their own (``pip install torch==2.13.0 detoxify`` beside Sluice). A checkpoint file
is read as plain tensors: one that needs pickle to run code is refused. A folder in Hugging Face's
layout with ``model.safetensors`` cannot run code at all: prefer it.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from gateway.detectors.judges.careful import CARE, Asked, Opinions, care_of, careful
from gateway.detectors.judges.mapping import RISKS, Table, opinions, reported, table_of
from gateway.errors import JudgeNonsense, JudgeTooLong, JudgeUnasked, PolicyError
from gateway.ports import BuiltDetector, DetectorSpec, Loader, Outside

NAME: Final = "detoxify"
CATEGORIES: Final[Table] = {
    "toxicity": ("abuse",),
    "severe_toxicity": ("abuse",),
    "obscene": ("abuse",),
    "insult": ("abuse",),
    "threat": ("violence",),
    "identity_attack": ("a2.i", "hate"),
    "sexual_explicit": ("a1.f", "sexual"),
}
_RENAMED: Final = {"toxic": "toxicity", "identity_hate": "identity_attack", "severe_toxic": "severe_toxicity"}
_TOKENS: Final = 512
_LONGEST: Final = 400
_FAINT: Final = 0.01
_INSTALL: Final = "install them beside Sluice: pip install torch==2.13.0, then pip install detoxify"

Predict = Callable[[str], Mapping[str, float]]
"""The probability of each class; raises ``JudgeTooLong`` for more tokens than the model takes."""


def load_model(checkpoint: Path, config: Path | None) -> Predict:
    """Load a model from this machine.

    Args:
        checkpoint: A folder with ``model.safetensors``, or a checkpoint file of Detoxify.
        config: For a checkpoint file, the folder with the model's ``config.json`` and tokenizer.

    Raises:
        PolicyError: A package or a file is missing, or the checkpoint is not what it should be.
    """
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before the import: nothing of this is ever downloaded
    try:
        torch, transformers = importlib.import_module("torch"), importlib.import_module("transformers")
    except ImportError as error:
        raise PolicyError(f"the package {error.name!r} is not installed", None, _INSTALL) from None
    torch.set_num_threads(1)
    try:
        if checkpoint.is_dir():
            model, tokenizer, classes = _from_folder(transformers, checkpoint)
        else:
            model, tokenizer, classes = _from_file(torch, checkpoint, config)
    except PolicyError:
        raise
    except Exception as error:
        what = f"the checkpoint cannot be loaded ({type(error).__name__})"
        raise PolicyError(what, None, "check its files, and the folder that `config` names") from None
    model.eval()
    classes = [_RENAMED.get(name, name) for name in classes]
    if not set(classes) & set(CATEGORIES):
        hint = f"it should have some of {', '.join(CATEGORIES)}"
        raise PolicyError("the checkpoint's classes are none of Detoxify's", None, hint)
    lock = threading.Lock()

    def predict(text: str) -> Mapping[str, float]:
        with lock, torch.inference_mode():
            inputs = tokenizer(text, return_tensors="pt")
            if inputs["input_ids"].shape[1] > _TOKENS:
                raise JudgeTooLong(f"more than {_TOKENS} tokens: nothing is cut off unseen")
            return dict(zip(classes, torch.sigmoid(model(**inputs)[0])[0].tolist(), strict=True))

    return predict


def _from_folder(transformers: Any, folder: Path) -> tuple[Any, Any, list[str]]:
    if not (folder / "model.safetensors").is_file():
        raise PolicyError("the folder has no model.safetensors", None, "convert the model, or name a checkpoint file")
    kept = {"local_files_only": True, "trust_remote_code": False}
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder, use_safetensors=True, **kept)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **kept)
    return model, tokenizer, [model.config.id2label[at] for at in range(model.config.num_labels)]


def _from_file(torch: Any, file: Path, config: Path | None) -> tuple[Any, Any, list[str]]:
    if config is None:
        hint = "write config: with the folder of the model's config.json and tokenizer"
        raise PolicyError("a checkpoint file needs 'config'", None, hint)
    try:
        detoxify = importlib.import_module("detoxify.detoxify")
    except ImportError as error:
        raise PolicyError(f"the package {error.name!r} is not installed", None, _INSTALL) from None
    try:
        loaded = torch.load(file, map_location="cpu", weights_only=True)
    except Exception:
        what = "the checkpoint holds more than tensors: to read it would run code that it brings along"
        raise PolicyError(what, None, "convert it to a folder with model.safetensors where you trust it") from None
    arguments = {**loaded["config"]["arch"]["args"], "model_type": str(config)}
    model, tokenizer = detoxify.get_model_and_tokenizer(**arguments, state_dict=loaded["state_dict"])
    return model, tokenizer, list(loaded["config"]["dataset"]["args"]["classes"])


def digest_of(checkpoint: Path) -> str:
    """Return the digest of the weights: another checkpoint is another plan."""
    file = checkpoint / "model.safetensors" if checkpoint.is_dir() else checkpoint
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()[:16]
    except OSError as error:
        what = f"cannot read {str(file)!r}: {error.strerror}"
        raise PolicyError(what, None, "name a checkpoint on this machine, by its whole path") from None


def spec(outside: Outside) -> DetectorSpec:
    """Return this kind of judge; it reaches nothing but its checkpoint."""

    def build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
        del load
        table = table_of(options, CATEGORIES)
        checkpoint, config = _path(options, "checkpoint"), _path(options, "config") if "config" in options else None
        predict = version = None
        if outside.asks:
            version, predict = digest_of(checkpoint), load_model(checkpoint, config)

        async def ask(asked: Asked) -> Opinions:
            if predict is None:
                raise JudgeUnasked
            seen = await asyncio.to_thread(predict, asked.text)
            if any(not 0 <= score <= 1 for score in seen.values()):  # also what is no number
                raise JudgeNonsense("it gives a score that is not between 0 and 1")
            pairs = ((risk, s) for name, s in seen.items() if s >= _FAINT for risk in table.get(name, ()))
            return opinions(pairs)

        judge = careful(f"{NAME}:{checkpoint.name}"[:64], ask, care_of(options, _LONGEST), outside)
        return BuiltDetector(reported(table), f"1-{version or ''}", judge=judge)

    return DetectorSpec(
        name=NAME,
        summary="Lets a Detoxify model on this machine look; needs torch in Sluice's environment.",
        risks=reported(CATEGORIES),
        scope="sentence",
        build=build,
        options={
            "type": "object",
            "properties": {
                "checkpoint": {
                    "type": "string",
                    "minLength": 1,
                    "description": "whole path of a folder with model.safetensors (prefer it), or of a checkpoint file",
                },
                "config": {
                    "type": "string",
                    "minLength": 1,
                    "description": "for a checkpoint file: whole path of the folder with config.json and tokenizer",
                },
                **RISKS,
                **CARE,
            },
            "required": ["checkpoint"],
        },
    )


def _path(options: Mapping[str, Any], key: str) -> Path:
    path = Path(options[key])
    if not path.is_absolute():
        raise PolicyError(f"{key!r} is not a whole path", None, "write it from the root, such as /models/toxic")
    return path
