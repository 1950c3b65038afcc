"""``sluice eval show``, ``report`` and ``list``: look at runs; asks nobody, judges nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evaluators.cli.against import Against, against_options
from evaluators.cli.ending import finish, telling
from evaluators.cli.keeping import open_store, store_option
from evaluators.cli.lines import MetricLine, metric_lines
from evaluators.cli.opening import opened

if TYPE_CHECKING:
    from evaluators.kept.store import KeptRun, Wanted

FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("run", metavar="RUN")
@store_option
def show(run: str, store: str | None) -> None:
    """Print the results of a RUN, a folder or the id of one that is kept; ends with the exit code of its gates.

    \b
    sluice eval show runs/rag-starter-20260101T080000Z-1a2b3c
    sluice eval show rag-starter-20260101T080000Z-1a2b3c
    """
    if Path(run).is_dir() or "/" in run:
        with telling():
            code = finish(*opened(Path(run)))
        raise click.exceptions.Exit(code)
    with telling():
        found = _kept_run(run, store)
    for line in kept_lines(found):
        click.echo(line)
    raise click.exceptions.Exit(found.exit_code)


@click.command()
@click.argument("folder", metavar="RUN", type=FOLDER)
@against_options
def report(folder: Path, baseline: str | None, *, anyway: bool) -> None:
    """Write the reports of a RUN anew (HTML, JSON, Markdown, JUnit), and keep it; ends with the exit code of its gates.

    \b
    sluice eval report runs/rag-starter-20260101T080000Z-1a2b3c
    sluice eval report runs/rag-starter-20260102T080000Z-4d5e6f --baseline runs/rag-starter-20260101T080000Z-1a2b3c
    """
    with telling():
        code = finish(*opened(folder), Against(baseline, anyway))
    raise click.exceptions.Exit(code)


@click.command("list")
@click.option("--runs", type=FOLDER, default=Path("runs"), show_default=True, help="A folder with runs to list too.")
@click.option("--suite", help="Only runs of this suite.")
@click.option("--model", help="Only runs that asked this model.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only runs begun on this day or later (UTC).")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Only runs begun before this day (UTC).")
@click.option("--exit", "code", type=int, help="Only runs that ended with this exit code.")
@click.option("--most", type=click.IntRange(1), default=200, show_default=True, help="Only the latest.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@store_option
def listing(
    *,
    runs: Path,
    suite: str | None,
    model: str | None,
    since: datetime | None,
    until: datetime | None,
    code: int | None,
    most: int,
    form: str,
    store: str | None,
) -> None:
    """List the runs that are kept and those on disk, oldest first, with their exit codes.

    \b
    sluice eval list
    sluice eval list --suite rag-starter --since 2026-01-01 --exit 1
    """
    from evaluators.kept.store import Wanted  # noqa: PLC0415 - the help must be fast

    zoned = [None if day is None else day.replace(tzinfo=UTC) for day in (since, until)]
    wanted = Wanted(suite, model, zoned[0], zoned[1], code)
    found = {line["id"]: line for line in _on_disk(runs, wanted)}
    with telling():
        found.update({run.id: _line(run) for run in _kept_runs(wanted, most, store)})
    lines = sorted(found.values(), key=lambda line: datetime.fromisoformat(line["started"]))[-most:]
    if form == "json":
        click.echo(json.dumps(lines, ensure_ascii=False, indent=1))
        return
    if not lines:
        click.echo(
            f"no such run is kept, and none is in {runs}; start one with: sluice eval run benchmarks/rag/starter"
        )
    for line in lines:
        ended = "no report" if line["exit_code"] is None else f"exit {line['exit_code']}"
        ended = ended if line["whole"] or line["exit_code"] is None else "incomplete"
        click.echo(
            f"{line['started']:26} {ended:12} {line['suite']:20} {line['model'] or 'recorded':20} {line['where']}"
        )


def kept_lines(run: KeptRun) -> Iterator[str]:
    """Yield what is kept of a run as lines for a terminal."""
    yield f"{run.suite}: {run.answered} of {run.asked} answered"
    yield f"run {run.id}, started {run.started.isoformat(timespec='seconds')}, {run.target}; it lay in {run.folder}"
    yield from metric_lines([_metric(metric) for metric in run.summary.get("metrics", ())])
    for result in run.summary.get("gates", ()):
        gate = result.get("gate")
        what = f"{gate['metric']} {gate['side'].replace('_', ' ')} {gate['mark']:g}" if gate else "unscored cells"
        value = "–" if result.get("value") is None else f"{result['value']:.3f}"
        yield f"gate {result['ruling']:8} {what} (value {value}, n {result['n']}: {result['reason']})"
    yield f"exit {run.exit_code}"


def _kept_run(id: str, url: str | None) -> KeptRun:
    """Return a run that is kept; raises ``ConfigError``."""
    from evaluators.kept.store import KeptError  # noqa: PLC0415
    from gateway.errors import ConfigError, Where  # noqa: PLC0415

    hint = "`sluice eval list` shows what there is"
    store = open_store(url)
    if store is None:
        raise ConfigError("there is no run here", Where(id), hint)
    try:
        with store:
            found = store.get(id)
    except KeptError as error:
        raise ConfigError(str(error), Where(id), "give the folder of a run instead") from None
    if found is None:
        raise ConfigError(f"there is no run here, and none is kept under this name in {store.name}", Where(id), hint)
    return found


def _kept_runs(wanted: Wanted, most: int, url: str | None) -> list[KeptRun]:
    """Return the runs that are kept; a store that cannot be reached is said, and what is on disk is listed."""
    from evaluators.kept.store import KeptError  # noqa: PLC0415

    store = open_store(url)
    if store is None:
        return []
    try:
        with store:
            return store.runs(wanted, most)
    except KeptError as error:
        click.echo(f"warning: only runs on disk are listed: {error}", err=True)
        return []


def _line(run: KeptRun) -> dict[str, Any]:
    return {
        "id": run.id,
        "suite": run.suite,
        "model": run.model,
        "started": run.started.isoformat(timespec="seconds"),
        "exit_code": run.exit_code,
        "whole": run.answered == run.asked,
        "where": run.folder,
        "kept": True,
    }


def _on_disk(runs: Path, wanted: Wanted) -> Iterator[dict[str, Any]]:
    for path in runs.glob("*/run.json"):
        run, said = _read(path), _read(path.parent / "report.json")
        asked = run.get("asked")
        line = {
            "id": str(run.get("id", path.parent.name)),
            "suite": str(run.get("suite", "")),
            "model": str(asked.get("model", "")) if isinstance(asked, dict) else "",
            "started": str(run.get("started", "")),
            "exit_code": said.get("exit_code"),
            "whole": bool(said) and said.get("answered") == said.get("asked"),
            "where": str(path.parent),
            "kept": False,
        }
        try:
            started = datetime.fromisoformat(str(line["started"]))
        except ValueError:
            click.echo(f"warning: {path} is damaged and left out", err=True)
            continue
        same = ((line["suite"], wanted.suite), (line["model"], wanted.model), (line["exit_code"], wanted.exit_code))
        within = (wanted.since is None or started >= wanted.since) and (wanted.until is None or started < wanted.until)
        if within and all(value is None or has == value for has, value in same):
            yield line


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _metric(metric: Mapping[str, Any]) -> MetricLine:
    low, high = metric.get("low"), metric.get("high")
    span = None if low is None or high is None else (low, high)
    return MetricLine(metric["name"], metric.get("value"), span, metric.get("n", 0), metric.get("counts", {}))
