"""``list``, ``show`` and ``report``: by command, on what ``run`` leaves behind."""

import json

import pytest
from kit.evaluated import ask, sluice_eval


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


@pytest.mark.parametrize("command", [["show", "nobody"], ["diff", "nobody", "nothing"]])
def test_a_run_that_is_nowhere_is_told(command):
    result = sluice_eval(*command)
    assert result.exit_code == 2
    assert "'nobody'" in result.output or "nobody:" in result.output
