"""The label in Markdown: the key ``AIGC`` of the YAML front matter; every other line stays as it is."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from gateway.labels.carrier import Field, Reading, refuse
from gateway.labels.carriers.stream import size_of
from gateway.labels.metadata import NAME, AigcLabel
from gateway.labels.rules import Confidence
from gateway.labels.traces import visible

LARGEST: Final = 64 << 20
_FRONT: Final = re.compile(
    r"\A\ufeff?---[ \t]*(\r\n|\n|\r)(?P<body>.*?)^(?:---|\.\.\.)[ \t]*\r?$", re.DOTALL | re.MULTILINE
)
_LONGEST_FRONT: Final = 1 << 18
_MOST_NODES: Final = 10_000


class _Bad(Exception):
    """Why a front matter cannot be read."""


@dataclass(frozen=True, slots=True)
class Markdown:
    """Markdown, TC260-PG-20258A §6.5. It is known by its name: it has no signature."""

    name: str = "markdown"
    suffixes: tuple[str, ...] = (".md", ".markdown")
    guide: str = "TC260-PG-20258A 6.5"
    confidence: Confidence = "H"
    place: str = "YAML front matter, key AIGC"

    def sniff(self, head: bytes) -> bool:
        """Whether it begins with a front matter; Markdown without one shows only in its name."""
        return head.removeprefix(b"\xef\xbb\xbf").startswith((b"---\n", b"---\r\n"))

    def read(self, source: BinaryIO) -> Reading:
        """Look into the front matter, and for visible labels at the beginning and end of the text."""
        try:
            text = decoded(source)
            front = _front(text)
            fields = () if front is None else _fields(text[slice(*front)])
        except (_Bad, ValueError) as bad:
            return Reading(faults=(str(bad),))
        return Reading(fields, visible(text))

    def write(self, source: BinaryIO, target: BinaryIO, label: AigcLabel) -> None:
        """Put the seven keys into the front matter, as its last key or in the place of the one that is there."""
        try:
            text = decoded(source)
            front = _front(text)
            spans = [] if front is None else _spans(text[slice(*front)])
        except (_Bad, ValueError) as bad:
            raise refuse(str(bad)) from None
        mark = "\ufeff" if text.startswith("\ufeff") else ""
        line = "\r\n" if "\r\n" in text[:_LONGEST_FRONT] else "\n"
        block = line.join([f"{NAME}:", *(f"  {key}: {_quoted(value)}" for key, value in label.elements().items()), ""])
        if front is None:
            new = f"{mark}---{line}{block}---{line}{line if text.strip() else ''}{text.removeprefix(mark)}"
        else:
            body = text[slice(*front)]
            for start, end in reversed(spans):
                body = body[:start] + body[end:]
            if body.strip() and not body.endswith(("\n", "\r")):
                body += line
            new = text[: front[0]] + body + block + text[front[1] :]
        target.write(new.encode("utf-8"))


def decoded(source: BinaryIO) -> str:
    """Return a text file as text; raises ``ValueError`` where it is none in UTF-8."""
    if size_of(source) > LARGEST:
        raise ValueError(f"a text of more than {LARGEST >> 20} MiB is not read")
    data = source.read()
    if b"\0" in data:
        raise ValueError("the text holds NUL bytes: it is binary, or not in UTF-8")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"the text is not in UTF-8 (byte {error.start})") from None


def _front(text: str) -> tuple[int, int] | None:
    """Return where the front matter stands between its lines; None where there is none."""
    found = _FRONT.match(text[: _LONGEST_FRONT + 8])
    if found:
        return found.span("body")
    if re.match(r"\ufeff?---[ \t]*[\r\n]", text) and re.search(rf"^\s*{NAME}\s*:", text[:_LONGEST_FRONT], re.MULTILINE):
        raise _Bad("the front matter does not end")
    return None


def _compose(front: str) -> Any:
    """Return the front matter as YAML nodes: never built, so that no tag and no alias can do anything."""
    import yaml  # noqa: PLC0415

    try:
        depth = 0
        for count, event in enumerate(yaml.parse(front, Loader=yaml.SafeLoader)):
            opens = isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent)
            depth += opens - isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent)
            if isinstance(event, yaml.AliasEvent):
                raise _Bad("the front matter has aliases")
            if count > _MOST_NODES or depth > 50:
                raise _Bad("the front matter is too large")
        return yaml.compose(front, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise _Bad(f"the front matter is no YAML{f' (line {mark.line + 2})' if mark else ''}") from None


def _members(front: str) -> list[tuple[Any, Any]]:
    import yaml  # noqa: PLC0415

    node = _compose(front)
    if not isinstance(node, yaml.MappingNode):
        return []
    return [(key, value) for key, value in node.value if isinstance(key.value, str) and _is_label(key, value)]


def _is_label(key: Any, value: Any) -> bool:
    return NAME in key.value.upper() or "ContentProducer" in {
        inner.value for inner, _ in (value.value if value.id == "mapping" else ()) if isinstance(inner.value, str)
    }


def _fields(front: str) -> tuple[Field, ...]:
    return tuple(
        Field("front matter", key.value, value.value if value.id == "scalar" else _json(value), key.value == NAME)
        for key, value in _members(front)
    )


def _json(node: Any) -> str:
    """Return a YAML node as the JSON that says the same, with keys as they stand, twice if they stand twice."""
    if node.id == "mapping":
        return "{" + ",".join(f"{json.dumps(str(key.value))}:{_json(value)}" for key, value in node.value) + "}"
    if node.id == "sequence":
        return "[" + ",".join(_json(item) for item in node.value) + "]"
    kind = node.tag.rpartition(":")[2]
    if kind == "str" or (kind == "null" and node.value == ""):
        # A key with nothing behind it is how people write an empty value.
        return json.dumps(node.value, ensure_ascii=False)
    if kind == "int" and re.fullmatch(r"-?(?:0|[1-9][0-9]{0,17})", node.value):
        return str(node.value)
    return {"int": "0", "float": "0.5", "bool": "true"}.get(kind, "null")


def _spans(front: str) -> list[tuple[int, int]]:
    """Return the whole lines that hold labels."""
    spans = []
    for key, value in _members(front):
        if key.start_mark.column != 0:
            raise _Bad("the front matter is one line; a label cannot be changed in it")
        end = value.end_mark.index
        if value.end_mark.column:
            found = re.compile(r"\r\n|\n|\r").search(front, end)
            end = found.end() if found else len(front)
        spans.append((key.start_mark.index, end))
    return spans


def _quoted(value: str) -> str:
    """Return a value as a YAML string: in single quotes, or with escapes for what cannot be printed."""
    if value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    plain = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in plain) + '"'
