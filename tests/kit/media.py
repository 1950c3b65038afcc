"""Pictures and sounds made by formula, so that no file of anybody's is in the repository."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.pictures import clouds, colours, drawing, page

__all__ = ["clouds", "colours", "drawing", "file_of", "page", "read", "wav"]


def file_of(picture: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """Write a picture to bytes."""
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def read(data: bytes) -> Image.Image:
    """Read a picture back with Pillow."""
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def wav(
    seconds: float = 1.0, *, rate: int = 8000, channels: int = 1, bits: int = 16, kind: int = 1, extra: bytes = b""
) -> bytes:
    """A WAV file with a falling tone; written here by hand, not by the code that is tested."""
    times = np.arange(round(seconds * rate)) / rate
    tone = np.repeat(0.5 * np.sin(2 * np.pi * (400 - 100 * times) * times), channels)
    if kind == 3:
        body = tone.astype(f"<f{bits // 8}").tobytes()
    elif bits == 8:
        body = (tone * 127 + 128).astype(np.uint8).tobytes()
    elif bits == 24:
        whole = (tone * (2**23 - 1)).astype("<i4")
        body = whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    else:
        body = (tone * (2 ** (bits - 1) - 1)).astype(f"<i{bits // 8}").tobytes()
    width = channels * bits // 8
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, kind, channels, rate, rate * width, width, bits)
    fact = struct.pack("<4sII", b"fact", 4, len(times)) if kind == 3 else b""
    chunks = form + fact + b"data" + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2) + extra
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks
