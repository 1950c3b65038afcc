import json

import pytest
from click.testing import CliRunner
from kit.endpoint import ScriptedEndpoint

from evaluators.cli import eval_command

SUITE = """\
name: judged
summary: {zh: 评审, en: judged}
data: data.jsonl
scorers:
  - use: rubric
    options: {metric: polite, criterion: {zh: 礼貌, en: polite}}
gate: [{metric: polite, at_least: 0.1, bound: point, min_kappa: 0.7}]
"""
LABELS = [
    {"id": str(i), "question": "?", "lang": "en", "answer": f"{'please' if i % 2 else 'go away'} {i}", "label": i % 2}
    for i in range(20)
]


def judge(path, body):
    prompt = body["messages"][-1]["content"]
    return json.dumps({"verdict": "yes" if "please" in prompt.split("<answer>")[1] else "no"})


def coin(path, body):
    prompt = body["messages"][-1]["content"]
    return json.dumps({"verdict": "yes" if prompt.count("1") else "no"})


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def suite(path):
    path.mkdir()
    (path / "suite.yaml").write_text(SUITE, "utf-8")
    write(path / "data.jsonl", [{key: value for key, value in row.items() if key != "label"} for row in LABELS])
    return path


def sluice_eval(*arguments, env=None):
    return CliRunner(env=env).invoke(eval_command, [str(argument) for argument in arguments])


def run(folder, runs, endpoint, passports):
    more = ("--judge-base-url", endpoint.url, "--judge-model", "j1")
    env = {"SLUICE_PASSPORTS": str(passports)}
    return sluice_eval("run", folder, "--recorded", "--runs", runs, *more, env=env)


@pytest.mark.parametrize(("script", "code", "word"), [(judge, 0, "reached"), (coin, 3, "weak_judge")])
def test_a_gate_hears_a_judge_only_when_people_agree_with_it(tmp_path, script, code, word):
    folder, passports = suite(tmp_path / "suite"), tmp_path / "passports"
    labels = write(tmp_path / "labels.jsonl", LABELS)
    with ScriptedEndpoint(script) as endpoint:
        before = run(folder, tmp_path / "before", endpoint, passports)
        assert before.exit_code == 3
        assert "uncalibrated_judge" in before.output
        measured = sluice_eval(
            "calibrate", labels, "--scorer", "rubric", "--suite", folder, "--passports", passports,
            "--judge-base-url", endpoint.url, "--judge-model", "j1",
        )  # fmt: skip
        assert measured.exit_code == 0, measured.output
        assert "polite: kappa" in measured.output
        after = run(folder, tmp_path / "after", endpoint, passports)
    assert after.exit_code == code, after.output
    assert word in after.output
    assert "judge of polite: kappa" in after.output
    (path,) = (tmp_path / "after").glob("judged-*")
    (entry,) = json.loads((path / "report.json").read_text())["judges"]
    assert entry["metric"] == "polite"
    assert (entry["kappa"] >= 0.7) == (script is judge)
    assert 0 <= entry["corrected_interval"][0] <= entry["corrected_interval"][1] <= 1


def test_another_model_has_no_passport(tmp_path):
    folder, passports = suite(tmp_path / "suite"), tmp_path / "passports"
    with ScriptedEndpoint(judge) as endpoint:
        sluice_eval(
            "calibrate", write(tmp_path / "labels.jsonl", LABELS), "--scorer", "rubric", "--suite", folder,
            "--passports", passports, "--judge-base-url", endpoint.url, "--judge-model", "j2",
        )  # fmt: skip
        assert "uncalibrated_judge" in run(folder, tmp_path / "runs", endpoint, passports).output


def test_a_scorer_without_a_model_is_measured_too(tmp_path):
    labels = write(tmp_path / "labels.jsonl", [{**LABELS[0], "answer": "I can't help with that.", "label": True}])
    result = sluice_eval("calibrate", labels, "--scorer", "refusal", "--metric", "refused", "--passports", tmp_path)
    assert result.exit_code == 0, result.output
    assert "both yes 1" in result.output


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--scorer", "refusl"], "refusal"),
        (["--scorer", "refusal", "--metric", "refsed"], "refused"),
        (["--scorer", "rubric"], "criterion"),
        (["--scorer", "rubric", "--options", "{"], "not JSON"),
        (["--scorer", "refusal", "--options", '{"rst": 1}'], "rest"),
        (["--scorer", "refusal", "--judge-model", "x"], "both"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path, more, message):
    result = sluice_eval("calibrate", write(tmp_path / "l.jsonl", LABELS), *more, "--passports", tmp_path)
    assert result.exit_code == 2
    assert message in result.output, result.output
