"""The command that makes the encoder anew: what it keeps, and what it says where it cannot run."""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from gateway.detectors.risk_names import HEADS
from gateway.meaning.encoder import WIDTH
from training.encoder import main, told
from training.lessons import Lessons
from training.sentence import Net, digest, pack_told, read_told

RISKS = len(HEADS) - 1


def test_each_text_is_kept_once_with_what_was_said_of_it_unseen() -> None:
    texts = ["b", "好的", "a", "b", "made of them", "a stretch"]
    none = np.zeros((4, RISKS), np.float32)
    taught = Lessons(texts, np.zeros((6, 4), np.bool_), np.zeros(4, np.int8), none, none, np.zeros(1, np.int8))
    unseen = np.arange(5 * RISKS, dtype=np.float16).reshape(5, RISKS)
    net = Net(np.ones((WIDTH + 1, 128), np.float32), np.ones((129, RISKS), np.float32))
    kept = read_told(pack_told(told(taught, net, unseen, b"the encoder")))
    assert kept.encoder == hashlib.sha256(b"the encoder").hexdigest()
    assert kept.texts.tolist() == sorted({digest(text) for text in texts} - {digest("made of them")})
    assert np.array_equal(kept.of(["b", "好的", "a", "a stretch"]), unseen[[0, 1, 2, 4]])
    assert np.isnan(kept.of(["made of them"])).all()


def test_without_torch_it_says_where_there_is_some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    done = CliRunner().invoke(main, ["--data", str(tmp_path)])
    assert done.exit_code == 1
    assert "torch is not installed: make train-encoder" in done.output


def test_what_the_risk_model_is_trained_with_imports_no_torch() -> None:
    probe = "import sys, training.train, training.encoder, training.lessons; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("wrong", [["--some", "0"], ["--rounds", "0"], ["--device", "tpu"], ["--data", "nowhere"]])
def test_a_wrong_option_is_told(wrong: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--data", str(tmp_path), *wrong])
    assert done.exit_code == 2
    assert "Invalid value" in done.output
