"""``sluice eval show`` and ``list``: look at runs on disk; asks nobody, judges nothing."""

from __future__ import annotations

import json
from pathlib import Path

import click

from evaluators.cli.ending import finish, telling
from evaluators.cli.opening import opened

FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("folder", metavar="RUN", type=FOLDER)
def show(folder: Path) -> None:
    """Print the results of a RUN and write its report anew; ends with the exit code of its gates.

    \b
    sluice eval show runs/rag-starter-20260101T080000Z-1a2b3c
    """
    with telling():
        code = finish(*opened(folder))
    raise click.exceptions.Exit(code)


@click.command("list")
@click.option("--runs", type=FOLDER, default=Path("runs"), show_default=True, help="Where runs are kept.")
def listing(runs: Path) -> None:
    """List the runs on disk, oldest first, with their exit codes.

    \b
    sluice eval list
    """
    found = sorted((path.parent for path in runs.glob("*/run.json")), key=lambda path: _started(path / "run.json"))
    if not found:
        click.echo(f"no runs in {runs}; start one with: sluice eval run benchmarks/rag/starter")
    for path in found:
        click.echo(f"{_started(path / 'run.json'):26} {_ended(path / 'report.json'):12} {path}")


def _started(path: Path) -> str:
    return str(_read(path).get("started", ""))


def _ended(path: Path) -> str:
    report = _read(path)
    if not report:
        return "no report"
    whole = report.get("answered") == report.get("asked")
    return f"exit {report.get('exit_code')}" if whole else "incomplete"


def _read(path: Path) -> dict[str, object]:
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
