"""A whole run with judged metrics: asked, kept, reported; what has nobody to ask is skipped."""

import json

from click.testing import CliRunner
from kit.endpoint import ScriptedEndpoint
from kit.oracle import Oracle, our_judge

from evaluators.cli import eval_command

SUITE = """\
name: judged
summary: {zh: 评审, en: judged}
data: data.jsonl
scorers:
  - use: faithfulness
  - use: noise_sensitivity
    options: {mode: irrelevant}
  - use: response_groundedness
  - use: answer_relevancy
  - use: tool_call_accuracy
gate:
  - {metric: faithfulness, at_least: 0, bound: point, min_kappa: 0.5}
"""


def test_a_run_with_a_judge_is_reported_and_asks_the_same_judge_once(tmp_path, monkeypatch):
    monkeypatch.setenv("SLUICE_JUDGED", str(tmp_path / "judged.sqlite"))
    (tmp_path / "suite.yaml").write_text(SUITE, "utf-8")
    row = {
        "id": "a", "question": "能退货吗？", "lang": "zh", "answer": "七天内可以退货。运费由买家承担。",
        "reference": "七天之内能退。",
        "contexts": [{"id": "p", "text": "七天内可以退货。"}, {"id": "q", "text": "门店九点开门。"}],
        "calls": [{"name": "查订单"}], "called": [{"name": "查订单"}],
    }  # fmt: skip
    (tmp_path / "data.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n", "utf-8")
    with ScriptedEndpoint(lambda path, body: our_judge(Oracle(2), body["messages"][0]["content"])) as endpoint:
        command = [
            "run", str(tmp_path), "--recorded", "--runs", str(tmp_path / "runs"),
            "--judge-base-url", endpoint.url, "--judge-model", "j",
        ]  # fmt: skip
        for _ in range(2):
            result = CliRunner().invoke(eval_command, command)
            assert result.exit_code == 3, result.output
            assert "uncalibrated_judge" in result.output
        asked = len(endpoint.asked)
    assert asked == len({body["messages"][0]["content"] for _, body, _ in endpoint.asked})
    folder = next((tmp_path / "runs").glob("judged-*"))
    page = (folder / "report.html").read_text("utf-8")
    assert "运费由买家承担" in page
    metrics = {one["name"]: one for one in json.loads((folder / "report.json").read_text("utf-8"))["metrics"]}
    assert metrics["tool_call_accuracy"]["value"] == 1.0
    assert metrics["faithfulness"]["counts"]["pass"] + metrics["faithfulness"]["counts"]["fail"] == 1
    assert metrics["answer_relevancy"]["reasons"] == {"no_embedding_model": 1}
