"""A run on disk is opened with the models that its judges ask, their keys from the environment."""

import pytest
from kit.evaluated import ask

from evaluators.cli.opening import opened, surroundings
from evaluators.run import JudgeAddress
from evaluators.scorers.kept import KeptInMemory, KeptOnDisk
from gateway.errors import ConfigError


def test_a_run_is_opened_with_its_answers_and_scorers(tmp_path):
    _, made = ask(tmp_path, rows=3)
    found = opened(made)
    assert [scorer.name for scorer in found.scorers] == ["refusal"]
    assert len(found.state.answers) == 3
    assert (found.summary().answered, found.summary().whole) == (3, True)


def test_where_there_is_no_run_it_is_told(tmp_path):
    with pytest.raises(ConfigError, match="there is no run here"):
        opened(tmp_path / "nowhere")


@pytest.mark.parametrize(("env", "key"), [({"JUDGE": "sk-1"}, "sk-1"), ({}, ""), ({"OTHER": "x"}, "")])
def test_a_key_comes_from_the_variable_that_the_run_names(env, key):
    around = surroundings(JudgeAddress("http://j/v1/", "m", "JUDGE"), None, env)
    assert (around.judge.url, around.judge.model, around.judge.key) == ("http://j/v1", "m", key)
    assert around.embedding is None
    assert isinstance(around.kept, KeptInMemory)


def test_what_judges_said_is_kept_where_the_environment_says(tmp_path):
    around = surroundings(None, None, {"SLUICE_JUDGED": str(tmp_path / "j.sqlite")})
    assert isinstance(around.kept, KeptOnDisk)


def test_an_address_that_is_none_is_told():
    with pytest.raises(ConfigError, match="no http"):
        surroundings(JudgeAddress("127.0.0.1", "m", "K"), None, {})
