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
import pickle
import threading
from collections.abc import Callable, Mapping, Sequence
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
_PADDED: Final = 100
"""One in so many tokens of a model may be nobody's: tables of weights are made a round size."""
_PROBE: Final = 8
_MEANING: Final = frozenset({".json", ".txt", ".model"})
"""Files of labels, vocabularies and merges end so."""
_AGAIN: Final = "copy the checkpoint again from where it came, and compare the size of its files"
_INSTALL: Final = "install them beside Sluice: pip install torch==2.13.0, then pip install detoxify"

Predict = Callable[[str], Mapping[str, float]]
"""The probability of each class; raises ``JudgeTooLong`` for more tokens than the model takes."""


def load_model(checkpoint: Path, config: Path | None) -> Predict:
    """Load a model from this machine, and look whether it can judge at all.

    Args:
        checkpoint: A folder with ``model.safetensors``, or a checkpoint file of Detoxify.
        config: For a checkpoint file, the folder with the model's ``config.json`` and tokenizer.

    Raises:
        PolicyError: A package or a file is missing, or the checkpoint is damaged or not what it should be.
    """
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before the import: nothing of this is ever downloaded
    try:
        torch, transformers = importlib.import_module("torch"), importlib.import_module("transformers")
    except ImportError as error:
        raise PolicyError(f"the package {error.name!r} is not installed", None, _INSTALL) from None
    torch.set_num_threads(1)
    try:
        if checkpoint.is_dir():
            model, tokenizer, named = _from_folder(transformers, checkpoint)
        else:
            model, tokenizer, named = _from_file(torch, transformers, checkpoint, config)
        model.eval()
        classes = _classes(named)
        _check(torch, model, tokenizer, len(classes))
    except PolicyError as error:
        raise PolicyError(f"{str(checkpoint)!r}: {error.what}", error.where, error.hint) from None
    except Exception as error:
        what = f"{str(checkpoint)!r}: the checkpoint cannot be loaded ({type(error).__name__})"
        raise PolicyError(what, None, "check its files, and the folder that `config` names") from None
    lock = threading.Lock()

    def predict(text: str) -> Mapping[str, float]:
        with lock, torch.inference_mode():
            inputs = tokenizer(text, return_tensors="pt")
            if inputs["input_ids"].shape[1] > _TOKENS:
                raise JudgeTooLong(f"more than {_TOKENS} tokens: nothing is cut off unseen")
            # Detoxify's unbiased models were taught groups of persons besides: those follow the classes.
            scores = torch.sigmoid(model(**inputs)[0])[0][: len(classes)].tolist()
            return dict(zip(classes, scores, strict=True))

    return predict


def _from_folder(transformers: Any, folder: Path) -> tuple[Any, Any, list[str]]:
    if not (folder / "model.safetensors").is_file():
        raise PolicyError("the folder has no model.safetensors", None, "convert the model, or name a checkpoint file")
    kept = {"local_files_only": True, "trust_remote_code": False}
    kind = transformers.AutoModelForSequenceClassification
    model = _whole(kind.from_pretrained(folder, use_safetensors=True, output_loading_info=True, **kept))
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **kept)
    return model, tokenizer, [model.config.id2label[at] for at in range(model.config.num_labels)]


def _from_file(torch: Any, transformers: Any, file: Path, config: Path | None) -> tuple[Any, Any, list[str]]:
    """Load what Detoxify itself loads, in the same way, but with plain tensors and without a hub."""
    if config is None:
        hint = "write config: with the folder of the model's config.json and tokenizer"
        raise PolicyError("a checkpoint file needs 'config'", None, hint)
    try:
        loaded = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:
        if _brings_code(file, error):
            what = "the checkpoint holds more than tensors: to read it would run code that it brings along"
            raise PolicyError(what, None, "convert it to a folder with model.safetensors where you trust it") from None
        raise PolicyError(f"the checkpoint is damaged or cut off ({type(error).__name__})", None, _AGAIN) from None
    told = loaded["config"]["arch"]["args"]
    kind, words = str(told["model_name"]), str(told["tokenizer_name"])
    if not kind.endswith("ForSequenceClassification") or not words.endswith(("Tokenizer", "TokenizerFast")):
        raise PolicyError(f"{kind!r} with {words!r} is no model of Detoxify", None, "name a checkpoint of Detoxify")
    kind = getattr(transformers, kind)
    settings = kind.config_class.from_pretrained(config, num_labels=told["num_classes"], local_files_only=True)
    model = _whole(
        kind.from_pretrained(None, config=settings, state_dict=loaded["state_dict"], output_loading_info=True)
    )
    tokenizer = getattr(transformers, words).from_pretrained(config, local_files_only=True)
    return model, tokenizer, list(loaded["config"]["dataset"]["args"]["classes"])


def _brings_code(file: Path, error: Exception) -> bool:
    """Tell a file that names what pickle should call from one that is no checkpoint, or not all of one."""
    with file.open("rb") as opened:
        pickled = opened.read(1) == b"\x80"  # a bare pickle: checkpoints are archives
    return isinstance(error, pickle.UnpicklingError) and (pickled or "global" in str(error))


def _whole(found: tuple[Any, Mapping[str, Any]]) -> Any:
    """Return a model of which every weight was in the checkpoint; others would be made up at random."""
    model, told = found
    if lacking := sorted(told["missing_keys"]):
        what = f"the checkpoint lacks {len(lacking)} of the model's weights, such as {lacking[0]!r}"
        raise PolicyError(what, None, _AGAIN)
    return model


def _classes(named: Sequence[str]) -> list[str]:
    classes = [_RENAMED.get(name, name) for name in named]
    if not set(classes) & set(CATEGORIES):
        hint = f"it should have some of {', '.join(CATEGORIES)}"
        raise PolicyError("the checkpoint's classes are none of Detoxify's", None, hint)
    if len(set(classes)) < len(classes):
        raise PolicyError("the checkpoint names a class twice", None, "check the names in its config")
    return classes


def _check(torch: Any, model: Any, tokenizer: Any, classes: int) -> None:
    """Refuse a model that would judge at random, or never: damaged weights, a tokenizer that is not its own."""
    for name, weight in model.state_dict().items():
        if weight.is_floating_point() and not torch.isfinite(weight).all():
            raise PolicyError(f"the weight {name!r} holds what is no number", None, _AGAIN)
    size, known = model.config.vocab_size, len(tokenizer)
    if tokenizer.vocab_size > size or known < size - size // _PADDED:
        what = f"the tokenizer knows {known} tokens and the model {size}"
        raise PolicyError(what, None, "put the tokenizer's own files beside config.json, all of them")
    middle, later = size // 2, size * 3 // 4
    with torch.inference_mode():
        seen = [
            model(**tokenizer(tokenizer.decode(list(some)[:_PROBE]), return_tensors="pt"))[0][0]
            for some in (range(middle, later), range(later, known))
        ]
    if len(seen[0]) < classes:
        what = f"the checkpoint names {classes} classes, but scores {len(seen[0])}"
        raise PolicyError(what, None, "check the names in its config")
    if torch.equal(seen[0], seen[1]):
        raise PolicyError("the model scores all texts alike", None, _AGAIN)


def digest_of(checkpoint: Path, config: Path | None = None) -> str:
    """Return the digest of the weights and of what tells their meaning: others are another plan.

    Args:
        checkpoint: A folder, or a checkpoint file.
        config: For a file, the folder with ``config.json`` and tokenizer.
    """
    weights, folder = (checkpoint / "model.safetensors", checkpoint) if checkpoint.is_dir() else (checkpoint, config)
    digest = hashlib.sha256()
    reading = weights
    try:
        with weights.open("rb") as opened:
            digest.update(hashlib.file_digest(opened, "sha256").digest())
        reading = folder or weights
        for reading in sorted(file for file in folder.iterdir() if file.suffix in _MEANING) if folder else ():
            digest.update(b"\0".join((reading.name.encode(), hashlib.sha256(reading.read_bytes()).digest())))
    except OSError as error:
        what = f"cannot read {str(reading)!r}: {error.strerror}"
        raise PolicyError(what, None, "name a checkpoint on this machine, by its whole path") from None
    return digest.hexdigest()[:16]


def spec(outside: Outside) -> DetectorSpec:
    """Return this kind of judge; it reaches nothing but its checkpoint."""

    def build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
        del load
        table = table_of(options, CATEGORIES)
        checkpoint, config = _path(options, "checkpoint"), _path(options, "config") if "config" in options else None
        predict = version = None
        if outside.asks:
            version, predict = digest_of(checkpoint, config), load_model(checkpoint, config)

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
