"""Renews the sums that the gateway holds its packaged text files against: ``python -m training.sums``.

Whoever changes such a file, by hand or by a training, runs it; else nothing starts, as the file seems damaged.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from gateway.packaged import SUMS

PACKAGE: Final = Path(__file__).parents[1] / "gateway"
_KINDS: Final = frozenset((".txt", ".json", ".yaml", ".html"))
_NOT_READ: Final = frozenset(("labels/fonts/OFL.txt",))
_HEAD: Final = "# What ships with Sluice, as it must be. After a change: python -m training.sums\n"


def sums(package: Path = PACKAGE) -> str:
    """Return what must stand in the file of sums: a line for every text file that is read from the package."""
    names = sorted(file.relative_to(package).as_posix() for file in package.rglob("*") if file.suffix in _KINDS)
    lines = (f"{hashlib.sha256((package / name).read_bytes()).hexdigest()}  {name}\n" for name in names if _ships(name))
    return _HEAD + "".join(lines)


def _ships(name: str) -> bool:
    """Whether it is read as it shipped; policies (``_policies``, in a built package) are the operator's."""
    return name not in _NOT_READ and not name.startswith("_")


def renew() -> None:
    """Write the file of sums, if another is due."""
    file, due = PACKAGE / SUMS, sums()
    if not file.is_file() or file.read_bytes() != due.encode("ascii"):
        file.write_bytes(due.encode("ascii"))


if __name__ == "__main__":
    renew()
