"""``sluice lexicon``: bring word lists in, check them, see what they hit, write variants out."""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.detectors.wordlist import Entry, read_list, write_list
from gateway.errors import ConfigError, PolicyErrors, Where

if TYPE_CHECKING:
    from gateway.detectors.lexicon import Evidence

_PATH = click.Path(path_type=Path)


class _Weight(click.FloatRange):
    """A number from 0 to 1; NaN is none, though it is in every range."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail("nan is not in the range 0.0<=x<=1.0.", param, ctx)
        return number


_WEIGHT = _Weight(0.0, 1.0)


@click.group()
def lexicon() -> None:
    """Work on word lists (关键词库).

    \b
    Examples:
      sluice lexicon import 关键词.xlsx --risk a1.d --weight 0.6 > my-list.csv
      sluice lexicon lint my-list.csv
      sluice lexicon measure my-list.csv --on harmless.txt
      sluice lexicon expand my-list.csv --way pinyin --way split > variants.csv
    """


@lexicon.command("import")
@click.argument("files", nargs=-1, required=True, type=_PATH)
@click.option("--risk", default="", help="Risk of terms that name none, such as a1.d.")
@click.option("--weight", default="", help="Weight of terms that name none: evidence is 0.3, a verdict 0.8 or more.")
@click.option("--source", default="", help="Where the terms come from, if they do not say.")
@click.option("--date", "day", default="", help="Date of terms that name none; today if left out.")
@click.option("--skip-bad", is_flag=True, help="Write what is right although other lines are wrong.")
def take(files: tuple[Path, ...], risk: str, weight: str, source: str, day: str, *, skip_bad: bool) -> None:
    """Turn CSV, TXT or XLSX FILES into one word list on the standard output.

    \b
    Examples:
      sluice lexicon import words.txt --risk fraud --weight 0.5 --source 客服部 > my-list.csv
      sluice lexicon import 拦截关键词列表.xlsx > my-list.csv

    Columns are found by name: term 关键词, risk 风险, weight 权重, source 来源, date 日期, view 视图. Text may be
    UTF-8 or GB18030. Exit code: 0, or 3 when a line is wrong (nothing is written then, unless --skip-bad).
    """
    from gateway.detectors.intake import Filling, take_in  # noqa: PLC0415

    filling = Filling(risk, weight, source, day or datetime.now(UTC).date().isoformat())
    entries: list[Entry] = []
    problems: list[ConfigError] = []
    for file in files:
        try:
            taken = take_in(_read(file), str(file), filling)
        except ConfigError as error:
            problems.append(error)
            continue
        entries += taken.entries
        problems += taken.problems
        said = f"{len(taken.entries)} terms, {taken.repeated} repeated, {len(taken.problems)} wrong"
        click.echo(f"{file}: {said} ({taken.encoding})", err=True)
    for problem in problems:
        click.echo(str(problem), err=True)
    if (not problems or skip_bad) and entries:
        click.echo(write_list(entries).encode(), nl=False)
    elif not problems:
        click.echo("there is no term in any of the files", err=True)
    sys.exit(3 if problems or not entries else 0)


@lexicon.command()
@click.argument("files", nargs=-1, required=True, type=_PATH)
@click.option(
    "--filing", is_flag=True, help="Also demand what a filing needs: 10,000 terms, 200 an A.1 item, 100 an A.2."
)
def lint(files: tuple[Path, ...], *, filing: bool) -> None:
    """Check word lists as policies use them, and count their terms by risk.

    \b
    Examples:
      sluice lexicon lint policies/lists/*.csv
      sluice lexicon lint --filing policies/lists/*.csv

    Exit code: 0 all well, 1 --filing finds too few terms, 3 a list is wrong.
    """
    counts: Counter[str] = Counter()
    seen: dict[tuple[str, str], Path] = {}
    problems: list[ConfigError] = []
    for file in files:
        try:
            entries = read_list(_read(file), str(file))
        except ConfigError as error:
            problems.append(error)
            continue
        repeated = 0
        for entry in entries:
            key = entry.risk, entry.term
            repeated += key in seen
            if key not in seen:
                seen[key] = file
                counts[entry.risk] += 1
        click.echo(f"✓ {file}  {len(entries)} terms, {repeated} of them repeated")
    if problems:
        raise PolicyErrors(problems)
    for risk, count in sorted(counts.items()):
        click.echo(f"  {risk:<22}{count:>7}")
    click.echo(f"  {'in all':<22}{counts.total():>7}")
    if filing and (missing := list(_missing(counts))):
        for line in missing:
            click.echo(f"✗ {line}")
        sys.exit(1)


def _missing(counts: Counter[str]) -> Iterator[str]:
    """Yield what GB/T 45654's predecessor TC260-003 asks of a keyword library and is not there."""
    if counts.total() < 10_000:
        yield f"{counts.total()} terms in all; a filing needs 10,000"
    for group, items, least in (("a1", "abcdefgh", 200), ("a2", "abcdefghi", 100)):
        for item in items:
            if counts[f"{group}.{item}"] < least:
                yield f"{counts[f'{group}.{item}']} terms of {group}.{item}; a filing needs {least}"


@lexicon.command()
@click.argument("lists", nargs=-1, required=True, type=_PATH)
@click.option("--on", "texts", multiple=True, required=True, type=_PATH, help="Harmless texts: a line each, or JSONL.")
@click.option("--field", default="text", show_default=True, help="Where the text of a JSONL row stands.")
@click.option(
    "--from-weight", type=_WEIGHT, default=0.8, show_default=True, help="From which weight on a rule would refuse."
)
@click.option("--evidence", type=click.Choice(["none", "sentence"]), default="none", show_default=True)
@click.option(
    "--worst",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="How many of the terms that hit most to name.",
)
def measure(
    lists: tuple[Path, ...],
    *,
    texts: tuple[Path, ...],
    field: str,
    from_weight: float,
    evidence: Evidence,
    worst: int,
) -> None:
    """Count how many harmless texts LISTS hit: a list that hits many is no list to refuse by.

    \b
    Examples:
      sluice lexicon measure my-list.csv --on harmless.txt
      sluice lexicon measure my-list.csv --on chats.jsonl --field question --from-weight 0.5

    Prints counts, and terms of the lists; no text that was read.
    """
    from tqdm import tqdm  # noqa: PLC0415

    from gateway.detectors.hits import count_hits  # noqa: PLC0415

    entries = [entry for file in lists for entry in read_list(_read(file), str(file))]
    for file in texts:
        said = list(_texts(file, field))
        shown = tqdm(said, desc=file.name, delay=2, disable=None, file=sys.stderr)
        hits = count_hits(entries, shown, from_weight, evidence)
        click.echo(f"{file}: {hits.share()} of {hits.texts} texts hit from weight {from_weight:g}")
        for risk, count in sorted(hits.risks.items()):
            click.echo(f"  {risk:<22}{count:>7}")
        for term, count in hits.terms.most_common(worst):
            click.echo(f"    {count:>5}  {term}")


@lexicon.command()
@click.argument("lists", nargs=-1, required=True, type=_PATH)
@click.option("--way", "ways", multiple=True, help="Ways to disguise a term; all if left out.")
@click.option(
    "--most",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="Variants of a term that each way makes at most.",
)
@click.option("--seed", default=0, show_default=True)
@click.option("--risk", "risks", multiple=True, help="Only of terms of this risk or group, such as a1.")
@click.option(
    "--shortest",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Only of terms of so many characters or more.",
)
@click.option(
    "--from-weight", type=_WEIGHT, default=0.0, show_default=True, help="Only of terms of this weight or more."
)
def expand(
    lists: tuple[Path, ...],
    *,
    ways: tuple[str, ...],
    most: int,
    seed: int,
    risks: tuple[str, ...],
    shortest: int,
    from_weight: float,
) -> None:
    """Write disguised variants of the terms of LISTS as a list of their own: same seed, same variants.

    \b
    Examples:
      sluice lexicon expand my-list.csv > variants.csv
      sluice lexicon expand my-list.csv --way homophone --most 1 --risk a1 --shortest 4 --from-weight 0.8

    Ways: traditional separators pinyin homophone split leet.
    """
    from gateway.cli.variants import WAYS, variants  # noqa: PLC0415

    entries = [
        entry
        for file in lists
        for entry in read_list(_read(file), str(file))
        if len(entry.term) >= shortest and entry.weight >= from_weight
        if not risks or any(f"{entry.risk}.".startswith(f"{risk}.") for risk in risks)
    ]
    try:
        written = write_list(list(variants(entries, ways or tuple(WAYS), most=most, seed=seed)))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    click.echo(written.encode(), nl=False)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read the file: {error.strerror}", Where(str(file)), "check the path") from None


def _texts(file: Path, field: str) -> Iterator[str]:
    """Yield the texts of a file; raises ``ConfigError`` with the line that is none."""
    try:
        # Not splitlines: JSON may hold other separators (U+2028) as they are.
        lines = _read(file).decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError:
        raise ConfigError("the texts are not UTF-8", Where(str(file)), "save the file as UTF-8") from None
    if file.suffix.lower() != ".jsonl":
        yield from filter(str.strip, lines)
        return
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            raise ConfigError("the line is not JSON", Where(str(file), number), "write an object a line") from None
        text = row.get(field) if isinstance(row, dict) else None
        if not isinstance(text, str):
            raise ConfigError(f"the row has no text {field!r}", Where(str(file), number), "name its field by --field")
        yield text
