"""``sluice eval diff``: two runs side by side, row by row."""

from __future__ import annotations

import json
from pathlib import Path

import click

from evaluators.cli.ending import telling, write_whole
from evaluators.cli.keeping import marks_of, store_option


@click.command()
@click.argument("baseline", metavar="BASELINE")
@click.argument("now", metavar="NOW")
@click.option("--anyway", is_flag=True, help="Compare even runs of different suites, data or judges.")
@click.option("--seed", type=click.IntRange(0), default=20_260_101, show_default=True, help="For the intervals.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown", "html"]), default="text", show_default=True
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file instead.")
@store_option
def diff(
    *, baseline: str, now: str, anyway: bool, seed: int, form: str, output: Path | None, store: str | None
) -> None:
    """Hold run NOW against run BASELINE: folders, or ids of runs that are kept.

    Only rows that both have a score for are compared; how many are missing on each side is said. Pass and fail are
    compared by McNemar's exact test, means by a paired bootstrap over rows that belong together.

    \b
    sluice eval diff runs/rag-starter-20260101T080000Z-1a2b3c runs/rag-starter-20260102T080000Z-4d5e6f
    sluice eval diff rag-starter-20260101T080000Z-1a2b3c rag-starter-20260102T080000Z-4d5e6f --format html -o diff.html
    """
    from evaluators.compare import compare  # noqa: PLC0415 - the help must be fast
    from evaluators.marks import differing  # noqa: PLC0415
    from evaluators.report import difference  # noqa: PLC0415
    from evaluators.report.difference_page import difference_page  # noqa: PLC0415
    from gateway.errors import ConfigError, Where  # noqa: PLC0415

    with telling():
        before, after = marks_of(baseline, store), marks_of(now, store)
        if (found := differing(after.basis, before.basis)) and not anyway:
            hint = "--anyway compares what rows they share"
            raise ConfigError(f"these runs cannot be compared: {'; '.join(found)}", Where(now), hint)
        made = compare(after, before, seed)
        if form == "json":
            text = json.dumps(difference.data(made), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        elif form == "html":
            text = difference_page(made)
        elif form == "markdown":
            text = difference.markdown(made)
        else:
            text = "\n".join(difference.lines(made)) + "\n"
        if output is not None:
            write_whole(output, text)
    if output is None:
        click.echo(text, nl=False)
