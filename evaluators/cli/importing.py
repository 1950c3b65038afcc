"""``sluice eval import``: rows of a data set out of other people's files."""

from __future__ import annotations

import json
from pathlib import Path

import click

from evaluators.cli.ending import USAGE, telling

SHOWN = 5
NOT_ALL = 3


@click.command("import")
@click.argument("form", metavar="FORMAT", required=False)
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--out", type=click.Path(path_type=Path), help="Where the rows go. [default: standard output]")
@click.option("--column", "columns", multiple=True, metavar="FIELD=COLUMN", help="Which column holds a field of ours.")
@click.option("--set", "fixed", multiple=True, metavar="FIELD=VALUE", help="A field that is the same in every row.")
@click.option("--encoding", help="Of the text; found by itself if not given (UTF-8, GB18030, or lines of either).")
@click.option("--limit", type=click.IntRange(1), help="Only the first rows.")
@click.option("--skip-bad", is_flag=True, help="Leave out what is no row, and write the others.")
def importing(
    *,
    form: str | None,
    file: Path | None,
    out: Path | None,
    columns: tuple[str, ...],
    fixed: tuple[str, ...],
    encoding: str | None,
    limit: int | None,
    skip_bad: bool,
) -> None:
    """Read FILE, which has the layout FORMAT, and write its rows as a data set; without arguments list all formats.

    \b
    sluice eval import
    sluice eval import table questions.xlsx --column question=问题 --set should=refuse --out data.jsonl
    sluice eval import ragas testset.csv --out data.jsonl
    sluice eval import xstest xstest_prompts.csv --out data.jsonl

    Exit codes: 0 every record became a row, 2 usage, 3 some did not (nothing is written then, unless --skip-bad).
    """
    from evaluators.importers.read import formats, import_file  # noqa: PLC0415 - the help must be fast

    if form is None:
        for name, layout in formats().items():
            click.echo(f"{name:18} {layout.summary}")
        return
    if file is None:
        raise click.UsageError("say which file: sluice eval import FORMAT FILE")
    with telling():
        read = import_file(file, form, columns=_pairs(columns), fixed=_pairs(fixed), encoding=encoding, limit=limit)
    for one in read.left_out[:SHOWN]:
        click.echo(f"{file}:{one.place}: left out{f' {one.id!r}' if one.id else ''}: {one.why}", err=True)
    if len(read.left_out) > SHOWN:
        click.echo(f"… and {len(read.left_out) - SHOWN:,} more", err=True)
    how = f", read as {read.encoding}" if read.encoding else ""
    click.echo(f"{len(read.rows):,} rows, {len(read.left_out):,} left out{how}", err=True)
    if read.left_out and not skip_bad:
        click.echo("nothing was written: mend the file, or leave the others out with --skip-bad", err=True)
        raise click.exceptions.Exit(NOT_ALL)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in read.rows)
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, "utf-8", "backslashreplace")
    except OSError as error:
        click.echo(f"error: {out}: cannot write: {error.strerror}", err=True)
        raise click.exceptions.Exit(USAGE) from None


def _pairs(written: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for one in written:
        field, equals, value = one.partition("=")
        if not equals or not field or not value:
            raise click.UsageError(f"{one!r}: write it like question=prompt")
        pairs[field] = value
    return pairs
