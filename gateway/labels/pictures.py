"""Writes the visible label onto pictures: at an edge, 5 % of the shortest side high, legible on any ground.

GB 45438-2025 5.2. White letters stand on a dark plate whose contrast holds on white, black and
whatever lies between. Size, colour mode and metadata of a picture stay as they are; a picture that the
camera turned is turned upright, because a label belongs at the edge that people see.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, Any, Final, Literal

from gateway.errors import LabelError
from gateway.labels import png
from gateway.labels.lettering import letter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

Corner = Literal["bottom-right", "bottom", "bottom-left", "top-right", "top", "top-left"]

FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF", "TIFF")
"""Formats that are read, as Pillow calls them; by content, whatever the name or the header says."""

SHARE: Final = 0.05
"""Height of the letters over the shortest side (5.2)."""

LEAST: Final = 9
"""Pixels that letters have at least where there is room: Chinese is hardly legible below."""

PLATE: Final = 0.68
"""Opacity of the plate: over pure white its contrast with the letters is still above ``CONTRAST``."""

CONTRAST: Final = 4.5
"""Contrast of letters and plate (WCAG 2 AA)."""


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """What a picture may be, before it is unpacked.

    Attributes:
        pixels: Pixels of all frames together.
        bytes: Size of the file.
        frames: Frames or pages.
    """

    pixels: int = 80_000_000
    bytes: int = 64 * 1024 * 1024
    frames: int = 1000


LIMITS: Final = PictureLimits()


@dataclass(frozen=True, slots=True)
class Opened:
    """A picture that was unpacked.

    Attributes:
        format: One of ``FORMATS``.
        frames: Its frames or pages, upright.
        options: What Pillow needs to write it as it was.
        kept: Chunks of a PNG that are no pixels.
    """

    format: str
    frames: tuple[Image.Image, ...]
    options: dict[str, Any]
    kept: tuple[bytes, ...] = ()


def write_on(data: bytes, words: str, corner: Corner = "bottom-right", limits: PictureLimits = LIMITS) -> bytes:
    """Return the picture with the words on it, in its own format.

    Args:
        data: The file.
        words: The label.
        corner: Where the words go.
        limits: What is refused unread.

    Raises:
        LabelError: It is no picture that can be read, is too large, or too small for the words.
    """
    opened = unpack(data, limits)
    return pack(replace(opened, frames=tuple(draw(frame, words, corner) for frame in opened.frames)))


def draw(picture: Image.Image, words: str, corner: Corner = "bottom-right") -> Image.Image:
    """Return a copy of a picture with the words on it; raises ``LabelError`` if they do not fit."""
    import numpy as np  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    picture = drawable(picture)
    height = ceil(SHARE * min(picture.size))
    try:
        mask = _letters(words, max(height, LEAST), picture.size)
    except LabelError:
        if height >= LEAST:
            raise
        mask = _letters(words, max(height, LEAST - 2), picture.size)
    pad = max(2, mask.height // 5) if max(picture.size) > 64 else 1
    size = (min(mask.width + 2 * pad, picture.width), min(mask.height + 2 * pad, picture.height))
    margin = round(SHARE / 4 * min(picture.size))
    left, top = _place(corner, picture.size, size, margin)
    text = np.zeros((size[1], size[0]), np.float32)
    at_x, at_y = (size[0] - mask.width) // 2, (size[1] - mask.height) // 2
    text[at_y : at_y + mask.height, at_x : at_x + mask.width] = np.asarray(mask, np.float32) / 255
    box = (left, top, left + size[0], top + size[1])
    ground = np.asarray(picture.crop(box))
    copy = picture.copy()
    blended = _blend(ground, text, picture.mode)
    # Four channels may be two things; of all other modes the numbers themselves tell which.
    copy.paste(Image.fromarray(blended, "CMYK") if picture.mode == "CMYK" else Image.fromarray(blended), box)
    return copy


def contrast(one: float, other: float) -> float:
    """Return the contrast of two greys from 0 to 1 (WCAG 2): 1 for the same, 21 for black and white."""
    lights = sorted(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _letters(words: str, height: int, size: tuple[int, int]) -> Image.Image:
    # In a tiny picture the label may take all of the height: a label that cannot be read is none.
    return letter(words, height, (size[0] - 2, max(size[1] // 2, min(size[1], 4 * LEAST))))


def _place(corner: Corner, size: tuple[int, int], box: tuple[int, int], margin: int) -> tuple[int, int]:
    right, bottom = size[0] - box[0], size[1] - box[1]
    x = {"left": margin, "right": right - margin}.get(corner.rpartition("-")[2], right // 2)
    y = margin if corner.startswith("top") else bottom - margin
    return min(max(x, 0), right), min(max(y, 0), bottom)


def drawable(picture: Image.Image) -> Image.Image:
    """Return the picture in a mode that can be drawn on without loss: palettes and bits become colours."""
    if picture.mode in ("P", "PA"):
        see_through = picture.mode == "PA" or "transparency" in picture.info
        return picture.convert("RGBA" if see_through else "RGB")
    if picture.mode in ("RGB", "L") and "transparency" in picture.info:
        return picture.convert("RGBA" if picture.mode == "RGB" else "LA")
    if picture.mode in ("I;16B", "I;16L", "I;16N"):
        import numpy as np  # noqa: PLC0415
        from PIL import Image  # noqa: PLC0415

        return Image.fromarray(np.asarray(picture).astype(np.uint16))
    known = {"1": "L", "La": "LA", "RGBa": "RGBA", "YCbCr": "RGB", "LAB": "RGB", "HSV": "RGB", "RGBX": "RGB"}
    return picture.convert(known[picture.mode]) if picture.mode in known else picture


def _blend(ground: NDArray[Any], text: NDArray[np.float32], mode: str) -> NDArray[Any]:
    """Lay plate and letters over the ground.

    Args:
        ground: The pixels under the label, as many channels as the mode has.
        text: How much of each pixel is letter, 0 to 1.
        mode: Pillow's name of the ground's colours.
    """
    import numpy as np  # noqa: PLC0415

    cover = (PLATE + (1 - PLATE) * text)[..., None]  # how much of the ground is hidden
    shade = (text / cover[..., 0])[..., None]  # how white what hides it is
    pixels = ground.astype(np.float64)
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if mode in ("RGBA", "LA"):
        colours, alpha = pixels[..., :-1], pixels[..., -1:] / 255
        seen = cover + alpha * (1 - cover)
        mixed = (255 * shade * cover + colours * alpha * (1 - cover)) / seen
        out = np.concatenate([mixed, 255 * seen], axis=2)
    elif mode == "CMYK":
        # Inks only darken: the plate is more black over the same colours, the letters are no ink at all.
        out = pixels.copy()
        out[..., 3] += (255 - out[..., 3]) * PLATE
        out *= 1 - text[..., None]
    else:
        black, white = _ends(ground, mode)
        out = (black + (white - black) * shade) * cover + pixels * (1 - cover)
    if np.issubdtype(ground.dtype, np.integer):
        out = np.rint(out)
    return out.astype(ground.dtype).reshape(ground.shape)


def _ends(ground: NDArray[Any], mode: str) -> tuple[float, float]:
    """Return what is black and what is white in a picture without colours of 8 bits."""
    if mode.startswith("I;16"):
        return 0.0, 65535.0
    if mode == "I":
        return 0.0, 65535.0 if ground.max(initial=0) > 255 else 255.0
    if mode == "F":
        return 0.0, max(1.0, float(ground.max(initial=0)))
    return 0.0, 255.0


# --- Files -----------------------------------------------------------------------------------------


def unpack(data: bytes, limits: PictureLimits = LIMITS) -> Opened:
    """Read a picture; what is too large is refused before it is unpacked.

    Raises:
        LabelError: It is none of ``FORMATS``, broken or cut off, or beyond the limits.
    """
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415

    if len(data) > limits.bytes:
        raise LabelError(f"the picture has {len(data)} bytes and {limits.bytes} are taken — send a smaller one")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            count = getattr(picture, "n_frames", 1)
            pixels = picture.width * picture.height * count
            if count > limits.frames or pixels > limits.pixels:
                what = f"the picture has {picture.width}×{picture.height} pixels in {count} frames"
                raise LabelError(f"{what}, and {limits.pixels} pixels are taken — send a smaller one")
            # A TIFF is turned upright by its reader.
            turn = None if picture.format == "TIFF" else _turn(picture.getexif().get(_ORIENTATION, 1))
            options = _options(picture, data)
            frames, durations = [], []
            for number in range(count):
                picture.seek(number)
                picture.load()
                durations.append(picture.info.get("duration", 0))
                frames.append(picture.transpose(turn) if turn is not None else picture.copy())
    except LabelError:
        raise
    except UnidentifiedImageError:
        raise LabelError(f"this is no picture of a kind that can be labelled ({', '.join(FORMATS)})") from None
    except (Image.DecompressionBombError, MemoryError):
        raise LabelError("the picture unpacks to more than can be held — send a smaller one") from None
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, struct.error, zlib.error) as error:
        raise LabelError(f"the picture cannot be unpacked ({type(error).__name__}): it is broken or cut off") from None
    if count > 1:
        options |= {"save_all": True, "duration": durations}
    kept = (
        png.kept(data, exif=options.get("exif", b"") if turn is not None else None) if picture.format == "PNG" else ()
    )
    return Opened(str(picture.format), tuple(frames), options, kept)


def pack(opened: Opened) -> bytes:
    """Write a picture; raises ``LabelError`` if its format cannot hold it."""
    first, *rest = opened.frames
    if opened.format == "PNG" and not rest and first.mode in png.MODES:
        return png.write(first, opened.kept)
    options = dict(opened.options)
    if rest:
        options["append_images"] = rest
        if opened.format in ("TIFF", "PNG", "WEBP", "GIF") and any(frame.mode == "RGBA" for frame in opened.frames):
            options["disposal"] = 2 if opened.format == "GIF" else options.get("disposal", 0)
    if opened.format == "WEBP" and not rest:
        options.pop("loop", None)
    out = io.BytesIO()
    try:
        first.save(out, opened.format, **options)
    except (OSError, ValueError, KeyError) as error:
        raise LabelError(f"the picture cannot be written as {opened.format} ({type(error).__name__})") from None
    return out.getvalue()


_ORIENTATION: Final = 0x0112


def _turn(orientation: Any) -> Image.Transpose | None:
    """Return what turns a picture upright that a camera took in this orientation (EXIF, 1 to 8)."""
    from PIL.Image import Transpose  # noqa: PLC0415

    return {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }.get(orientation)


def _options(picture: Image.Image, data: bytes) -> dict[str, Any]:
    """Return what keeps a picture as it was: metadata, colour profile, resolution, compression."""
    info = picture.info
    options: dict[str, Any] = {key: info[key] for key in ("icc_profile", "dpi", "loop") if key in info}
    exif = picture.getexif()
    if exif and picture.format != "TIFF":
        exif.pop(_ORIENTATION, None)
        options["exif"] = exif.tobytes()
    if picture.format == "PNG":
        options |= {"pnginfo": _png_texts(picture), "compress_level": 1}
    elif picture.format == "JPEG":
        options |= _as_compressed(picture)
    elif picture.format == "WEBP":
        options |= {"lossless": b"VP8L" in data[:4096], "quality": 90, "method": 2}
    elif picture.format == "TIFF":
        compression = info.get("compression", "raw")
        options |= {"compression": compression if compression in _LOSSLESS_TIFF else "tiff_deflate"}
        options.pop("loop", None)
    elif picture.format == "GIF" and "comment" in info:
        options["comment"] = info["comment"]
    if "xmp" in info and picture.format in ("JPEG", "WEBP"):
        options["xmp"] = info["xmp"]
    return options


_LOSSLESS_TIFF: Final = ("raw", "tiff_lzw", "tiff_deflate", "tiff_adobe_deflate", "packbits")


def _as_compressed(picture: Image.Image) -> dict[str, Any]:
    """Return the tables that a JPEG was compressed with: it is compressed with the same again."""
    from PIL import JpegImagePlugin  # noqa: PLC0415

    tables = getattr(picture, "quantization", None)
    sampling = JpegImagePlugin.get_sampling(picture)
    options: dict[str, Any] = {"qtables": tables} if tables else {"quality": 92}
    if sampling >= 0:
        options["subsampling"] = sampling
    if picture.info.get("progressive"):
        options["progressive"] = True
    if "comment" in picture.info:
        options["comment"] = picture.info["comment"]
    return options


def _png_texts(picture: Image.Image) -> Any:
    """Return the text chunks of a PNG, to be written again."""
    from PIL import PngImagePlugin  # noqa: PLC0415

    kept = PngImagePlugin.PngInfo()
    texts: Sequence[tuple[str, Any]] = tuple(getattr(picture, "text", {}).items())
    for key, text in texts:
        if isinstance(text, PngImagePlugin.iTXt):
            kept.add_itxt(key, str(text), text.lang or "", text.tkey or "")
        else:
            kept.add_text(key, str(text))
    return kept
