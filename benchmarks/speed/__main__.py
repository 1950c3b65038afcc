"""Measure the gateway beside a direct call, nginx and a bare proxy, in one run; print tables and what was promised."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sqlite3
import tempfile
import time
from pathlib import Path

import click
import uvloop
from tqdm import tqdm

from benchmarks.speed import servers
from benchmarks.speed.load import LoadError
from benchmarks.speed.measure import FULL, QUICK, Effort, Measurement
from benchmarks.speed.report import document, noise, report, verdicts
from benchmarks.speed.servers import Places, ServerError, pin, places
from benchmarks.speed.targets import targets

GATEWAYS = ("empty", "base")


@click.command()
@click.option("--quick", is_flag=True, help="One short round, under a minute; the full run takes under four.")
@click.option("--rounds", type=click.IntRange(1, 50), help="How often to visit every row.")
@click.option("--json", "out", type=click.Path(path_type=Path, dir_okay=False), help="Also write the numbers here.")
@click.option("--strict", is_flag=True, help="Exit with 1 if a target was missed.")
def main(quick: bool, rounds: int | None, out: Path | None, strict: bool) -> None:
    """Measure how fast the gateway is. Ratios count; absolutes belong to this machine.

    \b
    Examples:
      python -m benchmarks.speed
      python -m benchmarks.speed --quick --json speed.json
    """
    chosen = QUICK if quick else FULL
    effort = Effort(rounds or chosen.rounds, chosen.seconds, chosen.streams)
    where = places()
    click.echo(f"Sluice · speed · {effort.rounds} rounds · {where.describe()}")
    click.echo(f"Load average at the start: {os.getloadavg()[0]:.1f} (others' work makes the numbers worse)")
    began = time.monotonic()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            measurement, records, skipped = runner.run(_run(effort, where))
    except (ServerError, LoadError) as error:
        raise click.ClickException(str(error)) from None
    promised = targets(measurement.rows)
    click.echo(f"\n{report(measurement.rows)}\n\n{verdicts(promised)}\n")
    click.echo("direct and nginx are bound by the load generator, which shares its processor with the upstream.")
    for line in [*skipped, noise(measurement.rows)]:
        click.echo(line)
    complete = True
    for policy, (asked, kept) in records.items():
        complete &= asked == kept
        click.echo(f"Records, policy {policy}: {kept:,} of {asked:,} exchanges {'✔' if asked == kept else '✘ MISSED'}")
    click.echo(f"Took {time.monotonic() - began:.0f} s.")
    if out:
        notes = {"rounds": effort.rounds, "places": where.describe(), "skipped": skipped, "records": records}
        out.write_text(json.dumps(document(measurement.rows, promised, notes), ensure_ascii=False, indent=2) + "\n")
    missed = [target for target in promised if not target.kept]
    if missed:
        click.echo(f"MISSED: {len(missed)} of {len(promised)} targets.")
    if strict and (missed or not complete):
        raise SystemExit(1)


async def _run(effort: Effort, where: Places) -> tuple[Measurement, dict[str, tuple[int, int]], list[str]]:
    """Start everything, measure, stop; return the numbers, the records asked for and kept, and what was skipped."""
    pin(where.ours)
    skipped: list[str] = []
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sluice-speed-")))
        running = stack.enter_context(contextlib.ExitStack())
        model = running.enter_context(servers.upstream(folder, where.ours))
        rows = {"direct": servers.Server(model.port)}
        if servers.nginx_binary():
            rows["nginx"] = running.enter_context(servers.nginx(folder, where.theirs, model))
        else:
            skipped.append("(b) nginx is skipped: it is not installed.")
        rows["bare"] = running.enter_context(servers.bare(folder, where.theirs, model))
        for policy in GATEWAYS:
            rows[policy] = running.enter_context(servers.gateway(folder, where.theirs, model, policy))
        measurement = Measurement(rows, effort)
        with tqdm(total=measurement.steps, unit="step", disable=None) as bar:
            async for done in measurement.run():
                bar.set_postfix_str(done)
                bar.update()
        running.close()  # the gateways write down what they still hold
        records = {policy: (measurement.asked[policy], _count(servers.database(folder, policy))) for policy in GATEWAYS}
    return measurement, records, skipped


def _count(database: Path) -> int:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        counted: int = connection.execute("SELECT count(*) FROM exchange").fetchone()[0]
        return counted


if __name__ == "__main__":
    main()
