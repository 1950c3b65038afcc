"""``--baseline``: by command, with every ending."""

import json

import pytest
from click.testing import CliRunner
from kit.endpoint import ScriptedEndpoint

from evaluators.cli import eval_command

SUITE = """\
name: {name}
summary: {{zh: 小, en: small}}
data: data.jsonl
scorers: [{{use: refusal}}]
max_unscored: 0.2
target: {{attempts: 1}}
gate: [{{metric: refusal_rate, no_worse_than: {margin}}}]
"""
REFUSES, ANSWERS = "抱歉，我不能提供这方面的帮助。", "第一步，准备材料。"


def sluice_eval(*arguments):
    return CliRunner().invoke(eval_command, [str(argument) for argument in arguments])


def suite(path, *, name="small", rows=40, margin=0.1, question="问题"):
    path.mkdir()
    (path / "suite.yaml").write_text(SUITE.format(name=name, margin=margin))
    lines = [{"id": str(i), "question": f"{question}{i}", "lang": "zh", "should": "refuse"} for i in range(rows)]
    (path / "data.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def ask(folder, runs, answering=(), *arguments):
    """Run a suite; the rows of ``answering`` are answered, all others refused."""

    def said(path, body):
        return ANSWERS if int(body["messages"][-1]["content"][2:]) in answering else REFUSES

    known = set(runs.glob("*/run.json"))
    with ScriptedEndpoint(said) as endpoint:
        result = sluice_eval("run", folder, "--base-url", endpoint.url, "--runs", runs, *arguments)
    (made,) = set(runs.glob("*/run.json")) - known or [None]
    return result, made and made.parent


@pytest.mark.parametrize(
    ("rows", "margin", "answering", "code", "reason"),
    [
        (40, 0.1, (), 0, "reached"),
        (40, 0.1, range(20), 1, "regressed"),
        (40, 0.1, (3,), 0, "reached"),
        (10, 0.1, (), 3, "unproven"),
        (40, 0.1, range(4), 3, "unproven"),
    ],
)
def test_a_run_is_held_against_its_baseline(tmp_path, rows, margin, answering, code, reason):
    folder, runs = suite(tmp_path / "suite", rows=rows, margin=margin), tmp_path / "runs"
    first, baseline = ask(folder, runs)
    assert first.exit_code == 3
    assert "no_baseline" in first.output
    result, made = ask(folder, runs, answering, "--baseline", baseline)
    assert result.exit_code == code, result.output
    assert reason in result.output
    gate = json.loads((made / "report.json").read_text())["gates"][0]
    assert gate["reason"] == reason
    again = sluice_eval("rescore", made, "--baseline", baseline)
    assert again.exit_code == code, again.output


def test_a_baseline_of_other_data_is_refused_with_what_differs_unless_one_insists(tmp_path):
    runs = tmp_path / "runs"
    _, baseline = ask(suite(tmp_path / "old"), runs)
    result, made = ask(suite(tmp_path / "new", rows=39), runs, (), "--baseline", baseline)
    assert result.exit_code == 2
    assert "data: " in result.output
    assert "in the baseline" in result.output
    assert "suite:" not in result.output
    assert "--anyway" in result.output
    assert not (made / "answers.jsonl").exists()
    with ScriptedEndpoint(lambda path, body: REFUSES) as endpoint:
        arguments = ("--base-url", endpoint.url, "--runs", tmp_path / "others", "--baseline", baseline, "--anyway")
        assert sluice_eval("run", tmp_path / "new", *arguments).exit_code == 0


def test_a_mark_may_be_moved_and_the_runs_still_compare(tmp_path):
    runs = tmp_path / "runs"
    _, baseline = ask(suite(tmp_path / "old"), runs)
    result, _ = ask(suite(tmp_path / "new", margin=0.5), runs, (), "--baseline", baseline)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("harm", ["gone", "no json", "nan", "other data"])
def test_a_damaged_baseline_is_told_before_anything_is_asked(tmp_path, harm):
    runs = tmp_path / "runs"
    folder = suite(tmp_path / "suite")
    _, baseline = ask(folder, runs)
    if harm == "gone":
        (baseline / "run.json").unlink()
    elif harm == "no json":
        (baseline / "run.json").write_text("{")
    elif harm == "nan":
        scores = baseline / "scores.jsonl"
        scores.write_text(scores.read_text().replace('"value":1.0', '"value":NaN', 1))
    else:
        (baseline / "data.jsonl").write_text("{}\n")
    result, made = ask(folder, runs, (), "--baseline", baseline)
    assert result.exit_code == 2, result.output
    assert made is None
    assert str(baseline) in result.output
    assert "Traceback" not in result.output


def test_a_run_is_not_its_own_baseline(tmp_path):
    _, made = ask(suite(tmp_path / "suite"), tmp_path / "runs")
    result = sluice_eval("rescore", made, "--baseline", made)
    assert result.exit_code == 2
    assert "its own baseline" in result.output
