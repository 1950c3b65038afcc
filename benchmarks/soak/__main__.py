"""Let many clients ask the gateway for half an hour, and see whether it is then as it was at the beginning."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from datetime import datetime
from pathlib import Path

import click
import uvloop
from tqdm import tqdm

from benchmarks.soak.promises import promises
from benchmarks.soak.report import document, page, summary
from benchmarks.soak.run import soak
from benchmarks.soak.watch import Sample
from benchmarks.speed.servers import ServerError

NOT_JUDGED = 3
"""Exit code where nothing is broken, but not everything could be judged."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--minutes", type=click.FloatRange(0.05, 10_000), default=30.0, show_default=True)
@click.option("--clients", type=click.IntRange(1, 2000), default=200, show_default=True, help="asking at once")
@click.option("--seed", type=int, default=1, show_default=True, help="the same seed asks the same")
@click.option("--pace", type=click.FloatRange(0.001, 10), default=0.2, show_default=True, help="seconds between deltas")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("var/soak"), show_default=True)
def main(minutes: float, clients: int, seed: int, pace: float, out: Path) -> None:
    """Let many clients ask the gateway in every dialect, and see what it keeps of them.

    \b
    Examples:
      python -m benchmarks.soak
      python -m benchmarks.soak --minutes 2 --clients 50

    \b
    Some of the questions hold personal data, some are refused, some models fail in mid-stream, some clients leave.
    Exit codes: 0 every promise was kept, 1 one was broken, 3 none was broken, but the run was too short to
    compare memory.
    """
    work = out / "run"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    notes = {
        "begun": datetime.now().astimezone().isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}",
        "load before": f"{os.getloadavg()[0]:.1f}",
    }
    click.echo(f"Sluice · soak · {minutes:g} minutes, {clients} clients, seed {seed} · first the memory is filled …")
    seconds = 60 * minutes
    form = "{desc} {percentage:3.0f}%|{bar}| {elapsed}<{remaining} {postfix}"
    with tqdm(total=round(seconds), delay=2, disable=None, file=sys.stderr, bar_format=form) as bar:

        def told(sample: Sample) -> None:
            rate = sample.done / sample.at if sample.at else 0.0
            bar.set_postfix_str(f"{sample.done:,} questions, {rate:.1f}/s, {sample.rss:.0f} MB", refresh=False)
            bar.update(min(round(sample.at), bar.total) - bar.n)

        try:
            soaked = uvloop.run(soak(work.resolve(), seconds=seconds, at_once=clients, seed=seed, pace=pace, told=told))
        except ServerError as error:
            raise click.ClickException(str(error)) from None
    notes["seconds between the pieces of a streamed answer"] = f"{pace:g}"
    notes["load after"] = f"{os.getloadavg()[0]:.1f} (1 minute), {os.getloadavg()[2]:.1f} (15 minutes)"
    (out / "report.json").write_text(json.dumps(document(soaked, notes), ensure_ascii=False, indent=1) + "\n")
    (out / "report.html").write_text(page(soaked, notes))
    click.echo(f"\n{summary(soaked)}\n\nThe curve: {out / 'report.html'} · every sample: {out / 'report.json'}")
    judged = promises(soaked)
    if all(one.kept for one in judged):
        shutil.rmtree(work)  # records of questions that nobody asked
        return
    click.echo(f"The records and what the processes said: {work}")
    raise SystemExit(1 if any(one.kept is False for one in judged) else NOT_JUDGED)


if __name__ == "__main__":
    main()
