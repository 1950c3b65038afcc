"""Reads and writes what training knows of names. The files ship with the package; ``CARD.md`` says whose data it is."""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Final

import numpy as np

from gateway.detectors.names.chinese import NEIGHBOURS, PAIRS, TRIPLES, ChineseNames
from gateway.detectors.names.english import LABELS
from gateway.detectors.names.english_net import HIDDEN, LISTED, NEAR, ROWS, WIDTH, EnglishNames, Tables
from gateway.errors import ConfigError

ZH: Final = Path(__file__).parents[1] / "weights" / "names_zh.bin"
EN: Final = Path(__file__).parents[1] / "weights" / "names_en.bin"
_MAGIC: Final = b"SLZH1"
_MAGIC_EN: Final = b"SLEN2"


def write_chinese(names: ChineseNames) -> bytes:
    """Return the bytes of a file; the same names give the same bytes."""
    parts = [_pack_table(table) for table in (names.surnames, names.first, names.last, names.single, names.common)]
    parts.append(names.pairs)
    parts.append(names.triples)
    parts.append(struct.pack(f"<{len(names.dense) + 1}f", names.bias, *names.dense))
    parts.append(struct.pack(f"<{NEIGHBOURS}b", *(max(-127, min(127, round(w * 16))) for w in names.neighbours)))
    body = b"".join(struct.pack("<I", len(part)) + part for part in parts)
    return _MAGIC + zlib.compress(body, 9)


def read_chinese(content: bytes) -> ChineseNames:
    """Read a file; raises ``ConfigError`` if it is damaged."""
    try:
        if content[: len(_MAGIC)] != _MAGIC:
            raise ValueError("magic")
        body = zlib.decompress(content[len(_MAGIC) :])
        parts: list[bytes] = []
        at = 0
        while at < len(body):
            (size,) = struct.unpack_from("<I", body, at)
            parts.append(body[at + 4 : at + 4 + size])
            at += 4 + size
        tables = [_unpack_table(part) for part in parts[:5]]
        figures = struct.unpack(f"<{len(parts[7]) // 4}f", parts[7])
        beside = array("b", parts[8])
        if (len(parts[5]), len(parts[6]), len(beside)) != (PAIRS, TRIPLES, NEIGHBOURS):
            raise ValueError("sizes")
    except (ValueError, IndexError, struct.error, zlib.error):
        raise ConfigError(
            "the weights of Chinese names are damaged",
            None,
            "install the package again, or train them: make train-names-zh DATA=folder",
        ) from None
    return ChineseNames(
        surnames=tables[0],
        first=tables[1],
        last=tables[2],
        single=tables[3],
        common=tables[4],
        pairs=parts[5],
        triples=parts[6],
        dense=figures[1:],
        neighbours=array("f", [weight / 16 for weight in beside]),  # sixteenths are exact
        bias=figures[0],
    )


def write_english(names: EnglishNames) -> bytes:
    """Return the bytes of a file; the same names give the same bytes."""
    matrices = (names.inward, names.between, names.outward, names.end)
    parts = [
        names.rows.tobytes(),
        *(matrix.astype("<f4").tobytes() for matrix in matrices),
        names.tables.first,
        names.tables.last,
        names.tables.common,
    ]
    return _MAGIC_EN + zlib.compress(struct.pack("<f", names.step) + b"".join(parts), 9)


def read_english(content: bytes) -> EnglishNames:
    """Read a file; raises ``ConfigError`` if it is damaged."""
    shapes = (NEAR * WIDTH, HIDDEN), (HIDDEN,), (HIDDEN, len(LABELS)), (len(LABELS),)
    sizes = [4, ROWS * WIDTH, *(4 * prod(shape) for shape in shapes), *[LISTED >> 3] * 3]
    try:
        if content[: len(_MAGIC_EN)] != _MAGIC_EN:
            raise ValueError("magic")
        body = zlib.decompress(content[len(_MAGIC_EN) :])
        if len(body) != sum(sizes):
            raise ValueError("size")
        (step,) = struct.unpack_from("<f", body)
    except (ValueError, zlib.error):
        raise ConfigError(
            "the weights of English names are damaged",
            None,
            "install the package again, or train them: make train-names-en DATA=folder",
        ) from None
    parts: list[bytes] = []
    at = 0
    for size in sizes:
        parts.append(body[at : at + size])
        at += size
    rows = np.frombuffer(parts[1], np.int8).reshape(ROWS, WIDTH)
    inward, between, outward, end = (
        np.frombuffer(part, "<f4").astype(np.float32).reshape(shape)
        for part, shape in zip(parts[2:6], shapes, strict=True)
    )
    return EnglishNames(Tables(*parts[6:]), rows, step, inward, between, outward, end)


def _pack_table(table: Mapping[str, float]) -> bytes:
    return b"".join(struct.pack("<Hh", ord(c), round(value * 100)) for c, value in sorted(table.items()))


def _unpack_table(content: bytes) -> dict[str, float]:
    return {chr(code): value / 100 for code, value in struct.iter_unpack("<Hh", content)}
