"""Checks a detector's options against what its kind declares, with the line of every mistake.

A detector declares its options as JSON Schema; of that the words below are understood, which is
what options need. What a schema cannot say, the detector says when it is built.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from gateway.document import Document, Place, suggest
from gateway.errors import ConfigError, PolicyError

_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
_NAMES: Final = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "empty",
}


def check_options(schema: Mapping[str, Any], options: Any, document: Document, place: Place) -> Iterator[ConfigError]:
    """Yield everything that is wrong with the options of one detector.

    Args:
        schema: JSON Schema; understood are ``type enum properties required additionalProperties items
            minItems maxItems minLength minimum maximum exclusiveMinimum exclusiveMaximum description``.
        options: What the policy says.
        document: The policy,
        place: and where in it the options stand.
    """
    types = schema.get("type", ())
    types = (types,) if isinstance(types, str) else tuple(types)
    if types and not any(_is(options, name) for name in types):
        yield _problem(document, place, f"should be {' or '.join(_NAMES[name] for name in types)}", schema)
    elif "enum" in schema and options not in schema["enum"]:
        hint = suggest(str(options), map(str, schema["enum"]))
        said = ", ".join(map(repr, schema["enum"]))
        yield _problem(document, place, f"may not be {options!r}; known: {said}", schema, hint)
    elif isinstance(options, dict):
        yield from _check_mapping(schema, options, document, place)
    elif isinstance(options, list):
        yield from _check_list(schema, options, document, place)
    elif isinstance(options, str):
        if len(options) < schema.get("minLength", 0):
            yield _problem(document, place, "is too short", schema)
    elif isinstance(options, int | float) and not isinstance(options, bool):
        yield from _check_number(schema, options, document, place)


def _is(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, _TYPES[name])


def _check_mapping(
    schema: Mapping[str, Any], options: Mapping[str, Any], document: Document, place: Place
) -> Iterator[ConfigError]:
    known: Mapping[str, Any] = schema.get("properties", {})
    others = schema.get("additionalProperties", False)
    for name in schema.get("required", ()):
        if name not in options:
            meaning = known.get(name, {}).get("description", "add it")
            yield PolicyError(f"the option {name!r} is missing", document.where(*place), meaning)
    for name, value in options.items():
        inner = known.get(name, others)
        if inner is False:
            hint = suggest(name, known) or (f"known options: {', '.join(sorted(known))}" if known else "remove it")
            yield PolicyError(f"unknown option {name!r}", document.where(*place, name), hint)
        elif inner is not True:
            yield from check_options(inner, value, document, (*place, name))


def _check_list(
    schema: Mapping[str, Any], options: list[Any], document: Document, place: Place
) -> Iterator[ConfigError]:
    if len(options) < schema.get("minItems", 0):
        yield _problem(document, place, f"needs at least {schema['minItems']}", schema)
    if len(options) > schema.get("maxItems", len(options)):
        yield _problem(document, place, f"takes at most {schema['maxItems']}", schema)
    for index, item in enumerate(options):
        yield from check_options(schema.get("items", {}), item, document, (*place, index))


def _check_number(schema: Mapping[str, Any], number: float, document: Document, place: Place) -> Iterator[ConfigError]:
    bounds = (
        ("minimum", number < schema.get("minimum", number), "should be at least"),
        ("maximum", number > schema.get("maximum", number), "should be at most"),
        ("exclusiveMinimum", number <= schema.get("exclusiveMinimum", number - 1), "should be greater than"),
        ("exclusiveMaximum", number >= schema.get("exclusiveMaximum", number + 1), "should be less than"),
    )
    for word, broken, message in bounds:
        if broken:
            yield _problem(document, place, f"{message} {schema[word]}", schema)


def _problem(document: Document, place: Place, what: str, schema: Mapping[str, Any], hint: str = "") -> ConfigError:
    name = next((part for part in reversed(place) if isinstance(part, str)), "")
    said = "options" if name in ("options", "") else f"the option {name!r}"
    return PolicyError(f"{said} {what}", document.where(*place), hint or schema.get("description", ""))
