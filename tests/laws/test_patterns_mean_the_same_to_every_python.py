"""No pattern repeats a group without giving back (``(?:…){0,3}+``): Python 3.11.2, which Debian 12 has, reads it wrong.

With some groups it then finds nothing where 3.11.7 finds what is there. Single characters may be repeated so.

Mutants killed: one such group in any of the street patterns.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
KEPT_GROUP: Final = re.compile(r"(?<!\\)\)(?:\?|\*|\+|\{\d*,?\d*\})\+")


def patterns(source: Path) -> Iterator[tuple[int, str]]:
    """Yield the texts of a source file that may be patterns, and the lines where they stand."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "x" for part in node.values]
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def test_no_group_is_repeated_without_giving_back() -> None:
    told = [
        f"{source.relative_to(ROOT)}:{line}"
        for package in ("gateway", "evaluators", "benchmarks", "training")
        for source in sorted((ROOT / package).rglob("*.py"))
        for line, text in patterns(source)
        if KEPT_GROUP.search(text)
    ]
    assert told == [], "repeat the group without the last +: Python 3.11.2 reads it wrong"


@pytest.mark.parametrize("text", ["(?:a){0,3}+", "(?:a)?+", "(a)*+b", "(?:[a-z] ){2}+"])
def test_such_a_group_is_seen(text: str) -> None:
    assert KEPT_GROUP.search(text)


@pytest.mark.parametrize("text", ["[a-z]{0,3}+", "a?+", "(?:a){0,3}", r"\)?+", "(?:a)+"])
def test_others_are_not(text: str) -> None:
    assert not KEPT_GROUP.search(text)
