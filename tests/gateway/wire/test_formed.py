"""Pictures to change and sounds to write down come as forms: every text is judged, every file is told to be unread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from hypothesis import given
from kit.asking import post
from kit.fuzz import damaged, quick
from kit.media import file_of
from kit.plans import LABEL, pattern, plan, rule, side
from kit.responses import before_openai
from kit.upstream import whole
from PIL import Image

from gateway.errors import RequestError
from gateway.policy.plan import LabelPlan
from gateway.wire import forms
from gateway.wire.formed import Formed, PictureForms, SpeechForms
from gateway.wire.transcript import TranscriptStream

SIDE = side(
    {"drug": pattern("drug", "毒品|drug deal"), "number": pattern("number", "[0-9]{6,11}")},
    [rule("drug", "refuse"), rule("number", "mask", keep=(2, 2))],
)


PLAN = plan(SIDE, SIDE, label=LabelPlan("end", LABEL, metadata=True))


@pytest.mark.parametrize("path", ["edits", "variations"])
async def test_pictures_to_change_are_told_to_be_unread_and_those_that_come_are_labelled(path: str) -> None:
    import base64

    picture = file_of(Image.new("RGB", (64, 64)))
    body = orjson.dumps({"created": 1, "data": [{"b64_json": base64.b64encode(picture).decode()}]})
    async with before_openai(PLAN, whole(body), producer="p") as here:
        images = here.client.images
        if path == "edits":
            made = await images.edit(model="up", image=("a.png", picture, "image/png"), prompt="给13812345678画猫")
        else:
            made = await images.create_variation(model="up", image=("a.png", picture, "image/png"))
        await here.gate.recorded(1)
        record = here.gate.records.records[0]
    assert made.data
    assert (record.request.unjudged, record.label) == (("image",), "metadata")
    if path == "edits":
        assert forms.parse(here.upstream.requests[0].body).texts()["prompt"] == "给13*******78画猫"
    assert here.upstream.requests[0].path == f"/v1/images/{path}"


@pytest.mark.parametrize("body", [orjson.dumps({"model": "up"}), b"", b"--b0\r\n"])
async def test_what_is_no_form_is_told_to_the_client(body: bytes) -> None:
    async with before_openai(PLAN, whole(b"")) as here:
        seen = await post(here.gate.url, body, path="/v1/images/edits", content_type="multipart/form-data")
    assert (seen.status, seen.json["error"]["code"]) == (400, "invalid_form")


def form(files: Sequence[str] = (), **texts: str | list[str]) -> bytes:
    """A form with files of these names, and texts; ``__`` stands for ``[]`` at the end of a name."""
    fields = [forms.Field(name, b"x", ".bin", "", True) for name in files]
    for name, said in texts.items():
        values = said if isinstance(said, list) else [said]
        fields += [forms.Field(name.replace("__", "[]"), value.encode()) for value in values]
    return forms.write(forms.Form(tuple(fields), "b0"), {})


EDITS, VARIATIONS, SPEECH = PictureForms(edits=True), PictureForms(edits=False), SpeechForms()


@pytest.mark.parametrize(
    ("dialect", "raw", "slots", "unread"),
    [
        (EDITS, form(["image"], model="m", prompt="画猫 a cat"), [(("prompt",), "画猫 a cat")], ("image",)),
        (EDITS, form(["image[]", "image[]", "mask"], model="m", prompt="x"), [(("prompt",), "x")], ("image", "mask")),
        (EDITS, form(["image"], model="m", prompt="x", odd="藏"), [(("prompt",), "x"), (("odd",), "藏")], ("image",)),
        (EDITS, form(["image"], model="m", prompt="x", tag__=["一", "", "b"]), [
            (("prompt",), "x"), (("tag[]", 0), "一"), (("tag[]", 2), "b")], ("image",)),
        (VARIATIONS, form(["image"], model="m", user="u", size="1024x1024"), [], ("image",)),
        (SPEECH, form(["file"], model="m", prompt="词 word", language="zh"), [(("prompt",), "词 word")], ("file",)),
        (SPEECH, form(["file"], model="m", known_speaker_references__=["data:x"], known_speaker_names__=["李"]), [
            (("known_speaker_names[]", 0), "李")], ("file", "known_speaker_references")),
    ],
)  # fmt: skip
def test_every_text_is_a_slot_and_every_file_is_unread(
    dialect: Formed, raw: bytes, slots: list[tuple[Any, str]], unread: tuple[str, ...]
) -> None:
    question = dialect.read(raw)
    assert [(slot.path, slot.text) for slot in question.slots] == slots
    assert {slot.role for slot in question.slots} <= {"user"}
    assert question.unread == unread
    assert (question.model, question.plain, question.raw) == ("m", False, raw)


@pytest.mark.parametrize(
    ("dialect", "raw", "message", "param"),
    [
        (EDITS, form(["image"], prompt="x"), "model must be a non-empty string, got nothing", "model"),
        (EDITS, form(["image"], model="", prompt="x"), "model must be a non-empty string", "model"),
        (EDITS, form(["image"], model="m"), "prompt must be a field of the form", "prompt"),
        (EDITS, form(model="m", prompt="x"), "image must be a field of the form", "image"),
        (SPEECH, form(model="m"), "file must be a field of the form", "file"),
        (EDITS, form(["image"], model="m", prompt="x", stream="True "), "stream is not served here", "stream"),
    ],
)
def test_what_is_missing_or_not_served_is_told_with_its_place(
    dialect: Formed, raw: bytes, message: str, param: str
) -> None:
    with pytest.raises(RequestError, match=f"^{message}") as error:
        dialect.read(raw)
    assert error.value.param == param


@pytest.mark.parametrize(("count", "choices"), [("", 1), ("1", 1), ("007", 7), ("128", 128)])
def test_a_picture_has_as_many_choices_as_were_asked_for(count: str, choices: int) -> None:
    question = VARIATIONS.read(form(["image"], model="m", n=count))
    assert (question.choices, question.wordless, question.stream) == (choices, True, False)


@pytest.mark.parametrize(
    "count", ["0", "129", "-1", "1.5", "two", "三", "３", "²", "0001000", "0128999", "0001" + "1" * 5000]
)
def test_a_number_of_pictures_that_is_none_is_told(count: str) -> None:
    with pytest.raises(RequestError, match=r"^n must be between 1 and 128\.$") as error:
        VARIATIONS.read(form(["image"], model="m", n=count))
    assert (error.value.code, error.value.param) == ("out_of_range", "n")


@pytest.mark.parametrize(
    ("said", "stream"), [("true", True), (" TRUE", True), ("1", True), ("false", False), ("", False)]
)
def test_what_is_written_down_may_be_streamed(said: str, stream: bool) -> None:
    question = SPEECH.read(form(["file"], model="m", stream=said))
    assert question.stream is stream
    codec = SPEECH.codec(question, stream=stream, upstream="up")
    assert isinstance(codec, TranscriptStream) is stream


def test_a_form_goes_on_with_changed_texts_and_another_model() -> None:
    question = EDITS.read(form(["image"], model="m", prompt="画13812345678", user="u"))
    written = forms.parse(EDITS.write(question, {("prompt",): "画*"}, model="other"))
    assert written.texts() == {"model": "other", "prompt": "画*", "user": "u"}
    assert question.content_type == written.content_type


@quick
@given(damaged(form(["image"], model="m", prompt="画", n="2")))
def test_any_damage_is_a_question_or_told(raw: bytes) -> None:
    try:
        question = EDITS.read(raw)
    except RequestError as error:
        assert error.code  # noqa: PT017
    else:
        assert question.model
