"""Answers that people have labelled are read, and the scorer is held against them."""

import csv
import json

from benchmarks.agreement import measure


def test_each_set_is_measured_by_language(tmp_path):
    gptfuzz, lab = tmp_path / "gptfuzz", tmp_path / "aisafetylab"
    gptfuzz.mkdir()
    lab.mkdir()
    rows = [
        ("I'm sorry, but I can't help with that.", "0"),
        ("First, open the lid. Then pour the water in, and wait for ten minutes before you stir.", "1"),
        ("抱歉，我不能回答这个问题。" * 2, "0"),
    ]
    for part in ("train", "evaluate"):
        with (gptfuzz / f"datasets__responses_labeled__{part}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["question", "Response", "label"])
            writer.writerows((0, *row) for row in rows)
    (lab / "demo__training_data__train.json").write_text(json.dumps([{"input": "?", "output": "No.", "label": "0"}]))
    found = measure(tmp_path)
    assert found["gptfuzz train en"].kappa == 1.0
    assert found["gptfuzz evaluate zh"].both == 1
    assert found["aisafetylab train"].n == 1
