"""Reads the text files that ship inside the package; one that is damaged, cut or missing is an error, never less data.

Tables of characters, word lists and small weights read just as well when half of them is gone: so each is held
against the sums in ``SHA256SUMS`` (``sha256sum --check`` reads them, too). Files that carry a sum of their own
(``*.npz``, ``*.bin``) are left to their readers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from gateway.errors import ConfigError, ConfigErrors

SUMS: Final = "SHA256SUMS"
_FOLDER: Final = Path(__file__).parent
_MEND: Final = "install the package again"


def packaged(name: str, folder: Path = _FOLDER) -> bytes:
    """Return the bytes of a file.

    Args:
        name: Its path inside the package, such as ``glyphs/pinyin.txt``.
        folder: Where the package lies.

    Raises:
        ConfigError: It is missing, or is not what shipped.
    """
    content = _read(folder, name)
    if hashlib.sha256(content).hexdigest() != _sums(folder).get(name):
        raise ConfigError(f"{_FOLDER.name}/{name} is damaged or incomplete", None, _MEND)
    return content


def packaged_text(name: str, folder: Path = _FOLDER) -> str:
    """Return what ``packaged`` does, as text."""
    return packaged(name, folder).decode("utf-8")


def check_packaged(folder: Path = _FOLDER) -> None:
    """Read every file once, in a millisecond: some are used for the first time when somebody asks.

    Raises:
        ConfigErrors: All that are missing or damaged.
    """
    problems: list[ConfigError] = []
    for name in _sums(folder):
        try:
            packaged(name, folder)
        except ConfigError as error:
            problems.append(error)
    if problems:
        raise ConfigErrors(problems)


@cache
def _sums(folder: Path) -> Mapping[str, str]:
    lines = _read(folder, SUMS).decode("ascii", "replace").splitlines()
    pairs = (line.partition("  ") for line in lines if not line.startswith("#"))
    return {name: digest for digest, _, name in pairs}


def _read(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise ConfigError(f"{_FOLDER.name}/{name} cannot be read: {error.strerror}", None, _MEND) from None
