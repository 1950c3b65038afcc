"""Reads a suite: which rows, which target, which scorers, which gates; wrong ones are named with file and line."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evaluators.attacks.attack import Attack
from evaluators.attacks.registry import find_attack
from evaluators.importers.read import Reading, formats
from evaluators.prompt import Template
from evaluators.reduce import Reducer, read_reducer
from evaluators.sample import Language
from evaluators.scorers.registry import registry
from evaluators.scorers.spec import Options, Scorer, ScorerSpec, Surroundings
from evaluators.suite_file import BudgetFile, GateFile, JudgeFile, SuiteFile, TargetFile
from gateway.document import Document, read_document, suggest, validate
from gateway.errors import ConfigError, ConfigErrors, Where


@dataclass(frozen=True, slots=True)
class Gate:
    """A mark that a metric must reach.

    Attributes:
        metric: Name of the metric.
        mark: In [0, 1].
        side: Whether the metric must lie at or above the mark, at or below it, or behind a baseline by no more.
        bound: Whether the one-sided confidence bound must reach it, or only the point.
        confidence: One-sided, in (0.5, 1).
        min_n: How many independent rows it takes to say anything.
        max_unscored: The share of its cells that may stay unscored.
        min_kappa: How far its judge must be known to agree with people; None not to ask.
    """

    metric: str
    mark: float
    side: Literal["at_least", "at_most", "no_worse_than"]
    bound: Literal["bound", "point"]
    confidence: float
    min_n: int
    max_unscored: float
    min_kappa: float | None = None


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite that has been checked.

    Attributes:
        name: Its name.
        summary: What it is, in Chinese and English.
        text: The file as it was read.
        data: The data set.
        reading: How it is read; None for JSON lines of ours.
        target: What is asked, unless told otherwise.
        judge: Limits and price of the judge model.
        budget: What a run may use at most.
        templates: The words around a row, by language.
        repetitions: How often each row is asked.
        attacks: By which ways each row is asked besides the plain one.
        seed: For the bootstrap, and for the attacks.
        max_unscored: The share of all cells that may stay unscored.
        scorers: Each with its checked options and the place where it is written.
        reducers: What becomes of a row's repetitions, by scorer; those that are not here keep each.
        gates: In the order of the file.
        document: For messages about things that show later.
    """

    name: str
    summary: Mapping[str, str]
    text: bytes
    data: Path
    reading: Reading | None
    target: TargetFile
    judge: JudgeFile
    budget: BudgetFile
    templates: Mapping[Language, Template]
    repetitions: int
    attacks: tuple[Attack, ...]
    seed: int
    max_unscored: float
    scorers: tuple[tuple[ScorerSpec, Options, Where], ...]
    reducers: Mapping[str, Reducer]
    gates: tuple[Gate, ...]
    document: Document

    @property
    def digest(self) -> str:
        """``sha256`` of the file, 64 hex digits."""
        return hashlib.sha256(self.text).hexdigest()


def load_suite(path: Path) -> Suite:
    """Read and check a suite: a ``suite.yaml``, or the folder that holds it.

    Raises:
        ConfigError: It cannot be read, or is wrong: with file, line and what to do.
    """
    file = path / "suite.yaml" if path.is_dir() else path
    try:
        text = file.read_bytes()
    except OSError as error:
        hint = "give the folder of a suite, such as benchmarks/rag/starter"
        raise ConfigError(f"cannot read the suite: {error.strerror}", Where(str(file)), hint) from None
    document = read_document(text, str(file))
    read = validate(document, SuiteFile)
    templates = {
        name: Template(t.system, t.user, t.passage) for name, t in (("zh", read.prompt.zh), ("en", read.prompt.en))
    }
    return Suite(
        name=read.name,
        summary={"zh": read.summary.zh, "en": read.summary.en},
        text=text,
        data=file.parent / read.data,
        reading=_reading(read, document),
        target=read.target,
        judge=read.judge,
        budget=read.budget,
        templates={"zh": templates["zh"], "en": templates["en"], "mixed": templates["zh"]},
        repetitions=read.repetitions,
        attacks=_attacks(read, document),
        seed=read.seed,
        max_unscored=read.max_unscored,
        scorers=_scorers(read, document),
        reducers={one.use: read_reducer(one.reduce) for one in read.scorers if one.reduce},
        gates=tuple(_gate(gate, read.max_unscored) for gate in read.gate),
        document=document,
    )


def _reading(read: SuiteFile, document: Document) -> Reading | None:
    if read.format is None:
        return None
    known = formats()
    if read.format not in known:
        hint = suggest(read.format, known) or f"known: {', '.join(known)}"
        raise ConfigError(f"no format is called {read.format!r}", document.where("format"), hint)
    return Reading(read.format, read.columns, read.fixed, read.encoding, read.bad_rows == "leave_out")


def _attacks(read: SuiteFile, document: Document) -> tuple[Attack, ...]:
    found, problems = [], []
    for index, name in enumerate(read.attacks):
        where = document.where("attacks", index)
        if name in read.attacks[:index]:
            problems.append(ConfigError(f"the attack {name!r} is here twice", where, "name each attack once"))
            continue
        try:
            found.append(find_attack(name))
        except ConfigError as error:
            problems.append(ConfigError(error.what, where, error.hint))
    if problems:
        raise ConfigErrors(problems)
    return tuple(found)


def _scorers(read: SuiteFile, document: Document) -> tuple[tuple[ScorerSpec, Options, Where], ...]:
    known, chosen, problems = registry(), [], []
    names = [scorer.use for scorer in read.scorers]
    for index, scorer in enumerate(read.scorers):
        where = document.where("scorers", index, "use")
        if scorer.use not in known:
            hint = suggest(scorer.use, known) or f"known: {', '.join(known)}"
            problems.append(ConfigError(f"no scorer is called {scorer.use!r}", where, hint))
        elif scorer.use in names[:index]:
            problems.append(ConfigError(f"the scorer {scorer.use!r} is here twice", where, "name each scorer once"))
        else:
            spec, place = known[scorer.use], ("scorers", index, "options")
            places = {at[3:]: line for at, line in document.places.items() if at[:3] == place}
            inner = Document(document.file, scorer.options, {(): where, **places})
            try:
                chosen.append((spec, validate(inner, spec.options), where))
            except ConfigError as error:
                problems.append(error)
    if problems:
        raise ConfigErrors(problems)
    return tuple(chosen)


def _gate(gate: GateFile, max_unscored: float) -> Gate:
    marks: dict[Literal["at_least", "at_most", "no_worse_than"], float | None] = {
        "at_least": gate.at_least,
        "at_most": gate.at_most,
        "no_worse_than": gate.no_worse_than,
    }
    side, mark = next((side, mark) for side, mark in marks.items() if mark is not None)
    return Gate(
        metric=gate.metric,
        mark=mark,
        side=side,
        bound="point" if gate.bound == "point" else "bound",
        confidence=gate.confidence,
        min_n=gate.min_n,
        max_unscored=max_unscored if gate.max_unscored is None else gate.max_unscored,
        min_kappa=gate.min_kappa,
    )


def check_reducers(suite: Suite, repetitions: int) -> None:
    """Check that no reducer asks for more repetitions than there are.

    Raises:
        ConfigErrors: Some do; with the place of each.
    """
    problems = [
        ConfigError(
            f"{reducer.name} needs {reducer.k} repetitions, and each row is asked {repetitions} times",
            suite.document.where("scorers", index, "reduce"),
            "raise 'repetitions', or lower the number",
        )
        for index, (spec, _, _) in enumerate(suite.scorers)
        if (reducer := suite.reducers.get(spec.name)) and reducer.k > repetitions
    ]
    if problems:
        raise ConfigErrors(problems)


def build_scorers(suite: Suite, surroundings: Surroundings) -> tuple[Scorer, ...]:
    """Build the suite's scorers, and check that every gate names one of their metrics.

    Raises:
        ConfigError: A scorer cannot be built, or a gate names a metric that nobody measures.
    """
    built = []
    for spec, options, where in suite.scorers:
        try:
            built.append(spec.build(options, surroundings))
        except ConfigError as error:
            raise ConfigError(error.what, error.where or where, error.hint) from error
    ways = ("", ":direct", ":gateway") if suite.target.kind == "pair" else ("",)
    known = [f"{metric.name}{way}" for way in ways for scorer in built for metric in scorer.metrics]
    problems = [
        ConfigError(
            f"no scorer of this suite measures {gate.metric!r}",
            suite.document.where("gate", index, "metric"),
            suggest(gate.metric, known) or f"measured: {', '.join(known)}",
        )
        for index, gate in enumerate(suite.gates)
        if gate.metric not in known
    ]
    if problems:
        raise ConfigErrors(problems)
    return tuple(built)
