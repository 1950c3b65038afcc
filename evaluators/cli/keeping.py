"""Where runs are kept: ``$SLUICE_EVAL_STORE``; a store that cannot be reached never costs a run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from evaluators.cli.opening import opened

if TYPE_CHECKING:
    from evaluators.kept.store import RunStore
    from evaluators.marks import Marks
    from evaluators.run import Run
    from evaluators.summary import Summary

Command = Callable[..., Any]

VARIABLE: Final = "SLUICE_EVAL_STORE"
NOWHERE: Final = "none"


def store_option(command: Command) -> Command:
    """Add ``--store`` to a command that reads what is kept."""
    text = f"Where runs are kept: sqlite:///… or postgresql://…; '{NOWHERE}' keeps none. [default: sqlite:///var/eval/runs.db]"
    return click.option("--store", metavar="URL", envvar=VARIABLE, help=text)(command)


def open_store(url: str | None = None) -> RunStore | None:
    """Return the store of runs, not yet entered; None where none is wanted; raises ``ConfigError``."""
    from datetime import UTC, datetime  # noqa: PLC0415 - the help must be fast

    from evaluators.kept.store import DEFAULT, RunStore  # noqa: PLC0415

    chosen = url or os.environ.get(VARIABLE) or DEFAULT
    return None if chosen == NOWHERE else RunStore(chosen, lambda: datetime.now(UTC))


def keep_run(run: Run, summary: Summary, said: Mapping[str, Any], code: int, night: str | None = None) -> bool:
    """Keep a run; where that cannot be done, say so and go on: it is on disk. Return whether it was kept."""
    from evaluators.kept.store import KeptError  # noqa: PLC0415
    from evaluators.marks import marks  # noqa: PLC0415
    from gateway.errors import ConfigError  # noqa: PLC0415

    try:
        store = open_store()
        if store is None:
            return False
        with store:
            store.keep(
                marks(run, summary),
                {name: value for name, value in said.items() if name != "rows"},
                model=run.manifest.asked.model,
                exit_code=code,
                folder=str(run.path),
                night=night,
            )
    except (KeptError, ConfigError) as error:
        click.echo(f"warning: the run is in {run.path}, but is not kept among the runs: {error}", err=True)
        click.echo(f"Keep it later with: sluice eval report {run.path}", err=True)
        return False
    return True


def folder_of(run: str, url: str | None = None) -> Path | None:
    """Return the folder of a run, by itself or by the run's id; None if it is gone, or the store does not answer."""
    from evaluators.kept.store import KeptError  # noqa: PLC0415

    if Path(run).is_dir():
        return Path(run)
    store = open_store(url)
    if store is None:
        return None
    try:
        with store:
            found = store.get(run)
    except KeptError:
        return None
    return Path(found.folder) if found and (Path(found.folder) / "run.json").is_file() else None


def marks_of(run: str, url: str | None = None) -> Marks:
    """Return the judgements of a run, by its folder or by the id under which it is kept.

    Raises:
        ConfigError: There is none, it is damaged, or the store cannot be reached.
    """
    from evaluators.marks import marks  # noqa: PLC0415
    from gateway.errors import ConfigError, Where  # noqa: PLC0415

    if Path(run).is_dir():
        found = opened(Path(run))
        return marks(found.run, found.summary())
    store = open_store(url)
    if store is None:
        hint = "give the folder of a run, or set $SLUICE_EVAL_STORE to look it up by its id"
        raise ConfigError("there is no run here", Where(run), hint)
    from evaluators.kept.store import KeptError  # noqa: PLC0415

    try:
        with store:
            return store.marks(run)
    except KeptError as error:
        raise ConfigError(str(error), Where(run), "give the folder of a run instead") from None
