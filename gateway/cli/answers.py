"""``sluice answers``: bring answer banks in, check them, try them, and find what a question would be answered with."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

import click
import orjson

from gateway.cli.answers_model import asking, with_model
from gateway.cli.answers_stats import stats
from gateway.cli.rows import RowError, lines_of, parsed
from gateway.errors import ConfigError, PolicyError, PolicyErrors, Where

if TYPE_CHECKING:
    from gateway.answers.bank import Bank
    from gateway.answers.match import Match, Matcher

_PATH = click.Path(path_type=Path)
_BANK = click.option("--bank", "file", required=True, type=_PATH, help="The bank: .yaml, .csv or .xlsx.")


@click.group()
def answers() -> None:
    """Work on answer banks (标准答案库).

    \b
    Examples:
      sluice answers find --bank faq.csv '退款多久到账'
      sluice answers import 客服问答.xlsx --by 王芳 > faq.yaml
      sluice answers lint --bank faq.yaml
      sluice answers test --bank faq.yaml
      sluice answers test --bank faq.yaml --embeddings http://127.0.0.1:8000/v1/embeddings --model bge-m3
      sluice answers stats --days 30

    A bank is a table with the columns id, question, answer (编号, 问题, 答案), several rows of one id being ways of
    asking the same, or YAML with all that an entry can say.
    """


answers.add_command(stats)


@answers.command()
@click.argument("question", required=False)
@_BANK
@click.option("--jsonl", type=click.File("rb"), help='Rows {"id", "question"}; - for stdin.')
@click.option("--before", multiple=True, help="What the user said before, the oldest first.")
@click.option("--day", default="", help="The day that validity is judged on.  [default: today]")
@click.option("--tenant", default="", help="Whose caller asks.")
@click.option("--format", "style", type=click.Choice(["human", "json"]), default="human", show_default=True)
@with_model
def find(  # noqa: PLR0917 - an option each
    question: str | None,
    file: Path,
    jsonl: IO[bytes] | None,
    before: tuple[str, ...],
    day: str,
    tenant: str,
    style: Literal["human", "json"],
    config: Path | None,
    embeddings: str | None,
    model: str,
) -> None:
    """Find the entry that QUESTION, or every row of a JSONL file, is about; no server is needed.

    \b
    Examples:
      sluice answers find --bank faq.csv '退款多久到账'
      sluice answers find --bank faq.yaml '那换货呢' --before '怎么申请退款'
      sluice answers find --bank faq.csv --jsonl questions.jsonl --format json > found.jsonl

    A row of output is {"id", "entry", "score", "decision", "why"}: the best entry and how likely it is the right one,
    also where the decision is to ask back or to pass on. A row of input may also have "before", a list of texts.

    Exit code: 0, 2 for input that is no question, 3 when the bank is wrong.
    """
    if (question is None) == (jsonl is None):
        raise click.UsageError("Give either QUESTION or --jsonl FILE.")
    asked_bank = asking(_bank(file), config, embeddings, model)
    today = day or datetime.now(UTC).date().isoformat()
    wrong = False
    for place, row in _rows(question, jsonl, before):
        asked, turns, said = _asked(row)
        if said:
            wrong = True
            click.echo(f"{place}: {said}", err=True)
        match = asked_bank.find(asked, day=today, tenant=tenant, before=turns)
        click.echo(_json(row, match, said) if style == "json" else _human(row, match, asked_bank.matcher, asked))
    sys.exit(2 if wrong else 0)


def _asked(row: Any) -> tuple[str, tuple[str, ...], str]:
    """Return the question of a row, the turns before it, and what is wrong with it."""
    if not isinstance(row, dict):
        return "", (), str(row) if isinstance(row, RowError) else "a row must be a JSON object"
    asked = next((row[key] for key in ("question", "text", "query") if row.get(key) is not None), None)
    if not isinstance(asked, str):
        return "", (), 'a row needs a "question" that is text'
    before = row.get("before") or ()
    if not isinstance(before, list | tuple) or not all(isinstance(turn, str) for turn in before):
        return asked, (), '"before" must be a list of texts'
    return asked, tuple(before), ""


def _json(row: Any, match: Match, said: str) -> bytes:
    return orjson.dumps(
        {
            "id": row.get("id") if isinstance(row, dict) else None,
            "entry": match.entry.id if match.entry else None,
            "score": round(match.score, 6),
            "decision": "pass" if said else match.decision,
            "why": said or match.why,
        }
    )


def _human(row: Any, match: Match, matcher: Matcher, asked: str) -> str:
    head = f"[{row['id']}] " if isinstance(row, dict) and row.get("id") is not None else ""
    if match.entry is None:
        return f"{head}pass: {match.why}"
    limits = matcher.limits
    lines = [
        f"{head}{match.decision}: {match.entry.name}, score {match.score:.3f} "
        f"(answers from {limits.answer:g}, asks back from {limits.ask:g})",
        f"  why: {match.why}",
    ]
    if match.decision == "answer":
        lines.append(f"  {match.entry.answer(asked) or f'→ {match.entry.handoff}'}")
    if match.decision == "ask":
        near = [one.questions[0] for one in (match.entry, *match.others) if one.questions][:3]
        lines.append(f"  would ask back: {' / '.join(near)}")
    return "\n".join(lines)


def _rows(question: str | None, jsonl: IO[bytes] | None, before: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if jsonl is None:
        yield "QUESTION", {"question": question, "before": list(before)}
        return
    for place, line in lines_of(jsonl):
        try:
            yield place, parsed(line)
        except RowError as error:
            yield place, error


@answers.command()
@_BANK
@click.option("--strict", is_flag=True, help="Let every doubt count, not only conflicts.")
def lint(file: Path, *, strict: bool) -> None:
    """Look for questions that are there twice, conflicts, and entries that stand before others.

    \b
    Examples:
      sluice answers lint --bank faq.yaml
      sluice answers lint --bank 客服问答.xlsx --strict

    Exit code: 0, 1 for a conflict (with --strict: for any doubt), 3 when the bank is wrong.
    """
    from gateway.answers.lint import doubts  # noqa: PLC0415

    bank = _bank(file)
    found = list(doubts(bank))
    for doubt in found:
        click.echo(f"{file}:{doubt.row}: {doubt.kind}: {doubt.entry!r} {doubt.what}")
    ways = sum(len(entry.questions) for entry in bank.entries)
    speaking = sum(entry.state == "approved" for entry in bank.entries)
    click.echo(f"{len(bank.entries)} entries ({speaking} approved), {ways} ways of asking, {len(found)} doubts")
    sys.exit(1 if any(doubt.wrong or strict for doubt in found) else 0)


@answers.command("test")
@_BANK
@with_model
def try_out(file: Path, config: Path | None, embeddings: str | None, model: str) -> None:
    """Try each entry's own examples: it must answer those under right, and none of those under wrong.

    \b
    Examples:
      sluice answers test --bank faq.yaml
      sluice answers test --bank faq.yaml --config sluice.yaml

    Exit code: 0, 1 when an example fails, 3 when the bank is wrong or has none.
    """
    from gateway.answers.lint import tried  # noqa: PLC0415

    bank = _bank(file)
    results = list(tried(bank, asking(bank, config, embeddings, model)))
    if not results:
        raise ConfigError("no approved entry has examples", Where(str(file)), "write tests: {right: […], wrong: […]}")
    for one in results:
        if not one.met:
            wanted = "be answered" if one.wanted else "not be answered"
            click.echo(f"✗ {file}:{one.entry.row}: {one.entry.id!r}: {one.question!r} should {wanted}; got {one.got}")
    failed = sum(not one.met for one in results)
    click.echo(f"{len(results)} examples, {failed} failed")
    sys.exit(1 if failed else 0)


@answers.command("import")
@click.argument("files", nargs=-1, required=True, type=_PATH)
@click.option("--into", type=_PATH, help="A bank to lay them over: what changes is a draft again, a version higher.")
@click.option("--by", default="", help="Who brings them in.")
@click.option("--policy", default="base", show_default=True, help="The policy that answers must pass.")
@click.option("--approved", "keep", is_flag=True, help="Keep states as the files say; else all are drafts.")
@click.option("--to", "style", type=click.Choice(["yaml", "csv"]), default="yaml", show_default=True)
def take(files: tuple[Path, ...], into: Path | None, by: str, policy: str, *, keep: bool, style: str) -> None:
    """Turn CSV, XLSX or YAML FILES into one bank on the standard output.

    \b
    Examples:
      sluice answers import 客服问答.xlsx --by 王芳 > faq.yaml
      sluice answers import new.csv --into faq.yaml --by 王芳 > faq-new.yaml

    An answer that the policy would not let out is refused here, not when somebody asks.

    Exit code: 0, or 3 when anything is wrong (nothing is written then).
    """
    from gateway.answers.bank import Bank  # noqa: PLC0415
    from gateway.answers.changes import merged  # noqa: PLC0415
    from gateway.answers.lint import conflicts  # noqa: PLC0415
    from gateway.answers.table_file import write_csv  # noqa: PLC0415
    from gateway.answers.yaml_file import write_yaml  # noqa: PLC0415

    day = datetime.now(UTC).date().isoformat()
    problems: list[ConfigError] = []
    bank = Bank("", ()) if into is None else _bank(into)
    for file in files:
        try:
            new = _bank(file)
        except ConfigError as error:
            problems.extend(error.problems)
            continue
        if not keep:
            new = replace(
                new, entries=tuple(replace(one, state="draft", author=by or one.author) for one in new.entries)
            )
        problems.extend(asyncio.run(_forbidden(new, policy)))
        if into is None and not bank.entries:
            bank = replace(new, file=str(file))
        else:
            bank = merged(bank, new, by=by or "import", day=day)
    if not problems:
        problems += [
            PolicyError(f"entry {one.entry!r} {one.what}", Where(bank.file, one.row), "merge them, or change the days")
            for one in conflicts(bank)
            if one.wrong
        ]
    if problems:
        raise PolicyErrors(problems)
    click.echo((write_csv(bank) if style == "csv" else write_yaml(bank)).encode(), nl=False)
    click.echo(f"{len(bank.entries)} entries", err=True)


async def _forbidden(bank: Bank, policy: str) -> list[ConfigError]:
    """Return the answers that the policy's response rules would not let out as they are."""
    from gateway.answers.entry import texts_of  # noqa: PLC0415
    from gateway.cli.check import judge_row  # noqa: PLC0415
    from gateway.wiring import load_plan  # noqa: PLC0415

    plan = load_plan(policy)
    found: list[ConfigError] = []
    for entry in bank.entries:
        for language, text in texts_of(entry):
            question = entry.questions[0] if entry.questions else ""
            row = await judge_row({"text": text, "question": question}, plan, "response")
            if row.verdict.action not in ("pass", "label"):
                what = f"entry {entry.id!r}: the policy {plan.name!r} would {row.verdict.action} its {language} answer"
                hint = f"rule {row.verdict.rule!r}; change the answer, or the rule"
                found.append(PolicyError(what, Where(bank.file, entry.row), hint))
    return found


@answers.command("export")
@_BANK
@click.option("--to", "style", type=click.Choice(["yaml", "csv"]), default="csv", show_default=True)
def give(file: Path, style: str) -> None:
    """Write a bank as CSV or YAML on the standard output.

    \b
    Examples:
      sluice answers export --bank faq.yaml > faq.csv
    """
    from gateway.answers.table_file import write_csv  # noqa: PLC0415
    from gateway.answers.yaml_file import write_yaml  # noqa: PLC0415

    bank = _bank(file)
    click.echo((write_csv(bank) if style == "csv" else write_yaml(bank)).encode(), nl=False)


@answers.command()
@click.argument("ids", nargs=-1, required=True)
@_BANK
@click.option("--by", required=True, help="Who approves; not the author.")
@click.option("--retire", is_flag=True, help="Retire them instead.")
def approve(ids: tuple[str, ...], file: Path, by: str, *, retire: bool) -> None:
    """Approve (or retire) entries of a YAML bank and write it back, with who did it and when.

    \b
    Examples:
      sluice answers approve refund exchange --bank faq.yaml --by 李强
      sluice answers approve old-promo --bank faq.yaml --by 李强 --retire
    """
    from gateway.answers.changes import set_state  # noqa: PLC0415
    from gateway.answers.yaml_file import write_yaml  # noqa: PLC0415

    if file.suffix.lower() not in (".yaml", ".yml"):
        raise click.UsageError("Only a YAML bank keeps its history: sluice answers import … > bank.yaml")
    bank = _bank(file)
    day = datetime.now(UTC).date().isoformat()
    for id in ids:
        bank = set_state(bank, id, "retired" if retire else "approved", by=by, day=day)
    file.write_text(write_yaml(bank), "utf-8")
    click.echo(f"{len(ids)} {'retired' if retire else 'approved'} by {by}")


def _bank(file: Path) -> Bank:
    from gateway.answers.read import read_file  # noqa: PLC0415

    return read_file(file)
