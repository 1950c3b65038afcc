"""Pictures and sounds of an answer are labelled before they leave, in chats too: all of them or none.

Mutants killed: a picture of a chat passed on as it came, whole or streamed; a place changed although another
piece failed; a picture of a refused choice that keeps the rest from leaving; metadata that is missing and not told;
a tool's file passed on where the policy wants it labelled, or labelled where it does not; samples labelled in every
piece; a URL that is fetched twice, or although the policy wants nothing of it.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
from typing import Any

import orjson
import pytest
from kit import specimens
from kit.media import colours, file_of, read, wav
from kit.messages import body as message_body
from kit.messages import message_json
from kit.path import EVENTS, Collected, Said, ask, ports
from kit.plans import LABEL, pattern, plan, rule, side
from kit.upstream import DONE, sse

from gateway.errors import LabelError
from gateway.exchange import ANYONE
from gateway.labels import sounds
from gateway.labels.files import judge
from gateway.labels.metadata import AigcLabel
from gateway.pipeline.declare_media import MOST_MEDIA, DeclareMedia
from gateway.pipeline.making import Making
from gateway.pipeline.run import Gone, Path
from gateway.policy.plan import LabelPlan, PicturePlan, SoundPlan
from gateway.ports import Medium
from gateway.wire.messages import Messages

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


FILES = LabelPlan("end", LABEL, metadata=True, files="metadata")


@pytest.mark.parametrize(
    ("policy", "making", "labelled"),
    [
        (FILES, MAKING, True),
        (FULL, MAKING, False),
        (FILES, Making(None), False),
        (LabelPlan("end", LABEL, files="visible"), Making(None), True),
    ],
)
async def test_files_of_tools_are_labelled_where_the_policy_says_so(
    policy: LabelPlan, making: Making, labelled: bool
) -> None:
    piece = medium(URL, "url", "file")
    assert await DeclareMedia(policy, lambda: making).label([piece]) is labelled
    assert (piece.place["x"] != URL) is labelled


async def test_a_file_that_has_no_place_for_the_label_does_not_leave() -> None:
    with pytest.raises(LabelError, match="no place that is known"):
        await DeclareMedia(FILES, lambda: MAKING).label([medium("AAEC", "base64", "file")])


async def test_a_text_file_is_known_by_its_name() -> None:
    piece = Medium("file", {"x": base64.b64encode(b"# A note\n").decode()}, "x", "base64", 0, "note.md")
    assert await DeclareMedia(FILES, lambda: MAKING).label([piece])
    assert base64.b64decode(piece.place["x"]).startswith(b"---\nAIGC:")


async def test_samples_are_heard_labelled_once_a_choice() -> None:
    stage = DeclareMedia(FULL, lambda: MAKING)
    said = base64.b64encode(b"\1\0" * 300).decode()
    pieces = [Medium("sound", {"x": said}, "x", "samples", choice) for choice in (0, 0, 1)]
    done = [await stage.label([piece]) for piece in pieces]
    assert done == [True, False, True]
    heard = [base64.b64decode(piece.place["x"]) for piece in pieces]
    tone = sounds.opening(24_000)
    assert [data.startswith(tone) for data in heard] == [True, False, True]
    assert all(data.endswith(b"\1\0" * 300) and len(data) % 2 == 0 for data in heard)
    # Who joins the pieces before decoding them hears the same.
    assert base64.b64decode(pieces[0].place["x"] + said) == heard[0] + b"\1\0" * 300
    assert stage.marks == ("audible",)


async def test_samples_carry_no_metadata_and_are_left_alone_where_nothing_is_to_be_heard() -> None:
    piece = Medium("sound", {"x": "AAAA"}, "x", "samples")
    assert not await DeclareMedia(ONLY_METADATA, lambda: MAKING).label([piece])
    assert not await DeclareMedia(FULL, lambda: Making(MAKING.label, waived=True)).label([piece])
    with pytest.raises(LabelError, match="ask for pcm16"):
        await DeclareMedia(FULL, lambda: MAKING).label([piece._replace(place={"x": "UklGRgAAAAA="})])


async def test_a_picture_behind_a_url_is_fetched_once_and_leaves_as_a_data_url() -> None:
    asked: list[str] = []

    async def fetch(url: str) -> bytes:
        asked.append(url)
        return PICTURE

    pieces = [medium("https://a.example/1.png", "url"), medium("https://a.example/1.png", "url"), medium(URL, "url")]
    assert await DeclareMedia(FULL, lambda: MAKING, fetch).label(pieces)
    assert asked == ["https://a.example/1.png"]
    datas = [base64.b64decode(piece.place["x"].removeprefix("data:image/png;base64,")) for piece in pieces]
    assert [said_to_be(data) for data in datas] == [ID, f"{ID}-2", f"{ID}-3"]
    assert not await DeclareMedia(LabelPlan("end", LABEL), lambda: MAKING, fetch).label(pieces[:1])
    assert len(asked) == 1


async def test_what_cannot_be_fetched_changes_nothing() -> None:
    async def fetch(_: str) -> bytes:
        raise LabelError("the URL's host answered with HTTP 404")

    good = medium(URL, "url")
    with pytest.raises(LabelError, match="404"):
        await DeclareMedia(FULL, lambda: MAKING, fetch).label([good, medium("https://a.example/1.png", "url")])
    assert good.place["x"] == URL


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


# --- Files that tools return, and voices -----------------------------------------------------------

DOCX = specimens.docx()
FILE_URL = "data:application/octet-stream;base64," + base64.b64encode(DOCX).decode()
CHAT_FILES: list[tuple[dict[str, Any], Any]] = [
    ({"annotations": [{"type": "file", "file": {"filename": "a.docx", "file_data": FILE_URL}}]}, FILE_URL),
    ({"content": [{"type": "file", "file": {"filename": "a.docx", "file_data": FILE_URL}}]}, FILE_URL),
    ({"tool_calls": [{"id": "c", "type": "code_interpreter", "outputs": [{"file": FILE_URL}]}]}, FILE_URL),
    ({"files": [FILE_URL]}, FILE_URL),
]


def only(policy: LabelPlan) -> Any:
    return plan(label=policy)


@pytest.mark.parametrize(("message", "before"), CHAT_FILES)
async def test_a_file_in_a_chat_answer_carries_its_label_whole_and_streamed(message: Any, before: str) -> None:
    said = {"role": "assistant", **message}
    got = await ask(only(FILES), body(), whole(said))
    head = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    first = {**head, "choices": [{"index": 0, "delta": said, "finish_reason": None}]}
    last = {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    upstream = Said(sse(orjson.dumps(first)), sse(orjson.dumps(last)), DONE, content_type=EVENTS)
    streamed = await ask(only(FILES), body(stream=True), upstream)
    for one in (got, streamed):
        assert before.encode() not in one.outlet.body
        (data,) = re.findall(rb"data:application/octet-stream;base64,([A-Za-z0-9+/=]+)", one.outlet.body)
        report = judge(io.BytesIO(base64.b64decode(data)), "a.docx")
        assert (report.verdict, report.label and report.label.produce_id) == ("compliant", one.record.id)
    assert (await ask(only(FULL), body(), whole(said))).outlet.body.count(before.encode()) == 1


async def test_a_voice_is_labelled_in_a_chat_answer_whole_and_streamed() -> None:
    voice = base64.b64encode(wav(0.3)).decode()
    got = await ask(plan(label=FULL), body(), whole({"role": "assistant", "audio": {"id": "a", "data": voice}}))
    data = base64.b64decode(got.seen.json["choices"][0]["message"]["audio"]["data"])
    assert said_to_be(data) == got.record.id
    assert sounds.parse(data).seconds > 1.5
    samples = base64.b64encode(b"\1\0" * 30).decode()
    head = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    deltas = [{"role": "assistant", "audio": {"id": "a", "transcript": "hi"}}, {"audio": {"data": samples}}] * 2
    chunks = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    upstream = Said(*(sse(orjson.dumps(chunk)) for chunk in chunks), DONE, content_type=EVENTS)
    streamed = await ask(plan(label=FULL), body(stream=True), upstream)
    heard = "".join(
        choice["delta"].get("audio", {}).get("data", "")
        for chunk in streamed.seen.chunks
        for choice in chunk["choices"]
    )
    played = base64.b64decode(heard)
    assert played.startswith(sounds.opening(24_000))
    assert played.endswith(b"\1\0" * 60)
    assert len(played) < len(sounds.opening(24_000)) + 126


TOOLS: list[dict[str, Any]] = [
    {"type": "web_fetch_tool_result", "tool_use_id": "t", "content": {"type": "web_fetch_result", "content": {
        "type": "document", "title": "a.docx",
        "source": {"type": "base64", "media_type": "application/octet-stream", "data": FILE_URL.partition(",")[2]},
    }}},
    {"type": "mcp_tool_result", "tool_use_id": "t", "is_error": False, "content": [
        {"type": "text", "text": "made"},
        {"type": "resource", "resource": {"uri": "x:a.docx", "mimeType": "x/y", "blob": FILE_URL.partition(",")[2]}},
    ]},
]  # fmt: skip


@pytest.mark.parametrize("block", TOOLS)
async def test_a_file_that_a_tool_of_anthropics_returned_carries_its_label(block: dict[str, Any]) -> None:
    before = FILE_URL.partition(",")[2].encode()
    asking = message_body("make a report")
    for stream in (False, True):
        made = ports(Said(message_json("Here it is.", block)))
        where = Collected()
        raw = orjson.dumps({**asking, "stream": stream})
        await Path(Messages(100), "/messages", made).run(raw, ANYONE, only(FILES), where, Gone())
        assert where.status == 200
        assert before not in where.body
        (found,) = re.findall(rb'"(?:data|blob)":"([A-Za-z0-9+/=]+)"', where.body)
        report = judge(io.BytesIO(base64.b64decode(found)), "a.docx")
        assert report.verdict == "compliant"
        assert report.label is not None
        assert report.label.produce_id == where.headers["x-sluice-request-id"]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_labelled_file_leaves_also_where_nothing_else_of_the_message_changes(stream: bool) -> None:
    picture = {"type": "image", "data": URL.partition(",")[2], "mimeType": "image/png"}
    where = Collected()
    await Path(
        Messages(100), "/messages", ports(Said(message_json("好", {"type": "mcp_tool_result", "content": [picture]})))
    ).run(
        orjson.dumps({**message_body("画"), "stream": stream}),
        ANYONE,
        plan(label=LabelPlan("none", LABEL, files="visible")),
        where,
        Gone(),
    )
    (data,) = re.findall(rb'"data":"([A-Za-z0-9+/=]+)"', where.body)
    made = base64.b64decode(data)
    assert made != PICTURE
    assert read(made).size == (320, 240)


async def test_a_picture_in_a_message_is_labelled_like_one_in_a_chat() -> None:
    source = {"type": "base64", "media_type": "image/png", "data": URL.partition(",")[2]}
    where = Collected()
    made = ports(Said(message_json({"type": "image", "source": source})))
    await Path(Messages(100), "/messages", made).run(
        orjson.dumps(message_body("paint")), ANYONE, plan(label=FULL), where, Gone()
    )
    (block,) = where.seen.json["content"]
    data = base64.b64decode(block["source"]["data"])
    assert said_to_be(data) == where.headers["x-sluice-request-id"]
    assert where.headers["x-sluice-label"] == "text-end+visible+metadata"
