"""The JSON Schema of suite files, for editors: every key, every scorer with its options, and what they mean."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from evaluators.scorers.spec import Options, ScorerSpec
from evaluators.suite_file import KINDS, SuiteFile

_ATTRIBUTE = re.compile(r"^ {4}(\w+): (.+(?:\n {8,}.+)*)", re.MULTILINE)


_USUAL: Final = {
    "pass_at": "the value at which a row passes",
    "parameters": "further fields of the judge's requests",
    "timeout_s": "for one attempt of the judge, in seconds",
    "attempts": "how often the judge is asked that finds no answer",
}
"""What options of several scorers mean, where a scorer does not say it itself."""


def json_schema(scorers: Mapping[str, ScorerSpec], attacks: Iterable[str]) -> dict[str, Any]:
    """Return the schema.

    Args:
        scorers: What ``use`` may name; their options are checked by name.
        attacks: Names that are offered; they may also be joined by ``+``.
    """
    schema = SuiteFile.model_json_schema()
    shapes: dict[str, dict[str, Any]] = schema["$defs"]
    for shape in (*shapes.values(), schema):
        _tidy(shape)
    scorer = shapes["ScorerFile"]
    scorer["properties"]["use"] = {
        "description": scorer["properties"]["use"]["description"],
        "oneOf": [{"const": name, "description": spec.summary} for name, spec in sorted(scorers.items())],
    }
    scorer["allOf"] = [_options_of(name, spec.options) for name, spec in sorted(scorers.items())]
    kind = shapes["TargetFile"]["properties"]["kind"]
    shapes["TargetFile"]["properties"]["kind"] = {
        "description": kind["description"],
        "default": kind["default"],
        "oneOf": [{"const": word, "description": meaning} for word, meaning in KINDS.items()],
    }
    schema["properties"]["attacks"]["items"] = {"type": "string", "examples": list(attacks)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Sluice evaluation suite",
        **{key: value for key, value in schema.items() if key != "title"},
    }


def _options_of(name: str, options: type[Options]) -> dict[str, Any]:
    shape = options.model_json_schema()
    _tidy(shape)
    meanings = {key: " ".join(text.split()) for key, text in _ATTRIBUTE.findall(inspect.getdoc(options) or "")}
    for key, field in shape.get("properties", {}).items():
        if key in meanings or key in _USUAL:
            field.setdefault("description", meanings.get(key) or _USUAL[key])
    defined = shape.pop("$defs", None)
    if defined:
        shape = _inlined(shape, defined)
    shape.pop("description", None)
    then: dict[str, Any] = {"properties": {"options": shape}}
    if shape.get("required"):
        then["required"] = ["options"]
    return {"if": {"properties": {"use": {"const": name}}, "required": ["use"]}, "then": then}


def _inlined(value: Any, defined: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        if "$ref" in value:
            return _inlined(defined[value["$ref"].rsplit("/", 1)[1]], defined)
        return {key: _inlined(item, defined) for key, item in value.items()}
    return [_inlined(item, defined) for item in value] if isinstance(value, list) else value


def _tidy(shape: dict[str, Any]) -> None:
    """Drop what says nothing to a person: generated titles, null alternatives, defaults that are null or mappings."""
    for key, field in shape.get("properties", {}).items():
        silent = field.get("default") is None or isinstance(field["default"], dict)
        kept = {name: value for name, value in field.items() if name != "title" and not (name == "default" and silent)}
        choices = [choice for choice in kept.get("anyOf", ()) if choice != {"type": "null"}]
        if len(choices) == 1:
            del kept["anyOf"]
            kept = {**choices[0], **kept}
        shape["properties"][key] = kept
    shape.pop("title", None)
