"""Embeddings in OpenAI's shape.

https://platform.openai.com/docs/api-reference/embeddings
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterable, Sequence
from typing import Any

import orjson


def embeddings(model: str, vectors: Iterable[Sequence[float] | str], tokens: int, form: object) -> bytes:
    """Write vectors as an answer.

    Args:
        model: Who made them.
        vectors: One for each input; a string is one in base64 already.
        tokens: In all inputs.
        form: ``base64`` for 32-bit floats as the SDKs ask for them, anything else for numbers.
    """
    rows = [
        {"object": "embedding", "index": at, "embedding": _written(vector, in_base64=form == "base64")}
        for at, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return orjson.dumps({"object": "list", "data": rows, "model": model, "usage": usage})


def _written(vector: Sequence[float] | str, *, in_base64: bool) -> Any:
    if isinstance(vector, str) or not in_base64:
        return vector
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
