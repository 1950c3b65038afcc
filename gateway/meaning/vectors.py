"""A vector for what a text means, from a table that ships: the sum of a row for each piece, of length 1.

The table is small (see ``weights/CARD.md``) and needs no network. Texts that mean the same lie near each other,
whatever the words; texts that hold the same words in another order are the same to it.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.errors import ConfigError
from gateway.meaning.pieces import plain, terms
from gateway.meaning.rows import weighed

Floats = NDArray[np.float32]
EVEN: Final = 0.5
"""How alike parts are of which nothing can be said."""
_MEND: Final = "install the package again, or make it anew: make train-meaning DATA=folder"


class Known(NamedTuple):
    """What a text means.

    Attributes:
        vector: Of length 1; zeros if no piece of the text has a row.
        pieces: How many pieces of it have one.
        places: Their rows,
        length: and how long their sum is, if it is the table that says so.
    """

    vector: Floats
    pieces: int
    places: frozenset[int] = frozenset()
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
        places = self._places
        pieces = set(map(places.get, terms(folded)))
        pieces.discard(None)
        if not pieces:
            return Known(np.zeros(self.width, np.float32), 0)
        found = np.array([*pieces], np.int64)
        found.sort()  # the same pieces are added up in the same order, however the text has them
        total = self._sum(found)
        length = float(np.sqrt(total @ total))
        return Known(total / np.float32(length) if length else total, len(found), frozenset(found.tolist()), length)

    def apart(self, mine: Known, theirs: Known) -> float:
        """Return how alike in meaning the parts are in which two texts differ, -1 to 1; ``EVEN`` if one has none.

        Args:
            mine: What this table says of one text,
            theirs: and of the other.
        """
        shared = mine.places & theirs.places
        if len(shared) in {len(mine.places), len(theirs.places)}:
            return EVEN
        both = self._sum(np.sort(np.fromiter(shared, np.int64, len(shared))))
        one, other = mine.vector * mine.length - both, theirs.vector * theirs.length - both
        lengths = float(np.sqrt((one @ one) * (other @ other)))
        return float(one @ other) / lengths if lengths else EVEN

    def _sum(self, places: NDArray[np.int64]) -> Floats:
        return weighed(self._steps.take(places), self._rows.take(places, 0).astype(np.float32))

    def many(self, texts: Sequence[str]) -> Floats:
        """Return a row for each text as it was written."""
        found = np.zeros((len(texts), self.width), np.float32)
        for at, text in enumerate(texts):
            found[at] = self.of(plain(text)).vector
        return found


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
