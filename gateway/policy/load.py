"""Reads a policy and the policies that it extends; every line keeps its file and number.

``extends`` lays one file over another: detectors and rules by ``id`` (an entry with the id of an
inherited one takes its place, whole; others follow), replies by name, everything else by key. So
what a rule says can always be read in one place.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from gateway.document import MAX_BYTES, Document, Place, read_document, suggest, validate
from gateway.errors import ConfigError, PolicyError, PolicyErrors, Where
from gateway.policy.schema import PolicyFile

MAX_LIST_BYTES: Final = 64_000_000
_MAX_CHAIN: Final = 10
_LISTS: Final = (("detectors",), ("request", "rules"), ("response", "rules"))


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as it was read, with everything that it extends laid in.

    Attributes:
        name: Its name.
        path: The file that was asked for.
        document: What it says, all in all; each place points into the file that says it.
        content: The same, checked for its shape.
        files: The policy files that it was made of, the one that was asked for first.
    """

    name: str
    path: Path
    document: Document
    content: PolicyFile
    files: tuple[str, ...]


def load_policy(path: Path, shipped: Mapping[str, Path] | None = None) -> Policy:
    """Read a policy file and everything that it extends.

    Args:
        path: The file.
        shipped: Policies that ``extends`` may name without a path.

    Raises:
        PolicyErrors: A file cannot be read or has the wrong shape, or ``extends`` goes in a circle.
    """
    try:
        chain = _chain(path, shipped or {})
        document = chain[-1]
        for layer in reversed(chain[:-1]):
            document = _lay(layer, document)
        content = validate(document, PolicyFile)
    except ConfigError as error:
        raise PolicyErrors(error.problems) from None
    return Policy(content.name, path, document, content, tuple(layer.file for layer in chain))


@dataclass(slots=True)
class FileLoader:
    """Reads the files that a policy names, relative to ``folder``, and remembers what it read.

    Attributes:
        folder: Where relative names start.
        read: For each name the digest (sha256, hex) of what it holds.
        paths: For each name the path that was opened.
    """

    folder: Path
    read: dict[str, str] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)

    def __call__(self, name: str) -> bytes:
        """Return the bytes of ``name``; raises ``PolicyError`` if it cannot be read."""
        path = Path(os.path.normpath(self.folder / name))
        content = _bytes(path, None, MAX_LIST_BYTES)
        self.read[name], self.paths[name] = hashlib.sha256(content).hexdigest(), str(path)
        return content


def policy_loader(policy: Policy, at: Where | None = None) -> FileLoader:
    """Return a loader for the files that a policy names.

    Args:
        policy: Names are relative to its file,
        at: or to the file of this place, where a line was inherited.
    """
    return FileLoader(Path(at.file if at else policy.path).parent)


def _bytes(path: Path, where: Where | None, limit: int) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise PolicyError(f"{str(path)!r} is not a file", where, "name a file")
        if status.st_size > limit:
            raise PolicyError(f"{str(path)!r} has {status.st_size:,} bytes", where, f"at most {limit:,} are read")
        return path.read_bytes()
    except FileNotFoundError:
        hint = suggest(path.name, _neighbours(path.parent)) or "names are relative to the policy file"
        raise PolicyError(f"there is no file {str(path)!r}", where, hint) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a file name"
        raise PolicyError(f"cannot read {str(path)!r}: {reason}", where, "check its name and who may read it") from None


def _neighbours(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in folder.iterdir()]
    except OSError:
        return []


# --- extends -------------------------------------------------------------------------------------


def _chain(path: Path, shipped: Mapping[str, Path]) -> list[Document]:
    """Read ``path`` and what it extends, nearest first; each is checked for its shape."""
    chain: list[Document] = []
    problems: list[ConfigError] = []
    seen: list[str] = []
    where: Where | None = None
    while True:
        real = _real(path)
        if real in seen or len(seen) >= _MAX_CHAIN:
            circle = " → ".join(Path(entry).name for entry in [*seen, real])
            raise PolicyErrors([*problems, PolicyError(f"extends goes in a circle: {circle}", where, "break it")])
        seen.append(real)
        try:
            document = read_document(_bytes(path, where, MAX_BYTES), str(path))
        except ConfigError as error:
            raise PolicyErrors([*problems, error]) from None
        chain.append(document)
        problems.extend(_misfits(document))
        parent = document.value.get("extends") if isinstance(document.value, dict) else None
        if not isinstance(parent, str) or not parent:
            break
        where = document.where("extends")
        path = shipped[parent] if parent in shipped else Path(os.path.normpath(path.parent / parent))
    if problems:
        raise PolicyErrors(problems)
    return chain


def _real(path: Path) -> str:
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):  # no such name can exist: reading it will say so
        return str(path)


def _misfits(document: Document) -> list[ConfigError]:
    """Return what is wrong with the shape of one file."""
    problems = _duplicates(document)
    try:
        validate(document, PolicyFile)
    except ConfigError as error:
        problems.extend(error.problems)
    return problems


def _duplicates(document: Document) -> list[ConfigError]:
    """Within one file an id is given once."""
    problems: list[ConfigError] = []
    for keys in _LISTS:
        first: dict[str, Where] = {}
        for index, entry in enumerate(_list_at(document.value, keys)):
            name = entry.get("id") if isinstance(entry, dict) else None
            if not isinstance(name, str):
                continue
            where = document.where(*keys, index, "id")
            if name in first:
                what = f"the id {name!r} is here twice in {'.'.join(keys)}"
                problems.append(PolicyError(what, where, f"the first is in line {first[name].line}; rename one"))
            first.setdefault(name, where)
    return problems


def _list_at(value: Any, keys: tuple[str, ...]) -> list[Any]:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, list) else []


def _lay(upper: Document, lower: Document) -> Document:
    """Lay one document over another."""
    layers = _Layers(upper, lower)
    value = layers.merge(upper.value, lower.value, ())
    return Document(upper.file, value, layers.places)


class _Layers:
    """Two documents becoming one, and the places that follow."""

    def __init__(self, upper: Document, lower: Document) -> None:
        self._upper, self._lower = upper, lower
        self.places: dict[Place, Where] = {(): upper.where()}

    def merge(self, upper: Mapping[str, Any], lower: Mapping[str, Any], at: Place) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for key in [*lower, *(key for key in upper if key not in lower)]:
            place = (*at, key)
            if key not in upper:
                merged[key] = self._take(self._lower, place, place, lower[key])
            elif key not in lower:
                merged[key] = self._take(self._upper, place, place, upper[key])
            elif place in _LISTS:
                self.places[place] = self._upper.where(*place)
                merged[key] = self._merge_list(upper[key], lower[key], place)
            elif isinstance(upper[key], dict) and isinstance(lower[key], dict):
                self.places[place] = self._upper.where(*place)
                merged[key] = self.merge(upper[key], lower[key], place)
            else:
                merged[key] = self._take(self._upper, place, place, upper[key])
        return merged

    def _merge_list(self, upper: list[Any], lower: list[Any], at: Place) -> list[Any]:
        merged: list[Any] = []
        by_id = {entry["id"]: index for index, entry in enumerate(upper)}
        for index, entry in enumerate(lower):
            target = (*at, len(merged))
            above = by_id.pop(entry["id"], None)
            if above is None:
                merged.append(self._take(self._lower, (*at, index), target, entry))
            else:
                merged.append(self._take(self._upper, (*at, above), target, upper[above]))
        for index in by_id.values():
            merged.append(self._take(self._upper, (*at, index), (*at, len(merged)), upper[index]))
        return merged

    def _take(self, document: Document, source: Place, target: Place, value: Any) -> Any:
        """Take a value as it is, with its places."""
        for place, where in document.places.items():
            if place[: len(source)] == source:
                self.places[target + place[len(source) :]] = where
        return value
