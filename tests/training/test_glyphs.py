"""The character tables are written as they are read, and what needs no package is made as it is shipped."""

from __future__ import annotations

from pathlib import Path

from gateway.glyphs import glyphs
from training.glyphs import digits, write

SHIPPED = Path(__file__).parents[2] / "gateway" / "glyphs"


def test_digits_are_what_is_shipped(tmp_path: Path) -> None:
    write(digits(), tmp_path / "digits.txt")
    assert (tmp_path / "digits.txt").read_bytes() == (SHIPPED / "digits.txt").read_bytes()
    assert glyphs("digits") == digits()


def test_every_shipped_table_is_written_back_as_it_is(tmp_path: Path) -> None:
    for name in ("simplified", "latin", "pinyin", "tones", "split"):
        write(glyphs(name), tmp_path / name)  # type: ignore[arg-type]
        assert (tmp_path / name).read_bytes() == (SHIPPED / f"{name}.txt").read_bytes()
