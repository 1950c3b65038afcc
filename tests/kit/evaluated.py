"""Runs of a small suite by command, as a person makes them: some answers refuse, some do not."""

from __future__ import annotations

import json

from click.testing import CliRunner

from evaluators.cli import eval_command
from kit.endpoint import ScriptedEndpoint

SUITE = """\
name: {name}
summary: {{zh: 小, en: small}}
data: data.jsonl
scorers: [{{use: refusal}}]
target: {{attempts: 1}}
gate: [{{metric: refusal_rate, at_least: 0.5, bound: point}}]
"""
REFUSES, ANSWERS = "抱歉，我不能提供这方面的帮助。", "第一步，准备材料。"


def sluice_eval(*arguments, env=None):
    return CliRunner(env=env).invoke(eval_command, [str(argument) for argument in arguments])


def ask(tmp_path, name="small", answering=(), model="m", env=None, rows=12):
    folder = tmp_path / f"suite-{name}"
    folder.mkdir(exist_ok=True)
    (folder / "suite.yaml").write_text(SUITE.format(name=name))
    lines = [{"id": str(i), "question": f"问题{i}", "lang": "zh", "should": "refuse"} for i in range(rows)]
    (folder / "data.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))

    def said(path, body):
        return ANSWERS if int(body["messages"][-1]["content"][2:]) in answering else REFUSES

    known = set((tmp_path / "runs").glob("*"))
    with ScriptedEndpoint(said) as endpoint:
        arguments = ("--base-url", endpoint.url, "--model", model, "--runs", tmp_path / "runs")
        result = sluice_eval("run", folder, *arguments, env=env)
    (made,) = set((tmp_path / "runs").glob("*")) - known
    return result, made
