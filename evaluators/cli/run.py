"""``sluice eval run``, ``resume`` and ``rescore``: ask, judge, report."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evaluators.cli.against import Against, against_options, check_against
from evaluators.cli.ending import telling
from evaluators.cli.going import How, asked_of, caps_of, go, going
from evaluators.cli.opening import surroundings

if TYPE_CHECKING:
    from evaluators.run import JudgeAddress, Manifest, Run
    from evaluators.suite import Suite
    from evaluators.targets.asked import Asked

FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("suite", type=FOLDER)
@click.option("--base-url", envvar="SLUICE_EVAL_BASE_URL", help="The endpoint; the suite's own if not given.")
@click.option("--model", envvar="SLUICE_EVAL_MODEL", help="The model's name there; the suite's own if not given.")
@click.option("--key-env", metavar="NAME", help="Environment variable that holds the key. [default: SLUICE_EVAL_KEY]")
@click.option("--direct-base-url", help="Ask every row there as well, past the gateway: a pair.")
@click.option("--direct-model", help="The model's name there.")
@click.option("--direct-key-env", metavar="NAME", help="Its key's variable. [default: SLUICE_DIRECT_KEY]")
@click.option("--recorded", is_flag=True, help="Score the answers that the rows bring along; ask nobody.")
@click.option("--repetitions", type=click.IntRange(1, 100), help="Ask each row so often.")
@click.option("--limit", type=click.IntRange(1), help="Only the first rows.")
@click.option("--seed", type=click.IntRange(0), help="For the bootstrap intervals.")
@click.option("--judge-base-url", envvar="SLUICE_JUDGE_BASE_URL", help="A judge model, for the scorer ragas.")
@click.option("--judge-model", envvar="SLUICE_JUDGE_MODEL", help="The judge model's name.")
@click.option("--judge-key-env", metavar="NAME", default="SLUICE_JUDGE_KEY", show_default=True)
@click.option("--embedding-model", envvar="SLUICE_EMBEDDING_MODEL", help="An embedding model at the judge's endpoint.")
@click.option("--runs", type=FOLDER, default=Path("runs"), show_default=True, help="Where runs are kept.")
@click.option("--resume", "again", is_flag=True, help="Go on with the last unfinished run of SUITE, as it was begun.")
@going
@against_options
def run(
    *,
    suite: Path,
    recorded: bool,
    repetitions: int | None,
    limit: int | None,
    seed: int | None,
    judge_base_url: str | None,
    judge_model: str | None,
    judge_key_env: str,
    embedding_model: str | None,
    runs: Path,
    again: bool,
    how: How,
    baseline: str | None,
    anyway: bool,
    **said: str | None,
) -> None:
    """Ask every row of SUITE, judge the answers, and write a report.

    \b
    sluice eval run benchmarks/rag/starter
    sluice eval run benchmarks/risk/starter --base-url https://models.example/v1 --model m1 --key-env MY_KEY
    sluice eval run benchmarks/risk/starter --direct-base-url http://127.0.0.1:11434/v1 --direct-model qwen3
    sluice eval run benchmarks/rag/starter --plan-only
    sluice eval run benchmarks/rag/starter --resume
    sluice eval run benchmarks/rag/starter --baseline runs/rag-starter-20260101T080000Z-1a2b3c
    """
    from evaluators.endpoint import check_url  # noqa: PLC0415 - the help must be fast
    from evaluators.run import JudgeAddress, create  # noqa: PLC0415
    from evaluators.suite import build_scorers, check_reducers, load_suite  # noqa: PLC0415
    from evaluators.targets.opening import check_ways  # noqa: PLC0415

    with telling():
        loaded = load_suite(suite)
        against = Against(baseline, anyway)
        check_against(against)
        unfinished = _unfinished(loaded, runs) if again else None
    if unfinished is not None:
        click.echo(f"run {unfinished.path}", err=True)
        raise click.exceptions.Exit(go(unfinished, how, against))
    with telling():
        if bool(judge_base_url) != bool(judge_model):
            raise click.UsageError("a judge needs both --judge-base-url and --judge-model")
        if embedding_model and not judge_base_url:
            raise click.UsageError("--embedding-model is asked at --judge-base-url: give that too")
        judge = embedding = None
        if judge_base_url and judge_model:
            judge = JudgeAddress(check_url(judge_base_url), judge_model, judge_key_env)
            if embedding_model:
                embedding = JudgeAddress(judge.base_url, embedding_model, judge_key_env)
        asked = asked_of(loaded.target, said, recorded=recorded)
        check_ways(asked)
        manifest = _manifest(loaded, asked, judge, embedding, how, repetitions=repetitions, limit=limit, seed=seed)
        check_reducers(loaded, manifest.repetitions)
        build_scorers(loaded, surroundings(None, None, {}))  # what is wrong with a suite shows before a folder is made
        if how.plan_only:
            with tempfile.TemporaryDirectory() as folder:
                raise click.exceptions.Exit(go(create(Path(folder), loaded, manifest), how, against))
        made = create(runs, loaded, manifest)
    click.echo(f"run {made.path}", err=True)
    raise click.exceptions.Exit(go(made, how, against))


@click.command()
@click.argument("folder", metavar="RUN", type=FOLDER)
@going
@against_options
def resume(folder: Path, how: How, baseline: str | None, *, anyway: bool) -> None:
    """Go on with a RUN that was killed, interrupted or out of budget; what is answered is not asked again.

    \b
    sluice eval resume runs/rag-starter-20260101T080000Z-1a2b3c
    sluice eval resume runs/rag-starter-20260101T080000Z-1a2b3c --max-calls 2000
    """
    from evaluators.run import open_run  # noqa: PLC0415

    with telling():
        against = Against(baseline, anyway)
        check_against(against)
        opened = open_run(folder)
    raise click.exceptions.Exit(go(opened, how, against))


@click.command()
@click.argument("folder", metavar="RUN", type=FOLDER)
@going
@against_options
def rescore(folder: Path, how: How, baseline: str | None, *, anyway: bool) -> None:
    """Judge the answers of a RUN again, without asking again; the old scores are kept beside the new.

    \b
    sluice eval rescore runs/rag-starter-20260101T080000Z-1a2b3c
    """
    from evaluators.run import open_run, set_scores_aside  # noqa: PLC0415

    with telling():
        opened = open_run(folder)
        against = Against(baseline, anyway)
        check_against(against)
        set_scores_aside(opened)
    raise click.exceptions.Exit(go(opened, how, against, ask=False))


def _unfinished(suite: Suite, runs: Path) -> Run:
    """Return the last run of a suite that is not whole.

    Raises:
        ConfigError: There is none.
    """
    from evaluators.run import load_state, open_run  # noqa: PLC0415
    from evaluators.suite import build_scorers  # noqa: PLC0415
    from gateway.errors import ConfigError, Where  # noqa: PLC0415

    found = sorted(runs.glob(f"{suite.name}-*/run.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in found:
        opened = open_run(path.parent)
        manifest = opened.manifest
        if (manifest.suite, manifest.suite_digest) != (suite.name, suite.digest):
            continue
        scorers = build_scorers(opened.suite, surroundings(manifest.judge, manifest.embedding, os.environ))
        state = load_state(opened)
        if not all(state.whole(key, scorers) for _, key in opened.due()):
            return opened
    hint = "start one without --resume; `sluice eval list` shows what there is"
    raise ConfigError(f"no unfinished run of {suite.name!r} as it is written now", Where(str(runs)), hint)


def _manifest(
    suite: Suite,
    asked: Asked,
    judge: JudgeAddress | None,
    embedding: JudgeAddress | None,
    how: How,
    *,
    repetitions: int | None,
    limit: int | None,
    seed: int | None,
) -> Manifest:
    import platform  # noqa: PLC0415
    import secrets  # noqa: PLC0415
    from datetime import UTC, datetime  # noqa: PLC0415

    from evaluators.run import Manifest, digest_of  # noqa: PLC0415
    from gateway import __version__  # noqa: PLC0415

    now = datetime.now(UTC)
    return Manifest(
        id=f"{suite.name}-{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
        suite=suite.name,
        started=now.isoformat(timespec="seconds"),
        asked=asked,
        judge=judge,
        embedding=embedding,
        repetitions=repetitions or suite.repetitions,
        seed=suite.seed if seed is None else seed,
        limit=limit,
        suite_digest=suite.digest,
        data_digest=digest_of(suite.data) if suite.data.exists() else "",
        budget=caps_of(suite, how),
        versions={"sluice": __version__, "python": platform.python_version(), "system": platform.system()},
    )
