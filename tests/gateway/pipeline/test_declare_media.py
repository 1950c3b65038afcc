"""Pictures and sounds of an answer are labelled before they leave, in chats too: all of them or none.

Mutants killed: a picture of a chat passed on as it came, whole or streamed; a place changed although another
piece failed; a picture of a refused choice that keeps the rest from leaving; metadata that is missing and not told.
"""

from __future__ import annotations

import base64
import hashlib
import io
from typing import Any

import orjson
import pytest
from kit.media import colours, file_of, read, wav
from kit.path import EVENTS, Said, ask
from kit.plans import LABEL, pattern, plan, rule, side
from kit.upstream import DONE, sse

from gateway.errors import LabelError
from gateway.labels.files import judge
from gateway.labels.metadata import AigcLabel
from gateway.pipeline.declare_media import MOST_MEDIA, DeclareMedia
from gateway.pipeline.media import Making
from gateway.policy.plan import LabelPlan, PicturePlan, SoundPlan
from gateway.ports import Medium

ID = "01JZ8M3K5QW0123456789ABCDE"
FULL = LabelPlan("end", LABEL, metadata=True, pictures=PicturePlan(), sounds=SoundPlan())
ONLY_METADATA = LabelPlan("end", LABEL, metadata=True)
ONLY_PICTURES = LabelPlan("end", LABEL, pictures=PicturePlan())
MAKING = Making(AigcLabel.of("sluice-test", ID))
PICTURE = file_of(colours(320, 240))
URL = "data:image/png;base64," + base64.b64encode(PICTURE).decode()


def medium(value: Any, form: Any, kind: Any = "picture") -> Medium:
    return Medium(kind, {"x": value}, "x", form)


def said_to_be(data: bytes) -> str:
    report = judge(io.BytesIO(data), "x")
    assert report.verdict == "compliant", report.rulings
    assert report.label is not None
    return report.label.produce_id


async def test_each_piece_has_an_id_of_its_own_also_in_a_later_frame() -> None:
    stage = DeclareMedia(FULL, lambda: MAKING)
    pieces = [medium(URL, "url"), medium(URL.partition(",")[2], "base64"), medium(wav(0.2), "bytes", "sound")]
    assert await stage.label(pieces[:2])
    assert await stage.label(pieces[2:])
    datas = [base64.b64decode(str(piece.place["x"]).rpartition(",")[2]) for piece in pieces[:2]]
    assert [said_to_be(data) for data in (*datas, pieces[2].place["x"])] == [ID, f"{ID}-2", f"{ID}-3"]
    assert stage.marks == ("visible", "metadata", "audible")
    assert stage.digests == ()


NOTHING: list[tuple[LabelPlan, Making, Any]] = [
    (LabelPlan("end", LABEL), MAKING, "picture"),
    (ONLY_METADATA, Making(None), "picture"),
    (ONLY_PICTURES, MAKING, "sound"),
]


@pytest.mark.parametrize(("policy", "making", "kind"), NOTHING)
async def test_what_the_policy_does_not_ask_for_is_left_alone(policy: LabelPlan, making: Making, kind: Any) -> None:
    piece = medium("https://a.example/x", "url", kind)
    assert not await DeclareMedia(policy, lambda: making).label([piece])
    assert piece.place["x"] == "https://a.example/x"


WRONG = [
    ("https://a.example/x.png", "url", "picture"),
    ("data:image/png,raw", "url", "picture"),
    ("***", "base64", "picture"),
    (PICTURE[:100], "bytes", "picture"),
    (b"no sound", "bytes", "sound"),
]


@pytest.mark.parametrize(("value", "form", "kind"), WRONG)
async def test_where_one_cannot_be_labelled_none_is_changed(value: Any, form: Any, kind: Any) -> None:
    good = medium(URL, "url")
    with pytest.raises(LabelError):
        await DeclareMedia(FULL, lambda: MAKING).label([good, medium(value, form, kind)])
    assert good.place["x"] == URL


async def test_metadata_that_a_format_cannot_carry_is_an_error_not_a_silence() -> None:
    with pytest.raises(LabelError, match="metadata"):
        await DeclareMedia(ONLY_METADATA, lambda: MAKING).label([medium(b"\x00\x01" * 50, "bytes", "sound")])


async def test_no_answer_brings_more_than_a_bounded_number() -> None:
    with pytest.raises(LabelError, match=str(MOST_MEDIA)):
        await DeclareMedia(FULL, lambda: MAKING).label([medium(URL, "url")] * (MOST_MEDIA + 1))


async def test_under_an_agreement_it_is_noted_what_left() -> None:
    piece = medium(PICTURE, "bytes")
    stage = DeclareMedia(FULL, lambda: Making(MAKING.label, waived=True))
    await stage.label([piece])
    assert stage.marks == ("metadata",)
    assert stage.digests == (hashlib.sha256(piece.place["x"]).hexdigest(),)


# --- In chats ------------------------------------------------------------------------------------

DRUGS = side({"drug": pattern("drug", "毒品")}, [rule("drug", "refuse")])


def image(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def whole(*messages: dict[str, Any]) -> Said:
    choices = [{"index": at, "message": said, "finish_reason": "stop"} for at, said in enumerate(messages)]
    return Said(orjson.dumps({"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": choices}))


def picture_of(part: Any) -> bytes:
    return base64.b64decode(part["image_url"]["url"].partition(",")[2])


def body(**more: Any) -> dict[str, Any]:
    return {"model": "up", "messages": [{"role": "user", "content": "画"}], **more}


async def test_pictures_of_a_whole_chat_answer_are_labelled_wherever_they_stand() -> None:
    beside = {"role": "assistant", "content": "好", "images": [image(URL)]}
    among = {"role": "assistant", "content": [{"type": "text", "text": "好"}, image(URL)]}
    got = await ask(plan(label=FULL), body(n=2), whole(beside, among))
    one, two = (choice["message"] for choice in got.seen.json["choices"])
    made = [picture_of(one["images"][0]), picture_of(two["content"][1])]
    assert [said_to_be(data) for data in made] == [got.record.id, f"{got.record.id}-2"]
    assert all(read(data).size == (320, 240) for data in made)
    assert made[0] != PICTURE
    assert got.record.label == got.seen.headers["x-sluice-label"] == "text-end+visible+metadata"
    assert got.record.response.unjudged == ("choices[0].message.images", "choices[1].message.content[1]")


async def test_a_picture_in_a_stream_is_labelled_too() -> None:
    delta = {"role": "assistant", "content": "好", "images": [image(URL)]}
    head = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    first = {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    last = {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    upstream = Said(sse(orjson.dumps(first)), sse(orjson.dumps(last)), DONE, content_type=EVENTS)
    got = await ask(plan(label=FULL), body(stream=True), upstream)
    (found,) = [
        part for chunk in got.seen.chunks for choice in chunk["choices"] for part in choice["delta"].get("images") or ()
    ]
    assert said_to_be(picture_of(found)) == got.record.id
    assert URL.encode() not in got.outlet.body


async def test_a_chat_whose_picture_cannot_be_labelled_does_not_leave() -> None:
    got = await ask(plan(label=FULL), body(), whole({"role": "assistant", "images": [image("https://a.example/1")]}))
    assert (got.seen.status, got.seen.json["error"]["code"]) == (502, "cannot_be_labelled")
    assert (got.record.outcome, got.record.error, got.record.label) == ("upstream_error", "cannot_be_labelled", "none")
    assert b"a.example" not in got.outlet.body


async def test_a_picture_of_a_choice_that_is_refused_neither_leaves_nor_keeps_the_others_back() -> None:
    refused = {"role": "assistant", "content": "毒品", "images": [image("https://a.example/1")]}
    fine = {"role": "assistant", "content": "好", "images": [image(URL)]}
    got = await ask(plan(response=DRUGS, label=FULL), body(n=2), whole(refused, fine))
    one, two = (choice["message"] for choice in got.seen.json["choices"])
    assert "images" not in one
    assert said_to_be(picture_of(two["images"][0])) == got.record.id


async def test_without_a_label_in_the_policy_a_chat_with_pictures_stays_as_it_is() -> None:
    upstream = whole({"role": "assistant", "content": "好", "images": [image("https://a.example/1")]})
    got = await ask(plan(label=LabelPlan("none")), body(), upstream)
    assert got.seen.json["choices"][0]["message"]["images"] == [image("https://a.example/1")]
