"""What people are asked about each answer: a rubric in YAML, in Chinese and English, checked before anybody judges."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from evaluators.review.reliability import Scale
from gateway.document import Document, read_document, suggest, validate
from gateway.errors import ConfigError, ConfigErrors, Where

SHIPPED: Final = ("safety", "grounding")
"""Rubrics that come with the program, by name."""

Id = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$", description="a short word of a-z, 0-9 and _")]
Both = Mapping[str, str]
"""A text in ``zh`` and ``en``."""

Conditions = Mapping[str, tuple[str, ...]]
"""For each field that matters, the values that will do; all of them must be met."""


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BothFile(_Shape):
    """A text in both languages."""

    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


class ValueFile(BothFile):
    """A value that a field may have."""

    id: Id
    key: Annotated[str, Field(pattern=r"^[a-z]$", description="the key that chooses it on the page: one of a-z")]
    unsure: bool = Field(default=False, description="says that one cannot tell; counts as no judgement")


class FieldFile(_Shape):
    """Something that is judged of each answer."""

    id: Id
    label: BothFile
    scale: Literal["nominal", "ordinal"] = Field(default="nominal", description="ordinal: values in order")
    values: Annotated[list[ValueFile], Field(min_length=2, max_length=9)]


class RubricFile(_Shape):
    """The shape of a rubric."""

    review: Literal[1] = Field(description="the version of this format: review: 1")
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")]
    title: BothFile
    guide: BothFile
    rank: BothFile | None = Field(default=None, description="how to rank answers together; left out: not ranked")
    fields: Annotated[list[FieldFile], Field(min_length=1, max_length=6)]
    good: dict[str, list[str]] = Field(description="values that an answer needs to be learned from: {FIELD: [VALUE]}")
    against: dict[str, dict[str, list[str]]] = Field(
        default_factory=dict, description="what a metric's yes means: {METRIC: {FIELD: [VALUE]}}"
    )


@dataclass(frozen=True, slots=True)
class Value:
    """A value that a field may have.

    Attributes:
        id: Its word in files.
        text: In both languages.
        key: The key that chooses it on the page.
        unsure: Whether it says that one cannot tell; such a word is no judgement.
    """

    id: str
    text: Both
    key: str
    unsure: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """Something that is judged of each answer."""

    id: str
    label: Both
    scale: Scale
    values: tuple[Value, ...]

    def value(self, id: str) -> Value | None:
        """Return a value by its id; None if there is none."""
        return next((value for value in self.values if value.id == id), None)

    @property
    def sure(self) -> tuple[str, ...]:
        """The ids of values that are judgements, in their order."""
        return tuple(value.id for value in self.values if not value.unsure)


@dataclass(frozen=True, slots=True)
class Rubric:
    """A rubric that has been checked.

    Attributes:
        name: Its name.
        title: For people.
        guide: How to judge, for people.
        rank: How to rank, for people; None if answers are not ranked.
        fields: What is judged of each answer.
        good: What an answer needs so that one may learn from it.
        against: What a metric's "yes" (a value of one half or more) means in people's words.
        text: The file as it was read.
    """

    name: str
    title: Both
    guide: Both
    rank: Both | None
    fields: tuple[Judged, ...]
    good: Conditions
    against: Mapping[str, Conditions]
    text: bytes

    @property
    def digest(self) -> str:
        """``sha256`` of the file, 64 hex digits."""
        return hashlib.sha256(self.text).hexdigest()

    def field(self, id: str) -> Judged | None:
        """Return a field by its id; None if there is none."""
        return next((field for field in self.fields if field.id == id), None)

    def places(self, count: int) -> bool:
        """Whether so many answers are to be ranked."""
        return self.rank is not None and count > 1


def met(verdict: Mapping[str, str], conditions: Conditions) -> bool | None:
    """Whether a verdict meets conditions; None where it does not say enough to tell."""
    said = [verdict[field] in values for field, values in conditions.items() if field in verdict]
    if not all(said):
        return False
    return True if len(said) == len(conditions) else None


def load_rubric(name: str) -> Rubric:
    """Read a rubric: one that ships, by name, or a YAML file.

    Raises:
        ConfigError: It cannot be read, or is wrong: with file, line and what to do.
    """
    if name in SHIPPED:
        return read_rubric(resources.files("evaluators.review").joinpath("rubrics", f"{name}.yaml").read_bytes(), name)
    try:
        content = Path(name).read_bytes()
    except OSError as error:
        hint = f"name a YAML file, or one of those that ship: {', '.join(SHIPPED)}"
        raise ConfigError(f"cannot read the rubric: {error.strerror}", Where(name), hint) from None
    return read_rubric(content, name)


def read_rubric(content: bytes, name: str) -> Rubric:
    """Read and check a rubric; raises ``ConfigError`` with file, line and what to do."""
    document = read_document(content, name)
    shape = validate(document, RubricFile)
    problems = list(_faults(shape, document))
    if problems:
        raise ConfigErrors(problems)
    return Rubric(
        name=shape.name,
        title=_both(shape.title),
        guide=_both(shape.guide),
        rank=_both(shape.rank) if shape.rank else None,
        fields=tuple(
            Judged(f.id, _both(f.label), f.scale, tuple(Value(v.id, _both(v), v.key, v.unsure) for v in f.values))
            for f in shape.fields
        ),
        good={field: tuple(values) for field, values in shape.good.items()},
        against={
            metric: {field: tuple(values) for field, values in conditions.items()}
            for metric, conditions in shape.against.items()
        },
        text=content,
    )


def _both(shape: BothFile) -> Both:
    return {"zh": shape.zh, "en": shape.en}


def _faults(shape: RubricFile, document: Document) -> list[ConfigError]:
    problems: list[ConfigError] = []
    keys: dict[str, str] = {}
    for at, field in enumerate(shape.fields):
        where = document.where("fields", at)
        if field.id in [other.id for other in shape.fields[:at]]:
            problems.append(ConfigError(f"the field {field.id!r} is here twice", where, "rename one"))
        for word in ("id", "zh", "en"):
            said = [getattr(value, word).strip().casefold() for value in field.values]
            if len(set(said)) < len(said):
                problems.append(ConfigError(f"two values of {field.id!r} have the same {word!r}", where, "rename one"))
        for value in field.values:
            if value.key in keys:
                what = f"the key {value.key!r} chooses {keys[value.key]!r} already"
                problems.append(ConfigError(what, where, "give each value of all fields a key of its own"))
            keys.setdefault(value.key, value.id)
    problems += _conditions(shape, shape.good, document.where("good"))
    for metric, conditions in shape.against.items():
        problems += _conditions(shape, conditions, document.where("against", metric))
    return problems


def _conditions(shape: RubricFile, conditions: Mapping[str, Any], where: Where) -> list[ConfigError]:
    problems: list[ConfigError] = []
    if not conditions:
        problems.append(ConfigError("there is no condition", where, "write {FIELD: [VALUE, …]}"))
    for name, values in conditions.items():
        field = next((field for field in shape.fields if field.id == name), None)
        if field is None:
            hint = suggest(name, [f.id for f in shape.fields]) or f"fields: {', '.join(f.id for f in shape.fields)}"
            problems.append(ConfigError(f"there is no field {name!r}", where, hint))
            continue
        known = [value.id for value in field.values if not value.unsure]
        for value in values:
            if value not in known:
                hint = suggest(value, known) or f"values that judge: {', '.join(known)}"
                problems.append(ConfigError(f"{name!r} has no value {value!r} that judges", where, hint))
    return problems
