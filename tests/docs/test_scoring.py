import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from evaluators.cli import eval_command

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("scoring.md", "scoring.zh.md")


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_the_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    row = {"id": 1, "question": "保修多久？", "answer": "保修两年。", "contexts": ["保修两年。"]}
    Path("rows.jsonl").write_text(json.dumps(row) + "\n")
    (block,) = re.findall(r"```sh\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    for line in block.strip().splitlines():
        command, _, source = line.partition(" < ")
        given = Path(source).read_bytes() if source else None
        result = CliRunner().invoke(eval_command, shlex.split(command)[2:], input=given)
        assert result.exit_code == 0, result.output
        assert result.stdout


def test_both_languages_name_the_same_fields_and_scorers():
    named = [set(re.findall(r"`([a-z_@0-9]+)`", (DOCS / page).read_text("utf-8"))) for page in PAGES]
    assert named[0] == named[1]
