"""What the policy wants is written into bytes, base64 and URLs; what cannot be labelled does not leave.

Mutants killed: an agreement that also drops the metadata; a second picture with the first one's id; a URL
passed on unlabelled; a watermark that is missing but not told; words in the wrong language.
"""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from kit.media import colours, file_of, page, read, wav
from PIL.PngImagePlugin import PngInfo

from gateway.errors import LabelError
from gateway.labels import films, watermark
from gateway.labels.files import judge, write_bytes
from gateway.labels.metadata import AigcLabel
from gateway.labels.sounds import parse, rhythm
from gateway.pipeline.making import Labelled, Making
from gateway.pipeline.media import (
    label_base64,
    label_file,
    label_picture,
    label_sound,
    label_url,
    label_video,
)
from gateway.policy.plan import LabelPlan, PicturePlan, SoundPlan, VideoPlan, Words

ID = "01JZ8M3K5QW0123456789ABCDE"
WORDS = Words("（人工智能生成）", "(AI-generated · AI生成)")
PLAN = LabelPlan("end", WORDS, metadata=True, pictures=PicturePlan(watermark=True), sounds=SoundPlan(), files="both")
MAKING = Making(AigcLabel.of("sluice-test", ID))
PICTURE = file_of(colours(480, 360))


def metadata_of(data: bytes, name: str = "x") -> Any:
    report = judge(io.BytesIO(data), name)
    assert report.verdict in ("compliant", "not found"), report.rulings
    return report.label


def changed(one: bytes, other: bytes) -> bool:
    """Whether letters stand at the lower right that did not."""
    before, after = (np.asarray(read(data).convert("L"), float)[-30:, -140:] for data in (one, other))
    return bool((np.abs(before - after) > 80).sum() > 100)


def test_a_picture_carries_the_words_the_mark_and_the_metadata() -> None:
    done = label_picture(PICTURE, PLAN, MAKING)
    assert (done.marks, done.missing, done.header) == (
        ("visible", "watermark", "metadata"),
        (),
        "visible+watermark+metadata",
    )
    assert changed(PICTURE, done.data)
    assert metadata_of(done.data, "x.png") == MAKING.label
    found = watermark.read(read(done.data))
    assert found is not None
    assert found.content_id == ID


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "GIF", "TIFF"])
def test_other_formats_too(form: str) -> None:
    data = file_of(colours(480, 360), form)
    done = label_picture(data, PLAN, MAKING)
    assert {"visible", "metadata"} <= set(done.marks)
    assert metadata_of(done.data) == MAKING.label
    assert read(done.data).format == form


def test_under_an_agreement_only_the_visible_label_is_left_out() -> None:
    done = label_picture(PICTURE, PLAN, replace(MAKING, waived=True))
    assert done.marks == ("watermark", "metadata")
    assert not changed(PICTURE, done.data)
    sound = label_sound(wav(0.5), PLAN, replace(MAKING, waived=True))
    assert "audible" not in sound.marks


@pytest.mark.parametrize(
    ("plan", "making", "marks"),
    [
        (replace(PLAN, pictures=None), MAKING, ("metadata",)),
        (replace(PLAN, pictures=PicturePlan(), metadata=False), MAKING, ("visible",)),
        (PLAN, replace(MAKING, label=None), ("visible",)),
        (replace(PLAN, pictures=None, metadata=False), MAKING, ()),
    ],
)
def test_nothing_more_is_written_than_the_policy_says(plan: LabelPlan, making: Making, marks: tuple[str, ...]) -> None:
    done = label_picture(PICTURE, plan, making)
    assert done.marks == marks
    assert (done.data == PICTURE) is (not marks)


def test_a_mark_that_a_picture_cannot_hold_is_told_and_the_rest_is_written() -> None:
    done = label_picture(file_of(page(300, 300)), PLAN, MAKING)
    assert done.marks == ("visible", "metadata")
    assert done.missing[0].startswith("watermark: the picture is too busy")
    assert watermark.read(read(done.data)) is None


def test_the_words_are_in_the_language_of_the_prompt() -> None:
    widths = []
    for language in ("zh", "en"):
        plan = replace(PLAN, pictures=PicturePlan())
        done = label_picture(PICTURE, plan, replace(MAKING, language=language))  # type: ignore[arg-type]
        columns = np.nonzero(
            np.abs(np.asarray(read(PICTURE), float) - np.asarray(read(done.data), float)).max(axis=(0, 2)) > 40
        )
        widths.append(int(np.ptp(columns)))
    assert widths[1] > widths[0] * 1.5


def test_a_sound_is_labelled_so_that_it_is_heard() -> None:
    done = label_sound(wav(0.5, rate=16000), PLAN, MAKING)
    assert done.marks[0] == "audible"
    start = np.frombuffer(parse(done.data).samples, "<i2")[: len(rhythm(16000))] / 32768
    assert np.abs(start - rhythm(16000)).max() < 0.001
    assert "metadata" in done.marks or done.missing[0].startswith("metadata: ")
    clip = wav(0.7, rate=16000)
    spoken = label_sound(wav(0.5, rate=16000), replace(PLAN, sounds=SoundPlan("spoken", "end", clip)), MAKING)
    assert parse(spoken.data).samples.endswith(parse(clip).samples)


def test_files_of_tools_are_labelled_by_what_they_are() -> None:
    plan = replace(PLAN, pictures=None)
    assert label_file(PICTURE, plan, MAKING).header == "visible+metadata"
    assert label_file(PICTURE, replace(plan, files="metadata"), MAKING).header == "metadata"
    assert label_file(PICTURE, replace(plan, files="visible"), MAKING).header == "visible"
    assert label_file(PICTURE, replace(plan, files="none"), MAKING).data == PICTURE
    assert label_file(wav(0.3), plan, MAKING).marks[0] == "audible"
    note = "# 标题\n\n正文\n".encode()
    done = label_file(note, plan, MAKING, name="note.md")
    assert (done.marks, done.missing) == (("metadata",), ("visible: files of this kind have no place for one",))
    assert metadata_of(done.data, "note.md") == MAKING.label
    with pytest.raises(LabelError, match="no place for a visible label — write files: both"):
        label_file(note, replace(plan, files="visible"), MAKING, name="note.md")
    unknown = label_file(b"\x7fELF....", replace(plan, files="metadata"), MAKING, name="tool.bin")
    assert (unknown.marks, unknown.missing) == ((), ("metadata: files of this kind have no place that is known",))


def picture(data: bytes) -> Labelled:
    return label_picture(data, PLAN, MAKING)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://pictures.example/1.png", "ask for b64_json"),
        ("data:image/png;base64,not base64!", "no base64"),
        ("data:image/png;base64," + base64.b64encode(b"no picture").decode(), "no picture of a kind"),
        ("data:image/png,raw", "not in base64"),
    ],
)
def test_a_picture_that_cannot_be_labelled_does_not_leave(url: str, told: str) -> None:
    with pytest.raises(LabelError, match=told):
        label_url(url, picture)


def test_what_was_fetched_leaves_as_a_data_url_of_its_own_kind() -> None:
    url, done = label_url("https://pictures.example/1", picture, lambda _: file_of(colours(320, 240), "WEBP"))
    assert url == f"data:image/webp;base64,{base64.b64encode(done.data).decode()}"
    assert metadata_of(done.data) == MAKING.label


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_what_its_maker_has_labelled_keeps_that_label_and_leads_to_our_record(form: str) -> None:
    theirs = AigcLabel.of("model-vendor", "their-id")
    data = write_bytes(file_of(colours(320, 240), form), theirs)
    for policy in (PLAN, replace(PLAN, pictures=None)):
        done = label_picture(data, policy, MAKING)
        assert done.marks[-1] == "metadata"
        assert metadata_of(done.data) == theirs.passed_on("sluice-test", ID)
    again = label_picture(done.data, replace(PLAN, pictures=None), MAKING)
    assert again.data == done.data


def test_a_label_that_breaks_the_standard_or_says_something_else_is_not_passed_on() -> None:
    may_be = write_bytes(PICTURE, AigcLabel.of("model-vendor", "their-id", kind="2"))
    with pytest.raises(LabelError, match="carries a label already"):
        label_picture(may_be, PLAN, MAKING)
    broken = PngInfo()
    broken.add_text("AIGC", AigcLabel.of("model-vendor", "").dump(wrapped=True))
    with pytest.raises(LabelError, match="carries a label already"):
        label_picture(file_of(colours(320, 240), pnginfo=broken), replace(PLAN, pictures=None), MAKING)


def test_base64_and_urls_come_back_in_their_form() -> None:
    text, done = label_base64(base64.b64encode(PICTURE).decode(), lambda data: label_picture(data, PLAN, MAKING))
    assert base64.b64decode(text) == done.data
    url, done = label_url(
        f"data:image/png;base64,{text}", lambda data: label_picture(data, replace(PLAN, metadata=False), MAKING)
    )
    assert url == f"data:image/png;base64,{base64.b64encode(done.data).decode()}"


def test_without_words_nothing_is_shown_and_the_error_says_so() -> None:
    with pytest.raises(LabelError, match="the policy's label has no words"):
        label_picture(PICTURE, replace(PLAN, words=None), MAKING)


@pytest.mark.skipif(not films.installed(), reason="ffmpeg is not installed (Debian: apt-get install ffmpeg)")
def test_a_video_that_is_none_is_refused() -> None:
    with pytest.raises(LabelError, match="no video of a kind"):
        label_video(b"text", replace(PLAN, videos=VideoPlan()), MAKING)
