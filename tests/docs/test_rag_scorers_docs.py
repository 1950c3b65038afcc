"""The pages about judged metrics and about the evaluation of everything say what there is, in both languages alike."""

import re
from pathlib import Path

import pytest
import yaml

from benchmarks.evaluation.plan import PLAN
from evaluators.cli.run import run
from evaluators.cli.score import score
from evaluators.scorers.judged.scorer import METRICS
from evaluators.scorers.registry import registry

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["rag-scorers.md", "rag-scorers.zh.md"]


@pytest.mark.parametrize("page", PAGES)
def test_every_judged_scorer_is_on_the_page_and_no_other(page):
    rows = re.findall(r"^\| `(\w+)` \|", (DOCS / page).read_text("utf-8"), re.MULTILINE)
    assert set(rows) == {metric.name for metric in METRICS} | {"tool_call_accuracy"}
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize("page", PAGES)
def test_the_suite_on_the_page_can_be_built(page):
    (block,) = re.findall(r"```yaml\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    entries = yaml.safe_load(block)["scorers"]
    assert entries
    for entry in entries:
        given = entry.get("options", {})
        checked = registry()[entry["use"]].options.model_validate(given)
        assert set(given) <= checked.model_fields_set


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_on_the_page_know_their_options(page):
    (block,) = re.findall(r"```bash\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    known = {
        name: {o for parameter in command.params for o in parameter.opts}
        for name, command in (("run", run), ("score", score))
    }
    for line in block.strip().splitlines():
        words = line.split()
        assert {word for word in words if word.startswith("--")} <= known[words[2]]


@pytest.mark.parametrize("page", ["evaluation.md", "evaluation.zh.md"])
def test_the_page_of_the_evaluation_names_every_suite(page):
    text = (DOCS / page).read_text("utf-8")
    rows = "".join(re.findall(r"^\| .*", text, re.MULTILINE))
    assert {entry.suite for entry in PLAN} == set(
        re.findall(r"`((?:rag|risk|robustness|fairness|privacy)/[a-z-]+)`", rows)
    )
