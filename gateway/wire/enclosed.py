"""Find the files that a part of an answer encloses: in base64 beside their kind, or as ``data:`` URLs.

Known are the shapes of OpenAI's file parts, of Anthropic's sources, of MCP's contents and of generated pictures.
Ids of files and addresses that somebody may fetch later hold no bytes: they are none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from gateway.ports import Medium

_ALWAYS: Final = frozenset({"file_data", "b64_json", "blob"})
"""Keys whose text is a file in base64, whatever stands beside it."""

_BESIDE: Final = ("media_type", "mime_type", "mimeType", "format")
"""Keys that say of ``data`` beside them that it is a file."""

_NAMES: Final = ("filename", "file_name", "name", "title", "uri")
_SUFFIXES: Final = {
    "text/markdown": ".md",
    "text/html": ".html",
    "application/json": ".json",
}
"""How the names of formats that have no signature end."""

_HEAD: Final = 200
"""Characters of a ``data:`` URL within which its kind is said."""


def enclosed(part: Mapping[str, Any], choice: int = 0, *, only: Collection[str] | None = None) -> Iterator[Medium]:
    """Yield every file in a part, objects before what lies deeper in them.

    Args:
        part: An object of an answer.
        choice: Whose it is.
        only: Under which keys of the part to look; None for all.
    """
    pending: list[tuple[object, str]] = [(part, "")]
    while pending:
        item, outer = pending.pop()
        if isinstance(item, dict):
            name = _name(item) or outer
            inner = []
            for key, value in item.items():
                if only is not None and item is part and key not in only:
                    continue
                if isinstance(value, str):
                    if form := _form(item, key, value):
                        yield Medium("file", item, key, form, choice, _with_suffix(name, item, value))
                elif isinstance(value, dict | list):
                    inner.append((value, name))
            pending.extend(reversed(inner))
        elif isinstance(item, list):
            for at, value in enumerate(item):
                if isinstance(value, str) and _is_data_url(value):
                    yield Medium("file", item, at, "url", choice, _with_suffix(outer, {}, value))
            pending.extend((value, outer) for value in reversed(item) if isinstance(value, dict | list))


def _form(item: Mapping[str, Any], key: str, value: str) -> Any:
    """Return how a file stands there; None if it is none."""
    if _is_data_url(value):
        return "url"
    if not value or value.startswith(("http://", "https://")):
        return None
    if key in _ALWAYS:
        return "base64"
    if key == "data" and item.get("type") != "text" and any(isinstance(item.get(kind), str) for kind in _BESIDE):
        return "base64"
    return "base64" if key == "result" and item.get("type") == "image_generation_call" else None


def _is_data_url(value: str) -> bool:
    return value.startswith("data:") and ";base64," in value[:_HEAD]


def _name(item: Mapping[str, Any]) -> str:
    return next((item[key] for key in _NAMES if isinstance(item.get(key), str) and item[key]), "")


def _with_suffix(name: str, item: Mapping[str, Any], value: str) -> str:
    """Return a name that ends as its kind says, for formats that are known by nothing else."""
    said = value[5:_HEAD].partition(";")[0] if _is_data_url(value) else ""
    kind = said or next((item[key] for key in _BESIDE if isinstance(item.get(key), str)), "")
    suffix = _SUFFIXES.get(kind, "")
    return name if not suffix or name.endswith(suffix) else f"{name or 'file'}{suffix}"
