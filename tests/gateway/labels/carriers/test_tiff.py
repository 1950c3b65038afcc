"""TIFF: Pillow and exiftool find the label; pages and strips stay where they are."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from kit.specimens import LABEL, SPECIMENS
from kit.tools import exiftool, needs
from PIL import Image

from gateway.labels.files import write_bytes

TIFFS = [name for name in SPECIMENS if name.endswith((".tif", ".tiff"))]


@pytest.mark.parametrize("name", TIFFS)
def test_pillow_reads_the_label_on_the_first_page(name: str) -> None:
    with Image.open(io.BytesIO(write_bytes(SPECIMENS[name](), LABEL))) as image:
        assert LABEL.dump().encode() in image.tag_v2[0x02BC][0]
        assert image.n_frames == (2 if name == "pages.tif" else 1)


@pytest.mark.parametrize("name", TIFFS)
def test_nothing_but_the_address_of_the_first_directory_changes(name: str) -> None:
    before = SPECIMENS[name]()
    after = write_bytes(before, LABEL)
    assert after[16 : len(before)] == before[16:]


@needs("exiftool")
@pytest.mark.parametrize("name", TIFFS)
def test_exiftool_reads_the_label_and_warns_of_nothing(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(write_bytes(SPECIMENS[name](), LABEL))
    found = exiftool(file)
    assert found["xmp:aigc"] == LABEL.dump()
    assert "exiftool:warning" not in found
