"""What is written here any reader reads, with the same pixels and all that stood beside them."""

from __future__ import annotations

import numpy as np
import pytest
from kit.media import colours, file_of, read
from PIL import Image, PngImagePlugin

from gateway.labels import png


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA"])
@pytest.mark.parametrize("size", [(1, 1), (1, 7), (7, 1), (640, 480), (1500, 1100)])
def test_every_pixel_comes_back(mode: str, size: tuple[int, int]) -> None:
    before = colours(*size).convert(mode)
    after = read(png.write(before))
    assert after.mode == mode
    assert after.tobytes() == before.tobytes()


def test_sixteen_bits_come_back() -> None:
    values = np.random.default_rng(1).integers(0, 65536, (300, 200), np.uint16)
    before = Image.fromarray(values)
    assert before.mode in png.MODES
    assert (np.asarray(read(png.write(before))) == values).all()


def test_other_chunks_are_kept_and_those_of_pixels_are_not() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "kept")
    old = file_of(colours(40, 30).convert("P"), pnginfo=texts, transparency=3, dpi=(72, 72))
    kept = png.kept(old)
    assert [chunk[4:8] for chunk in kept] == [b"tEXt", b"pHYs"] or [chunk[4:8] for chunk in kept] == [b"pHYs", b"tEXt"]
    after = read(png.write(colours(40, 30), kept))
    assert after.info["Comment"] == "kept"
    assert "transparency" not in after.info


def test_exif_is_replaced_where_it_says_how_to_turn() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    old = file_of(colours(40, 30), exif=exif)
    assert read(png.write(colours(40, 30), png.kept(old))).getexif()[0x0112] == 6
    assert not read(png.write(colours(40, 30), png.kept(old, b""))).getexif()
    exif[0x0112] = 1
    assert read(png.write(colours(40, 30), png.kept(old, exif.tobytes()))).getexif()[0x0112] == 1


@pytest.mark.parametrize("data", [b"", png.SIGNATURE, png.SIGNATURE + b"\xff\xff\xff\xfftEXt", b"\0" * 40])
def test_chunks_that_are_cut_off_are_no_chunks(data: bytes) -> None:
    assert png.kept(data) in ((), (b"\0" * 12, b"\0" * 12))


def test_the_file_is_about_as_small_as_pillows() -> None:
    for noise in (0.0, 4.0):
        picture = colours(1200, 900, noise)
        assert len(png.write(picture)) < 1.4 * len(file_of(picture, compress_level=1))
