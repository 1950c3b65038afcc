"""The settings say what gives answer banks their meaning; an edit that gets no vectors leaves the old bank in force.

Mutants killed: settings that are ignored; a reload without vectors that takes the old bank away; a bank with other
vectors under the same digest; a key in a message.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kit.embedding import Axes
from kit.shelf import THINGS, bank, entry
from kit.upstream import ScriptedUpstream

from gateway.answers.yaml_file import write_yaml
from gateway.errors import SettingsError
from gateway.policy.current import CurrentPlan
from gateway.settings import load_settings
from gateway.settings.places import AnswersPlace, BankModel
from gateway.wiring import banks_of, load_plan, model_of, stamp, standards_of
from gateway.wiring.process import parts

pytestmark = pytest.mark.anyio

POLICY = "sluice: 1\nname: x\nextends: base\nanswers: {banks: [faq.yaml], on_error: refuse}\n"


def test_without_embeddings_the_table_that_ships_gives_meaning() -> None:
    assert model_of(AnswersPlace(), {}) is None
    assert banks_of(None) is standards_of


def test_a_key_that_is_not_set_is_told_by_its_variable() -> None:
    place = AnswersPlace(embeddings=BankModel(url="http://127.0.0.1:1/v1/embeddings", key_env="BGE_KEY"))
    with pytest.raises(SettingsError, match="answers: the environment variable BGE_KEY is not set"):
        model_of(place, {})


async def test_an_edit_that_gets_no_vectors_leaves_the_old_bank_in_force_until_it_does(tmp_path: Path) -> None:
    axes, now = Axes([[thing] for thing in THINGS], 96, 0.1), [1e12]
    (tmp_path / "p.yaml").write_text(POLICY, "utf-8")
    (tmp_path / "faq.yaml").write_text(write_yaml(bank()), "utf-8")
    async with ScriptedUpstream(axes.serve) as upstream:
        place = AnswersPlace(embeddings=BankModel(url=upstream.url, model="m"), vectors=str(tmp_path / "v.db"))
        model = model_of(place, {})
        assert model is not None
        model.care = model.care._replace(pause=0.001)

        def load() -> Any:
            return load_plan(str(tmp_path / "p.yaml"), standards=banks_of(model))

        first = await asyncio.to_thread(load)
        assert first.digest != (await asyncio.to_thread(load_plan, str(tmp_path / "p.yaml"))).digest
        current = CurrentPlan(first, load, stamp, lambda: now[0])
        axes.broken = True
        more = replace(entry("护照"), id="visa", questions=("签证照片的尺寸是多少",))
        (tmp_path / "faq.yaml").write_text(write_yaml(replace(bank(), entries=(*bank().entries, more))), "utf-8")
        await asyncio.to_thread(current.poll)
        assert "cannot be given their meaning" in current.fault
        assert current() is first
        assert (await current().answers.find("护照怎么办理", (), "", "")).name == "护照@1"  # type: ignore[union-attr]
        axes.broken = False
        await asyncio.to_thread(current.poll)
        assert current.fault == ""
        assert current().digest != first.digest
        assert (await current().answers.find("签证照片的尺寸是多少", (), "", "")).name == "visa@1"  # type: ignore[union-attr]


async def test_a_process_is_made_with_the_model_of_its_settings_and_tells_when_it_is_away(tmp_path: Path) -> None:
    axes = Axes([[thing] for thing in THINGS], 96, 0.1)
    (tmp_path / "p.yaml").write_text(POLICY, "utf-8")
    (tmp_path / "faq.yaml").write_text(write_yaml(bank(2)), "utf-8")
    async with ScriptedUpstream(axes.serve) as upstream:
        file = tmp_path / "sluice.yaml"
        file.write_text(
            f"policy: p.yaml\ndatabase: 'sqlite:///{tmp_path}/r.db'\n"
            f"answers: {{embeddings: {{url: '{upstream.url}', model: m}}, vectors: v.db}}\n",
            "utf-8",
        )
        made = await asyncio.to_thread(parts, load_settings(file, {}), {})
        assert made.model is not None
        assert (tmp_path / "v.db").is_file()
        assert made.warnings() == {}
        axes.broken = True
        for at in range(5):
            found = await made.plan().answers.find(f"护照{at}", (), "", "")  # type: ignore[union-attr]
            assert found.fault == "EndpointError"
        assert "judged by the table" in made.warnings()["answers"]
