"""``sluice explain``: say in words what was seen in a text, what was decided, and why not otherwise."""

from __future__ import annotations

import asyncio
import os
import sys
from functools import partial
from typing import Literal

import click

from gateway.cli.check import judge_row, meaning
from gateway.cli.rows import RowError
from gateway.pipeline.screen import replying
from gateway.policy.cases import rewritten
from gateway.policy.plan import Plan
from gateway.policy.rule import Judged
from gateway.policy.tell import goes_on, tell
from gateway.text import TextView, is_chinese
from gateway.verdict import Finding, silences


@click.command()
@click.argument("text")
@click.option("--policy", default="base", show_default=True, help="Policy file, or the name of one that ships.")
@click.option("--side", type=click.Choice(["request", "response"]), default="request", show_default=True)
@click.option("--question", default="", help="With --side response: the question that TEXT answers.")
@click.option("--language", type=click.Choice(["zh", "en"]), help="Of the explanation.  [default: that of TEXT]")
def explain(
    text: str,
    policy: str,
    side: Literal["request", "response"],
    question: str,
    language: Literal["zh", "en"] | None,
) -> None:
    """Say in words why TEXT would be passed, masked or refused.

    \b
    Examples:
      sluice explain '我的身份证号是 11010519491231002X'
      sluice explain --side response --question 'Who wrote it?' 'Write to zhang.san@example.com'
      sluice explain --language en '打13812345678找我'

    Shows TEXT itself, with what was found underlined; nothing is recorded.

    Exit code: 0, or 1 when it would be refused (or handed over, or answered without the model), 2 for a
    text that cannot be judged, 3 when the policy is wrong.
    """
    from gateway.wiring import checking, load_plan  # noqa: PLC0415

    if question and side == "request":
        raise click.UsageError("--question goes with --side response.")
    world = checking(os.environ)
    plan = load_plan(policy, world)

    async def run() -> int:
        try:
            return await _explain(text, question, plan, side, language or ("zh" if is_chinese(text) else "en"))
        finally:
            await world.aclose()

    try:
        sys.exit(asyncio.run(run()))
    except RowError as error:
        click.echo(f"TEXT: {error}", err=True)
        sys.exit(2)


async def _explain(
    text: str, question: str, plan: Plan, which: Literal["request", "response"], language: Literal["zh", "en"]
) -> int:
    row = await judge_row({"text": text, "question": question}, plan, which)
    side = plan.request if which == "request" else plan.response
    judged = Judged("text", "user" if which == "request" else "assistant", _findings(row.findings))
    view = TextView(text, question=question, answer=which == "response")
    classed = partial(meaning, language=language)
    click.echo(tell(plan, side, view, judged, verdict=row.verdict, language=language, classed=classed))
    reply = None
    if silences(row.verdict.action):
        rule = replying(side, row.verdict)
        words = plan.replies[rule.reply if rule and rule.reply else "safe"]
        reply = words.zh if language == "zh" else words.en
    click.echo("\n" + goes_on(text, rewritten(text, side, judged), reply, language))
    return 1 if reply is not None else 0


def _findings(rows: list[dict[str, object]]) -> tuple[Finding, ...]:
    kept = ({key: value for key, value in row.items() if key in Finding._fields} for row in rows)
    return tuple(sorted(Finding(**row) for row in kept))  # type: ignore[arg-type]
