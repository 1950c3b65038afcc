"""Keeps documents and their passages in SQLite or PostgreSQL, each tenant apart, each document whole or not at all.

In PostgreSQL the vectors are pgvector's, with an index for each number of dimensions, so that a search
reads no more than it returns. In SQLite they are bytes, searched in memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    create_engine,
    delete,
    event,
    func,
    insert,
    make_url,
    select,
    update,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from gateway.errors import KnowledgeError
from gateway.knowledge.kept import KeptDocument, KeptPassage, Mark, Meaning, Vector, differing
from gateway.ports import Clock

FORM: Final = 1
"""The form of the tables; a database of a newer form is not touched."""

_REMEMBERED: Final = 1024

_TABLES: Final = MetaData()
_STATE: Final = Table(
    "knowledge_state",
    _TABLES,
    Column("tenant", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("form", Integer, nullable=False),
)
_DOCUMENT: Final = Table(
    "knowledge_document",
    _TABLES,
    Column("tenant", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("access", Text, nullable=False),
    Column("added", Float, nullable=False),
)
_PASSAGE: Final = Table(
    "knowledge_passage",
    _TABLES,
    Column("tenant", Text, primary_key=True),
    Column("document", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("headings", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("flagged", Text, nullable=False),
    Column("vector", LargeBinary, nullable=False),
)


_MEANING: Final = Table(
    "knowledge_meaning",
    _TABLES,
    Column("tenant", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("size", Integer, nullable=False),
)


class KnowledgeStore:
    """Documents and passages in the database at ``url``; opened at the first use.

    Args:
        url: ``sqlite:///path`` or ``postgresql://…``.
        clock: For when a document was added.

    Raises:
        KnowledgeError: The address is neither.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self._url, self._clock = _checked(url), clock
        self._engine: Engine | None = None

    @property
    def name(self) -> str:
        """The address without its password, for people."""
        return self._url.render_as_string(hide_password=True)

    @property
    def searches(self) -> bool:
        """Whether the database itself searches vectors."""
        return self._url.get_backend_name() == "postgresql"

    def put(
        self, tenant: str, document: KeptDocument, passages: Sequence[KeptPassage], meaning: Meaning | None = None
    ) -> None:
        """Keep a document in the place of what was kept under its name; raises ``KnowledgeError``.

        Args:
            tenant: Whose it is.
            document: As it is listed.
            passages: With their vectors.
            meaning: What made these; if it is not what made the others that are kept, nothing is changed.
        """
        with self._writing(tenant) as connection:
            self._drop(connection, tenant, document.name)
            if meaning is not None:
                self._agree(connection, tenant, meaning)
            row = {"tenant": tenant, "name": document.name, "title": document.title, "link": document.link}
            row |= {"digest": document.digest, "access": json.dumps(sorted(document.access))}
            connection.execute(insert(_DOCUMENT), [row | {"added": self._clock()}])
            rows = [
                {
                    "tenant": tenant,
                    "document": document.name,
                    "number": number,
                    "text": passage.text,
                    "headings": json.dumps(passage.headings, ensure_ascii=False),
                    "place": passage.place,
                    "flagged": json.dumps(passage.flagged),
                    "vector": passage.vector.astype(np.float16).tobytes(),
                }
                for number, passage in enumerate(passages, 1)
            ]
            connection.execute(insert(_PASSAGE), rows)
            if self.searches:
                self._put_vectors(connection, tenant, document.name, passages)

    def remove(self, tenant: str, name: str) -> bool:
        """Forget a document; return whether it was there; raises ``KnowledgeError``."""
        with self._writing(tenant) as connection:
            return self._drop(connection, tenant, name)

    def documents(self, tenant: str) -> list[KeptDocument]:
        """Return what is kept for a tenant, by name; raises ``KnowledgeError``."""
        return self._listed(_PASSAGE.c.tenant == tenant, _DOCUMENT.c.tenant == tenant)

    def document(self, tenant: str, name: str) -> KeptDocument | None:
        """Return what is kept under a name; None if nothing is. Raises ``KnowledgeError``."""
        passages = (_PASSAGE.c.tenant == tenant) & (_PASSAGE.c.document == name)
        found = self._listed(passages, (_DOCUMENT.c.tenant == tenant) & (_DOCUMENT.c.name == name))
        return found[0] if found else None

    def _listed(self, passages: ColumnElement[bool], documents: ColumnElement[bool]) -> list[KeptDocument]:
        counted = (
            select(
                _PASSAGE.c.document,
                func.count().label("passages"),
                func.sum(func.cast(_PASSAGE.c.flagged != "[]", Integer)).label("flagged"),
            )
            .where(passages)
            .group_by(_PASSAGE.c.document)
            .subquery()
        )
        asked = (
            select(_DOCUMENT, counted.c.passages, counted.c.flagged)
            .join(counted, counted.c.document == _DOCUMENT.c.name)
            .where(documents)
            .order_by(_DOCUMENT.c.name)
        )
        with self._connection() as connection:
            return [
                KeptDocument(
                    row.name,
                    row.title,
                    row.link,
                    row.digest,
                    row.passages,
                    row.flagged,
                    frozenset(json.loads(row.access)),
                    row.added,
                )
                for row in connection.execute(asked)
            ]

    def passages(self, tenant: str) -> Iterator[KeptPassage]:
        """Yield every passage of a tenant, in the order of its documents; raises ``KnowledgeError``."""
        asked = (
            select(_PASSAGE, _DOCUMENT.c.title, _DOCUMENT.c.link, _DOCUMENT.c.access)
            .join(_DOCUMENT, (_DOCUMENT.c.tenant == _PASSAGE.c.tenant) & (_DOCUMENT.c.name == _PASSAGE.c.document))
            .where(_PASSAGE.c.tenant == tenant)
            .order_by(_PASSAGE.c.document, _PASSAGE.c.number)
        )
        listed = lru_cache(_REMEMBERED)(json.loads)  # most passages say the same
        with self._connection() as connection:
            for row in connection.execution_options(yield_per=1000).execute(asked):
                yield KeptPassage(
                    f"{row.document}#{row.number}",
                    row.document,
                    row.title,
                    row.link,
                    row.text,
                    tuple(listed(row.headings)),
                    row.place,
                    frozenset(listed(row.access)),
                    tuple(listed(row.flagged)),
                    np.frombuffer(row.vector, np.float16).astype(np.float32),
                )

    def marks(self, tenant: str) -> dict[str, Mark]:
        """Return what tells each document of a tenant from what else its name might stand for, by name.

        Raises:
            KnowledgeError: It cannot be read.
        """
        asked = select(_DOCUMENT.c.name, _DOCUMENT.c.digest, _DOCUMENT.c.access, _DOCUMENT.c.added)
        with self._connection() as connection:
            return {
                row.name: Mark(row.digest, frozenset(json.loads(row.access)), row.added)
                for row in connection.execute(asked.where(_DOCUMENT.c.tenant == tenant))
            }

    def tenants(self, more: int) -> list[str]:
        """Return the tenants that have more than so many passages; raises ``KnowledgeError``.

        What does not exist is not made for that.
        """
        if not self.searches and self._url.database and not Path(self._url.database).exists():
            return []
        asked = select(_PASSAGE.c.tenant).group_by(_PASSAGE.c.tenant).having(func.count() > more)
        with self._connection() as connection:
            return [row.tenant for row in connection.execute(asked.order_by(_PASSAGE.c.tenant))]

    def meaning(self, tenant: str) -> Meaning | None:
        """Return what made the vectors of a tenant; None if that is not known. Raises ``KnowledgeError``."""
        with self._connection() as connection:
            row = connection.execute(select(_MEANING).where(_MEANING.c.tenant == tenant)).first()
        return None if row is None else Meaning(row.name, row.size)

    def embed(self, tenant: str, passages: Sequence[KeptPassage], meaning: Meaning) -> None:
        """Put other vectors in the place of all that a tenant has: all of them, or none. Raises ``KnowledgeError``."""
        placed: dict[str, list[KeptPassage]] = {}
        for passage in passages:
            placed.setdefault(passage.document, []).append(passage)
        changed = (
            update(_PASSAGE)
            .where(
                _PASSAGE.c.tenant == tenant,
                _PASSAGE.c.document == bindparam("of"),
                _PASSAGE.c.number == bindparam("at"),
            )
            .values(vector=bindparam("new"))
        )
        with self._writing(tenant) as connection:
            for name, some in placed.items():
                rows = [
                    {"of": name, "at": number, "new": passage.vector.astype(np.float16).tobytes()}
                    for number, passage in enumerate(some, 1)
                ]
                connection.execute(changed, rows)
                if self.searches:
                    asked = "DELETE FROM knowledge_vector WHERE tenant = %(t)s AND document = %(d)s"
                    connection.exec_driver_sql(asked, {"t": tenant, "d": name})
                    self._put_vectors(connection, tenant, name, some)
            connection.execute(delete(_MEANING).where(_MEANING.c.tenant == tenant))
            connection.execute(insert(_MEANING), [{"tenant": tenant, "name": meaning.name, "size": meaning.size}])

    def nearest(self, tenant: str, vector: Vector, count: int) -> list[tuple[str, float]]:
        """Return ids of the passages nearest to a vector with their cosines, the nearest first (PostgreSQL only)."""
        size = len(vector)  # a number of ours, which PostgreSQL takes as no parameter
        asked = (
            f"SELECT document, number, 1 - (vector::vector({size}) <=> CAST(%(v)s AS vector({size}))) AS near "  # noqa: S608
            "FROM knowledge_vector WHERE tenant = %(t)s AND size = %(s)s "
            f"ORDER BY vector::vector({size}) <=> CAST(%(v)s AS vector({size})) LIMIT %(n)s"
        )
        with self._connection() as connection:
            given = {"v": _written(vector), "t": tenant, "n": count, "s": size}
            connection.exec_driver_sql("SET LOCAL hnsw.ef_search = 200")
            rows = connection.exec_driver_sql(asked, given).all()
        return [(f"{row[0]}#{row[1]}", float(row[2])) for row in rows]

    def version(self, tenant: str) -> int:
        """Return a number that grows with each change of a tenant's documents; raises ``KnowledgeError``."""
        with self._connection() as connection:
            found = connection.execute(select(_STATE.c.version).where(_STATE.c.tenant == tenant)).scalar()
        return int(found or 0)

    def close(self) -> None:
        """Let go of the database."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _drop(self, connection: Connection, tenant: str, name: str) -> bool:
        for table, column in ((_PASSAGE, _PASSAGE.c.document), (_DOCUMENT, _DOCUMENT.c.name)):
            gone = connection.execute(delete(table).where(table.c.tenant == tenant, column == name)).rowcount
        if self.searches:
            asked = "DELETE FROM knowledge_vector WHERE tenant = %(t)s AND document = %(d)s"
            connection.exec_driver_sql(asked, {"t": tenant, "d": name})
        return bool(gone)

    def _agree(self, connection: Connection, tenant: str, meaning: Meaning) -> None:
        row = connection.execute(select(_MEANING).where(_MEANING.c.tenant == tenant)).first()
        if row is not None and Meaning(row.name, row.size) == meaning:
            return
        others = connection.execute(select(func.count()).select_from(_PASSAGE).where(_PASSAGE.c.tenant == tenant))
        if row is not None and others.scalar():
            raise KnowledgeError(differing(Meaning(row.name, row.size), meaning))
        connection.execute(delete(_MEANING).where(_MEANING.c.tenant == tenant))
        connection.execute(insert(_MEANING), [{"tenant": tenant, "name": meaning.name, "size": meaning.size}])

    def _put_vectors(self, connection: Connection, tenant: str, name: str, passages: Sequence[KeptPassage]) -> None:
        rows = [
            {"t": tenant, "d": name, "n": number, "s": len(passage.vector), "v": _written(passage.vector)}
            for number, passage in enumerate(passages, 1)
        ]
        asked = (
            "INSERT INTO knowledge_vector (tenant, document, number, size, vector) "
            "VALUES (%(t)s, %(d)s, %(n)s, %(s)s, %(v)s)"
        )
        connection.exec_driver_sql(asked, rows)
        for size in {row["s"] for row in rows}:
            connection.exec_driver_sql(
                f"CREATE INDEX IF NOT EXISTS knowledge_vector_{size} ON knowledge_vector "
                f"USING hnsw ((vector::vector({size})) vector_cosine_ops) WHERE size = {size}"
            )

    @contextmanager
    def _writing(self, tenant: str) -> Iterator[Connection]:
        """Change a tenant's documents: all of it or nothing, and one change after the other."""
        with self._connection() as connection:
            changed = connection.execute(
                update(_STATE).where(_STATE.c.tenant == tenant).values(version=_STATE.c.version + 1)
            )
            if not changed.rowcount:
                connection.execute(insert(_STATE), [{"tenant": tenant, "version": 1, "form": FORM}])
            yield connection

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        try:
            with self._opened().begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise KnowledgeError(f"the knowledge base {self.name} does not work: {_reason(error)}") from None

    def _opened(self) -> Engine:
        if self._engine is None:
            if not self.searches and self._url.database:
                Path(self._url.database).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(self._url)
            if not self.searches:
                event.listen(engine, "connect", _pragmas)
            with engine.begin() as connection:
                if self.searches:
                    _with_vectors(connection)
                _TABLES.create_all(connection)
                newest = connection.execute(select(func.max(_STATE.c.form))).scalar() or FORM
            if newest > FORM:
                engine.dispose()
                raise KnowledgeError(f"the knowledge base {self.name} was made by a newer Sluice — run that or newer")
            self._engine = engine
        return self._engine


def _pragmas(connection: Any, record: Any) -> None:
    del record
    for line in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", "PRAGMA busy_timeout=5000"):
        connection.execute(line)


def _with_vectors(connection: Connection) -> None:
    if not connection.exec_driver_sql("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'").scalar():
        raise KnowledgeError("PostgreSQL has no pgvector — install the extension 'vector', or use sqlite:///…")
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7812729101)")
    connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS vector")
    connection.exec_driver_sql(
        "CREATE TABLE IF NOT EXISTS knowledge_vector (tenant text NOT NULL, document text NOT NULL, "
        "number integer NOT NULL, size integer NOT NULL, vector vector NOT NULL, "
        "PRIMARY KEY (tenant, document, number))"
    )


def _written(vector: Vector) -> str:
    return "[" + ",".join(f"{value:.6g}" for value in vector) + "]"


def _checked(url: str) -> URL:
    try:
        made = make_url(url)
    except ArgumentError:
        made = None
    if made is None or made.get_backend_name() not in ("sqlite", "postgresql"):
        raise KnowledgeError("the knowledge base is no address of a database — write sqlite:///var/knowledge.db")
    return made.set(drivername="postgresql+psycopg") if made.get_backend_name() == "postgresql" else made


def _reason(error: SQLAlchemyError) -> str:
    """Return why, without statements and values."""
    if isinstance(error, DBAPIError):
        return type(error.orig).__name__ + (
            ": " + str(error.orig).split("\n")[0] if "unable" in str(error.orig) else ""
        )
    return type(error).__name__
