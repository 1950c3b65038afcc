"""The banks of a policy: several are one, and what is wrong with one is told by file and row.

With a model that gives them their meaning: what needs none asks none; where it fails the table judges, and says so.

Mutants killed: a fault that is not told; a fault that is a pass, or an answer by vectors that are none; ways asked for
again; a bank without vectors; the turn before not asked for.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kit.embedding import Axes
from kit.shelf import THINGS, bank, entry
from kit.upstream import Answer, Received, ScriptedUpstream, silence, whole

from gateway.answers.embedded import Care, Model
from gateway.answers.kept import KeptVectors
from gateway.answers.standards import standards
from gateway.answers.yaml_file import write_yaml
from gateway.errors import PolicyError, PolicyErrors
from gateway.meaning.endpoint import Endpoint
from gateway.meaning.remote import Place
from gateway.ports import BuiltStandards

pytestmark = pytest.mark.anyio

FILES = {
    "a.csv": "id,question,answer\nrefund,怎么申请退款,a\n",
    "b.csv": "id,question,answer,answer_en\npin,how do i change my pin,,b\n",
    "twice.csv": "id,question,answer\nrefund,别的问题,c\n",
    "bad.csv": "id,question,answer\n,q,c\n",
    "conflict.csv": "id,question,answer\nx,怎么退货,c\ny,如何退货,d\n",
}


def load(name: str) -> bytes:
    return FILES[name].encode()


async def test_the_best_of_all_banks_is_found() -> None:
    built = standards(["a.csv", "b.csv"], load)
    assert (await built.find("如何申请退款", (), "", "2026-11-26"))[:2] == ("answer", "refund@1")
    found = await built.find("How do I change my PIN?", (), "", "2026-11-26")
    assert (found.name, found.text, found.near[0]) == ("pin@1", "b", "how do i change my pin")


def test_the_version_is_that_of_what_may_be_said() -> None:
    assert standards(["a.csv"], load).version == standards(["a.csv"], load).version
    assert standards(["a.csv"], load).version != standards(["a.csv", "b.csv"], load).version


@pytest.mark.parametrize(
    ("banks", "what"),
    [
        (["a.csv", "twice.csv"], "'refund' is in 2 banks"),
        (["a.csv", "bad.csv"], "bad.csv:2:1: column id"),
        (["conflict.csv"], "conflict.csv:3: entry 'y' has a question of 'x'"),
    ],
)
def test_what_is_wrong_is_told(banks: list[str], what: str) -> None:
    with pytest.raises(PolicyErrors) as caught:
        standards(banks, load)
    assert what in str(caught.value)


class Here:
    """Banks with a model behind a real port, in the hand of the test."""

    def __init__(self, tmp_path: Path) -> None:
        self.axes = Axes([[thing] for thing in THINGS], 96)
        self.script: Any = self.axes.serve
        self.file = tmp_path / "v.db"
        self.bank = bank()

    async def __aenter__(self) -> Here:
        self.upstream = await ScriptedUpstream(self.answer).__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.upstream.__aexit__(None, None, None)

    def answer(self, received: Received) -> Answer:
        said: Answer = self.script(received)  # looked at once it is asked: a test may have changed it
        return said

    def model(self, **care: Any) -> Model:
        place = Place(self.upstream.url, model="m", seconds=1)
        return Model(Endpoint(place), KeptVectors(self.file), Care(seconds=0.3, pause=0.001, **care))

    async def build(self, model: Model | None = None) -> BuiltStandards:
        loader = lambda _: write_yaml(self.bank).encode()  # noqa: E731 - one line
        return await asyncio.to_thread(standards, ["b.yaml"], loader, model or self.model())

    @property
    def asked(self) -> list[str]:
        return [text for one in self.upstream.requests for text in one.json["input"]]


async def test_a_model_says_what_is_meant_and_what_needs_no_model_asks_none(tmp_path: Path) -> None:
    async with Here(tmp_path) as here:
        built = await here.build()
        before = len(here.upstream.requests)
        exact = await built.find("护照怎么办理？", (), "", "2026-11-26")
        assert (exact.decision, exact.name, exact.fault) == ("answer", "护照@1", "")
        assert len(here.upstream.requests) == before
        found = await built.find("护照要怎么办理呢", (), "", "2026-11-26")
        assert (found.name, found.fault) == ("护照@1", "")
        assert len(here.upstream.requests) == before + 1


async def test_a_restart_and_an_edit_ask_for_new_ways_alone(tmp_path: Path) -> None:
    async with Here(tmp_path) as here:
        first = await here.build()
        ways = len(here.asked)
        assert ways > 120
        assert (await here.build()).version == first.version
        assert len(here.asked) == ways
        here.bank = replace(
            here.bank, entries=(*here.bank.entries, replace(entry("护照"), id="n", questions=("签证照片尺寸",)))
        )
        assert (await here.build()).version != first.version
        assert here.asked[ways] == "签证照片尺寸"
        assert len(here.asked) == ways + 2  # with one that is held against what is kept


FAULTS = {
    "500": whole(b"{}", 500),
    "hangs": silence(),
    "rubbish": whole(b'{"data": [{"embedding": ["x"]}]}'),
    "no JSON": whole("抱歉，我不能".encode()),
    "another length": whole(b'{"data": [{"embedding": [1, 0]}]}'),
    "nothing": whole(b'{"data": []}'),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_where_the_model_does_not_answer_the_table_does_and_the_standing_says_so(
    tmp_path: Path, fault: str
) -> None:
    async with Here(tmp_path) as here:
        built, plainly = await here.build(), standards(["b.yaml"], lambda _: write_yaml(here.bank).encode())
        here.script = lambda _: FAULTS[fault]
        for text in ("护照要怎么办理呢", "今天天气怎么样", "月亮离地球有多远"):
            found = await built.find(text, (), "", "2026-11-26")
            assert found.fault == "EndpointError"
            assert found._replace(fault="") == await plainly.find(text, (), "", "2026-11-26")
        assert (await built.find("护照怎么办理", (), "", "2026-11-26")).fault == ""


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_bank_that_gets_no_vectors_is_told_and_no_bank_comes_of_it(tmp_path: Path, fault: str) -> None:
    async with Here(tmp_path) as here:
        here.script = lambda _: FAULTS[fault]
        with pytest.raises(PolicyError, match=r"the banks cannot be given their meaning: .* stays so") as told:
            await here.build(here.model(tries=2))
        assert "护照" not in str(told.value)


async def test_a_follow_up_is_asked_for_with_what_it_may_mean(tmp_path: Path) -> None:
    async with Here(tmp_path) as here:
        built = await here.build()
        before = len(here.upstream.requests)
        found = await built.find("那驾照呢", ("护照怎么办理",), "", "2026-11-26")
        assert found.name == "驾照@1"
        assert [len(one.json["input"]) > 1 for one in here.upstream.requests[before:]] == [True]
