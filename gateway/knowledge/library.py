"""A knowledge base in use: documents come in screened, questions find passages, changes show within seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.errors import KnowledgeError
from gateway.knowledge.chunks import chunked
from gateway.knowledge.current import Current, Searchable
from gateway.knowledge.document import Document
from gateway.knowledge.index import Found
from gateway.knowledge.kept import KeptDocument, KeptPassage, Meaning, Vector, differing
from gateway.knowledge.store import KnowledgeStore

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to vectors of length 1, a row each."""

Screen = Callable[[str], tuple[str, ...]]
"""What speaks against using a passage, such as ``attack.indirect``; empty for nothing."""

_TOGETHER: Final = 256


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
        self._store, self._embed, self._screen = store, embed, screen
        self._meaning, self._worded = meaning, worded
        self._current = Current(store, ticker)

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
        current = self._current.searchable(tenant, labels)
        if not current.index.passages:
            return ()
        return current.index.search(question, self._asked(question, current), count, labels, current.gone)

    @property
    def prepared(self) -> bool:
        """Whether nobody reads what the first questions would wait for."""
        return self._current.prepared

    def prepare(self) -> None:
        """Begin to read what the first questions would wait for, beside whatever else there is to do."""
        self._current.prepare()

    def close(self) -> None:
        """Let go of the store."""
        self._current.close()
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

    def _asked(self, question: str, current: Searchable) -> Vector:
        """Return what a question means; zeros where it goes by its words alone. Raises ``KnowledgeError``."""
        kept, width = current.meaning, current.width
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
