"""The id is read back from the picture alone, after what happens to pictures; and nothing is read from others.

Mutants killed: one scale only; no search for the place of the tile; no error correction; no check of what
was read; the key not used; alpha marked; pictures changed more than can be seen.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from kit.media import clouds, colours, drawing, file_of, page, read
from PIL import Image, ImageFilter

from gateway.errors import LabelError
from gateway.labels import watermark
from gateway.labels.watermark import embed

ID = "01JZ8M3K5QW0123456789ABCDE"
KINDS: dict[str, Callable[[int, int], Image.Image]] = {
    "waves": colours,
    "clouds": clouds,
    "drawing": drawing,
    "flat": lambda width, height: Image.new("RGB", (width, height), (200, 210, 220)),
}


def psnr(one: Image.Image, other: Image.Image) -> float:
    difference = np.asarray(one, float) - np.asarray(other, float)
    return float(10 * np.log10(255**2 / np.mean(difference**2)))


def jpeg(picture: Image.Image, quality: int = 75) -> Image.Image:
    return read(file_of(picture, "JPEG", quality=quality))


def scaled(picture: Image.Image, factor: float = 0.5) -> Image.Image:
    return picture.resize((round(picture.width * factor), round(picture.height * factor)), Image.Resampling.LANCZOS)


def cropped(picture: Image.Image, x: float = 0.3, y: float = 0.8, left: float = 0.9) -> Image.Image:
    """Keep so much of the area, from a place that no tile begins at."""
    wide, high = round(picture.width * left**0.5), round(picture.height * left**0.5)
    at = round((picture.width - wide) * x), round((picture.height - high) * y)
    return picture.crop((*at, at[0] + wide, at[1] + high))


HAPPENS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "nothing": lambda picture: picture,
    "JPEG quality 75": jpeg,
    "half the size": scaled,
    "a tenth cut off": cropped,
    "all three": lambda picture: jpeg(scaled(cropped(picture))),
    "JPEG quality 50": lambda picture: jpeg(picture, 50),
    "83 % of the size": lambda picture: scaled(picture, 0.83),
    "half cut off": lambda picture: cropped(picture, left=0.5),
    "a little blur": lambda picture: picture.filter(ImageFilter.GaussianBlur(1)),
    "grey": lambda picture: picture.convert("L"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_id_is_read_back_from_the_picture_alone(kind: str) -> None:
    before = KINDS[kind](640, 480)
    marked = embed(before, ID)
    assert psnr(before, marked) >= 38
    assert marked.size == before.size
    for name, happens in HAPPENS.items():
        found = watermark.read(happens(marked))
        assert found is not None, name
        assert found.content_id == ID, name


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_read_from_a_picture_without_a_mark(kind: str) -> None:
    assert watermark.read(KINDS[kind](400, 300)) is None


def test_nothing_is_read_from_noise_or_from_what_is_tiny() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (300, 300, 3), np.uint8)
    assert watermark.read(Image.fromarray(noise)) is None
    for size in ((1, 1), (30, 500), (70, 70)):
        assert watermark.read(Image.new("RGB", size)) is None


def test_the_scale_is_told() -> None:
    marked = embed(colours(800, 600), ID)
    for factor in (1.0, 0.5, 0.75, 1.3):
        found = watermark.read(scaled(marked, factor))
        assert found is not None
        assert found.scale == pytest.approx(factor, rel=0.01)


def test_who_has_another_key_reads_nothing() -> None:
    marked = embed(colours(512, 400), ID, b"one")
    found = watermark.read(marked, b"one")
    assert found is not None
    assert found.content_id == ID
    assert watermark.read(marked, b"two") is None
    assert watermark.read(marked) is None


def test_an_id_of_another_form_is_known_by_its_digest() -> None:
    found = watermark.read(embed(colours(512, 400), "order/2026-11-25/0001"))
    assert found is not None
    assert found.content_id.startswith("sha256:")
    again = watermark.read(embed(colours(400, 300), "order/2026-11-25/0001"))
    assert again is not None
    assert again.content_id == found.content_id


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P"])
def test_other_modes_are_marked_and_alpha_is_not(mode: str) -> None:
    before = colours(400, 300)
    if mode in ("RGBA", "LA"):
        before.putalpha(Image.linear_gradient("L").resize((400, 300)))
    before = before.quantize(64) if mode == "P" else before.convert(mode)
    after = embed(before, ID)
    if mode in ("RGBA", "LA"):
        assert (np.asarray(after)[..., -1] == np.asarray(before)[..., -1]).all()
    found = watermark.read(after)
    assert found is not None
    assert found.content_id == ID


def test_sixteen_bits_are_marked_as_such() -> None:
    grey = np.asarray(colours(400, 300).convert("L")).astype(np.uint16) * 257
    after = embed(Image.fromarray(grey), ID)
    assert after.mode == "I;16"
    found = watermark.read(after)
    assert found is not None
    assert found.content_id == ID


@pytest.mark.parametrize(
    ("picture", "told"),
    [
        (Image.new("RGB", (255, 400)), "255×400 pixels and a watermark needs 256×256"),
        (Image.new("CMYK", (300, 300)), "mode CMYK cannot be watermarked"),
        (page(400, 300), "too busy to hold a watermark"),
    ],
)
def test_a_picture_that_cannot_hold_a_mark_is_told_and_never_called_marked(picture: Image.Image, told: str) -> None:
    with pytest.raises(LabelError, match=told):
        embed(picture, ID)


def test_errors_up_to_the_limit_of_the_code_are_corrected() -> None:
    bits = watermark._payload(ID)
    sent = watermark._coded(bits).astype(float) * 2 - 1
    rng = np.random.default_rng(1)
    for _ in range(20):
        received = sent + rng.normal(0, 0.6, len(sent))
        assert (np.sign(received) != sent).sum() > 5
        assert watermark._content_id(watermark._corrected(received)) == ID


def test_what_does_not_check_is_no_id() -> None:
    bits = watermark._payload(ID)
    for at in range(len(bits)):
        wrong = bits.copy()
        wrong[at] ^= 1
        assert watermark._content_id(wrong) is None
