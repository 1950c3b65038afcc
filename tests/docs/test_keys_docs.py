"""The pages on keys and models say what there is: their blocks are read, their options, metrics and names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.cli.kb import kb
from gateway.cli.keys import keys
from gateway.cli.serve import serve
from gateway.cli.users import users
from gateway.ports import Terms
from gateway.settings import load_settings
from gateway.settings.models import RetryEntry
from gateway.telemetry.names import METRICS
from gateway.wiring import load_plan, routes_of

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["keys.md", "keys.zh.md", "models.md", "models.zh.md"]


def text_of(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def blocks(name: str) -> list[tuple[str, str]]:
    return re.findall(r"```(\w+)\n(.*?)```", text_of(name), re.DOTALL)


@pytest.mark.parametrize("topic", ["keys", "models"])
def test_both_pages_show_the_same_blocks(topic: str) -> None:
    assert blocks(f"{topic}.md") == blocks(f"{topic}.zh.md") != []


@pytest.mark.parametrize("name", ["keys.md", "keys.zh.md"])
def test_every_command_and_option_is_there(name: str) -> None:
    text = text_of(name)
    assert set(re.findall(r"sluice keys ([a-z]+)", text)) == set(keys.commands)
    assert set(re.findall(r"sluice users ([a-z]+)", text)) == set(users.commands)
    known = {
        option
        for command in (*keys.commands.values(), *users.commands.values(), *kb.commands.values(), serve)
        for one in command.params
        for option in one.opts
    }
    assert set(re.findall(r"--[a-z][a-z-]+", text)) <= known


@pytest.mark.parametrize("name", PAGES)
def test_every_metric_is_there(name: str) -> None:
    counted = {re.sub(r"[^a-z0-9_]", "_", metric) for metric in METRICS}
    assert {found.removesuffix("_total") for found in re.findall(r"sluice_[a-z_]+", text_of(name))} <= counted


def test_the_settings_of_keys_are_read(tmp_path: Path) -> None:
    file = tmp_path / "sluice.yaml"
    file.write_text(next(block for kind, block in blocks("keys.md") if kind == "yaml"), "utf-8")
    assert load_settings(file, {}).keys.assumed_output == 1024


def test_the_policy_compiles(tmp_path: Path) -> None:
    file = tmp_path / "house.yaml"
    file.write_text([block for kind, block in blocks("keys.md") if kind == "yaml"][1], "utf-8")
    misuse = load_plan(str(file)).misuse
    assert misuse is not None
    assert (misuse.terms, misuse.reply) == (Terms(3, 5, 86_400.0), "suspended")


def test_the_models_are_read_and_the_defaults_are_those_that_are_shown(tmp_path: Path) -> None:
    file = tmp_path / "sluice.yaml"
    file.write_text(next(block for kind, block in blocks("models.md") if kind == "yaml"), "utf-8")
    settings = load_settings(file, {})
    assert settings.models["qwen"].retry == RetryEntry()
    routes = routes_of(settings, {"DASHSCOPE_API_KEY": "k"})
    assert routes["gpt-4o"].upstreams == ("qwen/inhouse", "qwen/cloud", "small")
    assert settings.unpriced == ()


@pytest.mark.parametrize("name", ["models.md", "models.zh.md"])
def test_every_vendor_of_the_table_is_tested(name: str) -> None:
    tested = (DOCS.parent / "tests/gateway/providers/test_vendors.py").read_text("utf-8")
    vendors = re.findall(r"^\| \S+ \| `([a-z]+)/", text_of(name), re.MULTILINE)
    assert len(vendors) == 10
    for vendor in vendors:
        assert f'"{vendor}/' in tested
