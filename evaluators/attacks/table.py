"""The attacks as a table, for the command line and for the page about them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from evaluators.attacks.attack import Attack


def entries(attacks: Iterable[Attack]) -> list[dict[str, Any]]:
    """Return for each attack its id, family, name, languages, and how it is read back.

    ``back`` is ``undone`` (the question comes out again), ``read`` (what stays equal: sound, parts, letters) or
    ``quoted`` (the question stands in it).
    """
    return [
        {
            "id": attack.id,
            "family": attack.family,
            "name": dict(attack.name),
            "languages": sorted(attack.languages, reverse=True),
            "back": "undone" if attack.undo else "read" if attack.same else "quoted",
        }
        for attack in attacks
    ]


def table(attacks: Iterable[Attack]) -> str:
    """Return the table as Markdown."""
    lines = ["| attack | 名称 | what | family | languages | read back |", "|---|---|---|---|---|---|"]
    lines += [
        f"| `{entry['id']}` | {entry['name']['zh']} | {entry['name']['en']} | {entry['family']} "
        f"| {', '.join(entry['languages'])} | {entry['back']} |"
        for entry in entries(attacks)
    ]
    return "\n".join(lines) + "\n"
