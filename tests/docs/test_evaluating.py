"""Every suite fragment of the page about suites is one that loads, and its commands run."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from evaluators.cli import eval_command
from evaluators.suite import load_suite

DOCS = Path(__file__).parents[2] / "docs"
SUITE = {"name": "a", "summary": {"zh": "甲", "en": "a"}, "data": "d.jsonl", "scorers": [{"use": "refusal"}]}
PAGES = ("evaluating.md", "evaluating.zh.md")


@pytest.mark.parametrize("page", PAGES)
def test_every_fragment_is_part_of_a_suite_that_loads(page, tmp_path):
    fragments = re.findall(r"```yaml\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    kinds = set()
    for text in fragments:
        fragment = yaml.safe_load(text)
        if "services" in fragment:
            assert all(service["image"] == "sluice" for service in fragment["services"].values())
            continue
        (tmp_path / "suite.yaml").write_text(yaml.safe_dump({**SUITE, **fragment}, allow_unicode=True), "utf-8")
        kinds.add(load_suite(tmp_path).target.kind)
    assert kinds == {"chat", "messages", "litellm", "http", "pair"}


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_the_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("questions.csv").write_text("提问\n怎么退货？\n", "gb18030")
    (block,) = re.findall(r"```sh\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    for line in block.strip().splitlines():
        assert CliRunner().invoke(eval_command, shlex.split(line)[2:]).exit_code == 0, line
    assert "怎么退货" in Path("rows.jsonl").read_text("utf-8")


def test_both_pages_say_the_same_fragments():
    found = [re.findall(r"```(?:yaml|sh)\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL) for page in PAGES]
    assert found[0] == found[1]
