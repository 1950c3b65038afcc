"""Reads a bank from whatever kind of file it is in, and checks that every entry can do its work."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Final

from gateway.answers.bank import Bank
from gateway.answers.faults import faults
from gateway.answers.table_file import from_table
from gateway.answers.yaml_file import from_yaml
from gateway.errors import ConfigError, PolicyError, PolicyErrors, Where

KINDS: Final = (".yaml", ".yml", ".csv", ".xlsx")


def read_bank(content: bytes, name: str) -> Bank:
    """Read a bank and check that every entry can do its work.

    Args:
        content: The file: YAML, or CSV or XLSX with a header. A table without a column of states holds approved
            entries; several rows of one id are ways of asking the same.
        name: Its name; the ending says what it is.

    Raises:
        PolicyErrors: All that is wrong, with file and line, or row and column.
    """
    kind = PurePath(name).suffix.lower()
    if kind not in KINDS:
        what = f"cannot tell from the ending {kind!r} what kind of file this is"
        raise PolicyErrors([PolicyError(what, Where(name), "use .yaml, .csv or .xlsx")])
    try:
        bank = from_yaml(content, name) if kind in (".yaml", ".yml") else from_table(content, name, kind)
    except ConfigError as error:
        raise PolicyErrors(error.problems) from None
    problems = list(faults(bank))
    if problems:
        raise PolicyErrors(problems)
    return bank


def read_file(path: Path) -> Bank:
    """Read a bank; raises ``ConfigError``, also for a file that cannot be read."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read the file: {error.strerror}", Where(str(path)), "check the path") from None
    return read_bank(content, str(path))
