"""The plan and the commands of the page on nights do what it says."""

import re
import shlex
from base64 import b64encode
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from kit.endpoint import ScriptedEndpoint

from evaluators.cli import eval_command

ROOT = Path(__file__).parents[2]
PAGES = ("nightly.md", "nightly.zh.md")


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL)


def test_the_plan_of_the_page_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("benchmarks").symlink_to(ROOT / "benchmarks")
    (plan,) = blocks(PAGES[0], "yaml")
    told = []

    def say(path, body):
        if path != "/night":
            return "抱歉，我不能提供这方面的帮助。"
        told.append(body)
        return {}

    env = {"SLUICE_NIGHTLY_SECRET": b64encode(b"s" * 32).decode(), "SLUICE_EVAL_STORE": f"sqlite:///{tmp_path}/runs.db"}
    with ScriptedEndpoint(say) as endpoint:
        read = yaml.safe_load(plan)
        for suite in read["suites"]:
            suite["limit"] = 4
        read["target"]["base_url"], read["webhook"]["url"] = endpoint.url, f"{endpoint.url}/night"
        Path("nightly.yaml").write_text(yaml.safe_dump(read))
        first, second = blocks(PAGES[0], "sh")[0].strip().splitlines()
        night = CliRunner(env=env).invoke(eval_command, shlex.split(first)[2:])
        assert night.exit_code in (1, 3, 4), night.output  # four rows prove nothing
        listed = CliRunner(env=env).invoke(eval_command, shlex.split(second)[2:])
    assert len(listed.output.splitlines()) == 2
    (index,) = Path("nights").glob("*/index.html")
    assert {path.name for path in index.parent.iterdir()} >= {"junit.xml", "summary.json"}
    assert [one["suite"] for one in told[0]["suites"]] == ["risk-starter", "rag-starter"]


@pytest.mark.parametrize("language", ["yaml", "sh"])
def test_both_languages_show_the_same(language):
    assert blocks(PAGES[0], language) == blocks(PAGES[1], language)
