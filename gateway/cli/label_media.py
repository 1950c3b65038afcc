"""``sluice label show-on``, ``hide-in`` and ``reveal``: labels that people see or hear, and those that nobody sees."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
import orjson

from gateway.errors import LabelError

_FILES = click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
_OUT = click.option("--out", type=click.Path(path_type=Path), help="Where the file goes; a folder for several.")
_KEY = "SLUICE_MARK_KEY"


@click.command("show-on")
@_FILES
@click.option("--words", default="人工智能生成", show_default=True, help="What the label says.")
@click.option(
    "--corner",
    type=click.Choice(["bottom-right", "bottom", "bottom-left", "top-right", "top", "top-left"]),
    default="bottom-right",
    show_default=True,
)
@click.option("--sound", type=click.Choice(["rhythm", "spoken"]), default="rhythm", show_default=True)
@click.option(
    "--at", type=click.Choice(["start", "end", "both"]), default="start", show_default=True, help="Of a sound."
)
@click.option("--clip", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="WAV with the spoken words.")
@click.option("--seconds", type=click.FloatRange(2), default=3.0, show_default=True, help="Of a video.")
@_OUT
def show_on(
    *,
    files: tuple[Path, ...],
    words: str,
    corner: Any,
    sound: str,
    at: Any,
    clip: Path | None,
    seconds: float,
    out: Path | None,
) -> None:
    """Write the label that people see or hear onto every FILE (GB 45438-2025, 5.2 to 5.4).

    \b
    Examples:
      sluice label show-on picture.png --out labelled.png
      sluice label show-on *.jpg --corner bottom --words 'AI-generated · 人工智能生成' --out labelled/
      sluice label show-on speech.wav --at both
      sluice label show-on film.mp4 --seconds 5 --out labelled.mp4

    Pictures are PNG, JPEG, WebP, GIF or TIFF; sounds WAV, or with ffmpeg MP3, OGG, FLAC and M4A; videos MP4,
    MOV, MKV and WebM with ffmpeg. Without --out the file itself is replaced once its label is written.

    Exit code: 0 all done, 1 some could not be labelled, 2 usage.
    """
    from gateway.labels import films, pictures, sounds, voice  # noqa: PLC0415
    from gateway.text import is_chinese  # noqa: PLC0415
    from gateway.wording import fault_of_words  # noqa: PLC0415

    language: Any = "zh" if is_chinese(words) else "en"
    if fault := fault_of_words(words, language):
        raise click.UsageError(f"the words {fault[0]} — {fault[1]}")

    def label(data: bytes) -> bytes:
        kind = films.kind_of(data)
        is_wave = data[:4] == b"RIFF" and data[8:12] == b"WAVE"
        if is_wave or (kind is not None and not kind.film):
            recorded = clip.read_bytes() if clip else None
            spoken = recorded or (voice.speak(words, language) if sound == "spoken" else None)
            return (sounds.announce if is_wave else films.announce_compressed)(data, at, spoken)
        if kind is not None:
            return films.write_on_film(data, words, corner, seconds)
        return pictures.write_on(data, words, corner)

    _each(files, out, label)


@click.command("hide-in")
@_FILES
@click.option("--content-id", required=True, help="Id of the content; {n} and {name} for several files.")
@_OUT
def hide_in(*, files: tuple[Path, ...], content_id: str, out: Path | None) -> None:
    """Hide the id of the content in the pixels of every picture FILE: a watermark that nobody sees.

    \b
    Examples:
      sluice label hide-in picture.png --content-id 01JZ8M3K5QW0123456789ABCDE --out marked.png
      SLUICE_MARK_KEY=… sluice label hide-in *.png --content-id 'batch-9-{n}' --out marked/

    With SLUICE_MARK_KEY in the environment only who has the key can find it. What it survives: docs/watermark.md.

    Exit code: 0 all done, 1 some could not be marked, 2 usage.
    """
    from dataclasses import replace  # noqa: PLC0415

    from gateway.labels import pictures, watermark  # noqa: PLC0415

    if len(files) > 1 and "{n}" not in content_id and "{name}" not in content_id:
        raise click.UsageError("Several files need several ids: put {n} or {name} into --content-id.")
    key = os.environ.get(_KEY, "").encode()
    ids = iter([content_id.replace("{n}", str(n)).replace("{name}", file.stem) for n, file in enumerate(files, 1)])

    def mark(data: bytes) -> bytes:
        name = next(ids)
        opened = pictures.unpack(data)
        return pictures.pack(replace(opened, frames=tuple(watermark.embed(one, name, key) for one in opened.frames)))

    _each(files, out, mark)


@click.command()
@_FILES
@click.option("--format", "style", type=click.Choice(["human", "json"]), default="human", show_default=True)
def reveal(*, files: tuple[Path, ...], style: str) -> None:
    """Read the mark of every picture or text FILE, from the file alone.

    \b
    Examples:
      sluice label reveal found-on-the-web.jpg
      sluice label reveal *.png --format json
      sluice label reveal copied-answer.txt

    Exit code: 0 every file has one, 1 some have none that can be read, 2 usage, 3 some cannot be read at all.
    """
    key = os.environ.get(_KEY, "").encode()
    codes = []
    for file in _progress(files):
        try:
            seen = _found(file.read_bytes(), key)
        except (LabelError, OSError) as error:
            codes.append(3)
            click.echo(f"✗ {file}: {_told(error)}", err=True)
            continue
        codes.append(0 if seen["content_id"] else 1)
        if style == "json":
            click.echo(orjson.dumps({"file": str(file).encode("utf-8", "replace").decode(), **seen}))
            continue
        scale = f"  (scale {seen['scale']:g})" if seen["scale"] else ""
        click.echo(f"✓ {file}  {seen['content_id']}{scale}" if seen["content_id"] else f"– {file}  no mark")
    sys.exit(3 if 3 in codes else 1 if 1 in codes else 0)


def _found(data: bytes, key: bytes) -> dict[str, Any]:
    """Return what a picture's or a text's mark says."""
    from gateway.labels import pictures, watermark  # noqa: PLC0415
    from gateway.textmark import marks  # noqa: PLC0415

    try:
        text = data.decode()
    except UnicodeDecodeError:
        found = watermark.read(pictures.unpack(data).frames[0], key)
        return {"content_id": found.content_id if found else None, "scale": found.scale if found else None}
    seen = marks(text, key)
    return {"content_id": seen[0].content_id if seen else None, "scale": None}


def _each(files: Iterable[Path], out: Path | None, change: Callable[[bytes], bytes]) -> None:
    """Write every file changed, in place or to ``out``; a file that fails stays as it was."""
    files = list(files)
    if out is not None and (len(files) > 1 or str(out).endswith("/")):
        out.mkdir(parents=True, exist_ok=True)
    failed = False
    for file in _progress(files):
        target = file if out is None else out / file.name if out.is_dir() else out
        try:
            _replace(target, change(file.read_bytes()))
        except (LabelError, OSError) as error:
            failed = True
            click.echo(f"✗ {file}: {_told(error)}", err=True)
            continue
        click.echo(f"✓ {target}")
    sys.exit(1 if failed else 0)


def _replace(target: Path, data: bytes) -> None:
    """Write beside the target and let the result take its place: half a file is never there."""
    if target.exists() and not os.access(target, os.W_OK):
        raise LabelError("the target is read-only")
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".sluice-", delete=False) as draft:
        name = Path(draft.name)
        try:
            draft.write(data)
            draft.close()
            name.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
            name.replace(target)
        except BaseException:
            name.unlink(missing_ok=True)
            raise


def _progress(files: Iterable[Path]) -> Iterable[Path]:
    from tqdm import tqdm  # noqa: PLC0415

    return tqdm(list(files), unit=" files", delay=2, disable=None, file=sys.stderr)


def _told(error: LabelError | OSError) -> str:
    return str(error) if isinstance(error, LabelError) else f"{error.strerror or type(error).__name__}"
