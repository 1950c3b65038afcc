"""Reads YAML strictly, and remembers where every key is written.

What YAML readers disagree about (``no`` as a
boolean, ``010`` as eight, ``1:30`` as ninety) is refused with a word on what to write instead,
so that no editor or template engine sees another document than we do. Values are plain Python:
None, bool, int, float, str, list, dict; a date stays text.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from gateway.errors import ConfigError, ConfigErrors, Where

Place = tuple[str | int, ...]
"""Where a value stands in a document: keys and indexes from the root."""

MAX_BYTES: Final = 1_000_000
_MAX_DEPTH: Final = 60
_MAX_NODES: Final = 100_000
_MAX_ALIASES: Final = 100

_STANDARD: Final = "tag:yaml.org,2002:"
_TEXT_TAGS: Final = ("!", f"{_STANDARD}str")
_WORD_BOOLEANS: Final = frozenset({"on", "off", "yes", "no"})
_HALF: Final = re.compile(r"[\ud800-\udfff]")
_DECIMAL: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_SIXTIES: Final = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z")


@dataclass(frozen=True, slots=True)
class Document:
    """A file as plain Python, and the place of every key and list item in it.

    Attributes:
        file: The file's name as it was opened.
        value: What it says.
        places: For each key and item the place where it is written; the root is ``()``.
    """

    file: str
    value: Any
    places: Mapping[Place, Where]

    def where(self, *place: str | int) -> Where:
        """Return where ``place`` is written; the nearest enclosing place if it is not."""
        for size in range(len(place), -1, -1):
            found = self.places.get(place[:size])
            if found is not None:
                return found
        return Where(self.file)


def read_document(text: str | bytes, file: str) -> Document:
    """Read one YAML document.

    Args:
        text: The content; bytes are UTF-8, with or without a byte order mark.
        file: Its name, for messages.

    Raises:
        ConfigErrors: It is not UTF-8, not YAML, larger than 1 MB, or it holds a duplicate key, a
            key that is not text, a tag, a merge key, a word that YAML takes for a boolean, or
            aliases that unfold to more than 100,000 values.
    """
    return _Reader(_decoded(text, file), file).read()


def _decoded(text: str | bytes, file: str) -> str:
    try:
        raw = text if isinstance(text, bytes) else text.encode()
    except UnicodeEncodeError as error:
        line = error.object.count("\n", 0, error.start) + 1
        problem = ConfigError("the file holds half a surrogate pair", Where(file, line), "save it as UTF-8")
        raise ConfigErrors([problem]) from None
    if len(raw) > MAX_BYTES:
        problem = ConfigError(f"the file has {len(raw):,} bytes", Where(file), f"at most {MAX_BYTES:,} are read")
        raise ConfigErrors([problem])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problem = ConfigError(f"byte {error.start + 1} is not UTF-8", Where(file, line), "save the file as UTF-8")
        raise ConfigErrors([problem]) from None


@dataclass(slots=True)
class _Frame:
    """A list or mapping that is being read."""

    value: list[Any] | dict[str, Any]
    place: Place
    anchor: str | None
    key: str | None = None
    key_where: Where | None = None
    seen: dict[str, Where] = field(default_factory=dict)


class _Reader:
    """Builds a document from YAML's events: no recursion, so depth cannot break it."""

    def __init__(self, text: str, file: str) -> None:
        self._text, self._file = text, file
        self._places: dict[Place, Where] = {}
        self._problems: list[ConfigError] = []
        self._stack: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, Place]] = {}
        self._open_anchors: set[str] = set()
        self._nodes = self._aliases = 0
        self._root: Any = None

    def read(self) -> Document:
        try:
            self._read()
        except ConfigError as error:
            raise ConfigErrors([*self._problems, error]) from None
        if self._problems:
            raise ConfigErrors(self._problems)
        self._places.setdefault((), Where(self._file, 1, 1))
        return Document(self._file, self._root, self._places)

    def _read(self) -> None:
        begun = False
        try:
            loader = yaml.SafeLoader(self._text)
            while loader.check_event():
                event: yaml.Event = loader.get_event()  # type: ignore[no-untyped-call]
                if isinstance(event, yaml.DocumentStartEvent):
                    if begun:
                        raise ConfigError("a second document begins here", self._at(event), "one file, one document")
                    begun = True
                else:
                    self._take(event, loader)
        except yaml.MarkedYAMLError as error:
            raise self._syntax(error) from None
        except yaml.reader.ReaderError as error:
            line = self._text.count("\n", 0, error.position) + 1
            what = f"the character U+{ord(self._text[error.position]):04X} may not stand in YAML"
            raise ConfigError(what, Where(self._file, line), "remove it") from None
        except (ValueError, OverflowError):  # the scanner's own: an escape beyond Unicode
            raise ConfigError("an escape stands for no character", Where(self._file), "see \\u and \\U") from None

    # --- events ---

    def _take(self, event: yaml.Event, loader: yaml.SafeLoader) -> None:
        if isinstance(event, yaml.ScalarEvent):
            if _HALF.search(event.value):
                raise ConfigError("half a surrogate pair stands for nothing", self._at(event), "write both halves")
            if self._wants_key():
                self._take_key(event, loader)
            else:
                self._put(self._scalar(event, loader), event, event.anchor)
        elif isinstance(event, yaml.AliasEvent):
            self._take_alias(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            frame = self._stack.pop()
            if frame.anchor:
                self._open_anchors.discard(frame.anchor)

    def _wants_key(self) -> bool:
        return bool(self._stack) and isinstance(self._stack[-1].value, dict) and self._stack[-1].key is None

    def _take_key(self, event: yaml.ScalarEvent, loader: yaml.SafeLoader) -> None:
        frame, where, word = self._stack[-1], self._at(event), event.value
        tag = _tag(event, loader)
        if tag == "merge":
            self._say("merge keys (<<) are not read", where, "write the keys out")
        elif tag == "bool":
            self._say(f"the key {word!r} is a boolean to YAML, not a word", where, f'write "{word}" or another word')
        elif tag not in ("str", "timestamp", "value"):
            self._say(f"the key {_short(word)} is not text", where, f'put it in quotes: "{_short(word)}"')
        elif word in frame.seen:
            line = frame.seen[word].line
            self._say(f"the key {_short(word)!r} is here twice", where, f"the first is in line {line}")
        else:
            frame.seen[word] = where
        frame.key, frame.key_where = word, where

    def _take_alias(self, event: yaml.AliasEvent) -> None:
        where, name = self._at(event), event.anchor or ""
        self._aliases += 1
        if self._aliases > _MAX_ALIASES:
            raise ConfigError(f"more than {_MAX_ALIASES} aliases", where, "write the values out")
        if self._wants_key():
            raise ConfigError(f"the alias *{name} stands for a key", where, "write the key out")
        if name in self._open_anchors:
            raise ConfigError(f"the alias *{name} holds itself", where, "write the value out")
        if name not in self._anchors:
            hint = suggest(name, self._anchors) or "name a value with & before you use it"
            raise ConfigError(f"nothing is named &{name}", where, hint)
        value, source = self._anchors[name]
        copied = self._copy(value, where)
        target = self._put(copied, event, None)
        # What an alias stands for is written where its anchor is.
        for place, at in list(self._places.items()):
            if len(place) > len(source) and place[: len(source)] == source:
                self._places[target + place[len(source) :]] = at

    def _copy(self, value: Any, where: Where) -> Any:
        self._count(where)
        if isinstance(value, dict):
            return {key: self._copy(item, where) for key, item in value.items()}
        if isinstance(value, list):
            return [self._copy(item, where) for item in value]
        return value

    def _begin(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        where = self._at(event)
        if self._wants_key():
            raise ConfigError("a list or mapping stands as a key", where, "a key is a word")
        if event.tag not in (None, "!"):
            self._say(f"the tag {_short(event.tag.replace(_STANDARD, '!!'))} is not read", where, "remove it")
        if len(self._stack) >= _MAX_DEPTH:
            raise ConfigError(f"more than {_MAX_DEPTH} levels of nesting", where, "make it flatter")
        value: list[Any] | dict[str, Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        place = self._put(value, event, event.anchor)
        if event.anchor:
            self._open_anchors.add(event.anchor)
        self._stack.append(_Frame(value, place, event.anchor))

    def _put(self, value: Any, event: yaml.Event, anchor: str | None) -> Place:
        """Put a value into what is being read, and note where it stands."""
        where = self._at(event)
        self._count(where)
        place: Place = ()
        if not self._stack:
            self._root = value
        else:
            frame = self._stack[-1]
            if isinstance(frame.value, list):
                place = (*frame.place, len(frame.value))
                frame.value.append(value)
            else:
                key = frame.key or ""
                place, where = (*frame.place, key), frame.key_where or where
                frame.value[key] = value
                frame.key = frame.key_where = None
        self._places[place] = where
        if anchor:
            self._anchors[anchor] = (value, place)
        return place

    def _scalar(self, event: yaml.ScalarEvent, loader: yaml.SafeLoader) -> Any:
        word, where = event.value, self._at(event)
        tag = _tag(event, loader)
        quoted = f'in quotes if you mean the word: "{_short(word)}"'
        if tag == "null":
            return None
        if tag == "bool":
            if word.lower() in _WORD_BOOLEANS:
                self._say(f"{word!r} is a boolean to YAML, not a word", where, f"write true or false, or {quoted}")
            return word.lower() == "true"
        if tag in ("int", "float"):
            number = _number(word)
            if number is None:
                self._say(f"readers of YAML disagree about the number {_short(word)}", where, f"write it {quoted}")
            return number
        if tag not in ("str", "timestamp", "value", "merge"):
            self._say(f"the tag {_short(tag)} is not read", where, "remove it")
        return word

    # --- messages ---

    def _at(self, event: yaml.Event) -> Where:
        mark = event.start_mark
        return Where(self._file, mark.line + 1, mark.column + 1) if mark else Where(self._file)

    def _say(self, what: str, where: Where, hint: str) -> None:
        self._problems.append(ConfigError(what, where, hint))

    def _count(self, where: Where) -> None:
        self._nodes += 1
        if self._nodes > _MAX_NODES:
            raise ConfigError(f"more than {_MAX_NODES:,} values, aliases unfolded", where, "use fewer aliases")

    def _syntax(self, error: yaml.MarkedYAMLError) -> ConfigError:
        mark = error.problem_mark or error.context_mark
        where, hint = Where(self._file), "look at the indentation, brackets and quotes here"
        if mark is not None:
            where = Where(self._file, mark.line + 1, mark.column + 1)
            line = self._text.splitlines()[mark.line : mark.line + 1]
            if line and "\t" in line[0][: mark.column + 1]:
                hint = "indent with spaces: a tab may not stand here"
            elif error.problem and error.problem.startswith("mapping values"):
                hint = 'a value that holds ": " needs quotes'
        context = f" ({error.context})" if error.context else ""
        return ConfigError(f"not valid YAML: {error.problem}{context}", where, hint)


def _tag(event: yaml.ScalarEvent, loader: yaml.SafeLoader) -> str:
    """Return what YAML takes a scalar for: ``str``, ``int``, ``bool`` …, or a foreign tag whole."""
    if event.tag in _TEXT_TAGS:
        return "str"
    if event.tag is not None:
        return str(event.tag).replace(_STANDARD, "!!")
    tag = str(loader.resolve(yaml.ScalarNode, event.value, event.implicit))  # type: ignore[no-untyped-call]
    return tag.removeprefix(_STANDARD)


def _number(word: str) -> int | float | None:
    """Return the number that every reader of YAML sees in ``word``, or None."""
    if _DECIMAL.match(word) and len(word) < 40:
        return int(word)
    if _SIXTIES.match(word) or "_" in word or word.lstrip("+-")[:2].lower() in ("0x", "0b", "0o"):
        return None
    if word.lstrip("+-").isdigit():  # 010 is eight to some and ten to others
        return None
    try:
        number = float(word)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _short(word: str) -> str:
    return word if len(word) <= 40 else f"{word[:37]}…"


def suggest(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for the nearest of ``known``; empty if none is near."""
    near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else ""
