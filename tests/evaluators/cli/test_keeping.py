"""A store that cannot be reached costs no run, and a run can be kept later."""

import json

import pytest
from kit.evaluated import ask, sluice_eval


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
