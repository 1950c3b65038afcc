"""``list``, ``show``, ``report`` and ``diff``: by command, on what ``run`` leaves behind."""

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


@pytest.fixture
def two(tmp_path):
    return ask(tmp_path)[1], ask(tmp_path, answering=range(8), model="n")[1]


def test_runs_are_listed_by_what_one_asks_for(tmp_path, two):
    first, second = two
    _, other = ask(tmp_path, "other")

    def listed(*arguments):
        result = sluice_eval("list", "--runs", tmp_path / "none", "--format", "json", *arguments)
        assert result.exit_code == 0, result.output
        lines = json.loads(result.output)
        assert [line["started"] for line in lines] == sorted(line["started"] for line in lines)
        return [line["id"] for line in lines]  # those of the same second stand in any order

    assert set(listed()) == {first.name, second.name, other.name}
    assert set(listed("--suite", "small")) == {first.name, second.name}
    assert listed("--model", "n") == [second.name]
    assert listed("--exit", "1") == [second.name]
    assert len(listed("--most", "1")) == 1
    assert listed("--since", "2999-01-01") == []
    assert listed("--until", "2000-01-01") == []
    assert "start one with" in sluice_eval("list", "--runs", tmp_path / "none", "--suite", "nobody").output


def test_a_run_that_only_lies_on_disk_is_listed_too_and_one_that_is_both_once(tmp_path, two):
    first, second = two
    (second / "report.json").unlink()
    _, third = ask(tmp_path, "third", env={"SLUICE_EVAL_STORE": "none"})
    text = sluice_eval("list", "--runs", tmp_path / "runs").output
    # Runs of the same second stand in any order.
    assert sorted(line.split()[-1] for line in text.splitlines()) == sorted(map(str, (first, second, third)))
    (third / "run.json").write_text("{")
    text = sluice_eval("list", "--runs", tmp_path / "runs").output
    assert "is damaged and left out" in text


@pytest.mark.parametrize("run", [0, 1])
def test_a_kept_run_is_shown_when_its_folder_is_gone(tmp_path, two, run):
    path = two[run]
    before = sluice_eval("show", path)
    for file in path.iterdir():
        file.unlink()
    path.rmdir()
    result = sluice_eval("show", path.name)
    assert result.exit_code == before.exit_code == run
    metric, gate = (
        next(line for line in before.output.splitlines() if line.startswith(w)) for w in ("refusal", "gate")
    )
    assert metric in result.output
    assert " ".join(gate.split()[:5]) in " ".join(result.output.split())


def test_two_runs_are_compared_by_folder_or_by_id(tmp_path, two):
    first, second = two
    by_folder = sluice_eval("diff", first, second, "--format", "json")
    by_id = sluice_eval("diff", first.name, second.name, "--format", "json")
    assert by_folder.exit_code == by_id.exit_code == 0, by_id.output
    found = json.loads(by_id.output)
    assert {**found, "now": 0, "baseline": 0} == {**json.loads(by_folder.output), "now": 0, "baseline": 0}
    metric = next(one for one in found["metrics"] if one["name"] == "refusal_rate")
    assert (metric["before"], metric["now"], metric["fell"], metric["rose"]) == (1, pytest.approx(1 / 3), 8, 0)
    assert metric["p"] == pytest.approx(2 / 2**8)
    assert {flip["row"] for flip in found["flips"]} == {str(i) for i in range(8)}
    assert found["changed"]["model"] == {"before": "m", "now": "n"}


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_a_comparison_can_be_read(tmp_path, two, form):
    result = sluice_eval("diff", *two, "--format", form, "-o", tmp_path / "diff")
    assert result.exit_code == 0, result.output
    assert result.output == ""
    text = (tmp_path / "diff").read_text()
    for word in ("refusal_rate", two[0].name, two[1].name, "66.7" if form == "html" else "-0.667", "0.008"):
        assert word in text
    assert ("问题" in text) is False


def test_runs_that_cannot_be_compared_are_refused_with_what_differs(tmp_path, two):
    _, other = ask(tmp_path, "other", rows=11)
    result = sluice_eval("diff", two[0], other.name)
    assert result.exit_code == 2
    assert "suite: small in the baseline, other now" in result.output
    assert "data: " in result.output
    assert sluice_eval("diff", two[0], other.name, "--anyway").exit_code == 0


@pytest.mark.parametrize("command", [["show", "nobody"], ["diff", "nobody", "nothing"]])
def test_a_run_that_is_nowhere_is_told(command):
    result = sluice_eval(*command)
    assert result.exit_code == 2
    assert "'nobody'" in result.output or "nobody:" in result.output


@pytest.mark.parametrize(
    "url", ["postgresql://u:hunter2@127.0.0.1:1/x", "mysql://u:hunter2@h/x", "sqlite:////proc/x/y.db"]
)
def test_a_store_that_cannot_be_reached_costs_no_run_and_is_said(tmp_path, url):
    env = {"SLUICE_EVAL_STORE": url}
    result, made = ask(tmp_path, env=env)
    assert result.exit_code == 0
    assert f"the run is in {made}, but is not kept" in result.output
    assert "hunter2" not in result.output
    assert json.loads((made / "report.json").read_text())["exit_code"] == 0
    told = sluice_eval("diff", made.name, made.name, env=env)
    assert told.exit_code == 2
    assert "hunter2" not in told.output


def test_a_run_can_be_kept_later(tmp_path):
    _, made = ask(tmp_path, env={"SLUICE_EVAL_STORE": "none"})
    assert sluice_eval("show", made.name).exit_code == 2
    assert sluice_eval("report", made).exit_code == 0
    assert sluice_eval("show", made.name).exit_code == 0
