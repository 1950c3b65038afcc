"""What can be said of Detoxify without torch; the model itself runs in ``tests/heavy``."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from kit.judging import build, reaching

from gateway.detectors.judges.nobody import NOBODY
from gateway.detectors.registry import registry
from gateway.errors import JudgeUnasked, PolicyError
from gateway.text import TextView


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"checkpoint": "toxic.ckpt"}, "'checkpoint' is not a whole path"),
        ({"checkpoint": "/x", "config": "bert"}, "'config' is not a whole path"),
        ({"checkpoint": "/nowhere/toxic.ckpt"}, "cannot read '/nowhere/toxic.ckpt': No such file"),
        ({"checkpoint": "/x", "risks": {"toxic": "abuse"}}, "unknown category 'toxic' — did you mean 'toxicity'"),
    ],
)
async def test_a_wrong_checkpoint_is_told(options: dict[str, Any], message: str) -> None:
    async with reaching() as world:
        with pytest.raises(PolicyError, match=message):
            build("detoxify", world, **options)


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="torch is installed here")
async def test_without_torch_it_says_what_to_install(tmp_path: Path) -> None:
    file = tmp_path / "toxic.ckpt"
    file.write_bytes(b"weights")
    async with reaching() as world:
        with pytest.raises(PolicyError, match="the package 'torch' is not installed — install them beside Sluice: pip"):
            build("detoxify", world, checkpoint=str(file), config=str(tmp_path))


async def test_a_policy_that_uses_it_can_be_checked_where_neither_torch_nor_checkpoint_is() -> None:
    judge = registry(NOBODY)["detoxify"].build({"checkpoint": "/models/toxic"}, lambda name: b"").judge
    assert judge is not None
    with pytest.raises(JudgeUnasked):
        await judge(TextView("text"))
