"""``--baseline RUN``: finds the run that another is held against, and refuses one that it cannot be held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from evaluators.cli.keeping import marks_of
from gateway.errors import ConfigError, Where

if TYPE_CHECKING:
    from evaluators.compare import Comparison
    from evaluators.marks import Marks
    from evaluators.run import Key, Run
    from evaluators.sample import Failure, Response
    from evaluators.summary import Summary

Command = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Against:
    """What a run is to be held against, as the command line says it.

    Attributes:
        baseline: A folder or the id of a run; None for nothing.
        anyway: Whether a run of another suite, of other data or another judge will do.
    """

    baseline: str | None = None
    anyway: bool = False


NOTHING: Final = Against()


def against_options(command: Command) -> Command:
    """Add ``--baseline`` and ``--anyway`` to a command; ``Against`` takes what they give."""
    anyway = click.option("--anyway", is_flag=True, help="Compare even with a run of another suite, data or judge.")
    baseline = click.option(
        "--baseline", metavar="RUN", help="Hold the run against this one: its folder or id. Gates read no_worse_than."
    )
    return baseline(anyway(command))


def answers_of(against: Against) -> Mapping[Key, Response | Failure]:
    """Return what the baseline's target said, if its folder is still there; the store keeps no text."""
    from evaluators.cli.keeping import folder_of  # noqa: PLC0415 - the help must be fast
    from evaluators.cli.opening import opened  # noqa: PLC0415

    folder = None if against.baseline is None else folder_of(against.baseline)
    return {} if folder is None else opened(folder).state.answers


def check_against(against: Against, run: Run | None = None) -> None:
    """Read the baseline before anything is asked: a run that cannot be held against it is not begun.

    Args:
        against: What the command line says.
        run: The run that is to be held against it, once there is one.

    Raises:
        ConfigError: There is no such baseline, it is damaged, or the two cannot be compared: what differs is said.
    """
    from evaluators.marks import basis  # noqa: PLC0415 - the help must be fast

    if against.baseline is None:
        return
    baseline = marks_of(against.baseline)
    if run is not None:
        _refuse(run, basis(run), baseline, against)


def _refuse(run: Run, ours: Mapping[str, str], baseline: Marks, against: Against) -> None:
    from evaluators.marks import differing  # noqa: PLC0415

    where = Where(against.baseline or "")
    if run.manifest.id == baseline.id:
        raise ConfigError("a run cannot be its own baseline", where, "name an earlier run")
    if (found := differing(ours, baseline.basis)) and not against.anyway:
        hint = "compare runs of the same suite and data; --anyway compares what rows they share"
        raise ConfigError(f"this run and its baseline cannot be compared: {'; '.join(found)}", where, hint)


def held_against(run: Run, summary: Summary, against: Against) -> Comparison | None:
    """Hold a run against its baseline; None without one.

    Raises:
        ConfigError: The two cannot be compared: what differs is said.
    """
    from evaluators.compare import compare  # noqa: PLC0415 - the help must be fast
    from evaluators.marks import marks  # noqa: PLC0415

    if against.baseline is None:
        return None
    now, baseline = marks(run, summary), marks_of(against.baseline)
    _refuse(run, now.basis, baseline, against)
    return compare(now, baseline, run.manifest.seed)
