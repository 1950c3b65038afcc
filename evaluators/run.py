"""Runs a suite: answers are on disk before they are scored, and a killed run goes on where it stopped."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from evaluators.attacks.rows import asked_digest, with_attacks
from evaluators.dataset import read_dataset
from evaluators.journal import Journal, read
from evaluators.prompt import messages
from evaluators.sample import Failure, Response, Sample
from evaluators.score import Cell, Unscored, decode, encode
from evaluators.scorers.spec import Judge, Scorer
from evaluators.suite import Suite, load_suite
from evaluators.targets import Target
from gateway.errors import ConfigError, SluiceError, Where

FORMAT: Final = 1
_HOPELESS: Final = frozenset({"unreachable", "http_401", "http_403", "http_404"})


class TargetDown(SluiceError):
    """The target answers nobody: wrong address, wrong key, or not running; ``code`` says which."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"the target answered none of the first questions ({code})")


class Key(NamedTuple):
    """One answer: a row, and which repetition (from 0)."""

    row: str
    repetition: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a run asks. Holds names of environment variables, never keys.

    Attributes:
        recorded: Whether the rows' own recorded answers are scored instead of asking anyone.
        base_url: The target's endpoint.
        model: The model's name there.
        key_env: The environment variable with its key.
        parameters: Further fields of each request.
        timeout_s: Seconds for one attempt.
        attempts: How often one question is asked at most.
    """

    recorded: bool
    base_url: str
    model: str
    key_env: str
    parameters: Mapping[str, Any]
    timeout_s: float
    attempts: int


@dataclass(frozen=True, slots=True)
class JudgeAddress:
    """A judge or embedding model: like ``Asked``, no key but the name of its variable."""

    base_url: str
    model: str
    key_env: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a run is, written before the first question.

    Attributes:
        id: Unique; also the folder's name.
        suite: The suite's name.
        started: ISO 8601 with offset.
        asked: Whom it asks.
        judge: The judge model, or None.
        embedding: The embedding model, or None.
        repetitions: How often each row is asked.
        seed: For the bootstrap.
        limit: Only so many of the first rows, or None for all.
        suite_digest: ``sha256`` of the suite file.
        data_digest: ``sha256`` of the data set.
        versions: Of this program, Python and the system.
    """

    id: str
    suite: str
    started: str
    asked: Asked
    judge: JudgeAddress | None
    embedding: JudgeAddress | None
    repetitions: int
    seed: int
    limit: int | None
    suite_digest: str
    data_digest: str
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """A run on disk: its folder holds the suite and the data that it was started with."""

    path: Path
    manifest: Manifest
    suite: Suite
    samples: tuple[Sample, ...]

    def due(self) -> Iterator[tuple[Sample, Key]]:
        """Yield every answer that the run is to have, in order."""
        for repetition in range(self.manifest.repetitions):
            for sample in self.samples:
                yield sample, Key(sample.id, repetition)


@dataclass(slots=True)
class State:
    """What a run has got so far: answers, and cells by answer and scorer."""

    answers: dict[Key, Response | Failure] = field(default_factory=dict)
    cells: dict[tuple[Key, str], Mapping[str, Cell]] = field(default_factory=dict)

    def answered(self, key: Key) -> bool:
        """Whether there is an answer; a failure is none, it is asked for again."""
        return isinstance(self.answers.get(key), Response)

    def whole(self, key: Key, scorers: Sequence[Scorer]) -> bool:
        """Whether an answer and all its cells are there."""
        return self.answered(key) and all((key, scorer.name) in self.cells for scorer in scorers)


def create(folder: Path, suite: Suite, manifest: Manifest) -> Run:
    """Make the folder of a new run, whole or not at all."""
    path, making = folder / manifest.id, folder / f".{manifest.id}.new"
    making.mkdir(parents=True)
    (making / "suite.yaml").write_bytes(suite.text)
    (making / "data.jsonl").write_bytes(suite.data.read_bytes())
    if suite.attacks:
        rows = with_attacks(read_dataset(suite.data)[: manifest.limit], suite.attacks, manifest.seed)
        manifest = replace(manifest, versions={**manifest.versions, "attacks": asked_digest(rows)})
    written = {"format": FORMAT, **asdict(manifest)}
    (making / "run.json").write_text(json.dumps(written, ensure_ascii=False, indent=2) + "\n", "utf-8")
    making.rename(path)
    return open_run(path)


def open_run(path: Path) -> Run:
    """Open a run that is on disk.

    Raises:
        ConfigError: It is none, it was written by another version, or its suite or data were
            changed since.
    """
    where = Where(str(path / "run.json"))
    try:
        written = json.loads((path / "run.json").read_text("utf-8"))
    except OSError:
        hint = "give the folder of a run, such as runs/rag-starter-…; `sluice eval list` shows them"
        raise ConfigError("there is no run here", where, hint) from None
    except ValueError:
        raise ConfigError("this is not JSON", where, "start a new run") from None
    if not isinstance(written, dict) or written.pop("format", None) != FORMAT:
        raise ConfigError(f"this run has not the format {FORMAT}", where, "open it with the version that wrote it")
    try:
        written["asked"] = Asked(**written["asked"])
        for name in ("judge", "embedding"):
            written[name] = JudgeAddress(**written[name]) if written[name] else None
        manifest = Manifest(**written)
    except (TypeError, KeyError):
        raise ConfigError("keys are missing or unknown", where, "start a new run") from None
    suite = replace(load_suite(path / "suite.yaml"), data=path / "data.jsonl")
    for file, digest in (("suite.yaml", manifest.suite_digest), ("data.jsonl", manifest.data_digest)):
        if digest_of(path / file) != digest:
            hint = "answers belong to the words that were asked: start a new run"
            raise ConfigError("the file was changed after the run had begun", Where(str(path / file)), hint)
    rows = tuple(with_attacks(read_dataset(suite.data)[: manifest.limit], suite.attacks, manifest.seed))
    if suite.attacks and manifest.versions.get("attacks") != asked_digest(rows):
        raise ConfigError("this version makes the attacks otherwise", where, "start a new run: answers belong to words")
    return Run(path, manifest, suite, rows)


def digest_of(path: Path) -> str:
    """Return ``sha256`` of a file, 64 hex digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_state(run: Run) -> State:
    """Read what a run has got so far; later lines of a journal replace earlier ones.

    Raises:
        ConfigError: A journal is broken before its end.
    """
    state = State()
    known = {key for _, key in run.due()}
    for number, entry in enumerate(read(run.path / "answers.jsonl"), 1):
        with _line(run.path / "answers.jsonl", number):
            key = Key(str(entry["row"]), int(entry["repetition"]))
            if key in known:
                state.answers[key] = Failure(**entry["failure"]) if "failure" in entry else Response(**entry["answer"])
    for number, entry in enumerate(read(run.path / "scores.jsonl"), 1):
        with _line(run.path / "scores.jsonl", number):
            key = Key(str(entry["row"]), int(entry["repetition"]))
            if state.answered(key):
                cells = {str(name): decode(cell) for name, cell in entry["cells"].items()}
                state.cells[key, str(entry["scorer"])] = cells
    return state


async def execute(
    run: Run,
    state: State,
    target: Target | None,
    scorers: Sequence[Scorer],
    *,
    concurrency: int,
    done: Callable[[Key], None],
) -> None:
    """Ask what is not answered, score what is not scored, and add both to ``state`` and disk.

    An answer is on the disk before the first scorer sees it. May be cancelled at any time.

    Args:
        run: The run.
        state: What it has got so far.
        target: Whom to ask; None to judge again what is answered, and ask nobody.
        scorers: What to judge with.
        concurrency: How many rows are under way at once.
        done: Called for each row and repetition that is complete.

    Raises:
        TargetDown: The first questions all failed in a way that the others would too.
        ConfigError: Another process runs this run.
    """
    left = [
        (sample, key)
        for sample, key in run.due()
        if not state.whole(key, scorers) and (target is not None or state.answered(key))
    ]
    todo = iter(left)
    waiting = _Patience(min(len(left), max(5, concurrency)), hopeful=any(map(state.answered, state.answers)))
    with (
        _locked(run.path),
        Journal(run.path / "answers.jsonl", durable=True) as answers,
        Journal(run.path / "scores.jsonl", durable=False) as scores,
    ):
        async with AsyncExitStack() as stack:
            judges = {s.name: await stack.enter_async_context(s.judge()) for s in scorers if s.judge}

            async def work() -> None:
                for sample, key in todo:
                    if target is not None and not state.answered(key):
                        said = await target.ask(sample, messages(sample, run.suite.templates[sample.lang]))
                        waiting.note(said)
                        word = "failure" if isinstance(said, Failure) else "answer"
                        answers.append({"row": key.row, "repetition": key.repetition, word: asdict(said)})
                        state.answers[key] = said
                    said = state.answers[key]
                    if isinstance(said, Response):
                        for scorer in scorers:
                            if (key, scorer.name) not in state.cells:
                                cells = await _judged(scorer, judges.get(scorer.name), sample, said)
                                written = {name: encode(cell) for name, cell in cells.items()}
                                entry = {"row": key.row, "repetition": key.repetition, "scorer": scorer.name}
                                scores.append({**entry, "cells": written})
                                state.cells[key, scorer.name] = cells
                    done(key)

            try:
                async with asyncio.TaskGroup() as group:
                    for _ in range(concurrency):
                        group.create_task(work())
            except* TargetDown as errors:
                raise errors.exceptions[0] from None


async def _judged(scorer: Scorer, judge: Judge | None, sample: Sample, said: Response) -> Mapping[str, Cell]:
    """Judge one answer; a scorer that breaks leaves cells unscored, and the run goes on."""
    names = scorer.applies(sample)
    try:
        if judge is not None:
            cells = await judge(sample, said)
        elif scorer.score is not None:
            cells = scorer.score(sample, said)
        else:
            cells = {}
    except Exception as error:  # one broken judgement must not cost the run
        return dict.fromkeys(names, Unscored("scorer_error", {"error": type(error).__name__}))
    return {name: cells.get(name, Unscored("scorer_said_nothing")) for name in names}


def set_scores_aside(run: Run) -> None:
    """Move the scores of a run away, so that its answers are scored again from the start."""
    scores = run.path / "scores.jsonl"
    if scores.exists():
        number = 1 + len(list(run.path.glob("scores.*.jsonl")))
        scores.rename(run.path / f"scores.{number}.jsonl")


class _Patience:
    """Gives up when the first answers all fail in a way that asking the others cannot mend."""

    def __init__(self, limit: int, *, hopeful: bool) -> None:
        self._left, self._hopeful = limit, hopeful

    def note(self, said: Response | Failure) -> None:
        if isinstance(said, Response) or said.code not in _HOPELESS:
            self._hopeful = True
        self._left -= 1
        if not self._hopeful and self._left <= 0 and isinstance(said, Failure):
            raise TargetDown(said.code)


@contextmanager
def _line(path: Path, number: int) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError):
        hint = "take the line out by hand; what it held will be asked or scored again"
        raise ConfigError("this line of the journal is not one of ours", Where(str(path), number), hint) from None


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    file = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ConfigError("another process is running this run", Where(str(path)), "wait for it or end it") from None
    finally:
        os.close(file)
