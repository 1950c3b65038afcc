"""``sluice eval nightly``: every suite through the gateway that runs, held against the last good night."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from evaluators.cli.against import Against, check_against
from evaluators.cli.ending import INTERRUPTED, USAGE, telling, write_whole
from evaluators.cli.keeping import open_store, store_option
from gateway.errors import ConfigError, SluiceError, Where

if TYPE_CHECKING:
    from evaluators.kept.nights import Night, Nights, SuiteNight
    from evaluators.kept.store import RunStore
    from evaluators.nightly.plan import Plan, SuiteOfNight

UNDER_POWERED: Final = 3
Report = Mapping[str, Any]


@dataclass(slots=True)
class _Kept:
    """The store of runs, where it can be reached; a night goes on without it, but is never good then."""

    store: RunStore | None
    nights: Nights | None
    notes: list[str] = field(default_factory=list)

    def note(self, night: Night) -> None:
        """Write down how far a night is."""
        if self.nights is not None:
            try:
                self.nights.note(night)
            except SluiceError as error:
                self.lost(error)

    def good(self, suite: str) -> str:
        """Return the run of the last good night, or nothing."""
        if self.nights is None:
            return ""
        try:
            found = self.nights.good(suite)
        except SluiceError as error:
            self.lost(error)
            return ""
        return found.run if found else ""

    def lost(self, error: SluiceError) -> None:
        """Go on without the store, and say so."""
        self.notes.append(f"the store of runs is not used: {error}")
        click.echo(f"warning: {self.notes[-1]}", err=True)
        self.store = self.nights = None


@dataclass(frozen=True, slots=True)
class _Tonight:
    """What a night goes by: its plan, where nights are written, what is kept, and what the command line says."""

    plan: Plan
    folder: Path
    kept: _Kept
    said: Mapping[str, str | None]
    secret: bytes


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.option("--base-url", envvar="SLUICE_EVAL_BASE_URL", help="The gateway; the plan's own if not given.")
@click.option("--model", envvar="SLUICE_EVAL_MODEL", help="The model's name there; the plan's own if not given.")
@click.option(
    "--folder", type=click.Path(path_type=Path), help="Where nights are written; the plan's own if not given."
)
@click.option("--fresh", is_flag=True, help="Begin a new night, even if the last one was killed and could go on.")
@store_option
def nightly(
    *, config: Path, base_url: str | None, model: str | None, folder: Path | None, fresh: bool, store: str | None
) -> None:
    """Run the suites of CONFIG, hold each against the last good night, and write one report.

    Ends with the gravest exit code of its suites. Two nights never run at once; one that was killed is gone on with,
    or marked, and never counts as good.

    \b
    sluice eval nightly nightly.yaml
    sluice eval nightly nightly.yaml --base-url http://sluice:8080/v1 --model qwen
    """
    from evaluators.nightly.plan import load_plan  # noqa: PLC0415 - the help must be fast

    with telling():
        plan = load_plan(config)
        secret = _secret(plan)
        where = folder or Path(plan.read.folder)
        where.mkdir(parents=True, exist_ok=True)
        with _alone(where), _opened(plan, store) as kept:
            night = _begun(plan, where, kept, fresh=fresh)
            click.echo(f"night {where / night.id}", err=True)
            code = _through(_Tonight(plan, where, kept, {"base_url": base_url, "model": model}, secret), night)
    raise click.exceptions.Exit(code)


def _secret(plan: Plan) -> bytes:
    """Return the webhook's secret; nothing where there is no webhook."""
    from gateway.handoff.signature import read_secret  # noqa: PLC0415

    hook = plan.read.webhook
    if hook is None:
        return b""
    held = os.environ.get(hook.secret_env, "")
    if not held:
        hint = "make one with: openssl rand -base64 32"
        raise ConfigError(f"the webhook's secret is missing: ${hook.secret_env} is empty", Where(str(plan.file)), hint)
    try:
        return read_secret(held, hook.secret_env)
    except ConfigError as error:
        raise ConfigError(error.what.removeprefix("handoff: "), Where(str(plan.file)), error.hint) from None


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; raises ``ConfigError`` where another night does."""
    file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ConfigError("another night is under way here", Where(str(folder)), "wait for it or end it") from None
    finally:
        os.close(file)


@contextlib.contextmanager
def _opened(plan: Plan, url: str | None) -> Iterator[_Kept]:
    from evaluators.kept.nights import Nights  # noqa: PLC0415
    from evaluators.kept.store import KeptError  # noqa: PLC0415

    store = open_store(url)
    kept = _Kept(None, None)
    with contextlib.ExitStack() as stack:
        try:
            if store is not None:
                stack.enter_context(store)
                kept.store, kept.nights = store, Nights(store, plan.read.name)
        except (KeptError, ConfigError) as error:
            kept.lost(error)
        yield kept


def _begun(plan: Plan, folder: Path, kept: _Kept, *, fresh: bool) -> Night:
    """Return the night: a new one, or the last if it was killed and can go on; else that one is marked."""
    from evaluators.kept.nights import Night  # noqa: PLC0415

    now = datetime.now(UTC)
    last = None
    if kept.nights is not None:
        try:
            last = kept.nights.running()
        except SluiceError as error:
            kept.lost(error)
    if last is not None:
        young = now - last.started < timedelta(hours=plan.read.resume_hours)
        if young and not fresh and _read(folder / last.id / "night.json").get("plan_digest") == plan.digest:
            click.echo(f"The night {last.id} was killed; going on with it.", err=True)
            return last
        click.echo(f"The night {last.id} was killed; it counts as killed, not as good.", err=True)
        kept.note(replace(last, state="killed", exit_code=INTERRUPTED))
    night = Night(f"{plan.read.name}-{now:%Y%m%dT%H%M%S}-{os.urandom(2).hex()}", plan.read.name, now)
    (folder / night.id).mkdir()
    written = {"night": night.id, "plan": plan.read.name, "plan_digest": plan.digest, "started": now.isoformat()}
    write_whole(folder / night.id / "night.json", json.dumps(written, indent=1) + "\n")
    if kept.nights is not None:
        try:
            kept.nights.begin(night)
        except SluiceError as error:
            kept.lost(error)
    return night


def _through(tonight: _Tonight, night: Night) -> int:
    """Run what is left of a night, write its report, tell whoever wants to know, and return its exit code."""
    from evaluators.nightly.outcome import sound, state_of, worst  # noqa: PLC0415
    from evaluators.suite import load_suite  # noqa: PLC0415

    plan, kept, place = tonight.plan, tonight.kept, tonight.folder / night.id
    for one, path in zip(plan.read.suites, plan.suites, strict=True):
        try:
            name = load_suite(path).name
        except ConfigError as error:
            night = _with(night, path.name, _failed(str(error)))
            click.echo(f"error: {error}", err=True)
            continue
        if (known := night.suites.get(name)) is not None and known.code in (0, 1, 3, 4):
            continue
        click.echo(f"\nsuite {name}", err=True)
        night = _with(night, name, _suite_night(tonight, one, path, name, place))
        kept.note(night)
        if night.suites[name].code == INTERRUPTED:
            click.echo(f"Interrupted. Go on with: sluice eval nightly {plan.file}", err=True)
            return INTERRUPTED
    reports = {name: report for name, one in night.suites.items() if (report := _read(place / one.run / "report.json"))}
    code = worst(one.code if one.code is not None else USAGE for one in night.suites.values())
    firsts = [name for name, report in reports.items() if kept.nights is not None and sound(report["gates"])]
    state = state_of(night, firsts)
    if kept.nights is None and code == 0:
        code, state = UNDER_POWERED, "review"  # what could not be held against anything is no good night
    night = replace(night, ended=datetime.now(UTC), state=state, exit_code=code)
    if kept.store is not None:
        with contextlib.suppress(SluiceError):
            kept.store.assign([one.run for one in night.suites.values() if one.run], night.id)
    kept.note(night)
    _report(night, reports, place, kept)
    _tell(tonight, night, reports)
    _prune(tonight)
    click.echo(f"\nnight {night.id}: {night.state}, exit {code}")
    for name, suite in night.suites.items():
        against = f" against {suite.baseline}" if suite.baseline else ""
        click.echo(f"  {name:24} exit {suite.code}{against}{f': {suite.why}' if suite.why else ''}")
    click.echo(f"report: {place / 'index.html'}")
    return code


def _with(night: Night, name: str, one: SuiteNight) -> Night:
    return replace(night, suites={**night.suites, name: one})


def _failed(why: str) -> SuiteNight:
    from evaluators.kept.nights import SuiteNight  # noqa: PLC0415

    return SuiteNight(code=USAGE, why=why)


def _suite_night(tonight: _Tonight, one: SuiteOfNight, path: Path, name: str, place: Path) -> SuiteNight:
    """Run one suite, or go on with it; where its baseline does not fit any more, run it without and say why."""
    from evaluators.kept.nights import SuiteNight  # noqa: PLC0415
    from evaluators.run import open_run  # noqa: PLC0415

    baseline = tonight.kept.good(name) if tonight.plan.read.baseline == "last_good" else ""
    against = ["--baseline", baseline] if baseline else []
    why = ""
    made = _run_in(place, name)
    if made is None:
        code = _call("run", [str(path), *_arguments(tonight, one), "--runs", str(place), *against])
        made = _run_in(place, name)
    else:
        code = _call("resume", [str(made), "--yes", *against])
    if made is None:
        return _failed("it could not be begun; the log says why")
    if code == USAGE and baseline:
        try:
            check_against(Against(baseline), open_run(made))
        except ConfigError as error:
            why, baseline = f"not held against the last good night: {error}", ""
            click.echo(f"warning: {why}", err=True)
            code = _call("resume", [str(made), "--yes"])
            code = max(code, UNDER_POWERED) if code in (0, UNDER_POWERED) else code
    if code == USAGE and not why:
        why = "it could not be run to its end; the log says why"
    return SuiteNight(made.name, str(made), code, baseline, why)


def _arguments(tonight: _Tonight, one: SuiteOfNight) -> list[str]:
    target, judge, said = tonight.plan.read.target, tonight.plan.read.judge, tonight.said
    pairs: list[tuple[str, object]] = [
        ("--base-url", said["base_url"] or target.base_url),
        ("--model", said["model"] or target.model),
        ("--key-env", target.key_env),
        ("--limit", one.limit),
        ("--repetitions", one.repetitions),
    ]
    if judge is not None:
        pairs += [
            ("--judge-base-url", judge.base_url),
            ("--judge-model", judge.model),
            ("--judge-key-env", judge.key_env),
            ("--embedding-model", judge.embedding_model),
        ]
    given = [word for option, value in pairs if value is not None for word in (option, str(value))]
    return [*given, "--yes", *(["--recorded"] if one.recorded else [])]


def _run_in(place: Path, suite: str) -> Path | None:
    """Return the folder of a suite's run in a night's folder; None if there is none yet."""
    found = [path.parent for path in place.glob("*/run.json") if _read(path).get("suite") == suite]
    return max(found, key=lambda path: path.name, default=None)


def _call(command: str, arguments: list[str]) -> int:
    """Run another command of ours in this process; return its exit code."""
    from evaluators.cli.run import resume, run  # noqa: PLC0415

    called = {"run": run, "resume": resume}[command]
    try:
        code = called.main(arguments, prog_name=f"sluice eval {command}", standalone_mode=False)
    except click.ClickException as error:
        click.echo(f"error: {error.format_message()}", err=True)
        return USAGE
    except click.exceptions.Abort:
        return INTERRUPTED
    return int(code or 0)


def _report(night: Night, reports: Mapping[str, Report], place: Path, kept: _Kept) -> None:
    """Write the night's page, its JUnit XML and its JSON."""
    from evaluators.nightly.outcome import body_of  # noqa: PLC0415
    from evaluators.report.junit import junit_joined  # noqa: PLC0415
    from evaluators.report.night import night_page  # noqa: PLC0415

    past = [(one, _reports_of(one, kept)) for one in _past(kept) if one.id != night.id]
    write_whole(place / "index.html", night_page(night, reports, [*past, (night, reports)], kept.notes))
    files = [place / one.run / "junit.xml" for one in night.suites.values() if one.run]
    broken = {name: one.why for name, one in night.suites.items() if one.code == USAGE or not one.run}
    texts = [path.read_text("utf-8") for path in files if path.is_file()]
    write_whole(place / "junit.xml", junit_joined(texts, broken))
    body = body_of(night, {name: report["gates"] for name, report in reports.items()})
    write_whole(place / "summary.json", json.dumps({**body, "notes": kept.notes}, ensure_ascii=False, indent=1) + "\n")


def _past(kept: _Kept) -> list[Night]:
    try:
        return kept.nights.all(60) if kept.nights is not None else []
    except SluiceError as error:
        kept.lost(error)
        return []


def _reports_of(night: Night, kept: _Kept) -> dict[str, Report]:
    found: dict[str, Report] = {}
    for name, one in night.suites.items():
        with contextlib.suppress(SluiceError):
            run = kept.store.get(one.run) if kept.store is not None and one.run else None
            if run is not None:
                found[name] = run.summary
    return found


def _tell(tonight: _Tonight, night: Night, reports: Mapping[str, Report]) -> None:
    """Post the webhook; one that is not taken is said and written down, and changes no exit code."""
    import asyncio  # noqa: PLC0415
    import time  # noqa: PLC0415

    from evaluators.nightly.outcome import body_of  # noqa: PLC0415
    from evaluators.nightly.webhook import tell  # noqa: PLC0415

    hook = tonight.plan.read.webhook
    if hook is None:
        return
    body = json.dumps(body_of(night, {name: report["gates"] for name, report in reports.items()})).encode()
    fault = asyncio.run(
        tell(hook.url, tonight.secret, night.id, body, attempts=hook.attempts, seconds=hook.timeout_s, clock=time.time)
    )
    if fault:
        click.echo(f"warning: the webhook was not taken: {fault}", err=True)
    write_whole(tonight.folder / night.id / "webhook.json", json.dumps({"taken": not fault, "fault": fault}) + "\n")


def _prune(tonight: _Tonight) -> None:
    """Let go of the oldest nights, but never of what the next one is held against."""
    kept = tonight.kept
    if kept.nights is None or kept.store is None:
        return
    try:
        nights = kept.nights.all()
        needed = {kept.good(name) for night in nights for name in night.suites}
        for night in nights[: -tonight.plan.read.keep]:
            runs = [one.run for one in night.suites.values() if one.run]
            if not needed & set(runs) and night.state != "running":
                kept.store.forget(runs)
                kept.nights.forget([night.id])
                shutil.rmtree(tonight.folder / night.id, ignore_errors=True)
    except SluiceError as error:
        kept.lost(error)


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
