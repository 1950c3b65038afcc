"""A bank takes its meaning on the command line from an endpoint, a folder or the settings."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from kit.embedding import Axes
from kit.shelf import THINGS
from kit.shelf import bank as shelf
from kit.upstream import ScriptedUpstream

from gateway.answers.bank import Bank
from gateway.answers.yaml_file import write_yaml
from gateway.cli.answers import answers
from gateway.errors import ConfigError

pytestmark = pytest.mark.anyio


ROWS = "id,question,answer\nrefund,怎么申请退款,点订单\nrefund,我要退款,\nexchange,怎么申请换货,点换货\n"


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    file = tmp_path / "faq.csv"
    file.write_text(ROWS, "utf-8")
    return file


def run_through(*arguments: str) -> Result:
    return CliRunner().invoke(answers, list(arguments), catch_exceptions=False)


def run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(answers, list(arguments), input=given)


async def test_find_and_test_take_meaning_from_an_endpoint(tmp_path: Path) -> None:
    file = tmp_path / "faq.yaml"
    tried = [replace(one, yes=(f"{one.id}要怎么办理呢",), no=("月亮离地球有多远",)) for one in shelf().entries]
    file.write_text(write_yaml(Bank("faq", tuple(tried))), "utf-8")
    axes = Axes([[thing] for thing in THINGS], 96, 0.1)
    async with ScriptedUpstream(axes.serve) as upstream:
        place = ("--embeddings", upstream.url, "--model", "m3")
        found = await asyncio.to_thread(run, "find", "--bank", str(file), "护照要怎么办理呢", *place)
        assert found.exit_code == 0
        assert found.output.startswith("meaning by endpoint:m3: answers from 0.93 (tried on 120 ways without their")
        assert "answer: 护照@1" in found.output
        assert upstream.requests[0].json["model"] == "m3"
        result = await asyncio.to_thread(run, "test", "--bank", str(file), *place)
        assert result.output.endswith("80 examples, 0 failed\n"), result.output
        axes.broken = True
        with pytest.raises(ConfigError, match=r"cannot be given its meaning: .* HTTP 500"):
            await asyncio.to_thread(run_through, "find", "--bank", str(file), "护照", *place)


async def test_the_settings_say_where_meaning_comes_from_and_where_vectors_are_kept(tmp_path: Path, bank: Path) -> None:
    axes = Axes([["退款"], ["换货"]])
    async with ScriptedUpstream(axes.serve) as upstream:
        config = tmp_path / "sluice.yaml"
        config.write_text(f"answers: {{embeddings: {{url: '{upstream.url}'}}, vectors: kept/v.db}}\n", "utf-8")
        for _ in range(2):
            found = await asyncio.to_thread(run, "find", "--bank", str(bank), "我想把钱退款", "--config", str(config))
            assert "never answers by it (the bank has 3 ways to try its score on" in found.output
        assert sum("怎么申请退款" in one.json["input"] for one in upstream.requests) == 1
        assert (tmp_path / "kept" / "v.db").is_file()


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (("--model", "m3"), "--model goes with --embeddings URL"),
        (("--embeddings", "folder", "--model", "m3"), "--model goes with --embeddings URL"),
        (("--embeddings", "folder", "--config", "x.yaml"), "Give either --config or --embeddings"),
    ],
)
def test_options_that_contradict_each_other_are_told(bank: Path, options: tuple[str, ...], what: str) -> None:
    result = run("find", "--bank", str(bank), "退款", *options)
    assert result.exit_code == 2
    assert what in result.output


def test_a_folder_without_a_model_is_told(bank: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be given its meaning: .*there is no model\.onnx"):
        run_through("find", "--bank", str(bank), "退款", "--embeddings", str(tmp_path))
