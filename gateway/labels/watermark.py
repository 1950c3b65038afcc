"""Hides the id of a content in the pixels of its picture, and reads it back from the picture alone.

A small tile of soft dots repeats all over the picture; a quarter of its dots is always the same and
tells the reader the scale and the place of the tile, the others carry the id under an error-correcting
code. What this survives was measured, see ``docs/watermark.md``: compression, scaling and cropping, but no
rotation, no mirror, no redrawing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gateway.errors import LabelError
from gateway.labels.pictures import drawable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    Plane = NDArray[np.floating[Any]]

DOT: Final = 4
"""Pixels from one dot to the next: half of that is still drawn by a picture of half the size."""

TILE: Final = 32
"""Dots of a tile, across and down."""

PSNR: Final = 39.5
"""How near the marked picture is to the original, in dB: nobody sees a difference."""

BUSY: Final = 38.2
"""How near it is where the mark could not be read otherwise."""

LEAST: Final = 256
"""Pixels of the shortest side that a picture has at least."""

_SYNC: Final = TILE * TILE // 4
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID: Final = 26
_BITS: Final = 1 + 5 * _ID
_CHECK: Final = 24
_TAIL: Final = 6
_CODE: Final = (0o171, 0o133)  # the usual convolutional code of rate 1/2 and length 7
_FINE: Final = 2  # samples of a dot, when it is read
_STEP: Final = 1.007  # from one scale that is tried to the next
_SMALLEST, _LARGEST = 0.45, 2.1
_LOOK: Final = 768  # pixels of the window in which the scale is looked for


@dataclass(frozen=True, slots=True)
class Found:
    """A watermark that was read.

    Attributes:
        content_id: The id, or ``sha256:`` and 32 hex digits of one that is no 26 characters.
        scale: How large the picture is of what it was when it was marked.
        strength: How clearly the tile stands out, in standard deviations.
    """

    content_id: str
    scale: float
    strength: float


def embed(picture: Image.Image, content_id: str, key: bytes = b"") -> Image.Image:
    """Return a copy of the picture that holds the id.

    Args:
        picture: In colours or grey, of 8 or 16 bits; alpha stays as it is.
        content_id: The id of the content: 26 characters as the gateway gives them; of another id its digest.
        key: Who does not have it cannot read, write or find the mark; empty for one that everybody may read.

    Raises:
        LabelError: The picture is too small or too busy, or of colours that cannot be marked.
    """
    if min(picture.size) < LEAST:
        what = f"the picture has {picture.width}×{picture.height} pixels and a watermark needs {LEAST}×{LEAST}"
        raise LabelError(f"{what} — label it visibly and in its metadata only")
    picture = drawable(picture)
    if picture.mode not in ("RGB", "RGBA", "L", "LA", "I;16"):
        raise LabelError(f"a picture of mode {picture.mode} cannot be watermarked — convert it to RGB")
    dots = _dots(_coded(_payload(content_id)), key)
    for nearness in (PSNR, BUSY):
        marked = _marked(picture, dots, nearness)
        if _decode(_flattened(_light(marked)), 1.0, key, _template(key)):
            return marked
    raise LabelError(
        "the picture is too busy to hold a watermark that can be read — label it visibly and in its metadata"
    )


def _marked(picture: Image.Image, dots: Plane, nearness: float) -> Image.Image:
    """Return the picture with the dots in it, so near to what it was (dB)."""
    import numpy as np  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    wide, high = (-(-size // (DOT * TILE)) for size in picture.size)
    sheet = Image.fromarray(np.tile(dots, (high, wide)).astype(np.float32))
    full = sheet.resize((sheet.width * DOT, sheet.height * DOT), Image.Resampling.BICUBIC)
    pattern = np.asarray(full)[: picture.height, : picture.width]
    light = _light(picture)
    shaped = pattern * _tolerance(light)
    scale = 255 / 10 ** (nearness / 20) / float(np.sqrt(np.mean(shaped**2)))
    added = shaped * scale
    pixels = np.asarray(picture).astype(np.float32)
    if picture.mode == "I;16":
        return Image.fromarray(np.rint(np.clip(pixels + 257 * added, 0, 65535)).astype(np.uint16))
    if pixels.ndim == 2:
        return Image.fromarray(_bytes(pixels + added))
    colours = pixels.shape[2] - (picture.mode in ("RGBA", "LA"))
    pixels[..., :colours] += added[..., None]
    return Image.fromarray(_bytes(pixels))


def read(picture: Image.Image, key: bytes = b"") -> Found | None:
    """Return the watermark of a picture, or None if none can be read.

    Nothing but the picture and the key is needed: the scale and the crop are found.
    """
    light = _light(picture)
    if min(light.shape) < DOT * TILE // 2:
        return None
    flat = _flattened(light)
    tried: list[tuple[float, float]] = []
    template = _template(key)
    for scale in _scales():
        strength = _strength(_folded(_window(flat), scale), template)
        tried.append((strength, scale))
        if strength > _SURE and (found := _decode(flat, scale, key, template)):
            return found
    for _, scale in sorted(tried, reverse=True)[:6]:
        for fine in (scale, scale * _STEP**0.34, scale / _STEP**0.34):
            if found := _decode(flat, fine, key, template):
                return found
    return None


_SURE: Final = 9.0


# --- The tile --------------------------------------------------------------------------------------


def _places(key: bytes) -> tuple[NDArray[Any], NDArray[Any], Plane]:
    """Return which dots are for finding, which for the id, and the sign of each."""
    import numpy as np  # noqa: PLC0415

    seed = int.from_bytes(hashlib.sha256(b"sluice picture mark 1\0" + key).digest()[:16])
    random = np.random.Generator(np.random.PCG64(seed))
    order = random.permutation(TILE * TILE)
    signs = random.integers(0, 2, TILE * TILE).astype(np.float32) * 2 - 1
    return order[:_SYNC], order[_SYNC:], signs


def _dots(coded: NDArray[Any], key: bytes) -> Plane:
    import numpy as np  # noqa: PLC0415

    sync, data, signs = _places(key)
    tile = signs.copy()
    tile[data] *= np.resize(coded, len(data)).astype(np.float32) * 2 - 1
    tile[sync] *= 1.15
    return tile.reshape(TILE, TILE)


def _template(key: bytes) -> NDArray[np.complex64]:
    """Return the spectrum of the dots that are always the same, for finding them."""
    import numpy as np  # noqa: PLC0415

    sync, _, signs = _places(key)
    known = np.zeros(TILE * TILE, np.float32)
    known[sync] = signs[sync]
    fine = np.kron(known.reshape(TILE, TILE), np.ones((_FINE, _FINE), np.float32))
    spectrum: NDArray[np.complex64] = np.conj(np.fft.rfft2(fine))
    return spectrum


# --- Light and its grain ---------------------------------------------------------------------------


def _light(picture: Image.Image) -> Plane:
    import numpy as np  # noqa: PLC0415

    if picture.mode.startswith("I;16"):
        return np.asarray(picture).astype(np.float32) / 257
    grey = picture if picture.mode == "L" else picture.convert("RGB").convert("L")
    return np.asarray(grey).astype(np.float32)


def _tolerance(light: Plane) -> Plane:
    """Return how much each place bears: little where it is flat, more where it is busy."""
    import numpy as np  # noqa: PLC0415

    mean = _box(light, DOT)
    busy = np.sqrt(np.maximum(_box((light - mean) ** 2, DOT), 0))
    return np.clip(0.75 + busy / 24, 0.75, 1.9).astype(np.float32)


def _box(plane: Plane, radius: int) -> Plane:
    """Return the mean of each place and its neighbours up to ``radius``."""
    import numpy as np  # noqa: PLC0415

    size = 2 * radius + 1
    out = plane
    for axis in (0, 1):
        padded = np.pad(out, [(radius + 1, radius) if side == axis else (0, 0) for side in (0, 1)], mode="edge")
        sums = np.cumsum(padded, axis=axis, dtype=np.float64)
        late = np.take(sums, range(size, sums.shape[axis]), axis=axis)
        early = np.take(sums, range(sums.shape[axis] - size), axis=axis)
        out = ((late - early) / size).astype(np.float32)
    return out


def _flattened(light: Plane) -> Plane:
    """Return the grain of a picture: what its surroundings do not explain, as strong everywhere."""
    import numpy as np  # noqa: PLC0415

    rest = light - _box(light, 3)
    spread = np.sqrt(_box(rest**2, 6)) + 1.0
    grain: Plane = np.clip(rest / spread, -2.0, 2.0).astype(np.float32)
    return grain


# --- Finding and reading ---------------------------------------------------------------------------


def _scales() -> list[float]:
    """Return the scales to try, the likely ones first."""
    likely = [1.0, 0.5, 0.75, 2.0, 0.8, 0.6, 0.9, 1.5, 2 / 3]
    count = 0
    rest = []
    while (scale := _SMALLEST * _STEP**count) <= _LARGEST:
        rest.append(scale)
        count += 1
    return likely + rest


def _window(flat: Plane) -> Plane:
    high, wide = flat.shape
    top, left = max(0, (high - _LOOK) // 2), max(0, (wide - _LOOK) // 2)
    return flat[top : top + _LOOK, left : left + _LOOK]


def _folded(flat: Plane, scale: float) -> Plane:
    """Return the mean of all tiles, as they would lie over each other at this scale."""
    import numpy as np  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    period = TILE * _FINE
    per_pixel = _FINE / (DOT * scale)
    size = max(1, round(flat.shape[1] * per_pixel)), max(1, round(flat.shape[0] * per_pixel))
    box = (0.0, 0.0, size[0] / per_pixel, size[1] / per_pixel)
    box = (0.0, 0.0, min(box[2], float(flat.shape[1])), min(box[3], float(flat.shape[0])))
    fine = np.asarray(Image.fromarray(flat).resize(size, Image.Resampling.BILINEAR, box=box))
    high, wide = (-(-side // period) * period for side in fine.shape)
    padded = np.zeros((high, wide), np.float32)
    padded[: fine.shape[0], : fine.shape[1]] = fine
    folded: Plane = padded.reshape(high // period, period, wide // period, period).sum(axis=(0, 2))
    return folded


def _matches(folded: Plane, template: NDArray[np.complex64]) -> Plane:
    import numpy as np  # noqa: PLC0415

    matches: Plane = np.fft.irfft2(np.fft.rfft2(folded) * template, s=folded.shape)
    return matches


def _strength(folded: Plane, template: NDArray[np.complex64]) -> float:
    import numpy as np  # noqa: PLC0415

    matches = _matches(folded, template)
    return float((matches.max() - matches.mean()) / (np.std(matches) + 1e-9))


def _decode(flat: Plane, scale: float, key: bytes, template: NDArray[np.complex64]) -> Found | None:
    """Read the id at this scale, at the places where the tile most likely begins."""
    import numpy as np  # noqa: PLC0415

    folded = _folded(flat, scale)
    matches = _matches(folded, template)
    deviation = float(np.std(matches)) + 1e-9
    _, data, signs = _places(key)
    coded = 2 * (_BITS + _CHECK + _TAIL)
    for flat_index in np.argsort(matches, axis=None)[::-1][:4]:
        row, column = np.unravel_index(int(flat_index), matches.shape)
        turned = np.roll(folded, (-int(row), -int(column)), (0, 1))
        dots = turned.reshape(TILE, _FINE, TILE, _FINE).sum(axis=(1, 3)).reshape(-1)
        soft = np.bincount(np.arange(len(data)) % coded, weights=dots[data] * signs[data], minlength=coded)
        if (content_id := _content_id(_corrected(soft))) is not None:
            strength = (float(matches[row, column]) - float(matches.mean())) / deviation
            return Found(content_id, round(scale, 3), round(strength, 1))
    return None


# --- The id and its code ---------------------------------------------------------------------------


def _payload(content_id: str) -> NDArray[Any]:
    """Return the bits of an id: whether it is a digest, the id, a check."""
    import numpy as np  # noqa: PLC0415

    if len(content_id) == _ID and all(character in _ALPHABET for character in content_id):
        value = 0
        for character in content_id:
            value = value << 5 | _ALPHABET.index(character)
    else:
        digest = int.from_bytes(hashlib.sha256(content_id.encode()).digest()[:16])
        value = 1 << (_BITS - 1) | digest
    whole = value << _CHECK | _check(value)
    return np.array([whole >> at & 1 for at in range(_BITS + _CHECK - 1, -1, -1)], np.uint8)


def _content_id(bits: NDArray[Any]) -> str | None:
    """Return the id that bits hold; None if the check does not fit."""
    whole = int("".join(map(str, bits.tolist())), 2)
    value, check = whole >> _CHECK, whole & (1 << _CHECK) - 1
    if check != _check(value):
        return None
    if value >> (_BITS - 1):
        return f"sha256:{value & (1 << 128) - 1:032x}"
    return "".join(_ALPHABET[value >> at & 31] for at in range(5 * (_ID - 1), -5, -5))


def _check(value: int) -> int:
    return int.from_bytes(hashlib.sha256(b"sluice" + value.to_bytes(17)).digest()[: _CHECK // 8])


def _coded(bits: NDArray[Any]) -> NDArray[Any]:
    """Return the bits under the error-correcting code: two for each, and six to come to rest."""
    import numpy as np  # noqa: PLC0415

    state, out = 0, []
    for bit in [*bits.tolist(), *[0] * _TAIL]:
        state = (state << 1 | bit) & 0x7F
        out += [(state & taps).bit_count() & 1 for taps in _CODE]
    return np.array(out, np.uint8)


def _corrected(soft: NDArray[Any]) -> NDArray[Any]:
    """Return the likeliest bits (Viterbi), from how sure each coded bit is: above 0 for one, below for nought."""
    import numpy as np  # noqa: PLC0415

    states = np.arange(64)
    # Into each state lead two: the bit that fell out of the register was 0 or 1; its own last bit is what was sent.
    before = np.stack([states >> 1, states >> 1 | 32])
    register = before << 1 | states & 1
    signs = np.array([[[1 - 2 * ((int(r) & taps).bit_count() & 1) for r in row] for row in register] for taps in _CODE])
    cost = np.full(64, 1e18)
    cost[0] = 0.0
    path = np.zeros((len(soft) // 2, 64), np.uint8)
    for step, (one, two) in enumerate(soft.reshape(-1, 2)):
        reached = cost[before] + signs[0] * one + signs[1] * two
        path[step] = reached.argmin(axis=0)
        cost = reached.min(axis=0)
    state, bits = 0, []
    for choices in path[::-1]:
        bits.append(state & 1)
        state = int(before[choices[state], state])
    return np.array(bits[::-1][: _BITS + _CHECK], np.uint8)


def _bytes(pixels: Plane) -> NDArray[np.uint8]:
    import numpy as np  # noqa: PLC0415

    return np.rint(np.clip(pixels, 0, 255)).astype(np.uint8)
