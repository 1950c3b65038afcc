"""How a run goes: its plan, its budget, whom it asks, its progress, and how it ends."""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from evaluators.cli.against import Against, check_against
from evaluators.cli.ending import INTERRUPTED, USAGE, finish, telling
from evaluators.cli.opening import surroundings

if TYPE_CHECKING:
    from evaluators.pace import Caps, Meters
    from evaluators.plan import Plan
    from evaluators.run import Key, Run, State
    from evaluators.scorers.spec import Scorer
    from evaluators.suite import Suite
    from evaluators.suite_file import LimitsFile, PriceFile, TargetFile
    from evaluators.targets.asked import Asked


@dataclass(frozen=True, slots=True)
class How:
    """What the command line says about the going of a run; None leaves it to the suite."""

    concurrency: int | None = None
    max_calls: int | None = None
    max_tokens: int | None = None
    max_money: float | None = None
    executor: str = "local"
    plan_only: bool = False
    yes: bool = False


def going(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a run that goes; it gets them as ``how``."""

    @functools.wraps(command)
    def wrapped(**given: Any) -> None:
        how = How(**{name: given.pop(name) for name in How.__dataclass_fields__})
        command(how=how, **given)

    options = (
        click.option("--concurrency", type=click.IntRange(1, 256), help="How many rows are under way at once."),
        click.option("--max-calls", type=click.IntRange(0), help="Stop after so many calls, judges' included."),
        click.option("--max-tokens", type=click.IntRange(0), help="Stop after so many tokens."),
        click.option("--max-money", type=click.FloatRange(0), help="Stop after so much, by the suite's prices."),
        click.option(
            "--executor",
            metavar="local|dask://HOST:PORT",
            default="local",
            show_default=True,
            help="Where rows are asked: here, or on the workers of a Dask cluster (the extra dask).",
        ),
        click.option("--plan-only", is_flag=True, help="Say what the run would take, and ask nobody."),
        click.option("--yes", "-y", is_flag=True, help="Do not ask whether to go on with a plan that costs money."),
    )
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped


def asked_of(target: TargetFile, said: Mapping[str, str | None], *, recorded: bool) -> Asked:
    """Return whom a run asks: the suite's target, as the command line changes it.

    Raises:
        ConfigError: An address is none.
    """
    from evaluators.endpoint import check_url  # noqa: PLC0415
    from evaluators.targets.asked import Asked  # noqa: PLC0415

    key_env = said["key_env"] or target.key_env
    if recorded or target.kind == "recorded":
        return Asked(True, "", "", key_env, {}, target.timeout_s, target.attempts, "recorded")
    base_url, model = said["base_url"] or target.base_url, said["model"] or target.model
    url = said["direct_base_url"]
    behind = direct = None
    if url or target.direct:
        behind = target.direct
        parameters = behind.parameters if behind and behind.parameters is not None else target.parameters
        address = url or (behind.base_url if behind else "")
        wire = behind.kind if behind else "chat"
        direct = Asked(
            recorded=False,
            base_url=check_url(address) if address or wire in ("chat", "messages") else "",
            model=said["direct_model"] or (behind.model if behind else "") or model,
            key_env=said["direct_key_env"] or (behind.key_env if behind else "SLUICE_DIRECT_KEY"),
            parameters=parameters,
            timeout_s=target.timeout_s,
            attempts=target.attempts,
            kind=wire,
            http=behind.http.model_dump() if behind and behind.http else None,
            limits=_limits(behind.limits) if behind else {},
            price=_price(behind.price if behind else None),
        )
    kind = "pair" if direct else target.kind
    named = said["base_url"] or "base_url" in target.model_fields_set
    return Asked(
        recorded=False,
        base_url="" if kind == "http" or (kind == "litellm" and not named) else check_url(base_url),
        model=model,
        key_env=key_env,
        parameters=target.parameters,
        timeout_s=target.timeout_s,
        attempts=target.attempts,
        kind=kind,
        http=target.http.model_dump() if target.http else None,
        limits=_limits(target.limits),
        price=_price(target.price),
        direct=direct,
    )


def _limits(limits: LimitsFile) -> dict[str, Any]:
    return {
        "requests": limits.requests_per_minute,
        "tokens": limits.tokens_per_minute,
        "patience": limits.patience_s,
    }


def _price(price: PriceFile | None) -> dict[str, Any] | None:
    return price.model_dump() if price else None


def caps_of(suite: Suite, how: How) -> dict[str, Any]:
    """Return what a run may use: the suite's budget, as the command line changes it.

    Raises:
        ConfigError: Money has a cap, and nothing has a price, or prices are in several currencies.
    """
    from gateway.errors import ConfigError  # noqa: PLC0415

    own = suite.budget
    caps = {
        "calls": own.calls if how.max_calls is None else how.max_calls,
        "tokens": own.tokens if how.max_tokens is None else how.max_tokens,
        "money": own.money if how.max_money is None else how.max_money,
    }
    direct = suite.target.direct
    prices = [one for one in (suite.target.price, suite.judge.price, direct.price if direct else None) if one]
    where = suite.document.where("budget", "money")
    if caps["money"] is not None and not prices:
        raise ConfigError("money has a cap, and nothing has a price", where, "write target.price, judge.price")
    if len({price.currency for price in prices}) > 1:
        raise ConfigError("prices are in several currencies", where, "write all in one")
    return caps


def cluster_of(executor: str, caps: Caps) -> str | None:
    """Return the scheduler's address; None for here.

    Raises:
        ConfigError: It is neither, or there is a budget: the calls of workers are not counted.
    """
    from gateway.errors import ConfigError  # noqa: PLC0415

    if executor == "local":
        return None
    scheme, _, place = executor.partition("://")
    if scheme != "dask" or ":" not in place:
        raise ConfigError(f"{executor!r} is no executor", hint="write local, or dask://HOST:PORT")
    if caps != type(caps)():
        hint = "take the budget out, or run it here: --executor local"
        raise ConfigError("a budget holds for one machine only: the calls of workers are not counted", hint=hint)
    return f"tcp://{place}"


def go(run: Run, how: How, against: Against, *, ask: bool = True) -> int:
    """Run what is left of a run, write its report, and return the exit code."""
    from evaluators.execute import TargetDown, due  # noqa: PLC0415
    from evaluators.pace import Caps, Meters, Purse  # noqa: PLC0415
    from evaluators.plan import plan  # noqa: PLC0415
    from evaluators.run import load_state  # noqa: PLC0415
    from evaluators.suite import build_scorers  # noqa: PLC0415

    with telling():
        manifest = run.manifest
        check_against(against, run)
        scorers = build_scorers(run.suite, surroundings(manifest.judge, manifest.embedding, os.environ))
        state = load_state(run)
        said = {"calls": how.max_calls, "tokens": how.max_tokens, "money": how.max_money}
        caps = Caps(**{**manifest.budget, **{name: cap for name, cap in said.items() if cap is not None}})
        concurrency = how.concurrency or run.suite.target.concurrency
        left = due(run, state, scorers, ask=ask)
        if not _agreed(plan(run, state, scorers, left, caps=caps, concurrency=concurrency), how):
            return 0 if how.plan_only else USAGE
        cluster = cluster_of(how.executor, caps)
        meters = Meters(Purse(caps, state.spent), time.monotonic)
        interrupted = False
        try:
            _work(run, state, scorers, meters, concurrency, ask=ask, cluster=cluster)
        except KeyboardInterrupt:
            interrupted = True
        except TargetDown as error:
            click.echo(f"error: {error}", err=True)
            where = manifest.asked.base_url or (manifest.asked.http or {}).get("url", manifest.asked.model)
            click.echo(f"Is {where} right, and does ${manifest.asked.key_env} hold its key?", err=True)
            click.echo(f"Go on later with: sluice eval resume {run.path}", err=True)
            return USAGE
        code = finish(run, state, scorers, against)
    if interrupted:
        click.echo(f"Interrupted. Go on with: sluice eval resume {run.path}", err=True)
        return INTERRUPTED
    if state.stopped:
        click.echo(
            f"The budget is spent ({meters.purse.refused}). Go on with: sluice eval resume {run.path} --max-…", err=True
        )
    return code


def _agreed(made: Plan, how: How) -> bool:
    """Show the plan; ask whether to go on where it costs money and somebody is there to answer."""
    from evaluators.plan import lines  # noqa: PLC0415

    for line in lines(made):
        click.echo(line, err=True)
    if how.plan_only:
        return False
    if not made.money or how.yes or not sys.stdin.isatty():
        return True
    return click.confirm("Go on?", err=True)


def _work(
    run: Run,
    state: State,
    scorers: Sequence[Scorer],
    meters: Meters,
    concurrency: int,
    *,
    ask: bool,
    cluster: str | None,
) -> None:
    import asyncio  # noqa: PLC0415

    from tqdm import tqdm  # noqa: PLC0415

    from evaluators.cluster import execute_on  # noqa: PLC0415
    from evaluators.execute import execute  # noqa: PLC0415
    from evaluators.targets.opening import open_targets  # noqa: PLC0415

    total = sum(1 for _ in run.due())
    ready = sum(state.whole(key, scorers) for _, key in run.due())
    with tqdm(total=total, initial=ready, unit="row", disable=None, smoothing=0.1) as bar:

        def done(key: Key) -> None:
            bar.update()

        if cluster is not None:
            execute_on(cluster, run, state, scorers, ask=ask, done=done)
            return

        async def work() -> None:
            if not ask:
                await execute(run, state, None, scorers, concurrency=concurrency, done=done, meters=meters)
                return
            async with open_targets(run.manifest.asked, os.environ, meters, time.monotonic) as targets:
                await execute(run, state, targets, scorers, concurrency=concurrency, done=done, meters=meters)

        asyncio.run(work())
