"""The sums in the package are those of its files: whoever changes one, renews them."""

from __future__ import annotations

from pathlib import Path

from gateway.packaged import SUMS
from training.sums import PACKAGE, sums


def test_the_sums_are_those_of_the_files() -> None:
    assert (PACKAGE / SUMS).read_text("ascii") == sums(), "a file was changed: run  python -m training.sums"


def test_there_is_a_line_for_what_is_read_and_none_for_what_is_not(tmp_path: Path) -> None:
    for name in ("glyphs/a.txt", "b.json", "c.py", "d.npz", "labels/fonts/OFL.txt", "_policies/base/base.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"one\n")
    lines = [line for line in sums(tmp_path).splitlines() if not line.startswith("#")]
    assert [line.split("  ")[1] for line in lines] == ["b.json", "glyphs/a.txt"]
    assert {line.split("  ")[0][:8] for line in lines} == {"2c8b08da"}
