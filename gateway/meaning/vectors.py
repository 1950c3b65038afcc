"""A vector for what a text means, from a table that ships: the sum of a row for each piece, of length 1.

The table is small (see ``weights/CARD.md``) and needs no network. Texts that mean the same lie near each other,
whatever the words; texts that hold the same words in another order are the same to it.
"""

from __future__ import annotations

import hashlib
import io
import math
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.errors import ConfigError
from gateway.meaning.lists import Lists, batched, joined
from gateway.meaning.pieces import plain, terms
from gateway.meaning.rows import length_one, weighed

Floats = NDArray[np.float32]
EVEN: Final = 0.5
"""How alike parts are of which nothing can be said."""
_NOWHERE: Final = np.zeros(0, np.int32)
_ADDED: Final = 8
"""Lists of places whose rows are added up in one product."""
_MEND: Final = "install the package again, or make it anew: make train-meaning DATA=folder"


class Known(NamedTuple):
    """What a text means.

    Attributes:
        vector: Of length 1; zeros if no piece of the text has a row.
        pieces: How many pieces of it have one.
        places: Their rows in the table, in its order,
        length: and how long their sum is, if it is the table that says so.
    """

    vector: Floats
    pieces: int
    places: NDArray[np.int32] = _NOWHERE
    length: float = 0.0


class Vectors:
    """The table, and how texts are read with it.

    Args:
        places: The row of each piece.
        rows: Small whole numbers, ``int8``; a row for each piece.
        steps: The size of a step in each row.
        rarities: How much it says that a text holds each piece: the more, the fewer texts do.
        version: A digest of all of it.
    """

    def __init__(
        self, places: Mapping[str, int], rows: NDArray[np.int8], steps: Floats, rarities: Floats, version: str
    ) -> None:
        self._places, self._rows, self._steps, self._rarities = places, rows, steps, rarities
        self._rarest = float(rarities.max()) if len(rarities) else 1.0
        self.version = version

    def rarity(self, piece: str) -> float:
        """Return how much it says that a text holds ``piece``; the most for one that it does not know."""
        place = self._places.get(piece)
        return self._rarest if place is None else float(self._rarities[place])

    @property
    def width(self) -> int:
        """How many numbers a vector has."""
        return int(self._rows.shape[1])

    def of(self, folded: str) -> Known:
        """Return what a text means that is plain already (``gateway.meaning.pieces.plain``)."""
        found = self._found(folded)
        if not found:
            return Known(np.zeros(self.width, np.float32), 0)
        places = np.array(found, np.int32)
        total = weighed(self._steps.take(places), self._rows.take(places, 0).astype(np.float32))
        length = math.sqrt(total @ total)
        return Known(total / np.float32(length) if length else total, len(found), places, length)

    def _found(self, folded: str) -> list[int]:
        """Return the rows of all pieces of a plain text, each once, in the order of the table.

        So the same pieces are added up in the same order, however the text has them.
        """
        places = set(map(self._places.get, terms(folded)))
        places.discard(None)
        return sorted(places)  # type: ignore[arg-type]

    def places(self, folded: Iterable[str]) -> Lists:
        """Return the rows of all pieces of each of very many plain texts, as ``Known`` has them."""
        parts: list[tuple[NDArray[np.int32], NDArray[np.int64]]] = []
        for some in batched(folded):
            found = [self._found(text) for text in some]
            sizes = np.fromiter(map(len, found), np.int64, len(found))
            parts.append((np.fromiter(chain.from_iterable(found), np.int32, int(sizes.sum())), sizes))
        return joined(parts)

    def sums(self, places: Lists) -> Floats:
        """Return for each list of places the sum of their rows."""
        found = np.empty((len(places), self.width), np.float32)
        for at in range(0, len(places), _ADDED):
            ends = places.ends[at : at + _ADDED + 1].tolist()
            numbers = places.numbers[ends[0] : ends[-1]]
            steps, weights = self._steps.take(numbers), np.zeros((len(ends) - 1, len(numbers)), np.float32)
            for row, start, end in zip(weights, ends, ends[1:], strict=False):
                part = slice(start - ends[0], end - ends[0])
                row[part] = steps[part]
            found[at : at + _ADDED] = weighed(weights, self._rows.take(numbers, 0).astype(np.float32))
        return found

    def apart(self, mine: Known, others: Sequence[NDArray[np.int32]], sums: Floats) -> list[float]:
        """Return how alike in meaning the parts are in which a text differs from each of a few others, -1 to 1.

        Args:
            mine: What this table says of the text.
            others: The places of the others,
            sums: and the sums of their rows.

        Returns:
            A figure for each of the others; ``EVEN`` if one of the two has no part of its own.
        """
        own = mine.places.tolist()
        shared = [[*map(set(other.tolist()).__contains__, own)] for other in others]
        rows = self._rows.take(mine.places, 0).astype(np.float32)
        both = weighed(np.array(shared, np.float32) * self._steps.take(mine.places), rows)
        one, other = mine.vector * np.float32(mine.length) - both, sums - both
        dots = np.vecdot(one, other), np.vecdot(one, one), np.vecdot(other, other)
        found = []
        for places, there, dot, mine_alone, theirs_alone in zip(
            others, shared, *(each.tolist() for each in dots), strict=True
        ):
            lengths = mine_alone * theirs_alone if sum(there) not in {len(own), len(places)} else 0.0
            found.append(dot / math.sqrt(lengths) if lengths else EVEN)
        return found

    def many(self, texts: Sequence[str]) -> Floats:
        """Return a row for each text as it was written."""
        return length_one(self.sums(self.places(map(plain, texts))))


def read_vectors(content: bytes) -> Vectors:
    """Read a table; raises ``ConfigError`` for a broken one."""
    try:
        kept = np.load(io.BytesIO(content), allow_pickle=False)
        pieces = kept["pieces"].tobytes().decode().split("\n")
        rows, steps, rarities = kept["rows"], kept["steps"].astype(np.float32), kept["rarities"].astype(np.float32)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(f"the table of vectors is broken ({error}) — {_MEND}") from None
    if rows.ndim != 2 or rows.dtype != np.int8 or {*map(len, (steps, rarities, pieces))} != {len(rows)}:
        raise ConfigError(f"the table of vectors has {len(pieces)} pieces and rows of shape {rows.shape} — {_MEND}")
    version = hashlib.sha256(content).hexdigest()[:12]
    return Vectors({piece: at for at, piece in enumerate(pieces)}, rows, steps, rarities, version)


@cache
def shipped() -> Vectors:
    """Return the table that ships; read at the first call.

    Raises:
        ConfigError: It is missing or broken.
    """
    try:
        content = files("gateway.meaning").joinpath("weights", "vectors.npz").read_bytes()
    except OSError as error:
        raise ConfigError(f"the table of vectors cannot be read: {error.strerror} — {_MEND}") from None
    return read_vectors(content)
