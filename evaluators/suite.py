"""Reads a suite: which rows, which target, which scorers, which gates; wrong ones are named with file and line."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evaluators.attacks.attack import Attack
from evaluators.attacks.registry import find_attack
from evaluators.prompt import Template
from evaluators.sample import Language
from evaluators.score import Metric
from evaluators.scorers.registry import registry
from evaluators.scorers.spec import Options, Scorer, ScorerSpec, Surroundings
from gateway.document import Document, read_document, suggest, validate
from gateway.errors import ConfigError, ConfigErrors, Where

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Share = Annotated[float, Field(ge=0, le=1)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TitleFile(_Model):
    """What the suite is, for people."""

    zh: str
    en: str


class TargetFile(_Model):
    """What is asked, unless the command line says otherwise."""

    base_url: str = "http://127.0.0.1:8080/v1"
    model: str = "echo"
    key_env: str = Field(default="SLUICE_EVAL_KEY", description="name of the environment variable that holds the key")
    parameters: dict[str, Any] = Field(default_factory=dict, description="further fields of the request")
    timeout_s: float = Field(default=60.0, gt=0)
    attempts: int = Field(default=4, ge=1, le=20)
    concurrency: int = Field(default=8, ge=1, le=256)


class TemplateFile(_Model):
    """The words around a row with passages."""

    system: str = ""
    user: str = "{question}"
    passage: str = "[{id}] {text}"


class PromptFile(_Model):
    """Templates by the language of the question; mixed rows get the Chinese one."""

    zh: TemplateFile = TemplateFile()
    en: TemplateFile = TemplateFile()


class ScorerFile(_Model):
    """A scorer and its options."""

    use: str
    options: dict[str, Any] = Field(default_factory=dict)


class GateFile(_Model):
    """A mark that a metric must reach."""

    metric: str
    at_least: Share | None = None
    at_most: Share | None = None
    no_worse_than: Share | None = Field(
        default=None, description="by how much it may lie behind the run that --baseline names; read by its bound"
    )
    bound: Literal["lower", "upper", "point"] | None = Field(
        default=None, description="'lower' goes with at_least, 'upper' with at_most; no_worse_than takes none"
    )
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    min_n: int = Field(default=1, ge=1)
    max_unscored: Share | None = None
    min_kappa: Share | None = Field(default=None, description="how far its judge must be known to agree with people")

    @model_validator(mode="after")
    def _one_mark(self) -> GateFile:
        if sum(mark is not None for mark in (self.at_least, self.at_most, self.no_worse_than)) != 1:
            raise ValueError("a gate has one mark — write either at_least or at_most, or no_worse_than")
        if self.no_worse_than is not None:
            if self.bound is not None:
                raise ValueError("'bound' says nothing here — no_worse_than always reads the lower bound of the gain")
            return self
        if self.bound is None:
            raise ValueError("'bound' is missing — write 'lower' with at_least, 'upper' with at_most, or 'point'")
        if self.bound == ("upper" if self.at_least is not None else "lower"):
            raise ValueError(
                "this bound proves nothing here — use 'lower' with at_least, 'upper' with at_most, or 'point'"
            )
        return self


class SuiteFile(_Model):
    """The shape of ``suite.yaml``."""

    name: Name
    summary: TitleFile
    data: str = Field(description="the data set, relative to this file")
    target: TargetFile = TargetFile()
    prompt: PromptFile = PromptFile()
    repetitions: int = Field(default=1, ge=1, le=100)
    attacks: list[str] = Field(default_factory=list, description="rows are asked by way of each as well; join by +")
    seed: int = Field(default=20_260_101, ge=0)
    max_unscored: Share = Field(default=0.05, description="share of cells that may stay unscored")
    scorers: Annotated[list[ScorerFile], Field(min_length=1)]
    gate: list[GateFile] = Field(default_factory=list)


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
        target: What is asked, unless told otherwise.
        templates: The words around a row, by language.
        repetitions: How often each row is asked.
        attacks: By which ways each row is asked besides the plain one.
        seed: For the bootstrap, and for the attacks.
        max_unscored: The share of all cells that may stay unscored.
        scorers: Each with its checked options and the place where it is written.
        gates: In the order of the file.
        document: For messages about things that show later.
    """

    name: str
    summary: Mapping[str, str]
    text: bytes
    data: Path
    target: TargetFile
    templates: Mapping[Language, Template]
    repetitions: int
    attacks: tuple[Attack, ...]
    seed: int
    max_unscored: float
    scorers: tuple[tuple[ScorerSpec, Options, Where], ...]
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
        target=read.target,
        templates={"zh": templates["zh"], "en": templates["en"], "mixed": templates["zh"]},
        repetitions=read.repetitions,
        attacks=_attacks(read, document),
        seed=read.seed,
        max_unscored=read.max_unscored,
        scorers=_scorers(read, document),
        gates=tuple(_gate(gate, read.max_unscored) for gate in read.gate),
        document=document,
    )


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
    known: dict[str, Metric] = {metric.name: metric for scorer in built for metric in scorer.metrics}
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
