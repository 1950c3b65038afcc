"""The page about attacks lists what there is, and its commands do what it says."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from evaluators.attacks.registry import attacks
from evaluators.attacks.table import table
from evaluators.cli import eval_command

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ["attacking.md", "attacking.zh.md"])
def test_the_page_ends_with_the_table_of_all_attacks(name):
    assert (DOCS / name).read_text("utf-8").endswith(table(attacks().values())), (
        "write it anew: sluice eval attacks --format markdown"
    )


@pytest.mark.parametrize("name", ["attacking.md", "attacking.zh.md"])
def test_the_commands_on_a_text_run_and_say_what_stands_behind_them(name):
    lines = re.findall(r"^sluice eval (attacks?(?: .*)?)$", (DOCS / name).read_text("utf-8"), re.MULTILINE)
    ran = 0
    for line in lines:
        command, _, said = line.partition(" # ")
        if "--jsonl" in command:
            continue
        result = CliRunner().invoke(eval_command, shlex.split(command))
        assert result.exit_code == 0, result.output
        assert not said.strip().startswith("zen ") or result.output.strip() == said.strip()
        ran += 1
    assert ran == 3
