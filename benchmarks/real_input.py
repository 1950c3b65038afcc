"""Real texts through the official SDK and a real port: what the gateway does with each, and that each leaves a record.

Texts are read where they lie and sent; none is printed, and none is written to a disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sqlite3
import sys
import tempfile
import urllib.request
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import click
from openai import APIStatusError, AsyncOpenAI, OpenAIError
from tqdm import tqdm

from benchmarks.real_texts import CORPORA, sample
from benchmarks.speed.servers import ServerError, started
from benchmarks.speed.stats import percentile
from benchmarks.speed.table import table

ACTIONS: Final = ("pass", "label", "mask", "refuse", "answer", "handoff")
_MEMORY: Final = Path("/dev/shm")
_TELLING: Final = 16
"""Characters from which on a text found in a log is no accident."""


@dataclass(frozen=True, slots=True)
class Sending:
    """One request that is to be sent."""

    corpus: str
    text: str
    stream: bool


@dataclass(slots=True)
class Outcome:
    """What came of one request.

    Attributes:
        corpus: The data set.
        action: What the gateway did, as its header says; empty if it said nothing.
        id: The id of the exchange.
        first: Seconds to the first word; None where the answer came whole, or not at all.
        total: Seconds to the end.
        fault: What went wrong, without a word of the text; empty if nothing did.
    """

    corpus: str
    action: str = ""
    id: str = ""
    first: float | None = None
    total: float = 0.0
    fault: str = ""


@dataclass(slots=True)
class Gateway:
    """The gateway that is asked.

    Attributes:
        url: Where, without a path.
        model: Whom to ask.
        ours: Whether we started it; only then can we look at what it leaves behind:
        said: what it printed,
        actions: and what it did with each exchange, by its id, as its records say.
    """

    url: str
    model: str
    ours: bool = False
    said: list[str] = field(default_factory=list)
    actions: dict[str, str] = field(default_factory=dict)


@click.command()
@click.option("--data", required=True, type=click.Path(path_type=Path, exists=True, file_okay=False), help="Data sets.")
@click.option("--per-set", default=200, show_default=True, type=click.IntRange(1), help="Texts of each data set.")
@click.option("--least", default=2000, show_default=True, type=click.IntRange(1), help="Texts that there must be.")
@click.option("--seed", default=1, show_default=True, help="Chooses the texts.")
@click.option("--both", is_flag=True, help="Send every text whole and streamed; else they take turns.")
@click.option("--at-once", default=8, show_default=True, type=click.IntRange(1, 256), help="Requests under way.")
@click.option("--policy", default="base", show_default=True, help="Policy of the gateway that is started.")
@click.option("--url", help="Ask a gateway that runs already, such as http://127.0.0.1:8080; its records stay unseen.")
@click.option("--model", default="echo", show_default=True, help="Whom to ask there.")
@click.option("--key", default="none", help="Its key, if it wants one.")
def main(
    data: Path,
    per_set: int,
    least: int,
    seed: int,
    both: bool,
    at_once: int,
    policy: str,
    url: str | None,
    model: str,
    key: str,
) -> None:
    """Send real texts through the gateway and show what it does with them.

    \b
    Examples:
      python -m benchmarks.real_input --data DIR
      python -m benchmarks.real_input --data DIR --both --per-set 500 --policy strict
    """
    sendings = collect(data, per_set, seed, both=both)
    texts = len({(one.corpus, one.text) for one in sendings})
    if texts < least:
        raise click.ClickException(f"{texts} texts were found below {data}; {least} are wanted (--least, --per-set)")
    try:
        with contextlib.nullcontext(Gateway(url.rstrip("/"), model)) if url else own(policy) as gateway:
            outcomes = asyncio.run(_send_all(sendings, gateway, at_once=at_once, key=key))
            told = _metrics(gateway.url)
    except ServerError as error:
        raise click.ClickException(str(error)) from None
    written = len(gateway.actions)
    for outcome in outcomes:
        outcome.action = gateway.actions.get(outcome.id, outcome.action)
    click.echo(f"\n{shown(outcomes)}\n")
    faults = Counter(outcome.fault for outcome in outcomes if outcome.fault)
    for fault, times in faults.most_common():
        click.echo(f"✘ {times:,} × {fault}")
    leaks = leaked([one.text for one in sendings], [told, *gateway.said])
    click.echo(f"{texts:,} texts, {len(outcomes):,} requests, {sum(faults.values()):,} errors.")
    click.echo(f"Texts found in logs and metrics: {leaks} {'✘' if leaks else '✔'}")
    lost = 0
    if gateway.ours:
        lost = len(outcomes) - written
        click.echo(f"Records written: {written:,} of {len(outcomes):,} {'✘' if lost else '✔'}")
    if faults or leaks or lost:
        raise SystemExit(1)


def collect(folder: Path, per_set: int, seed: int, *, both: bool) -> list[Sending]:
    """Return what is to be sent; says which data sets are not there."""
    sendings: list[Sending] = []
    for corpus in CORPORA:
        try:
            texts = sample(corpus, folder, per_set, seed)
        except OSError as error:
            click.echo(f"{corpus.name} is left out: {error.strerror}", err=True)
            continue
        for at, text in enumerate(texts):
            ways = (False, True) if both else (at % 2 == 1,)
            sendings += [Sending(corpus.name, text, stream) for stream in ways]
    return sendings


@contextlib.contextmanager
def own(policy: str) -> Iterator[Gateway]:
    """Run a gateway with the echo model while the block runs; afterwards it says what it recorded."""
    with tempfile.TemporaryDirectory(prefix="sluice-real-", dir=_MEMORY if _MEMORY.is_dir() else None) as name:
        folder = Path(name)
        if not _MEMORY.is_dir():  # its records would be on a disk: they must hold no words
            file = folder / "real.yaml"
            file.write_text(f"sluice: 1\nname: real\nextends: {policy}\nrecord: {{text: none}}\n")
            policy = str(file)
        database = folder / "records.db"
        command = [sys.executable, "-m", "gateway", "serve", "--port", "0"]
        address = f"sqlite:///{database}"
        with started(
            "gateway", command, folder=folder, processor=None, SLUICE_POLICY=policy, SLUICE_DATABASE_URL=address
        ) as server:
            gateway = Gateway(f"http://127.0.0.1:{server.port}", "echo", ours=True)
            yield gateway
        gateway.said = [(folder / "gateway" / name).read_text(errors="replace") for name in ("stdout", "stderr")]
        gateway.actions = recorded(database)


def recorded(database: Path) -> dict[str, str]:
    """Return what was done with each exchange, by its id, as the records say."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT id, request_action, response_action FROM exchange").fetchall()
    return {id: max(request, response, key=ACTIONS.index) for id, request, response in rows}


def leaked(texts: Sequence[str], places: Sequence[str]) -> int:
    """Count the texts of which a telling piece stands in one of the places."""
    pieces = {text.strip()[:_TELLING] for text in texts if len(text.strip()) >= _TELLING}
    return sum(any(piece in place for place in places) for piece in pieces)


async def _send_all(sendings: Sequence[Sending], gateway: Gateway, *, at_once: int, key: str) -> list[Outcome]:
    outcomes: list[Outcome] = []
    waiting = iter(sendings)
    async with AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key=key, max_retries=0, timeout=60) as client:
        with tqdm(total=len(sendings), unit="request", disable=None) as bar:

            async def work() -> None:
                for sending in waiting:
                    outcomes.append(await _send(client, sending, gateway.model))
                    bar.update()

            await asyncio.gather(*(work() for _ in range(at_once)))
    return outcomes


async def _send(client: Any, sending: Sending, model: str) -> Outcome:
    """Send one text as a client would, and look at what came."""
    outcome = Outcome(sending.corpus)
    began = perf_counter()
    messages = [{"role": "user", "content": sending.text}]
    create = client.chat.completions.with_raw_response.create
    try:
        response = await create(model=model, messages=messages, stream=sending.stream)
        _note(outcome, response.headers)
        answer = response.parse()
        said, labelled, ended = "", False, False
        async for piece, fields, reason in _pieces(answer, stream=sending.stream):
            if piece and sending.stream and outcome.first is None:
                outcome.first = perf_counter() - began
            said += piece
            labelled = labelled or "aigc" in fields
            ended = ended or reason is not None
        if not said:
            outcome.fault = "an answer without a word"
        elif not ended:
            outcome.fault = "an answer without an end"
        elif "metadata" in response.headers.get("x-sluice-label", "") and not labelled:
            outcome.fault = "an answer without the label that its header promises"
    except APIStatusError as error:
        _note(outcome, error.response.headers)
        if error.code != "content_filter":
            outcome.fault = f"HTTP {error.status_code}, {error.code}"
    except OpenAIError as error:
        outcome.fault = type(error).__name__
    outcome.total = perf_counter() - began
    return outcome


async def _pieces(answer: Any, *, stream: bool) -> AsyncIterator[tuple[str, dict[str, Any], str | None]]:
    """Yield the words, further fields and reasons to end of an answer, whole or streamed."""
    if not stream:
        choice = answer.choices[0]
        yield choice.message.content or "", answer.model_extra or {}, choice.finish_reason
        return
    async for chunk in answer:
        choice = chunk.choices[0] if chunk.choices else None
        words = (choice.delta.content or "") if choice else ""
        yield words, chunk.model_extra or {}, choice.finish_reason if choice else None


def _note(outcome: Outcome, headers: Any) -> None:
    outcome.action = headers.get("x-sluice-verdict", "")
    outcome.id = headers.get("x-sluice-request-id", "")
    if not outcome.id:
        outcome.fault = "an answer without an id: is this a Sluice?"


def _metrics(url: str) -> str:
    with urllib.request.urlopen(f"{url}/metrics", timeout=10) as response:
        content: bytes = response.read()
        return content.decode("utf-8", "replace")


def shown(outcomes: Sequence[Outcome]) -> str:
    """Draw what was done with the texts of each data set, and how long it took."""
    sets: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        sets[outcome.corpus].append(outcome)
    rows = [_row(name, some) for name, some in sets.items()]
    every = _row("all", list(itertools.chain.from_iterable(sets.values())))
    head = ["", "requests", *ACTIONS, "errors", "first p50", "first p95", "total p50", "total p95"]
    return table("Data set × action · milliseconds", head, [*rows, every])


def _row(name: str, outcomes: Sequence[Outcome]) -> list[str]:
    counted = Counter(outcome.action for outcome in outcomes)
    firsts = [outcome.first for outcome in outcomes if outcome.first is not None]
    totals = [outcome.total for outcome in outcomes]
    times = [percentile(some, share) for some in (firsts, totals) for share in (0.5, 0.95)]
    faults = sum(bool(outcome.fault) for outcome in outcomes)
    numbers = [len(outcomes), *(counted[action] for action in ACTIONS), faults]
    return [name, *(f"{number:,}" if number else "·" for number in numbers), *(f"{1e3 * at:.1f}" for at in times)]


if __name__ == "__main__":
    main()
