"""Tables for a terminal, aligned also where Chinese characters take two columns."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import east_asian_width


def width(text: str) -> int:
    """Return how many columns a text takes on a terminal."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Draw a table: the first column to the left, numbers to the right."""
    widths = [max(width(row[at]) for row in (head, *rows)) for at in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell + " " * (widths[at] - width(cell)) if at == 0 else " " * (widths[at] - width(cell)) + cell
            for at, cell in enumerate(cells)
        ]
        return "│ " + " │ ".join(padded) + " │"

    def rule(left: str, cross: str, right: str) -> str:
        return left + cross.join("─" * (size + 2) for size in widths) + right

    return "\n".join(
        [title, rule("┌", "┬", "┐"), line(head), rule("├", "┼", "┤"), *map(line, rows), rule("└", "┴", "┘")]
    )
