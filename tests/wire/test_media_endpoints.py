"""OpenAI's SDK asks for pictures and speech: what arrives carries its labels, or does not arrive.

Mutants killed: a picture passed on as it came; a second picture with the first one's id; a URL that nobody
labelled; a refusal that still asks the model; words of the upstream's that nobody judged; an agreement that
drops the metadata; an error without a record.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import itertools
import time
import wave
from collections.abc import Callable
from dataclasses import replace
from math import ceil
from typing import Any

import numpy as np
import openai
import orjson
import pytest
from kit.between import between
from kit.gateway import parts, serving
from kit.media import file_of, read, wav
from kit.plans import LABEL, pattern, plan, rule, side
from kit.tools import ffmpeg, needs
from kit.upstream import Answer, ScriptedUpstream, hangup, whole
from openai import AsyncOpenAI
from PIL import Image

from gateway.exchange import Agreement
from gateway.labels import watermark
from gateway.labels.files import judge
from gateway.policy.plan import LabelPlan, PicturePlan, SoundPlan
from gateway.providers.openai_compatible import OpenAICompatible
from gateway.settings import Settings
from gateway.wiring import fetch_of

SIDE = side(
    {"drug": pattern("drug", "贩毒|毒品|drug deal"), "number": pattern("number", "[0-9]{6,11}")},
    [rule("drug", "refuse"), rule("number", "mask", keep=(2, 2))],
)
LABELS = LabelPlan("end", LABEL, metadata=True, pictures=PicturePlan(watermark=True), sounds=SoundPlan())
PLAN = plan(SIDE, SIDE, label=LABELS)
OPEN = plan(SIDE, SIDE)
ID = f"TEST{1:022d}"
DARK = Image.new("RGB", (480, 400), (40, 40, 40))
PICTURE = file_of(DARK)


def drawn(*rows: dict[str, Any], **more: Any) -> Answer:
    return whole(orjson.dumps({"created": 1, "data": list(rows), **more}))


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sound(data: bytes, kind: str = "audio/wav") -> Answer:
    return whole(data, content_type=kind)


def verified(data: bytes, content_id: str) -> None:
    """The metadata is there and right, and says whose it is."""
    report = judge(io.BytesIO(data), "made")
    assert report.verdict == "compliant", report.rulings
    assert report.label is not None
    assert (report.label.content_producer, report.label.produce_id) == ("sluice-test", content_id)


def samples(data: bytes) -> Any:
    """What a WAV says, read by the standard library."""
    with wave.open(io.BytesIO(data)) as opened:
        return np.frombuffer(opened.readframes(opened.getnframes()), "<i2")


def rhythm_of(tone: Any, rate: int) -> str:
    """Write the lengths of the tones: short or long, by whether they last longer than half of the longest."""
    step = rate // 100
    loud = [np.abs(tone[at : at + step]).max() > 1000 for at in range(0, len(tone) - step, step)]
    lengths = [len(list(group)) for on, group in itertools.groupby(loud) if on]
    return " ".join("—" if length > 0.6 * max(lengths) else "·" for length in lengths)


def height_of_words(data: bytes) -> int:
    """Rows from the first to the last bright pixel of a picture that was dark."""
    rows = np.nonzero((np.asarray(read(data).convert("L")) > 128).any(axis=1))[0]
    return int(rows.max() - rows.min()) + 1 if len(rows) else 0


async def test_a_picture_arrives_with_words_watermark_and_metadata() -> None:
    async with between(PLAN, drawn({"b64_json": b64(PICTURE)}, usage={"input_tokens": 3, "output_tokens": 9})) as here:
        raw = await here.client.images.with_raw_response.generate(model="up", prompt="一只猫", quality="high")
        got = raw.parse()
        await here.gate.recorded(1)
    data = base64.b64decode(got.data[0].b64_json or "")
    verified(data, ID)
    assert height_of_words(data) >= ceil(0.05 * 400)
    assert height_of_words(PICTURE) == 0
    seen = watermark.read(read(data))
    assert seen is not None
    assert seen.content_id == ID
    assert raw.headers["x-sluice-label"] == "visible+watermark+metadata"
    assert orjson.loads(raw.headers["x-sluice-aigc"]) == (got.model_extra or {})["aigc"]
    assert (got.model_extra or {})["aigc"]["ProduceID"] == ID
    record = here.gate.records.records[0]
    assert (record.dialect, record.label, record.outcome) == ("images", "visible+watermark+metadata", "answered")
    assert record.response.unjudged == ("data[0].b64_json",)
    assert (record.usage and record.usage.input, record.usage and record.usage.output) == (3, 9)
    asked = here.upstream.requests[0]
    assert (asked.path, asked.json) == (
        "/v1/images/generations",
        {"model": "up", "prompt": "一只猫", "quality": "high"},
    )


async def test_of_two_pictures_each_has_an_id_of_its_own() -> None:
    row = {"b64_json": b64(PICTURE)}
    async with between(PLAN, drawn(row, row)) as here:
        got = await here.client.images.generate(model="up", prompt="cats", n=2)
    for picture, own in zip(got.data or (), (ID, f"{ID}-2"), strict=True):
        data = base64.b64decode(picture.b64_json or "")
        verified(data, own)
        assert height_of_words(data) >= 20


async def test_a_data_url_is_labelled_and_another_url_is_refused() -> None:
    data_url = f"data:image/png;base64,{b64(PICTURE)}"
    async with between(PLAN, drawn({"url": data_url}), drawn({"url": "https://pictures.example/1.png"})) as here:
        got = await here.client.images.generate(model="up", prompt="cat")
        with pytest.raises(openai.APIStatusError) as caught:
            await here.client.with_options(max_retries=0).images.generate(model="up", prompt="cat")
        await here.gate.recorded(2)
    head, _, body = (got.data or [])[0].url.partition(",")  # type: ignore[union-attr]
    assert head == "data:image/png;base64"
    verified(base64.b64decode(body), ID)
    error = caught.value
    assert "x-sluice-aigc" not in error.response.headers
    assert (error.status_code, error.code) == (502, "cannot_be_labelled")
    assert "b64_json" in error.message
    assert "pictures.example" not in error.response.text
    record = here.gate.records.records[1]
    assert (record.outcome, record.error, record.label) == ("upstream_error", "cannot_be_labelled", "none")


async def test_a_picture_behind_a_url_that_the_operator_allows_arrives_labelled() -> None:
    """The upstream of this test serves the picture too; that it is on loopback takes ``private``."""
    async with ScriptedUpstream(whole(PICTURE, content_type="image/png")) as shelf:
        url = shelf.url.removesuffix("/v1") + "/made/1.png?sign=x"
        async with ScriptedUpstream(drawn({"url": url}), drawn({"url": "https://pictures.example/1"})) as upstream:
            provider = OpenAICompatible("up", upstream.url, "sk")
            made = parts(PLAN, {"up": provider})
            allowed = Settings.model_validate({"fetch": {"hosts": ["127.0.0.1"], "private": True}})
            made = replace(made, ports=replace(made.ports, fetch=fetch_of(allowed)))
            async with serving(made) as gate:
                client = AsyncOpenAI(base_url=gate.url + "/v1", api_key="sk", max_retries=0)
                async with client:
                    got = await client.images.generate(model="up", prompt="cat")
                    with pytest.raises(openai.APIStatusError) as caught:
                        await client.images.generate(model="up", prompt="cat")
    head, _, data = ((got.data or [])[0].url or "").partition(",")
    assert head == "data:image/png;base64"
    verified(base64.b64decode(data), ID)
    assert height_of_words(base64.b64decode(data)) >= 20
    assert [one.path for one in shelf.requests] == ["/made/1.png?sign=x"]
    assert "none of the hosts" in caught.value.message
    assert "pictures.example" not in caught.value.response.text


async def test_where_the_policy_wants_no_label_the_answer_stays_byte_for_byte() -> None:
    answer = {"created": 1, "data": [{"url": "https://pictures.example/1.png"}, {"b64_json": b64(PICTURE)}]}
    async with between(OPEN, whole(orjson.dumps(answer)), sound(wav(0.2))) as here:
        raw = await here.client.images.with_raw_response.generate(model="up", prompt="cat")
        said = await here.client.audio.speech.create(model="up", voice="alloy", input="hello")
    assert raw.content == orjson.dumps(answer)
    assert raw.headers["x-sluice-label"] == "none"
    assert "x-sluice-aigc" not in raw.headers
    assert said.content == wav(0.2)


BROKEN = [
    (drawn({"b64_json": "****"}), "cannot_be_labelled"),
    (drawn({"b64_json": b64(b"\x89PNG\r\n\x1a\n" + bytes(40))}), "cannot_be_labelled"),
    (drawn({"b64_json": b64(PICTURE)}, {"b64_json": b64(PICTURE[:200])}), "cannot_be_labelled"),
    (drawn({"b64_json": b64(file_of(Image.new("RGB", (12, 12))))}), "cannot_be_labelled"),
    (drawn(), "upstream_broke"),
    (drawn({"revised_prompt": "x"}), "upstream_broke"),
    (whole(b"[]"), "upstream_broke"),
    (whole(b"<html>", content_type="text/html"), "upstream_broke"),
    (hangup(), "upstream_broke"),
]


@pytest.mark.parametrize(("answer", "code"), BROKEN)
async def test_what_is_no_picture_is_a_clear_error_and_has_its_record(answer: Answer, code: str) -> None:
    async with between(PLAN, answer) as here:
        client = here.client.with_options(max_retries=0)
        with pytest.raises(openai.APIStatusError) as caught:
            await client.images.generate(model="up", prompt="cat")
        await here.gate.recorded(1)
    assert (caught.value.status_code, caught.value.code) == (502, code)
    record = here.gate.records.records[0]
    assert (record.status, record.error, record.label, record.dialect) == (502, code, "none", "images")


async def test_an_error_of_the_upstream_is_passed_on() -> None:
    body = orjson.dumps({"error": {"message": "no", "type": "x", "code": "moderation_blocked", "param": None}})
    async with between(PLAN, whole(body, 400)) as here:
        with pytest.raises(openai.BadRequestError) as caught:
            await here.client.images.generate(model="up", prompt="cat")
    assert caught.value.code == "moderation_blocked"


Ask = Callable[[AsyncOpenAI, str], Any]
ASKS: list[Ask] = [
    lambda client, text: client.images.generate(model="up", prompt=text),
    lambda client, text: client.audio.speech.create(model="up", voice="alloy", input=text),
    lambda client, text: client.images.generate(model="up", prompt="x", extra_body={"negative_prompt": text}),
    lambda client, text: client.audio.speech.create(model="up", voice="a", input="x", instructions=text),
]


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("text", ["他在贩毒", "a drug deal"])
async def test_a_prompt_that_is_refused_is_an_error_and_no_model_sees_it(ask: Ask, text: str) -> None:
    async with between(PLAN, hangup()) as here:
        with pytest.raises(openai.BadRequestError) as caught:
            await ask(here.client, text)
        await here.gate.recorded(1)
    assert caught.value.code == "content_filter"
    assert caught.value.response.json()["sluice"]["rule"] == "refuse-drug"
    assert here.upstream.requests == []
    record = here.gate.records.records[0]
    assert (record.outcome, record.status, record.label) == ("replied", 400, "none")


@pytest.mark.parametrize("ask", ASKS)
async def test_a_number_in_a_prompt_is_masked(ask: Ask) -> None:
    async with between(OPEN, hangup()) as here:
        with pytest.raises(openai.APIStatusError):
            await ask(here.client.with_options(max_retries=0), "号码13812345678")
    assert "号码13*******78" in here.upstream.requests[0].json.values()


async def test_what_the_upstream_says_that_it_drew_is_judged() -> None:
    good = {"b64_json": b64(PICTURE), "revised_prompt": "猫，号码13812345678"}
    bad = {"b64_json": b64(PICTURE), "revised_prompt": "a drug deal"}
    async with between(PLAN, drawn(good), drawn(bad)) as here:
        got = await here.client.images.generate(model="up", prompt="cat")
        with pytest.raises(openai.BadRequestError) as caught:
            await here.client.images.generate(model="up", prompt="cat")
        await here.gate.recorded(2)
    assert (got.data or [])[0].revised_prompt == "猫，号码13*******78"
    assert caught.value.code == "content_filter"
    assert caught.value.response.json()["sluice"]["stage"] == "response"
    assert [record.outcome for record in here.gate.records.records] == ["answered", "stopped"]


async def test_a_stream_of_pictures_is_refused() -> None:
    async with between(PLAN, hangup()) as here:
        with pytest.raises(openai.BadRequestError) as caught:
            await here.client.images.generate(model="up", prompt="cat", stream=True)
        with pytest.raises(openai.BadRequestError) as spoken:
            await here.client.audio.speech.create(model="up", voice="a", input="x", stream_format="sse")
    assert (caught.value.code, caught.value.param) == ("stream_not_served", "stream")
    assert (spoken.value.code, spoken.value.param) == ("stream_not_served", "stream_format")
    assert here.upstream.requests == []


async def test_speech_arrives_with_the_rhythm_before_it_and_metadata() -> None:
    plain = wav(1.0, rate=16_000)
    async with between(PLAN, sound(plain)) as here:
        said = await here.client.audio.speech.create(model="up", voice="alloy", input="你好", response_format="wav")
        await here.gate.recorded(1)
    verified(said.content, ID)
    assert said.response.headers["content-type"] == "audio/wav"
    assert said.response.headers["x-sluice-label"] == "audible+metadata"
    assert orjson.loads(said.response.headers["x-sluice-aigc"])["ProduceID"] == ID
    before, after = samples(plain), samples(said.content)
    longer = len(after) - len(before)
    assert longer > 0.5 * 16_000
    assert (after[longer:] == before).all()
    assert rhythm_of(after[:longer], 16_000) == "· — · ·"
    record = here.gate.records.records[0]
    assert (record.dialect, record.label, record.outcome) == ("speech", "audible+metadata", "answered")
    assert record.response.unjudged == ("audio",)
    asked = here.upstream.requests[0]
    assert (asked.path, asked.json["input"], asked.headers["accept"]) == ("/v1/audio/speech", "你好", "*/*")


@needs("ffmpeg", "ffprobe")
@pytest.mark.parametrize(("form", "kind"), [("mp3", "audio/mpeg"), ("flac", "audio/flac"), ("opus", "audio/ogg")])
async def test_compressed_speech_is_labelled_too(form: str, kind: str, tmp_path: Any) -> None:
    source, made = tmp_path / "a.wav", tmp_path / f"a.{form}"
    source.write_bytes(wav(1.0, rate=16_000))
    ffmpeg("-i", source, made)
    async with between(PLAN, sound(made.read_bytes(), kind)) as here:
        said = await here.client.audio.speech.create(model="up", voice="a", input="hi", response_format=form)  # type: ignore[arg-type]
    verified(said.content, ID)
    assert said.response.headers["content-type"] == kind
    (tmp_path / "out").write_bytes(said.content)
    ffmpeg("-i", tmp_path / "out", tmp_path / "out.wav")
    with wave.open(str(tmp_path / "out.wav")) as opened:
        assert opened.getnframes() / opened.getframerate() > 1.5


SILENT = [
    (sound(b"\x00\x01" * 100, "audio/pcm"), "pcm", "cannot_be_labelled"),
    (sound(b"RIFF\x00\x00\x00\x00WAVE"), "wav", "cannot_be_labelled"),
    (whole(b'{"text": "hm"}'), "wav", "upstream_broke"),
    (sound(b""), "wav", "upstream_broke"),
]


@pytest.mark.parametrize(("answer", "form", "code"), SILENT)
async def test_what_is_no_sound_that_can_be_labelled_does_not_leave(answer: Answer, form: Any, code: str) -> None:
    async with between(PLAN, answer) as here:
        client = here.client.with_options(max_retries=0)
        with pytest.raises(openai.APIStatusError) as caught:
            await client.audio.speech.create(model="up", voice="a", input="hi", response_format=form)
        await here.gate.recorded(1)
    assert (caught.value.status_code, caught.value.code) == (502, code)
    assert here.gate.records.records[0].error == code


async def test_under_an_agreement_the_picture_has_no_words_and_the_record_says_which_left() -> None:
    digest = hashlib.sha256(b"sk-one").hexdigest()[:16]
    settings = Settings.model_validate({"unlabelled": [{"key": digest, "agreement": "A-1", "date": "2026-10-01"}]})
    made = replace(parts(PLAN, keys=("sk-one", "sk-two")), settings=settings)
    asked = {"x-sluice-unlabelled": "yes"}
    async with serving(made) as gate:
        one = AsyncOpenAI(base_url=gate.url + "/v1", api_key="sk-one", default_headers=asked)
        two = AsyncOpenAI(base_url=gate.url + "/v1", api_key="sk-two", default_headers=asked)
        async with one, two:
            raw = await one.images.with_raw_response.generate(model="echo", prompt="cat")
            with pytest.raises(openai.PermissionDeniedError):
                await two.images.generate(model="echo", prompt="cat")
        await gate.recorded(2)
    data = base64.b64decode((raw.parse().data or [])[0].b64_json or "")
    assert raw.headers["x-sluice-label"] == "unlabelled+watermark+metadata"
    verified(data, ID)
    left = gate.records.records[0].unlabelled
    assert left is not None
    assert left.agreement == Agreement("A-1", "2026-10-01")
    assert left.contents == (hashlib.sha256(data).hexdigest(),)


async def test_the_demonstration_model_draws_and_speaks() -> None:
    async with serving(parts(PLAN)) as gate:
        client = AsyncOpenAI(base_url=gate.url + "/v1", api_key="sk")
        async with client:
            got = await client.images.generate(model="echo", prompt="cat", n=2, size="1024x1024")
            said = await client.audio.speech.create(model="echo", voice="alloy", input="hello")
    pictures = [base64.b64decode(row.b64_json or "") for row in got.data or ()]
    assert [read(data).size for data in pictures] == [(1024, 1024)] * 2
    verified(pictures[1], f"{ID}-2")
    verified(said.content, f"TEST{2:022d}")


async def test_while_a_picture_is_labelled_others_are_answered() -> None:
    big = file_of(Image.effect_noise((1200, 900), 40).convert("RGB"))
    policy = plan(label=replace(LABELS, pictures=PicturePlan()))
    async with between(policy, drawn(*[{"b64_json": b64(big)}] * 4)) as here:
        drawing = asyncio.ensure_future(here.client.images.generate(model="up", prompt="cat"))
        waits = []
        while not drawing.done():
            mark = time.monotonic()
            await asyncio.sleep(0.01)
            waits.append(time.monotonic() - mark)
        await drawing
    assert max(waits) < sum(waits) / 2, "the loop stood still while the pictures were labelled"
