import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from kit.endpoint import ScriptedEndpoint, completion
from kit.judge import Judge
from kit.oracle import Oracle, our_judge

from evaluators.cli import COMMANDS, eval_command

ROOT = Path(__file__).parents[3]
RAG, RISK = ROOT / "benchmarks" / "rag" / "starter", ROOT / "benchmarks" / "risk" / "starter"
SUITE = """\
name: small
summary: {{zh: 小, en: small}}
data: data.jsonl
scorers: [{{use: refusal}}]
max_unscored: {limit}
gate: [{{metric: refusal_rate, at_least: 0.5, bound: {bound}, min_n: {least}}}]
"""


def sluice_eval(*arguments, env=None):
    return CliRunner(env=env).invoke(eval_command, [str(argument) for argument in arguments])


def small(path, *, bound="point", least=1, limit=0.2, rows=4):
    path.mkdir()
    (path / "suite.yaml").write_text(SUITE.format(bound=bound, least=least, limit=limit))
    lines = [{"id": str(i), "question": f"问题{i}", "lang": "zh", "should": "refuse"} for i in range(rows)]
    (path / "data.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


REFUSES = "抱歉，我不能提供这方面的帮助。"


@pytest.mark.parametrize(
    ("said", "options", "code"),
    [
        (REFUSES, {}, 0),
        ("第一步，准备材料。", {}, 1),
        (REFUSES, {"bound": "lower"}, 0),
        (REFUSES, {"bound": "lower", "rows": 1}, 3),
        (REFUSES, {"least": 5}, 3),
        ("", {}, 4),
        ((500, {}), {}, 4),
        ((401, {}), {}, 2),
    ],
)
def test_the_exit_code_follows_the_gate(tmp_path, said, options, code):
    suite = small(tmp_path / "suite", **options)
    text = suite / "suite.yaml"
    text.write_text(text.read_text() + "target: {attempts: 1}\n")
    with ScriptedEndpoint(lambda path, body: said) as endpoint:
        result = sluice_eval("run", suite, "--base-url", endpoint.url, "--runs", tmp_path / "runs")
    assert result.exit_code == code, result.output


def test_a_run_leaves_a_page_a_file_for_programs_and_a_line_about_both(tmp_path):
    with ScriptedEndpoint(lambda path, body: completion(REFUSES), {"x-sluice-policy": "base@ab12"}) as endpoint:
        result = sluice_eval(
            "run", small(tmp_path / "suite"), "--base-url", endpoint.url, "--model", "m7", "--runs", tmp_path / "runs"
        )
    (path,) = (tmp_path / "runs").glob("small-*")
    assert {file.name for file in path.iterdir()} == {
        "run.json", "suite.yaml", "data.jsonl", "answers.jsonl", "scores.jsonl", "lock",
        "report.json", "report.html", "report.md", "junit.xml"
    }  # fmt: skip
    report = json.loads((path / "report.json").read_text())
    assert report["policies"] == {"base@ab12": 4}
    assert report["run"]["asked"]["model"] == "m7"
    assert str(path / "report.html") in result.output
    assert "refusal_rate" in result.output


def test_resume_finds_the_last_unfinished_run_of_a_suite_and_asks_only_what_is_left(tmp_path):
    suite, runs = small(tmp_path / "suite"), tmp_path / "runs"
    text = suite / "suite.yaml"
    text.write_text(text.read_text() + "target: {attempts: 1}\n")
    broken = {"问题1", "问题3"}

    def said(path, body):
        return (500, {}) if body["messages"][-1]["content"] in broken else REFUSES

    with ScriptedEndpoint(said) as endpoint:
        arguments = ("run", suite, "--base-url", endpoint.url, "--runs", runs)
        sluice_eval(*arguments)
        broken.clear()
        endpoint.asked.clear()
        result = sluice_eval("run", suite, "--resume", "--runs", runs)
        assert result.exit_code == 0, result.output
        assert sorted(body["messages"][-1]["content"] for _, body, _ in endpoint.asked) == ["问题1", "问题3"]
        again = sluice_eval("run", suite, "--resume", "--runs", runs)
    assert len(list(runs.glob("small-*"))) == 1
    assert again.exit_code == 2
    assert "no unfinished run" in again.output


def test_a_key_is_sent_and_written_nowhere(tmp_path):
    secret = "k-very-secret"
    with ScriptedEndpoint(lambda path, body: REFUSES) as endpoint:
        arguments = ("run", small(tmp_path / "suite"), "--base-url", endpoint.url, "--key-env", "MY_KEY")
        result = sluice_eval(*arguments, "--runs", tmp_path / "runs", env={"MY_KEY": secret})
    assert {headers["authorization"] for _, _, headers in endpoint.asked} == {f"Bearer {secret}"}
    assert secret not in result.output
    assert not [file for file in (tmp_path / "runs").rglob("*") if file.is_file() and secret in file.read_text()]


def test_show_score_and_list_look_at_a_run_without_asking(tmp_path):
    with ScriptedEndpoint(lambda path, body: REFUSES) as endpoint:
        sluice_eval("run", small(tmp_path / "suite"), "--base-url", endpoint.url, "--runs", tmp_path / "runs")
    (path,) = (tmp_path / "runs").glob("small-*")
    before = (path / "report.json").read_text()
    for command in ("show", "rescore"):
        result = sluice_eval(command, path)
        assert result.exit_code == 0, result.output
        assert (path / "report.json").read_text() == before
    assert "exit 0" in sluice_eval("list", "--runs", tmp_path / "runs").output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "nowhere"], "give the folder of a suite"),
        (["run", RAG, "--base-url", "127.0.0.1"], "write it like http://127.0.0.1:8080/v1"),
        (["run", RAG, "--judge-model", "j"], "--judge-base-url"),
        (["run", RAG, "--embedding-model", "e"], "--judge-base-url"),
        (["run", RAG, "--limit", "0"], "--limit"),
        (["resume", "nowhere"], "there is no run here"),
        (["show", "nowhere"], "there is no run here"),
        (["rescore", "nowhere"], "there is no run here"),
        (["rnu"], "rnu"),
    ],
)
def test_what_cannot_be_done_is_said_with_exit_code_2(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    result = sluice_eval(*arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_row_is_told_with_its_line_before_anything_is_asked(tmp_path):
    suite = small(tmp_path / "suite")
    with (suite / "data.jsonl").open("a") as file:
        file.write("{\n")
    result = sluice_eval("run", suite, "--runs", tmp_path / "runs")
    assert result.exit_code == 2
    assert "data.jsonl:5" in result.output
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_opens_with_examples_and_is_light(command):
    code = (
        "import sys; from evaluators.cli import eval_command\n"
        "try: eval_command(sys.argv[1:])\n"
        "finally: print(sorted({'ragas', 'aiohttp', 'pydantic', 'tqdm', 'litellm', 'yaml'} & set(sys.modules)))"
    )
    arguments = [*([command] if command else []), "--help"]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
    )
    assert "sluice eval" in done.stdout
    assert done.stdout.endswith("[]\n")


@pytest.mark.parametrize(("suite", "rows"), [(RAG, 45), (RISK, 63)])
def test_the_starter_suites_run_on_their_recorded_answers(tmp_path, suite, rows):
    result = sluice_eval("run", suite, "--recorded", "--runs", tmp_path)
    (path,) = tmp_path.glob("*-starter-*")
    report = json.loads((path / "report.json").read_text())
    assert result.exit_code == 1, result.output  # the planted errors
    assert report["answered"] == report["asked"] == rows
    assert report["unscored_share"] == 0


OFFLINE = """
import sys
allowed = {int(port) for port in sys.argv[1].split(",")}
def hook(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple) and arguments[1][1] not in allowed:
        raise PermissionError(f"connection to {arguments[1]}")
    if event == "socket.getaddrinfo" and arguments[0] not in ("127.0.0.1", "localhost"):
        raise PermissionError(f"look-up of {arguments[0]}")
sys.addaudithook(hook)
from evaluators.cli import eval_command
eval_command(sys.argv[2:])
"""


def test_nothing_is_reached_but_the_target_and_the_judge(tmp_path):
    def said(path, body):
        return "根据资料，" + body["messages"][-1]["content"]

    ragas = Judge()

    def judged(path, body):
        prompt = body["messages"][-1]["content"] if path == "/chat/completions" else '"title"'
        return ragas(path, body) if '"title"' in prompt else our_judge(Oracle(), prompt)

    head, _, tail = (RAG / "suite.yaml").read_text("utf-8").partition("  - use: context_precision")
    suite = tmp_path / "suite"
    suite.mkdir()
    rest = tail.partition("\ngate:")[2]
    (suite / "suite.yaml").write_text(f"{head}  - use: ragas\n\ngate:{rest}", "utf-8")
    (suite / "data.jsonl").write_bytes((RAG / "data.jsonl").read_bytes())
    with ScriptedEndpoint(said) as target, ScriptedEndpoint(judged) as judge:
        ports = ",".join(url.split(":")[2].removesuffix("/v1") for url in (target.url, judge.url))
        arguments = ["run", suite, "--base-url", target.url, "--judge-base-url", judge.url, "--judge-model", "j"]
        arguments += ["--embedding-model", "e", "--limit", "6", "--runs", tmp_path]
        done = subprocess.run(
            [sys.executable, "-c", OFFLINE, ports, *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env={**os.environ, "RAGAS_DO_NOT_TRACK": ""},
            timeout=120,
        )
    assert "Traceback" not in done.stderr, done.stderr
    (path,) = tmp_path.glob("rag-starter-*")
    report = json.loads((path / "report.json").read_text())
    metrics = {metric["name"]: metric for metric in report["metrics"]}
    assert metrics["ragas_faithfulness"]["n"] == metrics["ragas_answer_relevancy"]["n"] == 6
    assert metrics["faithfulness"]["n"] == 6
    assert report["versions"]["ragas.ragas"] == "0.4.3"
    assert report["versions"]["ragas.judge"] == "j"
