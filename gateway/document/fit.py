"""Checks a document against a pydantic model: every misfit with file, line and a suggestion."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, RootModel, ValidationError

from gateway.document.reader import Document, Place, suggest
from gateway.errors import ConfigError, ConfigErrors

Model = TypeVar("Model", bound=BaseModel)


def validate(document: Document, model: type[Model], *, strict: bool = True) -> Model:
    """Check a document against a pydantic model and return the model.

    Args:
        document: What was read.
        model: The shape that it must have.
        strict: Whether ``"8080"`` is refused where a number is due.

    Raises:
        ConfigErrors: Every key that is unknown, missing or holds what it may not, each with file
            and line, and with a suggestion where there is one.
    """
    try:
        # By way of JSON: there a list may become a tuple even in strict mode.
        return model.model_validate_json(json.dumps(document.value, ensure_ascii=False), strict=strict)
    except ValidationError as error:
        problems = [_problem(document, model, detail) for detail in _told(error.errors(include_url=False))]
        raise ConfigErrors(problems) from None


def _told(details: Sequence[Any]) -> list[Any]:
    """Leave out that a list is too short where only its wrong items make it so: one mistake is one message."""

    def of_items(detail: Any) -> bool:
        at = detail["loc"]
        return any(len(other["loc"]) > len(at) and other["loc"][: len(at)] == at for other in details)

    return [detail for detail in details if detail["type"] != "too_short" or not of_items(detail)]


def _problem(document: Document, model: type[BaseModel], detail: Any) -> ConfigError:
    kind, location = str(detail["type"]), tuple(detail["loc"])
    place, shapes = _follow(document.value, model, location)
    where = document.where(*place)
    name = _named(place)
    if kind == "extra_forbidden":
        known = {field.alias or key for shape in shapes for key, field in shape.model_fields.items()}
        hint = suggest(str(location[-1]), known) or f"known keys: {', '.join(sorted(known))}"
        return ConfigError(f"unknown key {location[-1]!r}", where, hint)
    if kind == "missing" and isinstance(location[-1], int):
        return ConfigError(f"{name} needs {location[-1] + 1} items", where, _meaning(shapes, place))
    if kind == "missing":
        fields = (shape.model_fields.get(str(location[-1])) for shape in shapes)
        meaning = next((field.description for field in fields if field and field.description), None)
        return ConfigError(f"the key {location[-1]!r} is missing", where, meaning or "add it")
    if kind == "literal_error" and isinstance(detail["input"], str | int | float | bool):
        expected = str(detail["ctx"]["expected"])
        words = re.findall(r"'([^']*)'", expected)
        hint = suggest(str(detail["input"]), words) or f"write {expected}"
        return ConfigError(f"{name} may not be {detail['input']!r}", where, hint)
    if kind in ("value_error", "assertion_error"):
        what, _, hint = str(detail["msg"]).partition(", ")[2].partition(" — ")
        return ConfigError(f"{name}: {what}", where, hint)
    fits = re.sub(r"^(Input|String) (should)", r"\2", str(detail["msg"]))
    fits = fits.replace("an object", "a mapping").replace("dictionary", "mapping").replace("array", "list")
    colon = "" if fits.startswith("should") else ":"
    return ConfigError(f"{name}{colon} {fits}", where, _meaning(shapes, place))


def _meaning(shapes: Iterable[type[BaseModel]], place: Place) -> str:
    """Return how the model describes the field that ``place`` ends in; empty if it does not."""
    key = next((part for part in reversed(place) if isinstance(part, str)), "")
    found = (shape.model_fields[key].description for shape in shapes if key in shape.model_fields)
    return next((text for text in found if text), "")


def _follow(value: Any, model: type[BaseModel], location: Place) -> tuple[Place, list[type[BaseModel]]]:
    """Walk ``location`` down the document and the model together.

    Returns:
        The place as far as it is in the document, and the models that hold its last key. Parts
        of the location that are not in the document (pydantic names branches of unions) are
        passed over.
    """
    place: Place = ()
    shapes = _models(model)
    holders = shapes
    for part in location:
        held = isinstance(value, dict) and part in value
        if not held and not (isinstance(value, list) and isinstance(part, int) and part < len(value)):
            continue
        value, place = value[part], (*place, part)
        if held:
            holders = shapes
            hints = [shape.model_fields[str(part)].annotation for shape in shapes if str(part) in shape.model_fields]
            shapes = [found for hint in hints for found in _models(hint)] or (shapes if not hints else [])
    last_is_written = bool(location) and place[-1:] == location[-1:]
    return place, (holders if last_is_written and isinstance(location[-1], str) else shapes or holders)


def _models(hint: Any) -> list[type[BaseModel]]:
    """Return the models inside a type, through unions, lists, mappings and annotations."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return _models(hint.model_fields["root"].annotation) if issubclass(hint, RootModel) else [hint]
    return [found for part in get_args(hint) for found in _models(part)]


def _named(place: Place) -> str:
    """Write a place as a person would, in quotes: ``'request.rules[2].then'``."""
    out = ""
    for part in place:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else part
    return f"'{out}'" if out else "the document"
