"""``sluice eval score`` and ``scorers``: judge question-and-answer rows one by one, with a judge model or without."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from evaluators.cli.ending import telling

if TYPE_CHECKING:
    from evaluators.rows import Row, Unread
    from evaluators.scorers.judged.stream import Wanted
    from evaluators.scorers.spec import Surroundings
    from evaluators.scorers.stream import Done, Task

    Judging = Callable[[Iterable[Row | Unread]], Iterator[Done]]


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
@click.option("--judge-base-url", envvar="SLUICE_JUDGE_BASE_URL", help="A judge model, for scorers that ask one.")
@click.option("--judge-model", envvar="SLUICE_JUDGE_MODEL", help="The judge model's name.")
@click.option("--judge-key-env", metavar="NAME", default="SLUICE_JUDGE_KEY", show_default=True)
@click.option("--embedding-model", envvar="SLUICE_EMBEDDING_MODEL", help="An embedding model at the judge's endpoint.")
@click.option(
    "--concurrency",
    type=click.IntRange(1, 256),
    default=20,
    show_default=True,
    help="Rows that judges see at once.",
)
def score(
    *,
    names: tuple[str, ...],
    source: Path,
    form: str,
    k: int,
    price: str | None,
    workers: int | None,
    judge_base_url: str | None,
    judge_model: str | None,
    judge_key_env: str,
    embedding_model: str | None,
    concurrency: int,
) -> None:
    """Judge every row of a file by itself, and print one line for each.

    \b
    sluice eval score --scorer faithfulness_lexical --jsonl answers.jsonl --format json
    sluice eval score --scorer relevancy_lexical --scorer refusal --jsonl - < answers.jsonl
    sluice eval score --scorer faithfulness --jsonl answers.jsonl \\
        --judge-base-url http://127.0.0.1:11434/v1 --judge-model qwen3
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
    from gateway.errors import ConfigError, Where  # noqa: PLC0415

    with telling():
        known = catalogue()
        asking = [name for name in names if find(name, known) is None]
        task = Task(names, "text" if form == "text" else "json", k, _prices(price))
        judging: Judging = partial(_plain, task=task, workers=workers)
        if asking:
            judge = _judge(judge_base_url, judge_model, embedding_model, judge_key_env)
            judging = partial(_judged, wanted=_wanted(task, asking, judge), concurrency=concurrency)
        if str(source) == "-":
            _all(sys.stdin.buffer, task, judging)
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
            _all(stream, task, judging)


@click.command()
def scorers() -> None:
    """List every scorer of ``sluice eval score``, and what suites can use.

    \b
    sluice eval scorers
    """
    from evaluators.scorers.by_row import catalogue  # noqa: PLC0415
    from evaluators.scorers.judged.stream import BY_ROW  # noqa: PLC0415
    from evaluators.scorers.registry import registry  # noqa: PLC0415

    click.echo("Of single rows, without a model (sluice eval score --scorer NAME):")
    for scorer in catalogue().values():
        click.echo(f"  {scorer.name:26} {scorer.summary}")
    click.echo("\nOf single rows, with a judge model (the same, with --judge-base-url and --judge-model):")
    for name, metric in BY_ROW.items():
        click.echo(f"  {name:26} {metric.summary}")
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


def _judge(base_url: str | None, model: str | None, embedding: str | None, key_env: str) -> Surroundings:
    from evaluators.cli.opening import surroundings  # noqa: PLC0415
    from evaluators.run import JudgeAddress  # noqa: PLC0415

    if bool(base_url) != bool(model) and not (base_url and embedding):
        raise click.UsageError("a judge needs both --judge-base-url and --judge-model")
    if embedding and not base_url:
        raise click.UsageError("--embedding-model is asked at --judge-base-url: give that too")
    found = [JudgeAddress(base_url, name, key_env) if base_url and name else None for name in (model, embedding)]
    return surroundings(found[0], found[1], os.environ)


def _wanted(task: Task, asking: Sequence[str], around: Surroundings) -> Wanted:
    """Build the scorers that ask a judge, and find those that do not.

    Raises:
        ConfigError: A name is nobody's, or what a scorer asks is missing.
    """
    from evaluators.scorers.by_row import catalogue, find, load_lore  # noqa: PLC0415
    from evaluators.scorers.judged.scorer import lacking, spec  # noqa: PLC0415
    from evaluators.scorers.judged.stream import BY_ROW, Wanted  # noqa: PLC0415
    from gateway.document import suggest  # noqa: PLC0415
    from gateway.errors import ConfigError  # noqa: PLC0415

    known, judged = catalogue(), {}
    hints = {
        "no_judge": "give --judge-base-url and --judge-model",
        "no_embedding_model": "give --embedding-model, at --judge-base-url",
    }
    for name in asking:
        if name not in BY_ROW:
            hint = suggest(name, [*known, *BY_ROW]) or "`sluice eval scorers` lists them"
            raise ConfigError(f"no scorer is called {name!r}", hint=hint)
        metric = BY_ROW[name]
        options = metric.options()
        if lacks := lacking(metric, options, around):
            raise ConfigError(f"the scorer {name!r} has nobody to ask ({lacks})", hint=hints[lacks])
        judged[name] = spec(metric).build(options, around)
    without = {name: one for name in task.names if (one := find(name, known)) is not None}
    return Wanted(task, without, judged, load_lore(task.k, task.prices))


def _plain(rows: Iterable[Row | Unread], *, task: Task, workers: int | None) -> Iterator[Done]:
    from evaluators.scorers.stream import judge_rows  # noqa: PLC0415

    return judge_rows(rows, task, workers or min(4, len(os.sched_getaffinity(0))))


def _judged(rows: Iterable[Row | Unread], *, wanted: Wanted, concurrency: int) -> Iterator[Done]:
    from evaluators.scorers.judged.stream import run  # noqa: PLC0415

    return run(rows, wanted, concurrency)


def _all(stream: BinaryIO, task: Task, judging: Judging) -> None:
    """Read, judge and print."""
    from collections import Counter  # noqa: PLC0415

    from tqdm import tqdm  # noqa: PLC0415

    from evaluators.rows import read_rows  # noqa: PLC0415

    reasons: Counter[str] = Counter()
    rows = values = 0
    with tqdm(unit="row", delay=2, disable=None, file=sys.stderr) as bar:
        for done in judging(read_rows(stream)):
            sys.stdout.write(done.lines)
            rows, values = rows + done.rows, values + done.values
            reasons.update(done.reasons)
            bar.update(done.rows)
    sys.stdout.flush()
    click.echo(f"{rows} rows, {values} of {rows * len(task.names)} values", err=True)
    for reason, number in reasons.most_common(8):
        click.echo(f"  {number} without: {reason}", err=True)
