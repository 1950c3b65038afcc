"""``sluice check``: judge a text without a server, exactly as the gateway would."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import IO, Any, Final, Literal

import click
import orjson

from gateway.cli.rows import HALF, RowError, lines_of, parsed
from gateway.errors import RequestError
from gateway.exchange import Channel, Delta
from gateway.pipeline.guard import Guard
from gateway.pipeline.screen import examine
from gateway.policy.explain import explain
from gateway.policy.harms import harm_in_words
from gateway.policy.plan import BoundDetector, Plan
from gateway.ports import Scan
from gateway.privacy.classes import classes_of, level_of, told
from gateway.text import TextView, is_chinese
from gateway.verdict import Verdict, silences
from gateway.wire.chat import Chat

_SEEN: Final = {
    "en": "- seen, but no rule fired: {detector} saw {risk} at {score:.2f}, {slot}{start}–{end}",
    "zh": "- 有发现但没有规则命中：{detector} 发现 {risk}，得分 {score:.2f}，{slot}{start}–{end}",
}
_WEAK: Final = {
    "en": "- and {n} more below {worth:.1f}: --format json shows them",
    "zh": "- 另有 {n} 项低于 {worth:.1f}，用 --format json 查看",
}
_WORTH: Final = 0.3
"""A person is told of what scored so much, of each risk the surest; a machine of everything."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to judge, and what came of it.

    Attributes:
        id: As the input names it.
        verdict: What was decided.
        findings: What was seen, with its classes and level (0 for no personal data); for a conversation with the
            slot that each stands in.
    """

    id: Any
    verdict: Verdict
    findings: list[dict[str, Any]]

    def json(self, plan: Plan) -> bytes:
        """Return the row as one line of JSON."""
        verdict = self.verdict
        return _line(
            self.id,
            plan,
            action=verdict.action,
            rules=list(dict.fromkeys(hit.rule for hit in verdict.hits)),
            findings=self.findings,
            scores=verdict.scores,
            errors=list(verdict.errors),
            unjudged=list(verdict.unjudged),
        )


def _line(id: Any, plan: Plan, **said: Any) -> bytes:
    """Write a row as JSON; every row has the same fields, also one that could not be judged (``action`` null)."""
    fields: dict[str, Any] = {"action": None, "rules": [], "findings": [], "scores": {}, "errors": [], "unjudged": []}
    return orjson.dumps({"id": id, **fields, **said, "plan": plan.digest})


@click.command()
@click.argument("text", required=False)
@click.option("--policy", default="base", show_default=True, help="Policy file, or the name of one that ships.")
@click.option("--side", type=click.Choice(["request", "response"]), default="request", show_default=True)
@click.option(
    "--jsonl",
    type=click.File("rb"),
    help='Rows {"id","text"}, {"id","question","text"} or {"id","messages"}; - for stdin.',
)
@click.option("--format", "style", type=click.Choice(["human", "json"]), default="human", show_default=True)
@click.option("--timing", is_flag=True, help="Say what each detector took, in milliseconds, on stderr.")
def check(  # noqa: PLR0917 - an option each
    text: str | None,
    policy: str,
    side: Literal["request", "response"],
    jsonl: IO[bytes] | None,
    style: Literal["human", "json"],
    timing: bool,
) -> None:
    """Judge TEXT, or every row of a JSONL file, as the gateway would.

    \b
    Examples:
      sluice check '我的身份证号是 11010519491231002X'
      sluice check --side response 'Write to zhang.san@example.com' --format json
      sluice check --jsonl questions.jsonl --format json > verdicts.jsonl

    A row is {"id", "text"}, for an answer also "question", or {"id", "messages"}.

    Exit code: 0, or 1 when something was refused (or handed over, or answered without the model), 2 for
    input that cannot be judged, 3 when the policy is wrong.
    """
    from gateway.wiring import checking, load_plan  # noqa: PLC0415

    if (text is None) == (jsonl is None):
        raise click.UsageError("Give either TEXT or --jsonl FILE.")
    world = checking(os.environ)
    spent: dict[str, list[float]] = {}
    plan = load_plan(policy, world)
    if timing:
        plan = _timed(plan, spent)

    async def run() -> int:
        try:
            return await _judge_all(_inputs(text, jsonl), plan, side, style)
        finally:
            await world.aclose()
            for name, times in sorted(spent.items()):
                if not times:
                    continue  # of the other side, or a judge that need not be asked
                shown = f"{sum(times) * 1000:.3f} ms in {len(times)} calls, at most {max(times) * 1000:.3f} ms"
                click.echo(f"{name}: {shown}", err=True)

    sys.exit(asyncio.run(run()))


def _timed(plan: Plan, spent: dict[str, list[float]]) -> Plan:
    """Return the plan with detectors that note how long they take, in seconds."""

    def timed(detector: BoundDetector) -> BoundDetector:
        times = spent.setdefault(detector.id, [])
        scan, judge = detector.scan, detector.judge

        def look(view: TextView) -> Scan:
            began = time.perf_counter()
            try:
                return scan(view) if scan else Scan((), 0)
            finally:
                times.append(time.perf_counter() - began)

        async def ask(view: TextView) -> Scan:
            began = time.perf_counter()
            try:
                return await judge(view) if judge else Scan((), 0)
            finally:
                times.append(time.perf_counter() - began)

        return replace(detector, scan=look if scan else None, judge=ask if judge else None)

    sides = [replace(side, detectors=tuple(map(timed, side.detectors))) for side in (plan.request, plan.response)]
    return replace(plan, request=sides[0], response=sides[1])


async def _judge_all(
    inputs: Iterator[tuple[str, Any]], plan: Plan, side: Literal["request", "response"], style: str
) -> int:
    """Judge and print every row; return the exit code. A row that is wrong does not stop the others."""
    refused = wrong = False
    for place, given in inputs:
        data = None
        try:
            data = parsed(given) if isinstance(given, bytes) else given
            row = await judge_row(data, plan, side)
        except RowError as error:
            wrong = True
            click.echo(f"{place}: {error}", err=True)
            if style == "json":
                name = data.get("id") if isinstance(data, dict) else None
                click.echo(_line(name, plan, errors=[str(error)], unjudged=["row"]))
            continue
        refused = refused or silences(row.verdict.action)
        click.echo(row.json(plan) if style == "json" else _human(row, data, plan))
    return 2 if wrong else 1 if refused else 0


async def judge_row(data: Any, plan: Plan, side: Literal["request", "response"]) -> Row:
    """Judge one row with the code that judges live traffic; raises ``RowError``."""
    if not isinstance(data, dict):
        raise RowError("a row must be a JSON object")
    text, messages, question = data.get("text"), data.get("messages"), data.get("question")
    if (text is None) == (messages is None):
        raise RowError('a row needs either "text" or "messages"')
    if text is not None and not isinstance(text, str):
        raise RowError('"text" must be a string')
    if not isinstance(question, str | None):
        raise RowError('"question" must be a string')
    name = data.get("id")
    if side == "response":
        if text is None:
            raise RowError('an answer is judged as "text", with its "question" if there is one')
        return await _judge_answer(name, text, question or "", plan)
    return await _judge_question(name, messages if text is None else [{"role": "user", "content": text}], plan)


async def _judge_question(name: Any, messages: Any, plan: Plan) -> Row:
    try:
        asked = Chat().read(orjson.dumps({"model": "check", "messages": messages}))
    except RequestError as error:
        raise RowError(str(error)) from None
    except TypeError:
        raise RowError(HALF) from None
    verdict, found, _ = await examine(asked, plan)
    alone = len(asked.slots) == 1
    findings = [
        _finding(finding, {} if alone else {"slot": item.slot.place}) for item in found for finding in item.findings
    ]
    return Row(name, verdict, findings)


async def _judge_answer(name: Any, text: str, question: str, plan: Plan) -> Row:
    guard = Guard(plan.response, question, whole=True)
    await guard.push(Delta(Channel(0, "content"), text))
    await guard.close(0)
    return Row(name, guard.verdict(), [_finding(finding, {}) for finding in guard.findings()])


def _finding(finding: Any, more: Mapping[str, str]) -> dict[str, Any]:
    classes = {"classes": list(classes_of(finding.risk)), "level": level_of(finding.risk)}
    return {**finding._asdict(), **classes, **more}


def _inputs(text: str | None, jsonl: IO[bytes] | None) -> Iterator[tuple[str, Any]]:
    """Yield what to judge, with where it stands: lines of a file as they are, but for what marks it as UTF-8."""
    if jsonl is None:
        yield "TEXT", {"id": None, "text": text}
        return
    yield from lines_of(jsonl)


def meaning(risk: str, language: Literal["zh", "en"]) -> str:
    """Return what a person is told behind a risk: what it stands for, and the classes of personal data."""
    return harm_in_words(risk, language) + told(risk, language)


def _human(row: Row, data: Any, plan: Plan) -> str:
    """Say it for a person: the verdict in words, and why."""
    text = data.get("text") or ""
    language: Literal["zh", "en"] = "zh" if is_chinese(text) else "en"
    head = f"[{row.id}] " if row.id is not None else ""
    fired = {hit.risk for hit in row.verdict.hits}
    best: dict[str, dict[str, Any]] = {}
    for found in row.findings:
        if found["risk"] not in fired and found["score"] > best.get(found["risk"], {"score": -1.0})["score"]:
            best[found["risk"]] = found
    shown = [found for found in best.values() if found["score"] >= _WORTH]
    seen = [
        _SEEN[language].format(**{**found, "slot": f"{found['slot']} " if "slot" in found else ""})
        + meaning(found["risk"], language)
        for found in shown
    ]
    if len(best) > len(shown):
        seen.append(_WEAK[language].format(n=len(best) - len(shown), worth=_WORTH))
    return "\n".join(
        [head + explain(plan, row.verdict, language, partial(meaning, language=language), below=False), *seen]
    )
