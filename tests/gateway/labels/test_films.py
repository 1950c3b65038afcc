"""Compressed sound and video are labelled through ffmpeg, and read back with ffprobe.

Mutants killed: the label on the first frame only; a label that stays for ever; tags, cover or sound lost;
a missing ffmpeg told as a broken file.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from kit.media import wav

from gateway.errors import LabelError
from gateway.labels import films
from gateway.labels.films import announce_compressed, kind_of, write_on_film
from gateway.labels.sounds import PAUSE, UNIT, rhythm

ZH = "人工智能生成"
LABEL = 11 * UNIT + PAUSE
needs_ffmpeg = pytest.mark.skipif(
    not films.installed(), reason="ffmpeg is not installed (Debian: apt-get install ffmpeg)"
)


def ffmpeg(*options: str) -> None:
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *options], check=True, capture_output=True)


def about(data: bytes, folder: Path, suffix: str) -> dict[str, Any]:
    file = folder / f"about{suffix}"
    file.write_bytes(data)
    options = ["-of", "json", "-show_format", "-show_streams", str(file)]
    found: dict[str, Any] = orjson.loads(
        subprocess.run(["ffprobe", "-v", "error", *options], check=True, capture_output=True).stdout
    )
    return found


def samples(data: bytes, folder: Path, suffix: str, rate: int = 16000) -> np.ndarray:
    file = folder / f"samples{suffix}"
    file.write_bytes(data)
    raw = folder / "samples.raw"
    ffmpeg("-i", str(file), "-ac", "1", "-ar", str(rate), "-f", "s16le", str(raw))
    return np.frombuffer(raw.read_bytes(), "<i2") / 32768


SOUNDS = {
    ".mp3": ("-c:a", "libmp3lame", "-b:a", "96k"),
    ".ogg": ("-c:a", "libvorbis"),
    ".flac": ("-c:a", "flac"),
    ".m4a": ("-c:a", "aac", "-b:a", "96k"),
}


def sound(folder: Path, suffix: str, *more: str) -> bytes:
    plain, file = folder / "plain.wav", folder / f"sound{suffix}"
    plain.write_bytes(wav(2.0, rate=22050, channels=2))
    tags = ["-metadata", "title=a title", "-metadata", "artist=an artist"]
    ffmpeg("-i", str(plain), *tags, *(more or SOUNDS.get(suffix, ())), str(file))
    return file.read_bytes()


@needs_ffmpeg
@pytest.mark.parametrize("suffix", SOUNDS)
@pytest.mark.parametrize("ends", ["start", "end"])
def test_a_compressed_sound_has_the_rhythm_at_its_end_and_keeps_its_tags(
    tmp_path: Path, suffix: str, ends: Any
) -> None:
    before = sound(tmp_path, suffix)
    after = announce_compressed(before, ends)
    old, new = about(before, tmp_path, suffix), about(after, tmp_path, suffix)
    assert new["streams"][0]["codec_name"] == old["streams"][0]["codec_name"]
    assert new["streams"][0]["sample_rate"] == "22050"
    assert new["streams"][0]["channels"] == 2
    assert float(new["format"]["duration"]) == pytest.approx(2.0 + LABEL, abs=0.1)
    tags = {
        key.lower(): value
        for key, value in {**new["streams"][0].get("tags", {}), **new["format"].get("tags", {})}.items()
    }
    assert (tags["title"], tags["artist"]) == ("a title", "an artist")
    heard = samples(after, tmp_path, suffix)
    want = rhythm(16000)
    piece = heard[: len(want) + 2000] if ends == "start" else heard[-len(want) - 2000 :]
    best = np.correlate(piece, want).max() / np.sum(want**2)
    assert best > 0.8


@needs_ffmpeg
def test_the_samples_of_a_flac_stay_as_they_were(tmp_path: Path) -> None:
    for depth in ("s16", "s32"):
        before = sound(tmp_path, ".flac", "-c:a", "flac", "-sample_fmt", depth)
        after = announce_compressed(before)
        old, new = samples(before, tmp_path, ".flac", 22050), samples(after, tmp_path, ".flac", 22050)
        assert (new[-len(old) :] == old).all()
        raw = [about(data, tmp_path, ".flac")["streams"][0].get("bits_per_raw_sample") for data in (before, after)]
        assert raw[0] == raw[1]


@needs_ffmpeg
def test_the_cover_of_an_mp3_is_kept(tmp_path: Path) -> None:
    plain, cover, file = tmp_path / "plain.wav", tmp_path / "cover.png", tmp_path / "sound.mp3"
    plain.write_bytes(wav(1.0, rate=22050))
    ffmpeg("-f", "lavfi", "-i", "color=red:size=64x64", "-frames:v", "1", str(cover))
    ffmpeg(
        "-i",
        str(plain),
        "-i",
        str(cover),
        "-map",
        "0",
        "-map",
        "1",
        "-c:v",
        "copy",
        "-disposition:v",
        "attached_pic",
        str(file),
    )
    after = about(announce_compressed(file.read_bytes()), tmp_path, ".mp3")
    assert [stream["codec_type"] for stream in after["streams"]] == ["audio", "video"]
    assert after["streams"][1]["disposition"]["attached_pic"] == 1


def film(folder: Path, suffix: str, seconds: float, size: str = "320x240", *more: str) -> bytes:
    file = folder / f"film{suffix}"
    coding = (
        ("-c:v", "libvpx-vp9", "-deadline", "realtime")
        if suffix == ".webm"
        else ("-c:v", "libx264", "-preset", "ultrafast")
    )
    voice = ("-c:a", "libopus") if suffix == ".webm" else ("-c:a", "aac")
    picture = ["-f", "lavfi", "-i", f"color=0x303030:size={size}:rate=10:duration={seconds}"]
    tone = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"]
    ffmpeg(*picture, *tone, "-metadata", "title=a title", *coding, "-pix_fmt", "yuv420p", *voice, *more, str(file))
    return file.read_bytes()


def text_heights(data: bytes, folder: Path, suffix: str) -> tuple[list[int], float]:
    """For each frame how many rows the bright letters span, and frames a second."""
    seen = next(s for s in about(data, folder, suffix)["streams"] if s["codec_type"] == "video")
    width, height = int(seen["width"]), int(seen["height"])
    raw = folder / "frames.raw"
    ffmpeg("-i", str(folder / f"about{suffix}"), "-f", "rawvideo", "-pix_fmt", "gray", str(raw))
    frames = np.frombuffer(raw.read_bytes(), np.uint8).reshape(-1, height, width)
    heights = []
    for frame in frames:
        rows = np.flatnonzero((frame > 150).any(axis=1))
        heights.append(int(np.ptp(rows)) + 1 if rows.size else 0)
    return heights, 10.0


@needs_ffmpeg
@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm"])
def test_a_video_shows_the_label_for_its_first_seconds_and_no_longer(tmp_path: Path, suffix: str) -> None:
    after = write_on_film(film(tmp_path, suffix, 4.0), ZH, seconds=2.5)
    heights, rate = text_heights(after, tmp_path, suffix)
    shown = [height > 0 for height in heights]
    assert shown == [True] * 25 + [False] * (len(heights) - 25)
    assert len(heights) / rate == pytest.approx(4.0, abs=0.2)
    assert min(heights[:25]) >= 0.05 * 240
    streams = about(after, tmp_path, suffix)
    assert {stream["codec_type"] for stream in streams["streams"]} == {"video", "audio"}
    assert streams["format"]["tags"].get("title", streams["format"]["tags"].get("TITLE")) == "a title"


@needs_ffmpeg
def test_a_short_video_stands_still_until_the_label_was_seen_for_two_seconds(tmp_path: Path) -> None:
    after = write_on_film(film(tmp_path, ".mp4", 0.5), ZH, seconds=0.1)
    heights, rate = text_heights(after, tmp_path, ".mp4")
    assert len(heights) / rate >= 2.0
    assert all(heights)


@needs_ffmpeg
def test_a_turned_video_is_labelled_at_the_edge_that_people_see(tmp_path: Path) -> None:
    plain, turned = tmp_path / "plain.mp4", tmp_path / "turned.mp4"
    plain.write_bytes(film(tmp_path, ".mp4", 2.5, "320x180"))
    ffmpeg("-display_rotation", "90", "-i", str(plain), "-c", "copy", str(turned)) if _newer() else ffmpeg(
        "-i", str(plain), "-c", "copy", "-metadata:s:v:0", "rotate=90", str(turned)
    )
    after = about(write_on_film(turned.read_bytes(), ZH), tmp_path, ".mp4")
    seen = after["streams"][0]
    assert (seen["width"], seen["height"]) == (180, 320)


def _newer() -> bool:
    said = subprocess.run(["ffmpeg", "-version"], check=True, capture_output=True).stdout.split()[2]
    return not said.startswith((b"4", b"5"))


@needs_ffmpeg
@pytest.mark.parametrize(
    ("data", "call"),
    [
        (b"ID3\x04" + b"\0" * 500, announce_compressed),
        (b"fLaC" + b"\xff" * 500, announce_compressed),
        (b"\0\0\0\x18ftypisom" + b"\0" * 500, lambda data: write_on_film(data, ZH)),
        (b"\x1a\x45\xdf\xa3" + b"\0" * 500, lambda data: write_on_film(data, ZH)),
    ],
)
def test_broken_files_are_told_and_nothing_else_is_raised(data: bytes, call: Any) -> None:
    with pytest.raises(LabelError, match=r"broken or of another kind|holds no"):
        call(data)


@pytest.mark.parametrize(
    ("head", "suffix"),
    [
        (b"\0\0\0\x20ftypisom", ".mp4"),
        (b"\0\0\0\x14ftypqt  ", ".mov"),
        (b"\0\0\0\x20ftypM4A ", ".m4a"),
        (b"\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x1f\x42\x82\x84webm", ".webm"),
        (b"\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x1f\x42\x82\x88matroska", ".mkv"),
        (b"fLaC\0", ".flac"),
        (b"OggS\0", ".ogg"),
        (b"ID3\x03", ".mp3"),
        (b"\xff\xfb\x90", ".mp3"),
        (b"RIFF....WAVE", None),
        (b"#EXTM3U\nhttp://127.0.0.1/secret", None),
        (b"ffconcat version 1.0\nfile /etc/passwd", None),
        (b"", None),
        (b"\xff", None),
    ],
)
def test_the_first_bytes_tell_the_format_and_playlists_are_none(head: bytes, suffix: str | None) -> None:
    kind = kind_of(head)
    assert (kind.suffix if kind else None) == suffix


@pytest.mark.parametrize("data", [b"", b"text", b"\0\0\0\x20ftypisom"])
def test_what_is_no_sound_is_refused(data: bytes) -> None:
    with pytest.raises(LabelError, match="no sound of a kind"):
        announce_compressed(data)


@pytest.mark.parametrize("data", [b"", b"text", b"fLaC"])
def test_what_is_no_video_is_refused(data: bytes) -> None:
    with pytest.raises(LabelError, match="no video of a kind"):
        write_on_film(data, ZH)


def test_without_ffmpeg_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert not films.installed()
    with pytest.raises(LabelError, match=r"ffprobe is not installed.*apt-get install ffmpeg"):
        announce_compressed(b"fLaC" + b"\0" * 99)


@needs_ffmpeg
def test_ffmpeg_does_not_run_for_ever(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = film(tmp_path, ".mp4", 2.0)
    monkeypatch.setattr(films, "WAIT", 0.0)
    with pytest.raises(LabelError, match="label a shorter file"):
        write_on_film(data, ZH)
