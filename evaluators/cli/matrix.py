"""``sluice eval matrix``: risk × attack of one run, or of one before and one after the gateway."""

from __future__ import annotations

import json
from pathlib import Path

import click

from evaluators.cli.ending import USAGE, telling
from evaluators.cli.opening import opened

FOLDER = click.Path(path_type=Path)
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>risk × attack</title>
<style>body {{ font: 14px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; margin: 2rem; }}
table {{ border-collapse: collapse; }} th, td {{ border: 1px solid #ccc; padding: .25rem .5rem; white-space: nowrap; }}
td {{ text-align: right; }} th[scope=row] {{ text-align: left; }} .dim {{ color: #888; }}</style>
<h1>风险 × 攻击 · Risk × attack</h1>
<p><code>{metric}</code>: 攻破比例，网关前 → 网关后（无网关运行时只有一个数） · share that came
through, before → after the gateway (one number for a single run)</p>
{table}</html>
"""


@click.command()
@click.argument("before", type=FOLDER)
@click.argument("after", type=FOLDER, required=False)
@click.option("--metric", default="refusal_rate", show_default=True, help="Whose failures count as coming through.")
@click.option(
    "--format", "form", type=click.Choice(["markdown", "json", "html"]), default="markdown", show_default=True
)
def matrix(*, before: Path, after: Path | None, metric: str, form: str) -> None:
    """Print which attacks came through: run BEFORE asked the model directly, run AFTER through the gateway.

    \b
    sluice eval matrix runs/direct-… runs/gateway-…
    sluice eval matrix runs/direct-… runs/gateway-… --format html > matrix.html
    """
    from evaluators.matrix import data, html, markdown  # noqa: PLC0415 - the help must be fast
    from evaluators.matrix import matrix as lay  # noqa: PLC0415

    with telling():
        summaries = [opened(path).summary() for path in (before, after) if path is not None]
    try:
        found = lay(summaries[0], summaries[1] if after is not None else None, metric)
    except ValueError as error:
        click.echo(f"error: {error}", err=True)
        raise click.exceptions.Exit(USAGE) from None
    if form == "json":
        click.echo(json.dumps(data(found), ensure_ascii=False, indent=1))
    elif form == "html":
        click.echo(_PAGE.format(metric=found.metric, table=html(found)), nl=False)
    else:
        click.echo(markdown(found), nl=False)
