"""Writes and reads the files of the risk model, and says what is wrong with files that do not belong together."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.detectors.risk_model import RiskModel
from gateway.detectors.risk_names import BITS, HEADS, ITEM_BITS, ITEMS, LANGUAGES
from gateway.detectors.risk_sentence import SentenceModel
from gateway.errors import ConfigError, PolicyError
from gateway.meaning.arrays import packed
from gateway.meaning.encoder import Shipped
from gateway.meaning.encoder import shipped as shipped_encoder
from gateway.packaged import packaged

_WEIGHTS: Final = "risk.npz"
_NOTES: Final = "risk.json"
_MEND: Final = "install the package again, or make them anew: make train DATA=folder"


def write_model(arrays: Mapping[str, NDArray[Any]], notes: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """Return the two files of a model: the same bytes for the same model."""
    weights = packed(arrays)
    told = {**notes, "sha256": hashlib.sha256(weights).hexdigest()}
    return weights, json.dumps(told, indent=1, ensure_ascii=False).encode() + b"\n"


def read_model(weights: bytes, notes: bytes, encoder: Shipped) -> tuple[RiskModel, str]:
    """Read a model; return it and the digest of all that it judges by: both files, and the encoder that one names.

    Args:
        weights: One of its files,
        notes: and the other.
        encoder: Reads sentences; the one that the model was fitted to.

    Raises:
        PolicyError: The files are damaged, or do not belong together.
    """
    try:
        told = json.loads(notes)
        digest = hashlib.sha256(weights).hexdigest()
        if told["sha256"] != digest:
            raise PolicyError(
                f"the weights of the risk model are damaged: {_WEIGHTS} is not what {_NOTES} names", None, _MEND
            )
        kept = np.load(io.BytesIO(weights), allow_pickle=False)
        arrays = {name: kept[name] for name in kept.files}  # each is unpacked once
        names = ("weights", "scale", "bias", "items", "item_scale", "item_bias")
        sentences = SentenceModel(encoder, arrays, told)
        model = RiskModel(**{name: arrays[name] for name in names}, sentences=sentences, notes=told)
        shapes = (len(LANGUAGES), 1 << BITS, len(HEADS)), (1 << ITEM_BITS, len(ITEMS))
        if (arrays["weights"].shape, arrays["items"].shape) != shapes:
            raise PolicyError("the weights of the risk model are for another version", None, _MEND)
    except (ValueError, KeyError, TypeError, OSError, zipfile.BadZipFile) as error:
        why = f"{type(error).__name__}: {error}"
        what = f"the weights of the risk model cannot be read: {why}"
        raise PolicyError(what, None, _MEND) from None
    return model, hashlib.sha256(digest.encode() + notes).hexdigest()


def shipped() -> tuple[RiskModel, str]:
    """Return the model that ships with the package, and its digest; raises ``PolicyError``."""
    folder = files("gateway.detectors") / "weights"
    try:
        encoder = shipped_encoder()
        notes = packaged(f"detectors/weights/{_NOTES}")
    except ConfigError as error:
        raise PolicyError(error.what, None, error.hint) from None
    try:
        return read_model((folder / _WEIGHTS).read_bytes(), notes, encoder)
    except OSError as error:
        raise PolicyError(f"the weights of the risk model are missing: {error.strerror}", None, _MEND) from None
