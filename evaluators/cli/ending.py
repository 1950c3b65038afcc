"""How every command ends: errors of the user as one message, the report on disk, an exit code."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evaluators.cli.against import NOTHING, Against, answers_of, held_against
from evaluators.cli.keeping import keep_run
from evaluators.cli.lines import MetricLine, metric_lines
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from evaluators.gate import GateResult
    from evaluators.passport import Passport
    from evaluators.run import Run, State
    from evaluators.scorers.spec import Scorer
    from evaluators.summary import Summary

USAGE = 2
INTERRUPTED = 130
EVENTS = "SLUICE_EVAL_EVENTS"
"""The variable that says how finely OpenTelemetry is told: none, metric (the default) or cell."""

Options = Callable[[Callable[..., Any]], Callable[..., Any]]


@contextmanager
def telling() -> Iterator[None]:
    """Tell a ``ConfigError`` as a message, and end with the exit code for usage."""
    try:
        yield
    except ConfigError as error:
        click.echo(f"error: {error}", err=True)
        raise click.exceptions.Exit(USAGE) from None


def finish(run: Run, state: State, scorers: tuple[Scorer, ...], against: Against = NOTHING) -> int:
    """Write the report, print the results, and return the exit code that the gates ask for.

    Raises:
        ConfigError: The run cannot be held against ``against``; its answers and scores are on disk all the same.
    """
    from evaluators.calibrate import passports_of  # noqa: PLC0415
    from evaluators.gate import EXIT, exit_code, judge  # noqa: PLC0415
    from evaluators.report.data import report  # noqa: PLC0415
    from evaluators.report.difference import data as difference  # noqa: PLC0415
    from evaluators.report.junit import junit  # noqa: PLC0415
    from evaluators.report.markdown import markdown  # noqa: PLC0415
    from evaluators.report.page import page  # noqa: PLC0415
    from evaluators.report.people import data as people_data  # noqa: PLC0415
    from evaluators.review.people import load as load_people  # noqa: PLC0415
    from evaluators.summary import summarise  # noqa: PLC0415
    from gateway import __version__  # noqa: PLC0415

    summary = summarise(run, state, scorers)
    passports = passports_of(run.suite, scorers, Path(os.environ.get("SLUICE_PASSPORTS", "passports")), __version__)
    kappas = {metric: passport.agreement.kappa for metric, passport in passports.items()}
    comparison = held_against(run, summary, against)
    gates = judge(run.suite, summary, run.manifest.seed, kappas, comparison)
    code = exit_code(gates)
    if state.stopped and code == 0:
        code = EXIT["review"]  # what was skipped is no pass
    judges = _judges(summary, passports, run.manifest.seed)
    people = load_people(run.path)
    said = {**report(run, summary, gates, code), "judges": judges}
    if comparison is not None:
        said["baseline"] = difference(comparison)
    if people is not None:
        said["people"] = people_data(people, summary.rows)
    written = json.dumps(said, ensure_ascii=False, indent=1, allow_nan=False)
    write_whole(run.path / "report.json", written + "\n")
    before = answers_of(against)
    drawn = page(run, summary, gates, code, judges=judges, comparison=comparison, before=before, people=people)
    write_whole(run.path / "report.html", drawn)
    text = markdown(run, summary, gates, code, judges=judges, comparison=comparison, people=people)
    write_whole(run.path / "report.md", text)
    write_whole(run.path / "junit.xml", junit(run, summary, gates, code))
    keep_run(run, summary, said, code)
    emit_events(run, summary)
    print_results(run, summary, gates)
    if state.stopped:
        click.echo(f"stopped by the budget: {summary.asked - summary.answered:,} answers were not asked for")
    for entry in judges:
        rate, interval = entry["corrected"], entry["corrected_interval"]
        shown = "" if rate is None else f", corrected rate {rate:.3f} ({interval[0]:.3f} – {interval[1]:.3f})"
        click.echo(f"judge of {entry['metric']}: kappa {entry['kappa']:.3f} on {entry['measured']}{shown}")
    return code


def emit_events(run: Run, summary: Summary) -> None:
    """Emit OpenTelemetry events about a run, if this process has somewhere to send them."""
    from evaluators.events import DETAILS, configured_logger, emit, flush  # noqa: PLC0415
    from evaluators.marks import marks  # noqa: PLC0415
    from gateway import __version__  # noqa: PLC0415

    detail = os.environ.get(EVENTS, "metric")
    if detail not in DETAILS:
        raise ConfigError(f"${EVENTS} is {detail!r}", hint=f"write one of: {', '.join(DETAILS)}")
    logger = configured_logger(__version__)
    if logger is not None and detail != "none":
        emit(logger, marks(run, summary), summary, detail)
        flush()


def _judges(summary: Summary, passports: Mapping[str, Passport], seed: int) -> list[dict[str, Any]]:
    """Return for each metric whose judge has a passport how good it is, and the rate corrected for it."""
    from evaluators.calibrate import corrected  # noqa: PLC0415
    from evaluators.score import plain  # noqa: PLC0415

    entries = []
    for metric in summary.metrics:
        passport = passports.get(plain(metric.metric.name))
        if passport is None:
            continue
        found = corrected(metric, passport, seed)
        agreement = passport.agreement
        entries.append(
            {
                "metric": metric.metric.name,
                "passport": passport.id,
                "measured": passport.measured,
                "kappa": agreement.kappa,
                "sensitivity": agreement.sensitivity,
                "specificity": agreement.specificity,
                "labelled": agreement.n,
                "corrected": found.rate if found else None,
                "corrected_interval": list(found.interval) if found else None,
            }
        )
    return entries


def print_results(run: Run, summary: Summary, gates: tuple[GateResult, ...]) -> None:
    """Print metrics and gates as a table."""
    click.echo(f"\n{run.suite.name}: {summary.answered} of {summary.asked} answered")
    lines = [
        MetricLine(
            found.metric.name,
            found.value,
            (found.interval.low, found.interval.high) if found.interval else None,
            found.n,
            found.counts,
        )
        for found in summary.metrics
    ]
    click.echo("\n".join(metric_lines(lines)))
    for result in gates:
        gate = result.gate
        what = f"{gate.metric} {gate.side.replace('_', ' ')} {gate.mark:g}" if gate else "unscored cells of all metrics"
        word = "gain" if gate and gate.side == "no_worse_than" else "value"
        value = "–" if result.value is None else f"{result.value:.3f}"
        bound = "" if result.bound is None else f", bound {result.bound:.3f}"
        p = "" if result.p is None else f", p {result.p:.3f}"
        click.echo(f"gate {result.ruling:8} {what} ({word} {value}{bound}{p}, n {result.n}: {result.reason})")
    click.echo(f"report: {run.path / 'report.html'}")


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    making = path.with_name(f".{path.name}.new")
    making.write_text(text, "utf-8", "backslashreplace")
    making.replace(path)
