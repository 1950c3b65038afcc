"""How every command ends: errors of the user as one message, the report on disk, an exit code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from gateway.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from evaluators.gate import GateResult
    from evaluators.run import JudgeAddress, Run, State
    from evaluators.scorers.spec import Scorer, Surroundings
    from evaluators.summary import Summary

USAGE = 2
INTERRUPTED = 130

Options = Callable[[Callable[..., Any]], Callable[..., Any]]


@contextmanager
def telling() -> Iterator[None]:
    """Tell a ``ConfigError`` as a message, and end with the exit code for usage."""
    try:
        yield
    except ConfigError as error:
        click.echo(f"error: {error}", err=True)
        raise click.exceptions.Exit(USAGE) from None


def surroundings(judge: JudgeAddress | None, embedding: JudgeAddress | None, env: Mapping[str, str]) -> Surroundings:
    """Return the judge and embedding models with their keys from the environment."""
    from evaluators.endpoint import check_url  # noqa: PLC0415
    from evaluators.scorers.spec import Address, Surroundings  # noqa: PLC0415

    def address(known: JudgeAddress | None) -> Address | None:
        return Address(check_url(known.base_url), known.model, env.get(known.key_env, "")) if known else None

    return Surroundings(address(judge), address(embedding))


def finish(run: Run, state: State, scorers: tuple[Scorer, ...]) -> int:
    """Write the report, print the results, and return the exit code that the gates ask for."""
    from evaluators.gate import exit_code, judge  # noqa: PLC0415
    from evaluators.report.data import report  # noqa: PLC0415
    from evaluators.report.page import page  # noqa: PLC0415
    from evaluators.summary import summarise  # noqa: PLC0415

    summary = summarise(run, state, scorers)
    gates = judge(run.suite, summary, run.manifest.seed)
    code = exit_code(gates)
    written = json.dumps(report(run, summary, gates, code), ensure_ascii=False, indent=1, allow_nan=False)
    _replace(run.path / "report.json", written + "\n")
    _replace(run.path / "report.html", page(run, summary, gates, code))
    print_results(run, summary, gates)
    return code


def print_results(run: Run, summary: Summary, gates: tuple[GateResult, ...]) -> None:
    """Print metrics and gates as a table."""
    click.echo(f"\n{run.suite.name}: {summary.answered} of {summary.asked} answered")
    click.echo(
        f"{'metric':32} {'value':>7}  {'95 % interval':>15} {'n':>5} {'refused':>8} {'unscored':>9} {'skipped':>8}"
    )
    for metric in summary.metrics:
        value = "–" if metric.value is None else f"{metric.value:.3f}"
        span = "–" if metric.interval is None else f"{metric.interval.low:.3f} – {metric.interval.high:.3f}"
        counts = metric.counts
        click.echo(
            f"{metric.metric.name:32} {value:>7}  {span:>15} {metric.n:>5} {counts.get('refused', 0):>8} "
            f"{counts.get('unscored', 0):>9} {counts.get('skipped', 0):>8}"
        )
    for result in gates:
        gate = result.gate
        what = f"{gate.metric} {gate.side.replace('_', ' ')} {gate.mark:g}" if gate else "unscored cells of all metrics"
        value = "–" if result.value is None else f"{result.value:.3f}"
        bound = "" if result.bound is None else f", bound {result.bound:.3f}"
        click.echo(f"gate {result.ruling:8} {what} (value {value}{bound}, n {result.n}: {result.reason})")
    click.echo(f"report: {run.path / 'report.html'}")


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    making = path.with_name(f".{path.name}.new")
    making.write_text(text, "utf-8", "backslashreplace")
    making.replace(path)
