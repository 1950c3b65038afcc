"""``sluice handoff``: what was handed over to people, how far it is, and what becomes of their answers."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

import click
import orjson

from gateway.errors import ConfigError, PolicyError, RecordError, SettingsError, Where
from gateway.ports import Handed, HandoffState

if TYPE_CHECKING:
    from gateway.settings import Settings
    from gateway.stores.handoffs import KeptHandoffs

_CONFIG: Final = click.option("--config", type=click.Path(path_type=Path), help="Settings; as for serve.")
_STYLE: Final = click.option(
    "--format", "style", type=click.Choice(["human", "json"]), default="human", show_default=True
)
_STATES: Final = get_args(HandoffState)
_SHOWN: Final = {
    "waiting": "待送达 waiting",
    "sent": "已送达 sent",
    "undelivered": "未送达 undelivered",
    "answered": "已答复 answered",
}


@click.group()
def handoff() -> None:
    """Questions that were handed over to people (转人工).

    \b
    Examples:
      sluice handoff list --state undelivered
      sluice handoff retry 01KB…
      sluice handoff answer 01KB… --file answer.txt --by 王芳
      sluice handoff draft 01KB… --bank faq.yaml

    Whom people are told by is said in sluice.yaml (handoff:), and when and in which words in the policy.
    """


@handoff.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice(_STATES), help="Only those; may be repeated.")
@click.option("--tenant", help="Only those of this tenant.")
@click.option("-n", "most", default=50, show_default=True, help="How many at most.")
@_STYLE
@_CONFIG
def list_command(
    *,
    states: tuple[HandoffState, ...],
    tenant: str | None,
    most: int,
    style: Literal["human", "json"],
    config: Path | None,
) -> None:
    """List tickets, the latest first; never what was asked or answered."""
    with _kept(_settings(config)) as kept:
        found = kept.latest(most, states, tenant)
    if style == "json":
        click.echo(orjson.dumps([_row(one) for one in found], option=orjson.OPT_INDENT_2))
        return
    for one in found:
        ticket = one.ticket
        via = ticket.entry or ticket.rule
        fault = f"  {one.fault}" if one.fault else ""
        due = f", again {_time(one.due)}" if one.due and one.attempts and one.state == "waiting" else ""
        click.echo(
            f"{ticket.id}  {_time(ticket.created)}  {_SHOWN[one.state]}  {via}  "
            f"{ticket.desk or '-'}  {ticket.tenant}  tried {one.attempts}{due}{fault}"
        )
    if not found:
        click.echo("没有工单 · no tickets", err=True)


@handoff.command("show")
@click.argument("ticket")
@_CONFIG
def show_command(*, ticket: str, config: Path | None) -> None:
    """Show one ticket with its question and its answer, as JSON.

    Exit code: 0, 3 if there is no such ticket.
    """
    from gateway.wiring import question_of  # noqa: PLC0415

    with _kept(_settings(config)) as kept:
        one = _found(kept, ticket)
    words = {"question": question_of(os.environ, one.ticket), "answer": one.answer}
    click.echo(orjson.dumps(_row(one) | words, option=orjson.OPT_INDENT_2))


@handoff.command("retry")
@click.argument("tickets", nargs=-1, required=True)
@_CONFIG
def retry_command(*, tickets: tuple[str, ...], config: Path | None) -> None:
    """Try again to deliver tickets that were set aside; a running gateway does so within seconds.

    Exit code: 0, 1 if one of them was not set aside.
    """
    with _kept(_settings(config)) as kept:
        missing = [ticket for ticket in tickets if not kept.again(ticket)]
    for ticket in missing:
        click.echo(f"{ticket}: is not undelivered, so there is nothing to try again", err=True)
    click.echo(f"{len(tickets) - len(missing)} 重新投递 · to be tried again")
    sys.exit(1 if missing else 0)


@handoff.command("answer")
@click.argument("ticket")
@click.option("--file", type=click.Path(path_type=Path), required=True, help="The answer, UTF-8; - for stdin.")
@click.option("--by", required=True, help="Who answers; it is kept.")
@_CONFIG
def answer_command(*, ticket: str, file: Path, by: str, config: Path | None) -> None:
    """Answer a ticket: its caller finds the answer at /v1/handoff/TICKET. The policy's rules for answers hold.

    Exit code: 0, 3 if it cannot be answered so.
    """
    from gateway.pipeline.handoff import passed  # noqa: PLC0415
    from gateway.wiring import checking, load_plan  # noqa: PLC0415

    settings, text = _settings(config), _text(file)
    world = checking(os.environ)
    with _kept(settings) as kept:
        one = _found(kept, ticket)
        named = [settings.policy, *settings.policies.values()]
        plans = [load_plan(name, world) for name in named]
        plan = next((plan for plan in plans if plan.name == one.ticket.policy), plans[0])

        async def judged() -> tuple[str, str]:
            try:
                return await passed(text, one.ticket, plan)
            finally:
                await world.aclose()

        words, rule = asyncio.run(judged())
        if rule:
            hint = "change the answer, or the rule"
            raise SettingsError(f"the policy {plan.name!r} does not let this answer out (rule {rule!r})", hint=hint)
        if not kept.answer(ticket, words, by):
            raise SettingsError(f"ticket {ticket} has another answer already", hint="the first one stands")
    click.echo(f"{ticket} 已答复 · answered")
    if words != text:
        click.echo("策略改动了答复中的部分文字 · the policy changed parts of the answer", err=True)


@handoff.command("draft")
@click.argument("ticket")
@click.option("--bank", "file", required=True, type=click.Path(path_type=Path), help="A YAML bank; made if missing.")
@click.option("--question", default="", help="How it is asked; default: what was asked, without personal data.")
@click.option("--id", "name", default="", help="Id of the entry.  [default: made from the ticket]")
@_CONFIG
def draft_command(*, ticket: str, file: Path, question: str, name: str, config: Path | None) -> None:
    """Put a person's answer into an answer bank, as a draft: it answers nobody until somebody else approves it.

    \b
    Examples:
      sluice handoff draft 01KB… --bank faq.yaml --question '发票抬头写错了怎么改'
      sluice answers approve handoff-01kb… --bank faq.yaml --by 李强

    Exit code: 0, 3 if there is no answer yet, or the entry is there already.
    """
    from gateway.answers.bank import Bank  # noqa: PLC0415
    from gateway.answers.changes import merged  # noqa: PLC0415
    from gateway.answers.entry import Entry  # noqa: PLC0415
    from gateway.answers.read import read_bank  # noqa: PLC0415
    from gateway.answers.yaml_file import write_yaml  # noqa: PLC0415

    if file.suffix.lower() not in (".yaml", ".yml"):
        raise click.UsageError("Only a YAML bank keeps drafts: sluice answers import … > bank.yaml")
    with _kept(_settings(config)) as kept:
        one = _found(kept, ticket)
    asked, answer = _drafted(one, question)
    bank = read_bank(file.read_bytes(), str(file)) if file.exists() else Bank(str(file), ())
    id = name or f"handoff-{ticket.lower()}"
    if any(entry.id == id for entry in bank.entries):
        raise PolicyError(f"there is an entry {id!r} already", Where(str(file)), "name another one: --id")
    author = one.answerer or ""
    zh, en = (answer, "") if one.ticket.language == "zh" else ("", answer)
    entry = Entry(id, (asked,), zh, en, author=author, sources=(f"handoff:{ticket}",))
    today = datetime.now(UTC).date().isoformat()
    new = merged(bank, Bank(str(file), (entry,)), by=author or "handoff", day=today)
    content = write_yaml(new)
    read_bank(content.encode(), str(file))  # what could not be read again is not written
    file.write_text(content, "utf-8")
    click.echo(f"{id} 草稿 · a draft; approve it: sluice answers approve {id} --bank {file} --by NAME")


def _drafted(one: Handed, question: str) -> tuple[str, str]:
    """Return the question and the answer of a draft; raises ``SettingsError`` for what a bank may not hold."""
    ticket = one.ticket
    if one.answer is None:
        raise SettingsError(f"ticket {ticket.id} has no answer", hint="`sluice handoff list` says how far it is")
    if not question and (ticket.question is None or ticket.form != "masked"):
        what = f"what was asked under ticket {ticket.id} is not kept in a form that a bank may hold ({ticket.form})"
        raise SettingsError(what, hint="say how it is asked: --question '…'")
    return question or ticket.question or "", one.answer


def _settings(config: Path | None) -> Settings:
    from gateway.settings import load_settings  # noqa: PLC0415

    return load_settings(config, os.environ)


def _text(file: Path) -> str:
    from gateway.server.handoff import LONGEST  # noqa: PLC0415

    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        text = raw.decode("utf-8-sig").strip()
    except OSError as error:
        raise ConfigError(f"cannot read the file: {error.strerror}", Where(str(file)), "check the path") from None
    except UnicodeDecodeError:
        raise ConfigError("the answer is not UTF-8", Where(str(file)), "save it as UTF-8") from None
    if not text or len(text) > LONGEST:
        what = f"an answer has 1 to {LONGEST:,} characters; this one has {len(text):,}"
        raise ConfigError(what, Where(str(file)), "change it")
    return text


def _found(kept: KeptHandoffs, ticket: str) -> Handed:
    one = kept.find(ticket)
    if one is None:
        raise SettingsError(f"there is no ticket {ticket!r}", hint="`sluice handoff list` says which there are")
    return one


def _row(one: Handed) -> dict[str, object]:
    ticket = one.ticket
    return {
        "ticket": ticket.id,
        "state": one.state,
        "created": _time(ticket.created),
        "record": ticket.exchange,
        "tenant": ticket.tenant,
        "key": ticket.key,
        "policy": ticket.policy,
        "policy_digest": ticket.plan,
        "rule": ticket.rule,
        "entry": ticket.entry or None,
        "desk": ticket.desk or None,
        "question_form": ticket.form,
        "attempts": one.attempts,
        "fault": one.fault or None,
        "due": one.due and _time(one.due),
        "delivered": one.delivered and _time(one.delivered),
        "answered": one.answered and _time(one.answered),
        "answerer": one.answerer,
    }


@contextlib.contextmanager
def _kept(settings: Settings) -> Iterator[KeptHandoffs]:
    from gateway.stores.handoffs import KeptHandoffs  # noqa: PLC0415
    from gateway.stores.sql import SqlStore  # noqa: PLC0415

    kept = KeptHandoffs(SqlStore(settings.database, time.time), time.time)
    try:
        yield kept
    except RecordError as error:
        raise SettingsError(str(error), hint="see database: in sluice.yaml, or SLUICE_DATABASE_URL") from None
    finally:
        kept.close()


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
