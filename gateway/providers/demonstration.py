"""Pictures, a sound and vectors for demonstrations: made by formula from the words, so that no words show in them."""

from __future__ import annotations

import base64
import hashlib
import io
import math
import re
import struct
import zlib
from collections import Counter
from operator import add
from typing import Any, Final

import orjson

from gateway.providers.completion import tokens
from gateway.providers.embedded import embeddings

_SIZE: Final = re.compile(r"([0-9]{1,4})x([0-9]{1,4})")
_MOST: Final = 1024
_LEAST: Final = 64
_RATE: Final = 16_000
_USUAL_NUMBERS: Final = 256
_MOST_NUMBERS: Final = 4096


def images(body: bytes, created: int) -> bytes:
    """Return the answer to a request for pictures: each a field of colours, the same for the same prompt.

    Args:
        body: The request, as its dialect has checked it; ``n`` and ``size`` (64 to 1024 a side) are honoured.
        created: Seconds since the epoch.
    """
    request: dict[str, Any] = orjson.loads(body)
    asked = _SIZE.fullmatch(str(request.get("size") or ""))
    width, height = (min(max(int(side), _LEAST), _MOST) for side in (asked.groups() if asked else (256, 256)))
    count = min(request.get("n") or 1, 10)
    rows = [{"b64_json": base64.b64encode(_picture(request["prompt"], at, width, height))} for at in range(count)]
    data = [{"b64_json": row["b64_json"].decode()} for row in rows]
    return orjson.dumps({"created": created, "data": data})


def speech(body: bytes) -> bytes:
    """Return the answer to a request for speech: a WAV of one second, whose tone the words choose."""
    high = hashlib.sha256(orjson.loads(body)["input"].encode("utf-8", "replace")).digest()[0]
    turn = 2 * math.pi * (220 + high) / _RATE
    tone = struct.pack(f"<{_RATE}h", *(round(8000 * math.sin(turn * at)) for at in range(_RATE)))
    head = struct.pack("<4sIHHIIHH4sI", b"fmt ", 16, 1, 1, _RATE, 2 * _RATE, 2, 16, b"data", len(tone))
    return b"RIFF" + struct.pack("<I", 4 + len(head) + len(tone)) + b"WAVE" + head + tone


def vectors(body: bytes) -> bytes:
    """Return the answer to a request for embeddings: how often which two letters follow each other, hashed.

    Texts with the same words are near each other, those that only mean the same are not: it is no model.

    Args:
        body: The request, as its dialect has checked it; ``dimensions`` (1 to 4096, else 256) and
            ``encoding_format`` are honoured.
    """
    request: dict[str, Any] = orjson.loads(body)
    said = request["input"]
    inputs = said if isinstance(said, list) and not isinstance(said[0], int) else [said]
    texts = [one if isinstance(one, str) else " ".join(map(str, one)) for one in inputs]
    asked = request.get("dimensions")
    size = min(max(asked, 1), _MOST_NUMBERS) if isinstance(asked, int) else _USUAL_NUMBERS
    made = [_vector(text.lower(), size) for text in texts]
    counted = sum(len(tokens(text)) for text in texts)
    return embeddings(request["model"], made, counted, request.get("encoding_format"))


def _vector(text: str, size: int) -> list[float]:
    numbers = [0.0] * size
    padded = f" {text} "
    for pair, count in Counter(map(add, padded, padded[1:])).items():
        hashed = zlib.crc32(pair.encode("utf-8", "replace"))
        numbers[(hashed >> 1) % size] += count if hashed & 1 else -count
    length = math.sqrt(sum(number * number for number in numbers)) or 1.0
    return [number / length for number in numbers]


def _picture(prompt: str, number: int, width: int, height: int) -> bytes:
    from PIL import Image  # noqa: PLC0415

    colours = hashlib.sha256(f"{number}:{prompt}".encode("utf-8", "replace")).digest()
    small = Image.frombytes("RGB", (3, 3), colours[:27])
    out = io.BytesIO()
    small.resize((width, height), Image.Resampling.BICUBIC).save(out, "PNG")
    return out.getvalue()
