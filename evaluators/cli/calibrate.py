"""``sluice eval calibrate``: measure a scorer, or its judge model, against people."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evaluators.cli.ending import telling

if TYPE_CHECKING:
    from tqdm import tqdm

    from evaluators.passport import Passport
    from evaluators.scorers.spec import Options, Scorer

FILE = click.Path(path_type=Path)


@click.command()
@click.argument("labels", type=FILE)
@click.option("--scorer", "name", required=True, help="Which scorer; `sluice eval scorers` lists them.")
@click.option("--metric", help="Which of its metrics; the only one, or the first, if not given.")
@click.option("--suite", type=FILE, help="A suite that holds the scorer's options.")
@click.option("--options", "written", help="The scorer's options as JSON, instead of a suite.")
@click.option("--judge-base-url", envvar="SLUICE_JUDGE_BASE_URL", help="The judge model, for scorers that ask one.")
@click.option("--judge-model", envvar="SLUICE_JUDGE_MODEL", help="The judge model's name.")
@click.option("--judge-key-env", metavar="NAME", default="SLUICE_JUDGE_KEY", show_default=True)
@click.option("--concurrency", type=click.IntRange(1, 256), default=8, show_default=True)
@click.option(
    "--passports", type=FILE, envvar="SLUICE_PASSPORTS", default=Path("passports"), show_default=True,
    help="Where passports are kept.",
)  # fmt: skip
def calibrate(
    *,
    labels: Path,
    name: str,
    metric: str | None,
    suite: Path | None,
    written: str | None,
    judge_base_url: str | None,
    judge_model: str | None,
    judge_key_env: str,
    concurrency: int,
    passports: Path,
) -> None:
    """Measure a scorer against people's LABELS, and write its passport: kappa, sensitivity, specificity, date.

    LABELS are rows with id, question, lang, answer and label: true where people say yes to what the metric
    looks for.

    \b
    sluice eval calibrate labels.jsonl --scorer refusal --metric refused
    sluice eval calibrate labels.jsonl --scorer rubric --suite my-suite \\
        --judge-base-url http://127.0.0.1:11434/v1 --judge-model qwen3
    """
    from evaluators.calibrate import issue, judged, read_labelled, who  # noqa: PLC0415 - the help must be fast
    from evaluators.passport import save  # noqa: PLC0415
    from gateway import __version__  # noqa: PLC0415

    if bool(judge_base_url) != bool(judge_model):
        raise click.UsageError("a judge needs both --judge-base-url and --judge-model")
    if suite is not None and written is not None:
        raise click.UsageError("give the options once: by --suite or by --options")
    with telling():
        rows = read_labelled(labels)
        scorer, options = _scorer(name, suite, written, (judge_base_url, judge_model, judge_key_env))
        chosen = _metric(scorer, metric)

    import asyncio  # noqa: PLC0415
    import sys  # noqa: PLC0415
    from datetime import UTC, datetime  # noqa: PLC0415

    from tqdm import tqdm  # noqa: PLC0415

    with tqdm(total=len(rows), unit="answer", delay=2, disable=None, file=sys.stderr) as bar:
        cells = asyncio.run(judged(scorer, chosen, rows, concurrency, lambda: _tick(bar)))
    with telling():
        day = datetime.now(UTC).date().isoformat()
        passport = issue(scorer, who(scorer, options, __version__), chosen, rows, cells, day=day, file=labels)
    _show(passport, save(passport, passports))


def _tick(bar: tqdm[Any]) -> None:
    bar.update()


def _scorer(
    name: str, suite: Path | None, written: str | None, judge: tuple[str | None, str | None, str]
) -> tuple[Scorer, Options]:
    from evaluators.cli.opening import surroundings  # noqa: PLC0415
    from evaluators.run import JudgeAddress  # noqa: PLC0415
    from evaluators.scorers.registry import registry  # noqa: PLC0415
    from evaluators.suite import load_suite  # noqa: PLC0415
    from gateway.document import Document, suggest, validate  # noqa: PLC0415
    from gateway.errors import ConfigError, Where  # noqa: PLC0415

    url, model, key_env = judge
    known = registry()
    if name not in known:
        raise ConfigError(f"no scorer is called {name!r}", hint=suggest(name, known) or f"known: {', '.join(known)}")
    around = surroundings(JudgeAddress(url, model, key_env) if url and model else None, None, os.environ)
    if suite is not None:
        loaded = load_suite(suite)
        for spec, options, _ in loaded.scorers:
            if spec.name == name:
                return spec.build(options, around), options
        raise ConfigError(f"the suite has no scorer {name!r}", Where(str(suite)), "give --options instead")
    try:
        value: Any = json.loads(written or "{}")
    except ValueError:
        raise ConfigError("--options is not JSON", hint="write it like '{\"repeat\": 3}'") from None
    options = validate(Document("--options", value, {}), known[name].options)
    return known[name].build(options, around), options


def _metric(scorer: Scorer, wanted: str | None) -> str:
    from gateway.document import suggest  # noqa: PLC0415
    from gateway.errors import ConfigError  # noqa: PLC0415

    names = [metric.name for metric in scorer.metrics]
    if wanted is None:
        return names[0]
    if wanted not in names:
        hint = suggest(wanted, names) or f"it measures: {', '.join(names)}"
        raise ConfigError(f"the scorer {scorer.name!r} does not measure {wanted!r}", hint=hint)
    return wanted


def _show(passport: Passport, path: Path) -> None:
    found = passport.agreement
    low, high = found.kappa_interval
    sees = "–" if found.sensitivity is None else f"{found.sensitivity:.3f}"
    spares = "–" if found.specificity is None else f"{found.specificity:.3f}"
    click.echo(
        f"{passport.metric}: kappa {found.kappa:.3f} ({low:.3f}–{high:.3f}), sensitivity {sees}, specificity {spares}, "
        f"n {found.n}, unscored {passport.unscored}"
    )
    click.echo(f"both yes {found.both}, missed {found.missed}, invented {found.invented}, both no {found.neither}")
    click.echo(f"passport: {path}")
