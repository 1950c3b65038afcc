"""The page on personal data names what there is: techniques, classes, commands, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.cli.privacy import privacy
from gateway.privacy.classes import groups
from gateway.privacy.keys import CURRENT, PREVIOUS
from gateway.privacy.techniques import techniques

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ["privacy.md", "privacy.zh.md"])
def test_the_page_names_what_there_is(name: str) -> None:
    text = (DOCS / name).read_text("utf-8")
    table = "".join(line for line in text.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`([a-z]+)`", table)) >= set(techniques())
    assert set(re.findall(r"class\.([a-z0-9_]+)", text)) <= set(groups())
    assert set(re.findall(r"sluice privacy ([a-z]+)", text)) == set(privacy.commands)
    assert CURRENT in text
    assert PREVIOUS in text


def test_both_pages_show_the_same_blocks() -> None:
    blocks = [
        re.findall(r"```.*?```", (DOCS / name).read_text("utf-8"), re.DOTALL)
        for name in ("privacy.md", "privacy.zh.md")
    ]
    assert blocks[0] == blocks[1]
