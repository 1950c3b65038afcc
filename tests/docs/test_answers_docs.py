"""Every block of the pages on answers and on knowledge runs as it stands, in both languages."""

from __future__ import annotations

import asyncio
import re
import shlex
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from gateway.cli.main import sluice
from gateway.settings import load_settings
from gateway.wiring import check, load_plan

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HANDBOOK = "# 请假\n\n员工每年有十天年假，须提前三天申请。\n\n# 报销\n\n出差回来后十五天内交单据。\n"
EXAMPLES = {"right": ["怎么申请退款"], "wrong": ["今天天气怎么样"]}


def blocks(page: str, kind: str) -> list[str]:
    return [found[2] for found in BLOCK.finditer((DOCS / page).read_text("utf-8")) if found[1] == kind]


def run(command: str) -> str:
    """Run a line as a shell would that knows nothing but ``>`` and ``#``."""
    words = shlex.split(command, comments=True)
    assert words[0] == "sluice"
    into = words[words.index(">") + 1] if ">" in words else None
    ran = CliRunner().invoke(sluice, words[1 : words.index(">")] if into else words[1:])
    assert ran.exit_code == 0, (command, ran.output, ran.stderr, ran.exception)
    if into:
        Path(into).write_text(ran.stdout, "utf-8")
    return ran.stdout


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLUICE_DATABASE_URL", f"sqlite:///{tmp_path}/s.db")
    return tmp_path


@pytest.mark.parametrize("page", ["answers.md", "answers.zh.md"])
def test_every_command_about_answers_runs_and_the_policy_holds(page: str, here: Path) -> None:
    (here / "faq.csv").write_text(blocks(page, "csv")[0], "utf-8")
    (here / "questions.jsonl").write_text('{"id": 1, "question": "我想把钱退回来"}\n', "utf-8")
    (commands,) = blocks(page, "sh")
    said = {}
    for command in commands.splitlines():
        if " test " in command:  # the page says that YAML has them; this bank came from CSV
            bank = yaml.safe_load((here / "faq.yaml").read_text("utf-8"))
            bank["entries"][0]["tests"] = EXAMPLES
            (here / "faq.yaml").write_text(yaml.safe_dump(bank, allow_unicode=True), "utf-8")
        said[command.split("#")[0].strip()] = run(command)
    assert len(said) >= 7
    assert '"entry":"refund"' in next(out for command, out in said.items() if "--jsonl" in command)
    assert "2 examples, 0 failed" in next(out for command, out in said.items() if " test " in command)
    assert "exchange" in next(out for command, out in said.items() if " stats " in command)
    (policy,) = blocks(page, "yaml")
    (here / "x.yaml").write_text(f"sluice: 1\nname: x\nextends: base\n{policy}", "utf-8")
    made = load_plan(str(here / "x.yaml"))
    assert made.answers is not None
    found = asyncio.run(made.answers.find("怎么申请退款", (), "", "2026-11-26"))  # type: ignore[arg-type]
    assert found.name == "refund@1"


@pytest.mark.parametrize("page", ["knowledge.md", "knowledge.zh.md"])
def test_every_command_about_knowledge_says_what_the_page_shows(page: str, here: Path) -> None:
    (here / "handbook.md").write_text(HANDBOOK, "utf-8")
    (console,) = blocks(page, "console")
    lines = console.splitlines()
    for at, line in enumerate(lines):
        if not line.startswith("$ "):
            continue
        shown = []
        for other in lines[at + 1 :]:
            if other.startswith("$ "):
                break
            shown.append(other)
        out = run(line[2:])
        for expected in shown:
            wanted = ".*".join(re.escape(part) for part in expected.split("…"))
            assert re.search(f"^{wanted}", out, re.MULTILINE), (line, expected, out)


@pytest.mark.parametrize("page", ["knowledge.md", "knowledge.zh.md"])
def test_the_settings_of_the_page_on_knowledge_ground_answers(page: str, here: Path) -> None:
    (said,) = blocks(page, "yaml")
    (here / "sluice.yaml").write_text(said, "utf-8")
    settings = load_settings(here / "sluice.yaml", {})
    made = load_plan("grounded")
    check(settings, made, {})
    # What is commented out can be meant, too.
    (here / "all.yaml").write_text(re.sub(r"^  # (\w+: \{)", r"  \1", said, flags=re.MULTILINE), "utf-8")
    known = load_settings(here / "all.yaml", {}).knowledge
    assert known is not None
    assert known.embeddings is not None
    assert known.rerank is not None
    assert known.search is not None
