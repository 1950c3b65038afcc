"""``sluice eval review export`` and ``merge``: what becomes of what people said."""

from __future__ import annotations

from pathlib import Path

import click

from evaluators.cli.ending import telling
from evaluators.cli.opening import opened
from evaluators.cli.reviewed import FOLDER, REVIEW, minutes, now


@click.command()
@REVIEW
@click.option(
    "--to", "form", type=click.Choice(["labels", "bank", "alpaca", "sharegpt", "dpo"]), required=True,
    help="Labels for `calibrate`, drafts for `answers import`, or training files.",
)  # fmt: skip
@click.option("--out", type=FOLDER, required=True, help="The file; its manifest is written beside it.")
@click.option("--metric", help="labels: which metric's yes; the rubric says what that means.")
@click.option("--least", type=click.IntRange(1, 20), help="How many people must say so. [default: 2; labels: 1]")
@click.option("--all-questions", is_flag=True, help="Learn from harmless questions too, not only risky ones.")
@click.option(
    "--drawn", type=click.Choice(["all", "random"]), default="all", show_default=True, help="labels: which rows."
)
def export(
    *, folder: Path, form: str, out: Path, metric: str | None, least: int | None, all_questions: bool, drawn: str
) -> None:
    """Write what people decided as labels, bank rows or training files; only what they agreed on.

    \b
    sluice eval review export reviews/first --to labels --metric refused --out labels.jsonl
    sluice eval review export reviews/first --to bank --out drafts.yaml
    sluice eval review export reviews/first --to alpaca --out sft.json
    sluice eval review export reviews/first --to dpo --out preferences.jsonl
    """
    from evaluators.review.export import Wanted, write  # noqa: PLC0415

    with telling():
        said = minutes(folder)
        wanted = Wanted(
            form=form, metric=metric or "", least=least or (1 if form == "labels" else 2),
            risky=not all_questions, chance=drawn == "random",
        )  # fmt: skip
        manifest = write(out, said, wanted, day=now()[:10])
    click.echo(f"{out}: {manifest['rows']} rows")
    for reason, count in manifest["left_out"].items():
        click.echo(f"left out: {count} {reason.replace('_', ' ')}")
    click.echo(f"manifest: {out}.manifest.json")


@click.command()
@click.argument("run_folder", metavar="RUN", type=FOLDER)
@REVIEW
def merge(*, run_folder: Path, folder: Path) -> None:
    """Lay what people said beside the scorers of RUN, and write its report anew.

    Ends with the exit code of the run's gates, which people's verdicts do not change.

    \b
    sluice eval review merge runs/risk-starter-… reviews/first
    """
    import json  # noqa: PLC0415

    from evaluators.cli.ending import finish  # noqa: PLC0415
    from evaluators.review.folder import replace_file  # noqa: PLC0415
    from evaluators.review.people import FILE, agreeing, beside, encode, gather  # noqa: PLC0415
    from evaluators.summary import summarise  # noqa: PLC0415

    with telling():
        run, state, scorers = opened(run_folder)
        people = gather(run, state, minutes(folder), now()[:10])
        replace_file(run.path / FILE, json.dumps(encode(people), ensure_ascii=False, indent=1) + "\n")
        code = finish(run, state, scorers)
        held = beside(people, summarise(run, state, scorers).rows)
    click.echo(f"people judged {len(people.rows)} answers of this run ({people.judged} of {people.items} questions)")
    for one in held:
        table, kappa = one.table, agreeing(one.table)
        shown = "–" if kappa is None else f"{kappa:.3f}"
        click.echo(
            f"{one.metric:28} beside {one.against:28} kappa {shown}, both yes {table.both}, "
            f"people only {table.missed}, scorer only {table.invented}, both no {table.neither}"
        )
    raise click.exceptions.Exit(code)
