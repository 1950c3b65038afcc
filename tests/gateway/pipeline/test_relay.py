"""An upstream's bytes through the flow to the client: the first piece decides, the end is proper."""

from __future__ import annotations

from typing import Any

import pytest
from kit.asking import chat
from kit.path import EVENTS, Said, ask, counting, ports
from kit.plans import SAFE, pattern, plan, rule, side, whole
from kit.upstream import chat_json, chat_sse

from gateway.errors import UpstreamBroke, UpstreamTimeout
from gateway.ports import Scan
from gateway.telemetry import names
from gateway.text import TextView

DRUG = side({"drug": pattern("drug", "毒品")}, [rule("drug", "refuse")])
STREAM = chat("你好", model="up", stream=True)
BROKE = UpstreamBroke("The upstream up broke off.", upstream="up")


def said(*texts: str, **more: Any) -> Said:
    return Said(*chat_sse(texts, **more), content_type=EVENTS)


async def test_pieces_leave_as_they_come_and_the_end_once() -> None:
    got = await ask(plan(response=DRUG), STREAM, said("你", "好"))
    assert got.seen.text() == "你好"
    assert len(got.outlet.pieces) == 5
    assert (got.outlet.status, got.outlet.finished) == (200, 1)
    assert got.metrics.histogram(names.TIME_TO_FIRST_TOKEN).count == 1


async def test_once_every_choice_is_stopped_the_upstream_is_read_no_further() -> None:
    provider = said("毒品", *["更多"] * 50)
    got = await ask(plan(response=DRUG), STREAM, provider)
    assert provider.read == 3  # the role, the word, and what shows that the word ends
    assert provider.closed == 1
    assert got.outlet.body.endswith(b"data: [DONE]\n\n")
    assert got.outlet.body.count(b"[DONE]") == 1


async def test_an_answer_stopped_before_a_word_has_left_can_be_an_error() -> None:
    held = side({"drug": whole("drug", "毒品")}, [rule("drug", "refuse", release="buffer")])
    for got in (
        await ask(plan(response=DRUG, block="error"), chat("你好", model="up"), Said(chat_json("毒品"))),
        await ask(plan(response=DRUG, block="error"), STREAM, said("毒品", "更多")),
        await ask(plan(response=held, block="error"), STREAM, said("先说", "毒品")),
    ):
        assert got.outlet.status == 400
        assert got.seen.json["sluice"]["stage"] == "response"
        assert got.seen.json["sluice"]["rule"] == "refuse-drug"
        assert got.outlet.headers["x-sluice-label"] == "none"
        assert (got.record.outcome, got.record.label) == ("stopped", "none")


async def test_frames_without_a_word_wait_for_the_first_word_where_a_refusal_may_be_an_error() -> None:
    chunks = chat_sse(["你", "好"])
    got = await ask(plan(response=DRUG, block="error"), STREAM, Said(*chunks, content_type=EVENTS))
    assert got.outlet.pieces[0] == chunks[0] + chunks[1]
    assert got.outlet.body == b"".join(chunks)
    sound = b'data: {"choices":[{"index":0,"delta":{"audio":{"data":"AA"}}}]}\n\n'
    got = await ask(plan(response=DRUG, block="error"), STREAM, Said(sound, *chunks, content_type=EVENTS))
    assert got.outlet.pieces[0] == sound
    empty = chat_sse([])
    got = await ask(plan(response=DRUG, block="error"), STREAM, Said(*empty, content_type=EVENTS))
    assert got.outlet.body == b"".join(empty)


async def test_a_standard_answer_is_no_error_under_any_policy() -> None:
    answering = side({"drug": pattern("drug", "毒品")}, [rule("drug", "answer", reply="safe")])
    got = await ask(plan(response=answering, block="error"), chat("你好", model="up"), Said(chat_json("毒品")))
    assert (got.outlet.status, got.seen.text()) == (200, SAFE.zh)


async def test_an_upstream_that_breaks_before_the_first_word_is_a_clean_502() -> None:
    got = await ask(plan(response=DRUG), STREAM, Said(BROKE, content_type=EVENTS))
    assert (got.outlet.status, got.seen.json["error"]["code"]) == (502, "upstream_broke")


async def test_in_mid_answer_what_was_held_leaves_then_the_error_then_the_end() -> None:
    provider = Said(*chat_sse(["他说毒"])[:2], BROKE, content_type=EVENTS)
    got = await ask(plan(response=DRUG), STREAM, provider)
    assert got.seen.text() == "他说毒"
    assert got.seen.chunks[-1]["error"]["code"] == "upstream_broke"
    assert got.outlet.body.endswith(b"data: [DONE]\n\n")
    assert (got.record.outcome, got.record.error, got.record.status) == ("upstream_error", "upstream_broke", 200)
    assert provider.closed == 1


async def test_what_was_held_is_judged_also_when_the_upstream_breaks() -> None:
    held = side({"end": whole("end", "毒"), "drug": pattern("drug", "毒品")}, [rule("end", "refuse")])
    provider = Said(*chat_sse(["好", "有毒"])[:3], BROKE, content_type=EVENTS)
    got = await ask(plan(response=held), STREAM, provider)
    assert "有毒" not in got.seen.text()


@pytest.mark.parametrize("steps", [[], chat_sse(["一"])[:2]])
async def test_waiting_for_an_upstream_that_never_comes_is_not_our_time(steps: list[bytes]) -> None:
    class Slow(Said):
        async def chunks(self) -> Any:
            async for chunk in super().chunks():
                yield chunk
            for _ in range(1000):
                clock()
            raise UpstreamTimeout("No answer in time.", upstream="up")

    clock = counting()
    got = await ask(plan(), STREAM, given=ports(Slow(*steps, content_type=EVENTS), ticker=clock))
    assert got.record.error == "upstream_timeout"
    assert got.record.overhead_ms < 20_000


async def test_an_upstream_that_closes_without_an_end_is_broken() -> None:
    got = await ask(plan(), STREAM, said("一", finish=None, done=False))
    assert got.seen.chunks[-1]["error"]["code"] == "upstream_broke"
    assert got.record.outcome == "upstream_error"


async def test_frames_that_come_in_pieces_are_one_answer() -> None:
    body = b"".join(chat_sse(["你", "好"]))
    got = await ask(
        plan(response=DRUG), STREAM, Said(*[body[i : i + 7] for i in range(0, len(body), 7)], content_type=EVENTS)
    )
    assert got.seen.text() == "你好"


async def test_what_comes_in_one_piece_is_judged_once_and_leaves_in_one() -> None:
    looked: list[str] = []

    def counted(view: TextView) -> Scan:
        looked.append(view.text[view.start :])
        return Scan((), len(view.text))

    frames = chat_sse(["你", "好", "。", "再", "见"])
    body = b"".join(frames)
    provider = Said(frames[0], b"".join(frames[1:]), content_type=EVENTS)
    got = await ask(plan(response=side({"drug": counted}, [rule("drug", "refuse")])), STREAM, provider)
    assert got.outlet.body == body
    assert looked == ["", "你好。再见", ""]
    # The role; all words; what says that they end; the terminal.
    assert got.outlet.pieces == [frames[0], b"".join(frames[1:-2]), *frames[-2:]]


async def test_what_came_before_a_stop_in_one_piece_leaves_and_nothing_behind_it() -> None:
    provider = Said(b"".join(chat_sse(["先说。", "毒品", "更多", "还有"])), content_type=EVENTS)
    got = await ask(plan(response=DRUG), STREAM, provider)
    assert got.seen.text() == "先说。\n\n" + SAFE.zh
    assert got.record.outcome == "stopped"


async def test_texts_that_end_in_one_piece_are_texts_of_their_own() -> None:
    body = b"".join(chat_sse(["毒"], done=False)) + b"".join(chat_sse(["品"]))
    got = await ask(plan(response=DRUG), STREAM, Said(body, content_type=EVENTS))
    assert got.seen.text() == "毒品"


async def test_what_was_said_before_a_frame_that_cannot_be_written_leaves_before_the_error() -> None:
    masking = side({"number": pattern("number", "[0-9]{6}")}, [rule("number", "mask")])
    role, word, *_ = chat_sse(["先说。"])
    deep = b'data: {"deep":' + b"[" * 300 + b"]" * 300 + b',"choices":[{"index":0,"delta":{"content":"123456,"}}]}\n\n'
    got = await ask(plan(response=masking), STREAM, Said(role + word + deep, content_type=EVENTS))
    assert got.outlet.body.startswith(role + word)
    assert got.seen.text() == "先说。"
    assert (got.record.outcome, got.record.error) == ("upstream_error", "upstream_broke")
