"""What of a store is ready to be searched: each tenant's passages, and an index for each set of them that callers see.

Few passages are read while somebody asks, after a change. Very many are read in the background: until that is done the
index that was there answers, without documents that are gone or were changed since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock, Thread
from typing import Final, NamedTuple

from gateway.errors import KnowledgeError
from gateway.knowledge.index import Index
from gateway.knowledge.kept import KeptPassage, Mark, Meaning, Vector
from gateway.knowledge.store import KnowledgeStore

LOOK_AGAIN: Final = 2.0
"""Seconds after which the store is asked whether something has changed."""

IN_MEMORY: Final = 50_000
"""Passages of a tenant whose vectors are searched in memory, exactly; more are searched by the database if it can."""

AT_ONCE: Final = 2_000
"""Passages of a tenant that are read while somebody asks; more are read in the background."""

_MOST_VIEWS: Final = 32
"""Indexes of a tenant that are kept, one for each set of labels that opens something else."""

Seen = frozenset[frozenset[str]]
"""The sets of labels whose passages a caller sees."""


class _Ready(NamedTuple):
    """A tenant's passages as they were read.

    Attributes:
        version: Of what was kept then.
        documents: What told each document from what else its name might stand for.
        passages: All of them.
        access: The sets of labels that they have.
        elsewhere: Their vectors lie in the store, which finds the nearest.
        meaning: What made the vectors; None if that is not known.
    """

    version: int
    documents: Mapping[str, Mark]
    passages: tuple[KeptPassage, ...]
    access: Seen
    elsewhere: bool
    meaning: Meaning | None

    def seen(self, labels: frozenset[str]) -> Seen:
        """Return what a caller with these labels sees."""
        return frozenset(access for access in self.access if not access or access & labels)


@dataclass(frozen=True, slots=True)
class _View:
    """An index of what some caller sees: one that may not be seen has no part in it, not even in a word's weight."""

    labels: frozenset[str]
    index: Index


@dataclass(slots=True)
class _Tenant:
    """What is ready of a tenant.

    Attributes:
        lock: Of many that ask after a change, one reads what is kept.
        ready: What was read; None before the first question.
        looked: When the store was last asked whether something has changed.
        gone: Documents that are not kept any more as they were read.
        views: What is searched, by what is seen.
        reading: Reads what has changed; None if nobody does.
        failed: What has changed could not be read in the background: who asks next reads it, and hears why not.
    """

    lock: Lock = field(default_factory=Lock)
    ready: _Ready | None = None
    looked: float = 0.0
    gone: frozenset[str] = frozenset()
    views: dict[Seen, _View] = field(default_factory=dict)
    reading: Thread | None = None
    failed: bool = False

    def take(self, ready: _Ready, views: dict[Seen, _View]) -> None:
        """Put what was read in the place of what was there."""
        self.ready, self.views, self.gone, self.failed = ready, views, frozenset(), False


@dataclass(frozen=True, slots=True)
class Searchable:
    """What a caller searches.

    Attributes:
        index: What it may see.
        gone: Documents in it that are not kept any more.
        meaning: What made the vectors; None if that is not known.
        width: How many numbers a vector in it has; 0 if they lie elsewhere.
    """

    index: Index
    gone: frozenset[str]
    meaning: Meaning | None
    width: int


class Current:
    """What is ready to be searched.

    Args:
        store: Keeps documents and passages.
        ticker: Seconds that only grow.
    """

    def __init__(self, store: KnowledgeStore, ticker: Callable[[], float]) -> None:
        self._store, self._ticker = store, ticker
        self._tenants: dict[str, _Tenant] = {}
        self._preparing: Thread | None = None
        self._closed = False

    @property
    def prepared(self) -> bool:
        """Whether nobody reads what the first questions would wait for."""
        return self._preparing is None or not self._preparing.is_alive()

    def prepare(self) -> None:
        """Begin to read what the first questions would wait for: very many passages, as callers without labels see."""
        self._preparing = Thread(target=self._prepare, name="knowledge", daemon=True)
        self._preparing.start()

    def close(self) -> None:
        """Begin to read nothing more."""
        self._closed = True

    def searchable(self, tenant: str, labels: frozenset[str]) -> Searchable:
        """Return what a caller with these labels searches: what it may see, and nothing else.

        Raises:
            KnowledgeError: What is kept cannot be read.
        """
        state = self._tenants.setdefault(tenant, _Tenant())
        with state.lock:
            ready = self._looked(tenant, state)
            seen = ready.seen(labels)
            view = state.views.get(seen)
            if view is None:
                if len(state.views) >= _MOST_VIEWS:
                    state.views.pop(next(iter(state.views)), None)
                view = state.views[seen] = _View(labels, self._made(tenant, ready, seen))
            width = len(ready.passages[0].vector) if ready.passages and not ready.elsewhere else 0
            return Searchable(view.index, state.gone, ready.meaning, width)

    def _prepare(self) -> None:
        try:
            for tenant in self._store.tenants(AT_ONCE):
                if not self._closed:
                    self.searchable(tenant, frozenset())
        except KnowledgeError:
            return  # who asks is told

    def _looked(self, tenant: str, state: _Tenant) -> _Ready:
        """Return what is ready; ask the store now and then whether it is what is kept."""
        now, ready = self._ticker(), state.ready
        if ready is not None and now - state.looked < LOOK_AGAIN:
            return ready
        version = self._store.version(tenant)
        if ready is None or (ready.version != version and self._waits(tenant, state, ready)):
            ready = self._read(tenant)
            state.take(ready, {})
        elif ready.version != version:
            marks = self._store.marks(tenant)
            state.gone = frozenset(name for name, mark in ready.documents.items() if marks.get(name) != mark)
            if state.reading is None:
                state.reading = Thread(target=self._again, args=(tenant, state), name="knowledge", daemon=True)
                state.reading.start()
        state.looked = now
        return ready

    def _waits(self, tenant: str, state: _Tenant, ready: _Ready) -> bool:
        """Whether who asks has to wait until what has changed is read."""
        return len(ready.passages) <= AT_ONCE or state.failed or self._store.meaning(tenant) != ready.meaning

    def _again(self, tenant: str, state: _Tenant) -> None:
        """Read what is kept now, beside those who ask."""
        try:
            ready, views = self._read(tenant), dict[Seen, _View]()
            with state.lock:
                used = [*state.views.values()]
            for view in used:
                seen = ready.seen(view.labels)
                if seen not in views:
                    views[seen] = _View(view.labels, self._made(tenant, ready, seen))
        except Exception:  # whatever it was: who asks next reads it again, and is told
            with state.lock:
                state.failed, state.reading = True, None
            return
        with state.lock:
            if state.ready is None or ready.version > state.ready.version:
                state.take(ready, views)
            state.reading = None

    def _read(self, tenant: str) -> _Ready:
        version, documents = self._store.version(tenant), self._store.marks(tenant)
        meaning = self._store.meaning(tenant)
        passages = list(self._store.passages(tenant))
        elsewhere = self._store.searches and len(passages) > IN_MEMORY
        if elsewhere:
            passages = [replace(one, vector=one.vector[:0]) for one in passages]
        access = frozenset(one.access for one in passages)
        return _Ready(version, documents, tuple(passages), access, elsewhere, meaning)

    def _made(self, tenant: str, ready: _Ready, seen: Seen) -> Index:
        shown = [one for one in ready.passages if one.access in seen]
        if not ready.elsewhere:
            return Index(shown)
        ids, hidden = {one.id for one in shown}, len(ready.passages) - len(shown)

        def nearest(vector: Vector, most: int) -> Sequence[tuple[str, float]]:
            found = self._store.nearest(tenant, vector, most + hidden)
            return [(id, cosine) for id, cosine in found if id in ids][:most]

        return Index(shown, nearest)
