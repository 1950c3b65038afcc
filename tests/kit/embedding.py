"""A model of meaning in the hand of a test: few numbers, by which words a text holds; and an endpoint around it.

``Axes`` is an ``Embedder``; ``serve`` answers ``/v1/embeddings`` with it, over a real port (``ScriptedUpstream``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import orjson
from numpy.typing import NDArray

from gateway.errors import EndpointError
from kit.upstream import Answer, Received, whole


class Axes:
    """Texts that hold the words of one topic lie near each other, whatever else they say.

    Args:
        topics: Words of each topic; a text is near a topic of which it holds a word.
        noise: How much else of a text counts.

    Attributes:
        asked: Every text that was asked about, in order.
        broken: Whether it answers nothing.
    """

    def __init__(self, topics: Sequence[Sequence[str]], width: int = 32, noise: float = 0.6) -> None:
        self.topics, self.width, self.noise = topics, width, noise
        self.name, self.broken = "axes", False
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a row of length 1 for each text."""
        self.asked += texts
        if self.broken:
            raise EndpointError("the model is away")
        return np.stack([self._row(text) for text in texts])

    async def rows(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the same."""
        return self(texts)

    def _row(self, text: str) -> NDArray[np.float32]:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
        row = np.random.default_rng(seed).normal(size=self.width)
        row *= self.noise / np.linalg.norm(row)
        for at, words in enumerate(self.topics):
            if any(word in text for word in words):
                row[at] += 1
        return (row / np.linalg.norm(row)).astype(np.float32)

    def serve(self, received: Received) -> Answer:
        """Answer one request of ``/v1/embeddings``."""
        if self.broken:
            return whole(b"{}", 500)
        rows = self(received.json["input"])
        data = [{"index": at, "embedding": row.tolist()} for at, row in enumerate(rows)]
        return whole(orjson.dumps({"data": data}))
