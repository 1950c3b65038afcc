"""A knowledge base in use: documents come in screened, questions find passages, changes show within seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from threading import Lock
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.errors import KnowledgeError
from gateway.knowledge.chunks import chunked
from gateway.knowledge.document import Document
from gateway.knowledge.index import Found, Index
from gateway.knowledge.kept import KeptDocument, KeptPassage, Meaning, Vector, differing
from gateway.knowledge.store import KnowledgeStore

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to vectors of length 1, a row each."""

Screen = Callable[[str], tuple[str, ...]]
"""What speaks against using a passage, such as ``attack.indirect``; empty for nothing."""

LOOK_AGAIN: Final = 2.0
"""Seconds after which the store is asked whether something has changed."""

IN_MEMORY: Final = 50_000
"""Passages of a tenant whose vectors are searched in memory, exactly; more are searched by the database if it can."""

_TOGETHER: Final = 256
_MOST_VIEWS: Final = 32
"""Indexes of a tenant that are kept, one for each set of labels that opens something else."""


class Added(NamedTuple):
    """What came of adding a document.

    Attributes:
        document: As it is listed.
        flagged: For each passage that is never used its number and what speaks against it.
        same: It was there already, byte for byte, and nothing was done.
    """

    document: KeptDocument
    flagged: tuple[tuple[int, tuple[str, ...]], ...] = ()
    same: bool = False


class _Ready(NamedTuple):
    """A tenant's passages, ready to be searched.

    Attributes:
        version: Of what is kept.
        looked: When that was last looked up.
        passages: All of them.
        access: The sets of labels that they have.
        elsewhere: Their vectors lie in the store, which finds the nearest.
        meaning: What made the vectors; None if that is not known.
        searchable: An index for each set of passages that some caller sees, by their labels. One that a caller may
            not see has no part in it: not even a word's weight tells that it is there.
    """

    version: int
    looked: float
    passages: tuple[KeptPassage, ...]
    access: frozenset[frozenset[str]]
    elsewhere: bool
    meaning: Meaning | None
    searchable: dict[frozenset[frozenset[str]], Index]


class Library:
    """The documents of all tenants.

    Args:
        store: Keeps them.
        embed: Gives texts their meaning.
        screen: Looks at each passage before it is kept; None lets every passage in.
        ticker: Seconds that only grow.
        meaning: Names what ``embed`` is; None where nobody asks. Vectors of another are never mixed with its own.
        worded: Hears that a question was looked for by its words alone, because it could not be embedded; None: then
            the question fails.
    """

    def __init__(
        self,
        store: KnowledgeStore,
        embed: Embed,
        screen: Screen | None = None,
        ticker: Callable[[], float] = time.monotonic,
        *,
        meaning: Callable[[], str] | None = None,
        worded: Callable[[], object] | None = None,
    ) -> None:
        self._store, self._embed, self._screen, self._ticker = store, embed, screen, ticker
        self._meaning, self._worded = meaning, worded
        self._ready: dict[str, _Ready] = {}
        self._making: dict[str, Lock] = {}

    def add(
        self,
        tenant: str,
        document: Document,
        access: Iterable[str] = (),
        progress: Callable[[int], object] = lambda _: None,
    ) -> Added:
        """Keep a document in the place of what was kept under its name.

        Args:
            tenant: Whose it is.
            document: What a reader gave.
            access: Labels of which a caller needs one; none for everybody.
            progress: Hears of every few passages how many there are done.

        Raises:
            KnowledgeError: It holds no passage, or it cannot be kept.
        """
        labels = frozenset(access)
        there = self._store.document(tenant, document.name)
        if there is not None and there.digest and (there.digest, there.access) == (document.digest, labels):
            return Added(there, same=True)
        passages = chunked(document)
        if not passages:
            raise KnowledgeError(f"{document.name}: holds no sentence — nothing to be found in it")
        kept: list[KeptPassage] = []
        for at in range(0, len(passages), _TOGETHER):
            together = passages[at : at + _TOGETHER]
            vectors = self._embed(["\n".join([document.title, one.searched]) for one in together])
            for passage, vector in zip(together, vectors, strict=True):
                flagged = self._screen(passage.text) if self._screen else ()
                kept.append(
                    KeptPassage(
                        f"{document.name}#{passage.number}",
                        document.name,
                        document.title,
                        document.link,
                        passage.text,
                        passage.headings,
                        passage.place,
                        labels,
                        flagged,
                        vector,
                    )
                )
            progress(len(together))
        against = tuple((at, one.flagged) for at, one in enumerate(kept, 1) if one.flagged)
        listed = KeptDocument(
            document.name, document.title, document.link, document.digest, len(kept), len(against), labels, 0
        )
        self._store.put(tenant, listed, kept, self._made_by(len(kept[0].vector)))
        return Added(listed, against)

    def rebuild(self, tenant: str, progress: Callable[[int], object] = lambda _: None) -> int:
        """Embed every passage of a tenant anew; return how many. Until all are done the old vectors stand.

        Raises:
            KnowledgeError: They cannot be embedded, or not be kept; nothing is changed then.
        """
        passages = list(self._store.passages(tenant))
        anew: list[KeptPassage] = []
        for at in range(0, len(passages), _TOGETHER):
            together = passages[at : at + _TOGETHER]
            vectors = self._embed([one.searched for one in together])
            anew += [replace(one, vector=vector) for one, vector in zip(together, vectors, strict=True)]
            progress(len(together))
        sizes = {len(one.vector) for one in anew}
        if len(sizes) > 1:
            raise KnowledgeError(f"vectors have different lengths: {', '.join(map(str, sorted(sizes)))}")
        if anew:
            made = self._made_by(sizes.pop()) or Meaning("", len(anew[0].vector))
            self._store.embed(tenant, anew, made)
        return len(anew)

    def remove(self, tenant: str, name: str) -> bool:
        """Forget a document; return whether it was there; raises ``KnowledgeError``."""
        return self._store.remove(tenant, name)

    def documents(self, tenant: str) -> list[KeptDocument]:
        """Return what is kept for a tenant; raises ``KnowledgeError``."""
        return self._store.documents(tenant)

    def find(self, tenant: str, question: str, count: int, labels: frozenset[str] = frozenset()) -> tuple[Found, ...]:
        """Return the passages that say most about a question; raises ``KnowledgeError``."""
        index = self._index(tenant, labels)
        return index.search(question, self._asked(tenant, question), count, labels) if index.passages else ()

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()

    def _made_by(self, size: int) -> Meaning | None:
        return Meaning(self._meaning(), size) if self._meaning else None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return what texts mean; zeros where they go by their words alone. Raises ``KnowledgeError``."""
        try:
            return self._embed(texts)
        except KnowledgeError:
            if self._worded is None:
                raise
            self._worded()
            return np.zeros((len(texts), 1), np.float32)

    def _asked(self, tenant: str, question: str) -> Vector:
        """Return what a question means; zeros where it goes by its words alone. Raises ``KnowledgeError``."""
        ready = self._ready[tenant]
        kept, width = ready.meaning, 0 if ready.elsewhere else len(ready.passages[0].vector)
        try:
            vector: Vector = self._embed([question])[0]
            made = self._made_by(len(vector))
            if kept is not None and made is not None and kept != made:
                raise KnowledgeError(differing(kept, made))
            if width and width != len(vector):
                raise KnowledgeError(differing(Meaning("something else", width), made or Meaning("", len(vector))))
        except KnowledgeError:
            if self._worded is None:
                raise
            self._worded()
            return np.zeros(1, np.float32)
        return vector

    def _index(self, tenant: str, labels: frozenset[str]) -> Index:
        """Return what a caller with these labels searches: what it may see, and nothing else."""
        with self._making.setdefault(tenant, Lock()):  # of many that ask after a change, one makes it
            ready = self._current(tenant)
            seen = frozenset(access for access in ready.access if not access or access & labels)
            index = ready.searchable.get(seen)
            if index is None:
                if len(ready.searchable) >= _MOST_VIEWS:
                    ready.searchable.pop(next(iter(ready.searchable)), None)
                index = ready.searchable[seen] = self._made(tenant, ready, seen)
            return index

    def _made(self, tenant: str, ready: _Ready, seen: frozenset[frozenset[str]]) -> Index:
        shown = [one for one in ready.passages if one.access in seen]
        if not ready.elsewhere:
            return Index(shown)
        ids, hidden = {one.id for one in shown}, len(ready.passages) - len(shown)

        def nearest(vector: Vector, most: int) -> Sequence[tuple[str, float]]:
            found = self._store.nearest(tenant, vector, most + hidden)
            return [(id, cosine) for id, cosine in found if id in ids][:most]

        return Index(shown, nearest)

    def _current(self, tenant: str) -> _Ready:
        now, ready = self._ticker(), self._ready.get(tenant)
        if ready is not None and now - ready.looked < LOOK_AGAIN:
            return ready
        version = self._store.version(tenant)
        if ready is not None and ready.version == version:
            ready = self._ready[tenant] = ready._replace(looked=now)
            return ready
        passages = list(self._store.passages(tenant))
        elsewhere = self._store.searches and len(passages) > IN_MEMORY
        if elsewhere:
            passages = [replace(one, vector=one.vector[:0]) for one in passages]
        access = frozenset(one.access for one in passages)
        meaning = self._store.meaning(tenant)
        ready = self._ready[tenant] = _Ready(version, now, tuple(passages), access, elsewhere, meaning, {})
        return ready
