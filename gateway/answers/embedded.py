"""A model that gives answer banks their meaning in place of the table that ships: ways once, questions each in time.

Vectors of ways are kept by model and digest of the text, so that a restart or an edited bank asks for new ways alone.
What is no vector, or one of another length, never becomes part of a bank, and a question without its vector is told
to whoever asks: it is then judged by the table.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from gateway.answers.kept import KeptVectors, digest
from gateway.answers.stock import Floats
from gateway.breaker import Breaker
from gateway.errors import EndpointError
from gateway.meaning.endpoint import TOGETHER, Embedder
from gateway.meaning.vectors import Known
from gateway.ports import Ticker

_SAME: Final = 0.98
"""A text that is asked about again has at least this cosine with what is kept of it: less is another model."""
_REMEMBERED: Final = 4096


class Care(NamedTuple):
    """How a model is asked.

    Attributes:
        seconds: How long the meaning of a question may take,
        building: and that of all new ways of all banks.
        tries: How often a batch of ways is asked about.
        pause: Seconds before the second try; each further pause is twice as long.
        failures: So many questions in a row without an answer, and nobody asks for a while:
        rest: so many seconds.
    """

    seconds: float = 2.0
    building: float = 600.0
    tries: int = 4
    pause: float = 0.5
    failures: int = 5
    rest: float = 15.0


CARE: Final = Care()


class Embedded:
    """What a model says of some texts; a ``Source``. Vectors are told from what all of them have in common.

    Args:
        name: The model's.
        rows: A vector of length 1 for each plain text, as the model gave it.
        middle: What all have in common.
    """

    def __init__(self, name: str, rows: Mapping[str, Floats], middle: Floats) -> None:
        self._name, self._middle = name, middle
        self._rows = {text: _apart(row, middle) for text, row in rows.items()}

    @property
    def width(self) -> int:
        """How many numbers a vector has."""
        return len(self._middle)

    @property
    def version(self) -> str:
        """Names the model and the length of its vectors."""
        return f"{self._name} ({self.width})"

    def of(self, folded: str) -> Known:
        """Return what a plain text means, one of those that the model was asked about."""
        return Known(self._rows[folded], 1)

    def asked(self, rows: Mapping[str, Floats]) -> Embedded:
        """Return what the same model says of other texts; raises ``EndpointError`` for vectors of another length."""
        for row in rows.values():
            if len(row) != self.width:
                raise EndpointError(f"{self._name} gives {len(row)} numbers for a text, and gave {self.width} before")
        return Embedded(self._name, rows, self._middle)


def _apart(row: Floats, middle: Floats) -> Floats:
    apart = row - middle
    return np.asarray(apart / max(float(np.linalg.norm(apart)), 1e-9), np.float32)


class Model:
    """Asks a model, carefully.

    Args:
        embedder: The model.
        kept: Keeps vectors of ways; None to keep none.
        care: How it is asked.
        ticker: Seconds that only grow.
        progress: Hears of new ways how many there are done, and of how many.

    Attributes:
        care: How it is asked.
    """

    def __init__(
        self,
        embedder: Embedder,
        kept: KeptVectors | None = None,
        care: Care = CARE,
        ticker: Ticker = time.monotonic,
        progress: Callable[[int, int], object] = lambda done, of: None,
    ) -> None:
        self._embedder, self._kept, self.care, self._ticker = embedder, kept, care, ticker
        self._progress = progress
        self._remembered: OrderedDict[bytes, Floats] = OrderedDict()
        self._breaker = Breaker(care.failures, care.rest, ticker, lambda _: None)

    @property
    def name(self) -> str:
        """Names the model."""
        return self._embedder.name

    @property
    def resting(self) -> bool:
        """Whether nobody asks it for a while."""
        return self._breaker.state != "closed"

    def ways(self, texts: Sequence[str]) -> dict[str, Floats]:
        """Return the vector of each text: what is kept, and the rest asked for. Not for questions: it takes its time.

        Raises:
            EndpointError: Not all could be had, or they do not go together. Those that were had are kept.
        """
        unique = list(dict.fromkeys(texts))
        found: dict[str, Floats] = {}
        if self._kept is not None:
            known = self._kept.get(self.name, [digest(text) for text in unique])
            found = {text: row for text in unique if (row := known.get(digest(text))) is not None}
        lacking = [text for text in unique if text not in found]
        probe = next(iter(found), None)
        until = self._ticker() + self.care.building
        for at in range(0, len(lacking), TOGETHER):
            together = lacking[at : at + TOGETHER]
            asked = [*together, *([probe] if probe is not None and at == 0 else [])]
            rows = self._tried(asked, until, at, len(lacking))
            if len(asked) > len(together) and probe is not None:
                self._held_against(found[probe], rows[-1])
            new = dict(zip(together, rows, strict=False))
            lengths = {len(row) for row in (*found.values(), *new.values())}
            if len(lengths) > 1:
                raise EndpointError(f"{self.name} gives vectors of {_listed(lengths)} numbers")
            if self._kept is not None:
                self._kept.put(self.name, {digest(text): row for text, row in new.items()})
            found |= new
            self._progress(at + len(together), len(lacking))
        lengths = {len(row) for row in found.values()}
        if len(lengths) > 1:
            raise EndpointError(f"{self._there} vectors of {self.name} with {_listed(lengths)} numbers; {self._mend}")
        return found

    async def question(self, texts: Sequence[str]) -> dict[str, Floats]:
        """Return the vector of each text of a question; raises ``EndpointError``, in time."""
        found = {text: row for text in texts if (row := self._remembered.get(digest(text))) is not None}
        lacking = [text for text in texts if text not in found]
        if not lacking:
            return found
        permit = self._breaker.admit()
        if permit is None:
            raise EndpointError(f"{self.name} failed too often and is left alone for a while")
        well: bool | None = None
        try:
            async with asyncio.timeout(self.care.seconds):
                rows = await self._embedder.rows(lacking)
            well = True
        except TimeoutError:
            well = False
            raise EndpointError(f"{self.name} did not answer within {self.care.seconds:g} s") from None
        except EndpointError:
            well = False
            raise
        finally:
            self._breaker.settle(permit, well)
        for text, row in zip(lacking, rows, strict=True):
            found[text] = self._remembered[digest(text)] = row
            if len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        return found

    def _tried(self, texts: Sequence[str], until: float, done: int, of: int) -> Floats:
        """Return a row for each text; asks again where that failed, as long as there is time."""
        pause = self.care.pause
        for left in range(self.care.tries - 1, -1, -1):
            if self._ticker() >= until:
                had = "; these are kept, and only the rest is asked for at the next try" if self._kept else ""
                what = f"{self.name} gave vectors for {done} of {of} texts within {self.care.building:g} s{had}"
                raise EndpointError(what)
            try:
                return self._embedder(texts)
            except EndpointError:
                if not left:
                    raise
            time.sleep(max(0.0, min(pause, until - self._ticker())))
            pause *= 2
        raise AssertionError("unreachable")

    def _held_against(self, kept: Floats, now: Floats) -> None:
        """Refuse new vectors beside kept ones that another model made under the same name."""
        if len(kept) != len(now):
            what = f"{self._there} vectors of {self.name} with {len(kept)} numbers, and now it gives {len(now)}"
            raise EndpointError(f"{what}; {self._mend}")
        if float(kept @ now) < _SAME:
            what = f"{self.name} gives another vector than before for the same text: it is another model"
            raise EndpointError(f"{what}; {self._mend}")

    @property
    def _there(self) -> str:
        return f"{self._kept.file if self._kept else 'memory'} holds"

    @property
    def _mend(self) -> str:
        return "give the other model another name (model:), or remove the file so that all ways are asked for anew"


def _listed(lengths: set[int]) -> str:
    return " and ".join(map(str, sorted(lengths)))
