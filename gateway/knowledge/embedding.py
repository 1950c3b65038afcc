"""Embeds texts by an endpoint of the operator's that speaks OpenAI's ``/v1/embeddings``.

It is asked in threads, a few texts at a time. What is no vector for each text, all of one length, is an error and
never a vector: a wrong one would be found by nobody.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.errors import KnowledgeError
from gateway.knowledge.remote import Place, named, post

_TOGETHER: Final = 32
_MOST: Final = 16 * 1024 * 1024


class Endpoint:
    """Gives texts their meaning; an ``Embed``.

    Args:
        place: Where it is, and which model is asked there.
    """

    def __init__(self, place: Place) -> None:
        self._place = place

    @property
    def name(self) -> str:
        """Names what made the vectors: those of another model mean nothing beside them."""
        return f"endpoint:{self._place.model or named(self._place)}"

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a row of length 1 for each text; raises ``KnowledgeError``. Not for the event loop's thread."""
        rows: list[list[float]] = []
        for at in range(0, len(texts), _TOGETHER):
            rows += asyncio.run(self._asked(texts[at : at + _TOGETHER]))
        if len({len(row) for row in rows}) > 1:
            raise KnowledgeError(f"{self._who} gives vectors of different lengths")
        found = np.array(rows, np.float32).reshape(len(rows), -1)
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        return (found / np.where(lengths > 0, lengths, 1)).astype(np.float32)

    async def _asked(self, texts: Sequence[str]) -> list[list[float]]:
        body: dict[str, Any] = {"input": [text or " " for text in texts], "encoding_format": "float"}
        if self._place.model:
            body["model"] = self._place.model
        answer = await post(self._place, body, most=_MOST)
        data = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(data, list) or len(data) != len(texts):
            count = len(data) if isinstance(data, list) else "no"
            raise KnowledgeError(f"{self._who} gives {count} vectors for {len(texts)} texts")
        rows: dict[int, list[float]] = {}
        for at, one in enumerate(data):
            row, place = (one.get("embedding"), one.get("index", at)) if isinstance(one, dict) else (None, None)
            vector = _vector(row)
            if not isinstance(place, int) or not 0 <= place < len(texts) or vector is None:
                raise KnowledgeError(f"{self._who} gives something that is no vector")
            rows[place] = vector
        if len(rows) != len(texts):
            raise KnowledgeError(f"{self._who} gives {len(rows)} vectors for {len(texts)} texts")
        return [rows[at] for at in range(len(texts))]

    @property
    def _who(self) -> str:
        return f"the embedding endpoint at {named(self._place)}"


def _vector(row: Any) -> list[float] | None:
    if not isinstance(row, list) or not row or not all(isinstance(x, int | float) and math.isfinite(x) for x in row):
        return None
    return [float(x) for x in row]
