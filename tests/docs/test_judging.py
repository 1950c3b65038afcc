"""The page about judging names every scorer that it describes, and commands that exist."""

import re
from pathlib import Path

import pytest

from evaluators.cli import COMMANDS
from evaluators.scorers.registry import registry

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ["judging.md", "judging.zh.md"])
def test_the_page_names_scorers_and_commands_that_exist(name):
    text = (DOCS / name).read_text("utf-8")
    scorers = re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE)
    assert len(scorers) == 9
    assert set(scorers) <= set(registry())
    commands = re.findall(r"^sluice eval ([a-z]+)", text, re.MULTILINE)
    assert len(commands) == 7
    assert set(commands) <= set(COMMANDS)
