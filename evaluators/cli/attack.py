"""``sluice eval attacks`` and ``attack``: list the attacks, and make them on a text or on rows."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evaluators.cli.ending import telling

if TYPE_CHECKING:
    from evaluators.attacks.attack import Attempt
    from evaluators.sample import Language


@click.command("attacks")
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
def listing(form: str) -> None:
    """List the attacks: name, family, languages, and how each is read back.

    \b
    sluice eval attacks
    sluice eval attacks --format json
    """
    from evaluators.attacks.registry import attacks  # noqa: PLC0415 - the help must be fast
    from evaluators.attacks.table import entries, table  # noqa: PLC0415

    if form == "json":
        click.echo(json.dumps(entries(attacks().values()), ensure_ascii=False, indent=1))
    elif form == "markdown":
        click.echo(table(attacks().values()), nl=False)
    else:
        for entry in entries(attacks().values()):
            click.echo(
                f"{entry['id']:18} {entry['family']:9} {'/'.join(entry['languages']):6} {entry['back']:9} "
                f"{entry['name']['en']} · {entry['name']['zh']}"
            )


@click.command("attack")
@click.argument("name")
@click.option("--text", help="The question to change.")
@click.option(
    "--jsonl",
    "file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Rows to change, each with id, question and lang; - reads standard input.",
)
@click.option("--lang", type=click.Choice(["zh", "en", "mixed"]), help="Of --text; seen from it if not given.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed asks the same.")
@click.option("--json", "as_json", is_flag=True, help="Write what --text becomes as JSON.")
def attack(*, name: str, text: str | None, file: Path | None, lang: Language | None, seed: int, as_json: bool) -> None:
    """Change a question, or every row of a file, by the attack NAME; names are joined by +.

    \b
    sluice eval attack pinyin --text 怎样做蛋炒饭？
    sluice eval attack traditional+base64+decode --text 怎样做蛋炒饭？
    sluice eval attack crescendo --jsonl questions.jsonl > attacked.jsonl
    """
    from evaluators.attacks.attack import Attempt  # noqa: PLC0415
    from evaluators.attacks.registry import find_attack  # noqa: PLC0415
    from gateway.text import is_chinese  # noqa: PLC0415

    if (text is None) == (file is None):
        raise click.UsageError("give either --text or --jsonl")
    with telling():
        found = find_attack(name)
        if text is not None:
            made = found.apply(Attempt((text,), lang or ("zh" if is_chinese(text) else "en")), seed)
            _show(made, as_json=as_json)
        elif file is not None:
            _rows(name, file, seed)


def _show(made: Attempt, *, as_json: bool) -> None:
    if as_json:
        passages = [{"id": passage.id, "text": passage.text} for passage in made.contexts]
        fields = {"turns": list(made.turns), "contexts": passages, "tool": made.tool}
        click.echo(json.dumps(fields, ensure_ascii=False))
        return
    for number, turn in enumerate(made.turns, 1):
        if len(made.turns) > 1:
            click.echo(f"--- {number} ---")
        click.echo(turn)
    if made.tool:
        click.echo("--- tool ---")
        click.echo(made.tool)


def _rows(name: str, file: Path, seed: int) -> None:
    from dataclasses import asdict  # noqa: PLC0415

    from tqdm import tqdm  # noqa: PLC0415

    from evaluators.attacks.registry import find_attack  # noqa: PLC0415
    from evaluators.attacks.rows import attack_row  # noqa: PLC0415
    from evaluators.dataset import read_dataset  # noqa: PLC0415

    found = find_attack(name)
    rows = read_dataset(Path("/dev/stdin") if str(file) == "-" else file)
    left_out = 0
    for row in tqdm(rows, unit="row", delay=2, disable=None, file=sys.stderr):
        made = attack_row(row, found, seed)
        if made is None:
            left_out += 1
            continue
        click.echo(json.dumps({key: value for key, value in asdict(made).items() if value}, ensure_ascii=False))
    if left_out:
        click.echo(f"{left_out} of {len(rows)} rows left out: {name} does not fit or change them", err=True)
