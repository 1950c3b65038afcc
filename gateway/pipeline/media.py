"""Labels the pictures, sounds, videos and files of an answer as the policy says: bytes in, bytes out.

What must be seen or heard and cannot be written is an error: nothing leaves that only looks labelled. A
watermark comes on top; where a picture cannot hold one, that is said in ``missing``. Endpoints call these
functions with what an upstream or a tool returned; they block, so a server calls them in a thread.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from gateway.errors import LabelError
from gateway.labels import films, pictures, sounds, watermark
from gateway.labels.carriers import carrier_of
from gateway.labels.files import judge, write_bytes
from gateway.labels.voice import speak
from gateway.pipeline.making import Labelled, Making
from gateway.policy.plan import LabelPlan, PicturePlan, SoundPlan, VideoPlan

_HEAD: Final = 4096
_SOUND_FILES: Final = (b"RIFF", b"fLaC", b"OggS", b"ID3")
SAMPLE_RATE: Final = 24_000
"""Samples a second of ``pcm16``, the only form in which OpenAI's chat streams sound."""
_PICTURES: Final = ("png", "jpeg", "webp", "gif", "tiff")


def label_picture(data: bytes, plan: LabelPlan, making: Making) -> Labelled:
    """Return a picture with the words on it, the watermark in it and the metadata beside it, as the policy says.

    Raises:
        LabelError: It is no picture that can be labelled, or the words do not fit.
    """
    done = Labelled(data)
    if plan.pictures is not None:
        opened = pictures.unpack(data)
        frames = opened.frames
        if plan.pictures.watermark and making.label is not None:
            try:
                frames = (watermark.embed(frames[0], making.label.produce_id, making.key), *frames[1:])
                done = replace(done, marks=(*done.marks, "watermark"))
            except LabelError as error:
                done = replace(done, missing=(*done.missing, f"watermark: {error}"))
        if not making.waived:
            words, corner = _words(plan, making), plan.pictures.corner
            frames = tuple(pictures.draw(frame, words, corner) for frame in frames)
            done = replace(done, marks=("visible", *done.marks))
        done = replace(done, data=pictures.pack(replace(opened, frames=frames)))
    return _with_metadata(done, plan, making)


def label_sound(data: bytes, plan: LabelPlan, making: Making) -> Labelled:
    """Return a sound with a label that is heard, and its metadata; WAV natively, other formats through ffmpeg.

    Raises:
        LabelError: It is no sound that can be labelled, or what is needed for it is not installed.
    """
    done = Labelled(data)
    if plan.sounds is not None and not making.waived:
        announce = sounds.announce if data[:4] == b"RIFF" else films.announce_compressed
        done = Labelled(announce(data, plan.sounds.ends, _clip(plan.sounds, plan, making)), ("audible",))
    return _with_metadata(done, plan, making)


def label_samples(text: str, plan: LabelPlan, making: Making) -> tuple[str, Labelled]:
    """Return the first piece of a sound that comes as bare samples, the label that is heard before it.

    Where it ends nobody knows yet, so the label goes to its start, wherever the policy has it in whole sounds.

    Args:
        text: Base64 of 16-bit samples of one channel, 24,000 a second; or the beginning of such base64.
        plan: The label part of the policy.
        making: For whom.

    Raises:
        LabelError: It is no such piece, but the beginning of a file.
    """
    try:
        head = base64.b64decode(text[:16], validate=True)
    except (binascii.Error, ValueError):
        raise LabelError("the content is no base64") from None
    if plan.sounds is None or making.waived:
        return text, Labelled(head)
    if head.startswith(_SOUND_FILES):
        raise LabelError("sound in pieces is labelled as bare samples only — ask for pcm16, or without stream")
    label = sounds.opening(SAMPLE_RATE, _clip(plan.sounds, plan, making))
    label += bytes(-len(label) % 6)  # whole samples, and base64 without an end in the middle
    return base64.b64encode(label).decode() + text, Labelled(head, ("audible",))


def label_video(data: bytes, plan: LabelPlan, making: Making) -> Labelled:
    """Return a video whose first seconds show the label, and its metadata; needs ffmpeg.

    Raises:
        LabelError: It is no video that can be labelled, or ffmpeg is not installed.
    """
    done = Labelled(data)
    if plan.videos is not None and not making.waived:
        words, how = _words(plan, making), plan.videos
        done = Labelled(films.write_on_film(data, words, how.corner, how.seconds), ("visible",))
    return _with_metadata(done, plan, making)


def label_file(data: bytes, plan: LabelPlan, making: Making, *, name: str = "") -> Labelled:
    """Return a file that a tool has returned, labelled as ``label: {files: …}`` says; what it is, its bytes tell.

    Args:
        data: The file.
        plan: The label part of the policy.
        making: For whom.
        name: Its name, where there is one: text formats are known by it.

    Raises:
        LabelError: The policy wants a label and this file cannot carry it.
    """
    if plan.files == "none":
        return Labelled(data)
    shown = plan.files in ("visible", "both")
    plan = replace(
        plan,
        metadata=plan.files in ("metadata", "both"),
        pictures=(plan.pictures or PicturePlan()) if shown else None,
        sounds=(plan.sounds or SoundPlan()) if shown else None,
        videos=(plan.videos or VideoPlan()) if shown else None,
    )
    carrier = carrier_of(data[:_HEAD])
    if carrier is not None and carrier.name in _PICTURES:
        return label_picture(data, plan, making)
    kind = films.kind_of(data)
    if data[:4] == b"RIFF" or (kind is not None and not kind.film):
        return label_sound(data, plan, making)
    if kind is not None:
        return label_video(data, plan, making)
    done = Labelled(data)
    if shown and not making.waived:
        if plan.metadata is False:
            raise LabelError("files of this kind have no place for a visible label — write files: both, or metadata")
        done = replace(done, missing=("visible: files of this kind have no place for one",))
    return _with_metadata(done, plan, making, name)


def label_base64(text: str, label: Callable[[bytes], Labelled]) -> tuple[str, Labelled]:
    """Return base64 content labelled, as base64; raises ``LabelError`` for what is none."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise LabelError("the content is no base64") from None
    done = label(data)
    return base64.b64encode(done.data).decode(), done


def label_url(
    url: str, label: Callable[[bytes], Labelled], fetch: Callable[[str], bytes] | None = None
) -> tuple[str, Labelled]:
    """Return content that a URL stands for labelled, as a ``data:`` URL.

    Args:
        url: A ``data:`` URL, or one that ``fetch`` can fetch.
        label: What labels the content.
        fetch: Fetches other URLs; without it they cannot be labelled, and are refused.

    Raises:
        LabelError: It cannot be fetched or labelled.
    """
    if url.startswith("data:"):
        head, comma, body = url.partition(",")
        if not comma or not head.endswith(";base64"):
            raise LabelError("the data: URL is not in base64")
        labelled, done = label_base64(body, label)
        return f"{head},{labelled}", done
    if fetch is None:
        raise LabelError(
            "content behind a URL cannot be labelled here — ask for b64_json, or allow fetch: in sluice.yaml"
        )
    done = label(fetch(url))
    carrier = carrier_of(done.data[:_HEAD])
    kind = carrier.name if carrier is not None and carrier.name in _PICTURES else "octet-stream"
    media = f"image/{kind}" if kind in _PICTURES else f"application/{kind}"
    return f"data:{media};base64,{base64.b64encode(done.data).decode()}", done


def _words(plan: LabelPlan, making: Making) -> str:
    if plan.words is None:
        raise LabelError("the policy's label has no words — write label: {words: {zh: …, en: …}}")
    return plan.words.named(making.language).strip(" ()（）[]【】")


def _clip(how: SoundPlan, plan: LabelPlan, making: Making) -> bytes | None:
    """Return the WAV file with the spoken words; None for the rhythm."""
    if how.form == "spoken" and how.clip is None:
        return speak(_words(plan, making), making.language)
    return how.clip


def _with_metadata(done: Labelled, plan: LabelPlan, making: Making, name: str = "") -> Labelled:
    """Return content with its metadata label: the first one, or its maker's with us as who passes it on."""
    if not plan.metadata or making.label is None:
        return done
    if carrier_of(done.data[:_HEAD], Path(name).suffix.lower()) is None:
        return replace(done, missing=(*done.missing, "metadata: files of this kind have no place that is known"))
    found = judge(io.BytesIO(done.data), name or "content")
    label = making.label
    if found.label is not None and found.verdict == "compliant" and found.label.label == "1":
        # Exactly one label a file (6.1 c): its maker's stays, and the propagation elements lead to our record.
        label = found.label.passed_on(label.content_producer, label.produce_id)
    data = write_bytes(done.data, label, name=name, replace=label is not making.label)
    return replace(done, data=data, marks=(*done.marks, "metadata"))
