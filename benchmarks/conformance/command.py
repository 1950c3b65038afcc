"""The command ``sluice conformance``: which of the cases a gateway passes."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import click
from tqdm import tqdm

from benchmarks.conformance.case import CASES, load_cases
from benchmarks.conformance.report import as_json, as_table
from benchmarks.conformance.run import Gateway, Outcome, run
from benchmarks.conformance.upstream import Upstream
from gateway.errors import ConfigError

HELP = f"""Ask a gateway the questions that other gateways stumbled over.

\b
Try these:
  sluice conformance http://127.0.0.1:8080
  sluice conformance http://127.0.0.1:4000 --dialect chat --key sk-1234
  sluice conformance http://127.0.0.1:8080 --format json > report.json

The gateway must forward to the scripted model of this command (--upstream-port), refuse the words 违禁测试词 and
"forbidden test phrase", mask mobile numbers and replace e-mail addresses on their way out; policy.yaml,
sluice.yaml and adapters/ in {CASES.parent.name} do that for Sluice and for others.

Exit codes: 0 all pass, 1 some do not, 2 usage, 3 the gateway cannot be asked.
"""


@click.command("conformance", help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("url")
@click.option("--dialect", "dialects", multiple=True, help="only this dialect (may be repeated)")
@click.option("--case", "only", multiple=True, help="only cases whose id holds this")
@click.option("--cases", "files", multiple=True, type=click.Path(path_type=Path), help="other files of cases")
@click.option("--model", default="scripted", show_default=True, help="the gateway's name for the scripted model")
@click.option("--key", envvar="SLUICE_CONFORMANCE_KEY", default="", help="the client's key")
@click.option("--header", "headers", multiple=True, help="'name: value', sent with each question")
@click.option("--upstream-host", default="127.0.0.1", show_default=True)
@click.option("--upstream-port", default=9801, show_default=True, help="where the scripted model listens")
@click.option("--seconds", default=20.0, show_default=True, help="how long one answer may take")
@click.option("--format", "shape", type=click.Choice(["human", "json"]), default="human", show_default=True)
def conformance(
    url: str,
    dialects: tuple[str, ...],
    only: tuple[str, ...],
    files: tuple[Path, ...],
    model: str,
    key: str,
    headers: tuple[str, ...],
    upstream_host: str,
    upstream_port: int,
    seconds: float,
    shape: str,
) -> None:
    """See ``HELP``."""
    try:
        cases = load_cases(files or None, dialects)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    cases = tuple(case for case in cases if not only or any(part in case.id for part in only))
    if not cases:
        raise click.UsageError("no case is left — sluice conformance --help names the options")
    given = dict(_header(text) for text in headers)
    gateway = Gateway(url.rstrip("/").removesuffix("/v1"), model, key, given, seconds)

    async def go() -> list[Outcome]:
        with tqdm(total=len(cases), unit="case", delay=2, disable=None, file=sys.stderr) as bar:
            async with Upstream(upstream_host, upstream_port) as upstream:
                return await run(cases, gateway, upstream, lambda _: bar.update())

    try:
        outcomes = asyncio.run(go())
    except OSError as error:
        click.echo(f"the scripted model cannot listen on port {upstream_port}: {error.strerror}", err=True)
        sys.exit(3)
    if all(any("cannot be asked" in problem for problem in outcome.problems) for outcome in outcomes):
        click.echo(f"{url} cannot be asked: is the gateway running, and is the port right?", err=True)
        sys.exit(3)
    if shape == "json":
        click.echo(json.dumps(as_json(outcomes, {"url": url, "model": model}), ensure_ascii=False, indent=1))
    else:
        click.echo(as_table(outcomes))
    sys.exit(1 if any(outcome.problems for outcome in outcomes) else 0)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise click.UsageError(f"{text!r} is no header — write 'name: value'")
    return name.strip(), value.strip()
