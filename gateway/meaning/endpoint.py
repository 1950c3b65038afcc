"""Embeds texts by an endpoint of the operator's that speaks OpenAI's ``/v1/embeddings``.

It is asked a few texts at a time. What is no vector for each text, all of one length, is an error and never a
vector: a wrong one would be found by nobody.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from gateway.errors import EndpointError
from gateway.meaning.remote import Place, named, post

TOGETHER: Final = 32
"""Texts that are asked about at once."""
_MOST: Final = 16 * 1024 * 1024
_T = TypeVar("_T")


class Embedder(Protocol):
    """Gives texts their meaning: an endpoint, or a model of one's own."""

    @property
    def name(self) -> str:
        """Names what makes the vectors: those of another mean nothing beside them."""

    async def rows(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a row of length 1 for each text; raises ``EndpointError``."""

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the same where nobody awaits it."""


class Endpoint:
    """An ``Embedder`` that asks an endpoint.

    Args:
        place: Where it is, and which model is asked there.
        prefix: Stands before every text, for models that want one, such as ``query: ``.
    """

    def __init__(self, place: Place, prefix: str = "") -> None:
        self._place, self._prefix = place, prefix

    @property
    def name(self) -> str:
        """Names what made the vectors: those of another model mean nothing beside them."""
        model = f"endpoint:{self._place.model or named(self._place)}"
        return f"{model} after {self._prefix!r}" if self._prefix else model

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a row of length 1 for each text; raises ``EndpointError``. Not for the event loop's thread."""
        return waited(self.rows(texts))

    async def rows(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a row of length 1 for each text; raises ``EndpointError``."""
        rows: list[list[float]] = []
        for at in range(0, len(texts), TOGETHER):
            rows += await self._asked(texts[at : at + TOGETHER])
        if len({len(row) for row in rows}) > 1:
            raise EndpointError(f"{self._who} gives vectors of different lengths")
        found = np.array(rows, np.float32).reshape(len(rows), -1)
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        return (found / np.where(lengths > 0, lengths, 1)).astype(np.float32)

    async def _asked(self, texts: Sequence[str]) -> list[list[float]]:
        said = [self._prefix + text if text else " " for text in texts]
        body: dict[str, Any] = {"input": said, "encoding_format": "float"}
        if self._place.model:
            body["model"] = self._place.model
        answer = await post(self._place, body, most=_MOST)
        data = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(data, list) or len(data) != len(texts):
            count = len(data) if isinstance(data, list) else "no"
            raise EndpointError(f"{self._who} gives {count} vectors for {len(texts)} texts")
        rows: dict[int, list[float]] = {}
        for at, one in enumerate(data):
            row, place = (one.get("embedding"), one.get("index", at)) if isinstance(one, dict) else (None, None)
            vector = _vector(row)
            if not isinstance(place, int) or not 0 <= place < len(texts) or vector is None:
                raise EndpointError(f"{self._who} gives something that is no vector")
            rows[place] = vector
        if len(rows) != len(texts):
            raise EndpointError(f"{self._who} gives {len(rows)} vectors for {len(texts)} texts")
        return [rows[at] for at in range(len(texts))]

    @property
    def _who(self) -> str:
        return f"the embedding endpoint at {named(self._place)}"


def waited(answer: Coroutine[Any, Any, _T]) -> _T:
    """Wait for an answer where nobody can await it, whether or not a loop runs in this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, answer).result()


def _vector(row: Any) -> list[float] | None:
    if not isinstance(row, list) or not row or not all(isinstance(x, int | float) and math.isfinite(x) for x in row):
        return None
    return [float(x) for x in row]
