"""Labels what only ffmpeg can read: compressed sound, and the first seconds of a video.

GB 45438-2025 5.3 and 5.4. Where ffmpeg is not installed the error says what to install. It runs
without a shell, on local files only, in the format that the bytes show, and not for ever.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import orjson

from gateway.errors import LabelError
from gateway.labels.pictures import Corner, draw
from gateway.labels.sounds import Ends, announce

LEAST_SECONDS: Final = 2.0
"""How long the label of a video stands at least (5.4)."""

WAIT: Final = 300.0
"""Seconds that ffmpeg may take."""

_MOST: Final = 1024 * 1024 * 1024
_INSTALL: Final = "install ffmpeg (Debian: apt-get install ffmpeg; macOS: brew install ffmpeg)"


@dataclass(frozen=True, slots=True)
class Kind:
    """A format that ffmpeg reads and writes.

    Attributes:
        suffix: Of its files.
        reader: ffmpeg's name of what reads it.
        writer: ffmpeg's name of what writes it.
        coding: Options that write its sound, or its pictures.
        film: Whether it holds pictures that move.
    """

    suffix: str
    reader: str
    writer: str
    coding: tuple[str, ...]
    film: bool = False


_H264: Final = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p", "-c:a", "copy")
_VP9: Final = (
    "-c:v",
    "libvpx-vp9",
    "-crf",
    "24",
    "-b:v",
    "0",
    "-deadline",
    "realtime",
    "-cpu-used",
    "6",
    "-c:a",
    "copy",
)
_KEEP: Final = ("-movflags", "+use_metadata_tags+faststart")


def kind_of(data: bytes) -> Kind | None:
    """Return the format that the first bytes show; None for one that is not labelled here."""
    head = data[:64]
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        webm = b"webm" in head
        coding = _VP9 if webm else _H264
        return Kind(".webm" if webm else ".mkv", "matroska", "webm" if webm else "matroska", coding, film=True)
    if head[4:8] == b"ftyp" and head[8:12] not in (b"M4A ", b"M4B "):
        suffix = ".mov" if head[8:12] == b"qt  " else ".mp4"
        return Kind(suffix, "mov", suffix[1:], (*_H264, *_KEEP), film=True)
    return _sound(head)


def _sound(head: bytes) -> Kind | None:
    if head[4:8] == b"ftyp":
        return Kind(".m4a", "mov", "ipod", ("-c:a", "aac"))
    if head.startswith(b"fLaC"):
        return Kind(".flac", "flac", "flac", ("-c:a", "flac"))
    if head.startswith(b"OggS"):
        return Kind(".ogg", "ogg", "ogg", ("-c:a", "libopus") if b"OpusHead" in head else ("-c:a", "libvorbis"))
    if head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return Kind(".mp3", "mp3", "mp3", ("-c:a", "libmp3lame"))
    return None


def announce_compressed(data: bytes, ends: Ends = "start", clip: bytes | None = None) -> bytes:
    """Return a compressed sound with the label before or after what it holds, in its own format.

    It is unpacked, labelled as WAV and compressed again at its own rate of bits; tags are kept.

    Raises:
        LabelError: ffmpeg is not there, or cannot read or write the sound.
    """
    kind = kind_of(data)
    if kind is None or kind.film:
        raise LabelError("this is no sound of a kind that can be labelled (WAV, MP3, OGG, FLAC, M4A)")
    with tempfile.TemporaryDirectory(prefix="sluice-") as folder:
        source, plain, target = _files(folder, data, kind, "sound.wav")
        about = probe(source, kind.reader)
        sound = next((item for item in about.get("streams", ()) if item.get("codec_type") == "audio"), None)
        if sound is None:
            raise LabelError("the file holds no sound")
        deep = kind.suffix == ".flac" and str(sound.get("bits_per_raw_sample", "16")) not in ("8", "16")
        coding = "pcm_s32le" if deep else "pcm_s16le"
        run("-f", kind.reader, "-i", str(source), "-map", "0:a:0", "-c:a", coding, "-f", "wav", str(plain))
        plain.write_bytes(announce(plain.read_bytes(), ends, clip))
        options = [*kind.coding]
        if kind.suffix != ".flac" and (rate := sound.get("bit_rate") or about.get("format", {}).get("bit_rate")):
            options += ["-b:a", str(rate)]
        if deep:
            options += ["-sample_fmt", "s32"]
        covers = any(item.get("disposition", {}).get("attached_pic") for item in about["streams"])
        cover = ["-map", "1:v:0", "-c:v", "copy", "-disposition:v:0", "attached_pic"] if covers else []
        tags = (
            ["-map_metadata", "1", "-map_metadata:s:a:0", "1:s:a:0"]
            if kind.suffix == ".ogg"
            else ["-map_metadata", "1"]
        )
        inputs = ["-f", "wav", "-i", str(plain), "-f", kind.reader, "-i", str(source)]
        run(*inputs, "-map", "0:a:0", *cover, *tags, *options, "-f", kind.writer, str(target))
        return target.read_bytes()


def write_on_film(data: bytes, words: str, corner: Corner = "bottom-right", seconds: float = 3.0) -> bytes:
    """Return a video whose first seconds show the label, in its own format.

    A video that is shorter stands still at its end until the label has been seen for as long.

    Args:
        data: The file.
        words: The label.
        corner: Where the words go.
        seconds: How long the label stands, from the first frame on; at least ``LEAST_SECONDS``.

    Raises:
        LabelError: ffmpeg is not there, or cannot read or write the video.
    """
    from PIL import Image  # noqa: PLC0415 - importing the gateway must stay light

    kind = kind_of(data)
    if kind is None or not kind.film:
        raise LabelError("this is no video of a kind that can be labelled (MP4, MOV, MKV, WebM)")
    seconds = max(seconds, LEAST_SECONDS)
    with tempfile.TemporaryDirectory(prefix="sluice-") as folder:
        source, sheet, target = _files(folder, data, kind, "label.png")
        about = probe(source, kind.reader)
        size = _size(about)
        drawn = draw(Image.new("RGBA", size, (0, 0, 0, 0)), words, corner)
        out = io.BytesIO()
        drawn.save(out, "PNG", compress_level=1)
        sheet.write_bytes(out.getvalue())
        length = float(about.get("format", {}).get("duration") or 0)
        still = f",tpad=stop_mode=clone:stop_duration={seconds - length:.3f}" if length < seconds else ""
        graph = f"[0:v:0]setsar=1{still}[v];[v][1:v]overlay=0:0:enable='lt(t,{seconds:.3f})'[out]"
        inputs = ["-f", kind.reader, "-i", str(source), "-i", str(sheet)]
        mapped = ["-map", "[out]", "-map", "0:a?", "-map_metadata", "0"]
        run(*inputs, "-filter_complex", graph, *mapped, *kind.coding, "-f", kind.writer, str(target))
        return target.read_bytes()


def probe(source: Path, reader: str) -> dict[str, Any]:
    """Return what ffprobe says of a file."""
    tool = _tool("ffprobe")
    said = _call(
        [tool, "-v", "error", "-protocol_whitelist", "file", "-f", reader, "-of", "json", "-show_format"],
        ["-show_streams", str(source)],
    )
    found = orjson.loads(said)
    return found if isinstance(found, dict) else {}


def run(*options: str) -> None:
    """Run ffmpeg; raises ``LabelError`` where it is not installed, fails or takes too long."""
    tool = _tool("ffmpeg")
    head = [tool, "-nostdin", "-v", "error", "-y", "-protocol_whitelist", "file"]
    *rest, target = options
    _call(head, [*rest, "-fs", str(_MOST), target])


def installed() -> bool:
    """Whether ffmpeg and ffprobe are there."""
    return shutil.which("ffmpeg") is not None and shutil.which("ffprobe") is not None


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise LabelError(f"{name} is not installed, and this format needs it — {_INSTALL}")
    return found


def _call(head: Sequence[str], rest: Sequence[str]) -> bytes:
    try:
        done = subprocess.run([*head, *rest], capture_output=True, timeout=WAIT, check=False)  # noqa: S603 - no shell, our own words
    except subprocess.TimeoutExpired:
        raise LabelError(f"ffmpeg took more than {WAIT:.0f} seconds — label a shorter file") from None
    if done.returncode:
        raise LabelError(f"{Path(head[0]).name} cannot read or write the file: it is broken or of another kind")
    return done.stdout


def _files(folder: str, data: bytes, kind: Kind, between: str) -> tuple[Path, Path, Path]:
    if len(data) > _MOST:
        raise LabelError(f"the file has {len(data)} bytes and {_MOST} are taken — send a shorter one")
    source = Path(folder) / f"source{kind.suffix}"
    source.write_bytes(data)
    return source, Path(folder) / between, Path(folder) / f"target{kind.suffix}"


def _size(about: dict[str, Any]) -> tuple[int, int]:
    """Return width and height as people see them, turned where the file says so."""
    for stream in about.get("streams", ()):
        if stream.get("codec_type") != "video" or stream.get("disposition", {}).get("attached_pic"):
            continue
        size = int(stream["width"]), int(stream["height"])
        turns = [float(side.get("rotation", 0)) for side in stream.get("side_data_list", ())]
        turned = any(Fraction(int(angle), 90) % 2 == 1 for angle in turns)
        return (size[1], size[0]) if turned else size
    raise LabelError("the file holds no video")
