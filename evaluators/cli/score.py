"""``sluice eval score`` and ``scorers``: judge question-and-answer rows one by one, without a model."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from evaluators.cli.ending import telling

if TYPE_CHECKING:
    from evaluators.scorers.stream import Task


@click.command()
@click.option(
    "--scorer", "names", multiple=True, required=True, metavar="NAME", help="Which scorer; may be given more than once."
)
@click.option(
    "--jsonl",
    "source",
    type=click.Path(path_type=Path),
    required=True,
    help="The rows, one JSON object a line; '-' for standard input.",
)
@click.option("--format", "form", type=click.Choice(["json", "text"]), default="json", show_default=True)
@click.option(
    "--k",
    type=click.IntRange(1, 1000),
    default=5,
    show_default=True,
    help="How many first passages count for retrieval metrics.",
)
@click.option("--price", metavar="IN,OUT", help="Dollars for a million prompt and a million answer tokens, for 'cost'.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes. [default: one for each core, up to 4]")
def score(*, names: tuple[str, ...], source: Path, form: str, k: int, price: str | None, workers: int | None) -> None:
    """Judge every row of a file by itself, and print one line for each.

    \b
    sluice eval score --scorer faithfulness_lexical --jsonl answers.jsonl --format json
    sluice eval score --scorer relevancy_lexical --scorer refusal --jsonl - < answers.jsonl
    sluice eval scorers

    \b
    A row:  {"id": "1", "question": "…", "answer": "…", "contexts": ["…"], "reference": "…"}
    A line: {"id": "1", "value": 0.93, "why": "…"}, and "scorer" where several were asked for.

    \b
    A row that cannot be judged has the value null and says why; there is a line for every row,
    in order. Passages that hold the answer, for retrieval metrics: "relevant" (ids or places from 0)
    or "reference_contexts" (texts); without them those that hold the reference by its words.
    """
    from evaluators.scorers.by_row import catalogue, find  # noqa: PLC0415 - the help must be fast
    from evaluators.scorers.stream import Task  # noqa: PLC0415
    from gateway.document import suggest  # noqa: PLC0415
    from gateway.errors import ConfigError, Where  # noqa: PLC0415

    with telling():
        known = catalogue()
        for name in names:
            if find(name, known) is None:
                hint = suggest(name, known) or "`sluice eval scorers` lists them"
                raise ConfigError(f"no scorer is called {name!r}", hint=hint)
        task = Task(names, "text" if form == "text" else "json", k, _prices(price))
        if str(source) == "-":
            _all(sys.stdin.buffer, task, workers)
            return
        try:
            stream = source.open("rb")
        except OSError as error:
            where = Where(str(source))
            raise ConfigError(f"cannot read the rows: {error.strerror}", where, "give a file of JSON lines") from None
        with stream:
            if stream.read(2) in (b"\xff\xfe", b"\xfe\xff"):
                raise ConfigError("the rows are in UTF-16", Where(str(source)), "save them as UTF-8")
            stream.seek(0)
            _all(stream, task, workers)


@click.command()
def scorers() -> None:
    """List every scorer of ``sluice eval score``, and what suites can use.

    \b
    sluice eval scorers
    """
    from evaluators.scorers.by_row import catalogue  # noqa: PLC0415
    from evaluators.scorers.registry import registry  # noqa: PLC0415

    click.echo("Of single rows, without a model (sluice eval score --scorer NAME):")
    for scorer in catalogue().values():
        click.echo(f"  {scorer.name:26} {scorer.summary}")
    click.echo("\nOf suites (scorers: [{use: NAME}]):")
    for spec in registry().values():
        click.echo(f"  {spec.name:26} {spec.summary}")


def _prices(written: str | None) -> tuple[float, float] | None:
    if written is None:
        return None
    try:
        one, other = (float(part) for part in written.split(","))
    except ValueError:
        raise click.UsageError("--price takes two numbers, such as 0.5,1.5") from None
    if not (0 <= one < float("inf") and 0 <= other < float("inf")):
        raise click.UsageError("--price takes two numbers from 0 on, such as 0.5,1.5")
    return one, other


def _all(stream: BinaryIO, task: Task, workers: int | None) -> None:
    """Read, judge and print."""
    import os  # noqa: PLC0415
    from collections import Counter  # noqa: PLC0415

    from tqdm import tqdm  # noqa: PLC0415

    from evaluators.rows import read_rows  # noqa: PLC0415
    from evaluators.scorers.stream import judge_rows  # noqa: PLC0415

    reasons: Counter[str] = Counter()
    rows = values = 0
    at_once = workers or min(4, len(os.sched_getaffinity(0)))
    with tqdm(unit="row", delay=2, disable=None, file=sys.stderr) as bar:
        for done in judge_rows(read_rows(stream), task, at_once):
            sys.stdout.write(done.lines)
            rows, values = rows + done.rows, values + done.values
            reasons.update(done.reasons)
            bar.update(done.rows)
    sys.stdout.flush()
    click.echo(f"{rows} rows, {values} of {rows * len(task.names)} values", err=True)
    for reason, number in reasons.most_common(8):
        click.echo(f"  {number} without: {reason}", err=True)
