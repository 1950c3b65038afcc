"""A model is asked for new ways alone, in batches, again where that failed; for a question once, in time.

Mutants killed: all ways asked for after a restart; vectors of another length, or of another model of the same name,
let in beside those that are kept; what was had before a failure lost; no end to trying; a question that waits for
ever; a model that is asked again and again although it never answers; a question's vector remembered for another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kit.embedding import Axes
from kit.upstream import Answer, Received, ScriptedUpstream, silence, whole

from gateway.answers.embedded import Care, Embedded, Model
from gateway.answers.kept import KeptVectors, digest
from gateway.errors import EndpointError
from gateway.meaning.endpoint import Endpoint
from gateway.meaning.remote import Place

pytestmark = pytest.mark.anyio

QUICK = Care(seconds=0.3, pause=0.001, failures=2, rest=5)
MANY = [f"问法{at}" for at in range(70)]


def axes() -> Axes:
    return Axes([["退款"], ["年假"]])


def kept(tmp_path: Path) -> KeptVectors:
    return KeptVectors(tmp_path / "v.db")


def test_a_restart_asks_for_new_ways_alone_and_holds_one_old_one_against_what_is_kept(tmp_path: Path) -> None:
    first, told = axes(), []
    rows = Model(first, kept(tmp_path), progress=lambda done, of: told.append((done, of))).ways([*MANY, MANY[0]])
    assert (len(rows), first.asked, told) == (70, MANY, [(32, 70), (64, 70), (70, 70)])
    again = axes()
    assert list(Model(again, kept(tmp_path)).ways(MANY)) == MANY
    assert again.asked == []
    more = Model(again, kept(tmp_path)).ways([*MANY, "退款多久"])
    assert again.asked == ["退款多久", MANY[0]]
    assert np.allclose(more["退款多久"], axes()(["退款多久"])[0])
    other = axes()
    other.name = "another"
    Model(other, kept(tmp_path)).ways(MANY)
    assert other.asked == MANY


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        (
            Axes([["退款"], ["年假"]], width=8),
            "holds vectors of axes with 32 numbers, and now it gives 8; give the other",
        ),
        (Axes([["x"], ["问法"]]), "another vector than before for the same text: it is another model"),
    ],
)
def test_another_model_under_the_same_name_is_told_and_changes_nothing(
    tmp_path: Path, changed: Axes, what: str
) -> None:
    Model(axes(), kept(tmp_path)).ways(MANY)
    with pytest.raises(EndpointError, match=what):
        Model(changed, kept(tmp_path)).ways([*MANY, "退款多久"])
    known = kept(tmp_path).get("axes", [digest(text) for text in (*MANY, "退款多久")])
    assert len(known) == 70
    assert {len(row) for row in known.values()} == {32}


def test_kept_vectors_of_two_lengths_are_told_with_their_file(tmp_path: Path) -> None:
    kept(tmp_path).put("axes", {digest("a"): np.ones(2, np.float32), digest("b"): np.ones(3, np.float32)})
    with pytest.raises(EndpointError, match=r"v\.db holds vectors of axes with 2 and 3 numbers; .* remove the file"):
        Model(axes(), kept(tmp_path)).ways(["a", "b"])


def test_one_answer_with_another_length_is_refused(tmp_path: Path) -> None:
    class Turning(Axes):
        def __call__(self, texts: Sequence[str]) -> Any:
            self.width = 4 if len(self.asked) else 8
            return super().__call__(texts)

    with pytest.raises(EndpointError, match="axes gives vectors of 4 and 8 numbers"):
        Model(Turning([["x"]]), kept(tmp_path)).ways(MANY)


class Failing(Axes):
    """Fails so many times, from a certain call on."""

    def __init__(self, times: int, after: int = 0) -> None:
        super().__init__([["退款"]])
        self.times, self.after, self.calls = times, after, 0

    def __call__(self, texts: Sequence[str]) -> Any:
        self.calls += 1
        if self.calls > self.after and self.times:
            self.times -= 1
            raise EndpointError("the model is away")
        return super().__call__(texts)


def test_a_batch_is_asked_again_and_what_was_had_is_kept(tmp_path: Path) -> None:
    assert len(Model(Failing(3), kept(tmp_path), QUICK).ways(MANY)) == 70
    dead = Failing(99, after=1)
    file = KeptVectors(tmp_path / "other.db")
    with pytest.raises(EndpointError, match="the model is away"):
        Model(dead, file, QUICK).ways(MANY)
    assert dead.calls == 1 + QUICK.tries
    later = axes()
    Model(later, file, QUICK).ways(MANY)
    assert later.asked == [*MANY[32:64], MANY[0], *MANY[64:]]


def test_ways_have_a_time_that_they_may_take(tmp_path: Path) -> None:
    ticks = iter([0.0, 1.0, 700.0])
    what = "gave vectors for 32 of 70 texts within 600 s; these are kept, and only the rest is asked for"
    with pytest.raises(EndpointError, match=what):
        Model(axes(), kept(tmp_path), Care(), lambda: next(ticks)).ways(MANY)


async def ask(script: Any, *texts: str, care: Care = QUICK) -> dict[str, Any]:
    async with ScriptedUpstream(script) as upstream:
        return await Model(Endpoint(Place(upstream.url, model="m")), None, care).question(texts)


async def test_a_questions_texts_are_asked_for_at_once_and_remembered() -> None:
    model = axes()
    async with ScriptedUpstream(model.serve) as upstream:
        made = Model(Endpoint(Place(upstream.url, model="m")), None, QUICK)
        rows = await made.question(["退款", "年假"])
        again = await made.question(["年假", "换货"])
    assert [one.json["input"] for one in upstream.requests] == [["退款", "年假"], ["换货"]]
    assert np.allclose(rows["年假"], axes()(["年假"])[0], atol=1e-6)
    assert np.allclose(again["年假"], rows["年假"])


@pytest.mark.parametrize(
    ("script", "what"),
    [
        (silence(), "did not answer within 0.3 s"),
        (Answer((b'{"data"', 9.0)), "did not answer within 0.3 s"),
        (whole(b"{}", 500), "HTTP 500"),
        (whole(b'{"data": []}'), "gives 0 vectors for 1 texts"),
        (whole(b'{"data": [{"embedding": [1, null]}]}'), "no vector"),
        (whole("抱歉".encode()), "no JSON"),
    ],
)
async def test_a_question_without_its_vector_is_told_in_time(script: Answer, what: str) -> None:
    with pytest.raises(EndpointError, match=what) as told:
        await ask(script, "退款的秘密")
    assert "秘密" not in str(told.value)


async def test_a_model_that_keeps_failing_is_left_alone_for_a_while() -> None:
    now = [0.0]
    model = axes()

    def answer(received: Received) -> Answer:
        return model.serve(received)

    async with ScriptedUpstream(answer) as upstream:
        made = Model(Endpoint(Place(upstream.url, model="m")), None, QUICK, lambda: now[0])
        model.broken = True
        for at in range(4):
            with pytest.raises(EndpointError, match="HTTP 500" if at < 2 else "left alone for a while"):
                await made.question([f"退款{at}"])
        assert made.resting
        assert len(upstream.requests) == 2
        model.broken, now[0] = False, 6.0
        assert "退款" in await made.question(["退款"])
        assert not made.resting


async def test_a_client_that_leaves_says_nothing_of_the_model() -> None:
    async with ScriptedUpstream(silence()) as upstream:
        made = Model(Endpoint(Place(upstream.url, model="m")), None, QUICK._replace(failures=1, seconds=30))
        task = asyncio.create_task(made.question(["退款"]))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not made.resting


def test_vectors_are_told_from_what_all_have_in_common_and_have_one_length() -> None:
    common = np.array([0.9, 0, 0], np.float32)
    rows = {"a": np.array([0.8, 0.6, 0], np.float32), "b": np.array([0.8, 0, 0.6], np.float32)}
    source = Embedded("m", rows, common)
    assert float(source.of("a").vector @ source.of("b").vector) < 0.1 < float(rows["a"] @ rows["b"])
    assert np.isclose(np.linalg.norm(source.of("a").vector), 1)
    assert (source.width, source.version) == (3, "m (3)")
    with pytest.raises(EndpointError, match="gives 2 numbers for a text, and gave 3 before"):
        source.asked({"c": np.ones(2, np.float32)})
