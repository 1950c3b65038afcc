"""What is done every night is read whole, or told with file and line before anything is asked."""

import hashlib

import pytest

from evaluators.nightly.plan import load_plan
from gateway.errors import ConfigError


def written(folder, text):
    for name in ("a", "b"):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "suite.yaml").write_text("", "utf-8")
    (folder / "night.yaml").write_text(text, "utf-8")
    return folder / "night.yaml"


def test_suites_lie_beside_the_plan_and_the_plan_is_named_by_its_digest(tmp_path):
    path = written(
        tmp_path, "name: every-night\nsuites: [{suite: a, limit: 5}, {suite: b/suite.yaml, recorded: true}]\n"
    )
    plan = load_plan(path)
    assert plan.suites == (tmp_path / "a", tmp_path / "b/suite.yaml")
    assert [one.limit for one in plan.read.suites] == [5, None]
    assert (plan.read.keep, plan.read.baseline, plan.read.webhook) == (30, "last_good", None)
    assert plan.digest == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: n\nsuites: []\n", "night.yaml:2:1: 'suites'"),
        ("name: N\nsuites: [{suite: a}]\n", "night.yaml:1:1: 'name'"),
        ("name: n\nsuites: [{suite: nowhere}]\n", "night.yaml:2:11: there is no suite here — name a folder"),
        ("name: n\nsuites:\n  - {suite: a}\n  - {suite: ./a}\n", "night.yaml:4:6: this suite is here twice"),
        ("name: n\nsuites: [{suite: a}]\nkepe: 3\n", "night.yaml:3:1: unknown key 'kepe' — did you mean 'keep'?"),
        ("name: n\nsuites: [{suite: a}]\nkeep: 1\n", "night.yaml:3:1: 'keep'"),
        ("name: n\nsuites: [{suite: a}]\nwebhook: {url: 'https://u:p@x/'}\n", "night.yaml:3:11: 'webhook.url'"),
        ("name: n\nsuites: [{suite: a}]\nwebhook: {url: 'ftp://x'}\n", "night.yaml:3:11: 'webhook.url'"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, text, told):
    with pytest.raises(ConfigError) as caught:
        load_plan(written(tmp_path, text))
    assert told in str(caught.value)


def test_a_plan_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot read the plan of the night: No such file .* — give a YAML file"):
        load_plan(tmp_path / "none.yaml")
