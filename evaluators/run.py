"""A run on disk: what it is, what it has got so far, and that nobody changed the words that were asked."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from evaluators.attacks.rows import asked_digest, with_attacks
from evaluators.dataset import read_dataset
from evaluators.importers.read import import_for
from evaluators.journal import read
from evaluators.pace import Spent
from evaluators.sample import Failure, Response, Sample
from evaluators.score import Cell, decode
from evaluators.scorers.spec import Scorer
from evaluators.suite import Suite, load_suite
from evaluators.targets.asked import Asked
from gateway.errors import ConfigError, Where

FORMAT: Final = 1
STOPPED: Final = "stopped.json"
"""Says why a run stopped before its end."""


class Key(NamedTuple):
    """One answer: a row, which repetition (from 0), and which way it was asked (empty where there is but one)."""

    row: str
    repetition: int
    way: str = ""

    @property
    def written(self) -> dict[str, Any]:
        """As a journal has it."""
        return {"row": self.row, "repetition": self.repetition, **({"way": self.way} if self.way else {})}


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
        budget: What the run may use: the fields of ``Caps``.
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
    budget: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """A run on disk: its folder holds the suite and the data that it was started with."""

    path: Path
    manifest: Manifest
    suite: Suite
    samples: tuple[Sample, ...]

    def due(self) -> Iterator[tuple[Sample, Key]]:
        """Yield every answer that the run is to have, in order; the ways of one row follow each other."""
        ways = tuple(self.manifest.asked.ways)
        for repetition in range(self.manifest.repetitions):
            for sample in self.samples:
                for way in ways:
                    yield sample, Key(sample.id, repetition, way)


@dataclass(slots=True)
class State:
    """What a run has got so far.

    Attributes:
        answers: By key.
        cells: By key and scorer.
        spent: What the run has used, as far as the journals tell: calls that were under way at a kill are not in it.
        stopped: Why it stopped before its end (``budget``); empty if it did not.
    """

    answers: dict[Key, Response | Failure] = field(default_factory=dict)
    cells: dict[tuple[Key, str], Mapping[str, Cell]] = field(default_factory=dict)
    spent: Spent = field(default_factory=Spent)
    stopped: str = ""

    def answered(self, key: Key) -> bool:
        """Whether there is an answer; a failure is none, it is asked for again."""
        return isinstance(self.answers.get(key), Response)

    def whole(self, key: Key, scorers: Sequence[Scorer]) -> bool:
        """Whether an answer and all its cells are there."""
        return self.answered(key) and all((key, scorer.name) in self.cells for scorer in scorers)


def create(folder: Path, suite: Suite, manifest: Manifest) -> Run:
    """Make the folder of a new run, whole or not at all; its data are JSON lines of ours, whatever they were read from.

    Raises:
        ConfigError: The data cannot be read, or rows are wrong.
    """
    data, left_out = _data(suite)
    if suite.reading is not None:
        manifest = replace(manifest, data_digest=hashlib.sha256(data).hexdigest())
    path, making = folder / manifest.id, folder / f".{manifest.id}.new"
    making.mkdir(parents=True)
    (making / "suite.yaml").write_bytes(suite.text)
    (making / "data.jsonl").write_bytes(data)
    if left_out:
        (making / "left_out.jsonl").write_text("".join(left_out), "utf-8", "backslashreplace")
        manifest = replace(manifest, versions={**manifest.versions, "rows left out": str(len(left_out))})
    if suite.attacks:
        rows = with_attacks(read_dataset(making / "data.jsonl")[: manifest.limit], suite.attacks, manifest.seed)
        manifest = replace(manifest, versions={**manifest.versions, "attacks": asked_digest(rows)})
    written = {"format": FORMAT, **asdict(manifest)}
    (making / "run.json").write_text(json.dumps(written, ensure_ascii=False, indent=2) + "\n", "utf-8")
    making.rename(path)
    return open_run(path)


def _data(suite: Suite) -> tuple[bytes, list[str]]:
    """Return the rows of a suite as JSON lines, and a line for each record that is none."""
    if suite.reading is None:
        read_dataset(suite.data)
        return suite.data.read_bytes(), []
    read = import_for(suite.data, suite.reading)
    rows = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in read.rows)
    return rows.encode("utf-8", "backslashreplace"), [
        json.dumps({"line": one.place, "id": one.id, "why": one.why}, ensure_ascii=False) + "\n"
        for one in read.left_out
    ]


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
        written["asked"] = Asked.read(written["asked"])
        for name in ("judge", "embedding"):
            written[name] = JudgeAddress(**written[name]) if written[name] else None
        manifest = Manifest(**written)
    except (TypeError, KeyError):
        raise ConfigError("keys are missing or unknown", where, "start a new run") from None
    suite = replace(load_suite(path / "suite.yaml"), data=path / "data.jsonl", reading=None)
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
    state = State(stopped=_stopped(run.path))
    known = {key for _, key in run.due()}
    for number, entry in enumerate(read(run.path / "answers.jsonl"), 1):
        with _line(run.path / "answers.jsonl", number):
            key = _key(entry)
            state.spent = _more(state.spent, entry)
            if key in known:
                answer = Failure(**entry["failure"]) if "failure" in entry else Response.read(entry["answer"])
                state.answers[key] = answer
    for number, entry in enumerate(read(run.path / "scores.jsonl"), 1):
        with _line(run.path / "scores.jsonl", number):
            key = _key(entry)
            state.spent = _more(state.spent, entry)
            if state.answered(key):
                cells = {str(name): decode(cell) for name, cell in entry["cells"].items()}
                state.cells[key, str(entry["scorer"])] = cells
    return state


def _key(entry: Mapping[str, Any]) -> Key:
    return Key(str(entry["row"]), int(entry["repetition"]), str(entry.get("way", "")))


def _more(spent: Spent, entry: Mapping[str, Any]) -> Spent:
    """Return the later of two counts; every line tells all that was used until then."""
    told = Spent(**entry["spent"]) if "spent" in entry else spent
    return told if (told.calls, told.tokens) > (spent.calls, spent.tokens) else spent


def _stopped(path: Path) -> str:
    try:
        return str(json.loads((path / STOPPED).read_text("utf-8"))["why"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def set_scores_aside(run: Run) -> None:
    """Move the scores of a run away, so that its answers are scored again from the start."""
    scores = run.path / "scores.jsonl"
    if scores.exists():
        number = 1 + len(list(run.path.glob("scores.*.jsonl")))
        scores.rename(run.path / f"scores.{number}.jsonl")


@contextmanager
def _line(path: Path, number: int) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError):
        hint = "take the line out by hand; what it held will be asked or scored again"
        raise ConfigError("this line of the journal is not one of ours", Where(str(path), number), hint) from None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other processes from running the same run; raises ``ConfigError`` if one does."""
    file = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ConfigError("another process is running this run", Where(str(path)), "wait for it or end it") from None
    finally:
        os.close(file)
