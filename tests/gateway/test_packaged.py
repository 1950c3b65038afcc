"""What ships with the package is whole, or nothing starts: no table is shorter than it was, no weight another.

Mutants killed: no comparison of sums; a file that stands in no list of sums is taken; a missing file is a traceback;
a reader that goes round the check.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.errors import ConfigError
from gateway.packaged import SUMS, check_packaged, packaged, packaged_text

PACKAGE = Path(__file__).parents[2] / "gateway"
NAMES = [line.split()[1] for line in (PACKAGE / SUMS).read_text("ascii").splitlines() if not line.startswith("#")]


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def emptied(content: bytes) -> bytes:
    return content[:0]


def another_digit(content: bytes) -> bytes:
    at = next(at for at, byte in enumerate(content) if byte in b"12345678")
    return content[:at] + bytes([content[at] + 1]) + content[at + 1 :]


def not_text(content: bytes) -> bytes:
    return b"\xff" + content[1:]


def windows_lines(content: bytes) -> bytes:
    return content.replace(b"\n", b"\r\n")


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_file_comes_back_as_it_shipped(name: str) -> None:
    assert packaged(name) == (PACKAGE / name).read_bytes()
    assert packaged_text(name) == (PACKAGE / name).read_text("utf-8")


@pytest.mark.parametrize("damage", [cut, emptied, another_digit, not_text, windows_lines])
@pytest.mark.parametrize("name", ["glyphs/digits.txt", "detectors/injection/weights.json"])
def test_a_damaged_file_is_told_by_name(tmp_path: Path, name: str, damage: Callable[[bytes], bytes]) -> None:
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / SUMS).write_bytes((PACKAGE / SUMS).read_bytes())
    content = (PACKAGE / name).read_bytes()
    (tmp_path / name).write_bytes(content)
    assert packaged(name, tmp_path) == content
    (tmp_path / name).write_bytes(damage(content))
    with pytest.raises(ConfigError, match=rf"^gateway/{name} is damaged or incomplete — install the package again$"):
        packaged(name, tmp_path)


@pytest.mark.parametrize("lacking", ["glyphs/tones.txt", SUMS])
def test_a_missing_file_is_told_by_name(tmp_path: Path, lacking: str) -> None:
    (tmp_path / "glyphs").mkdir()
    for name in {"glyphs/tones.txt", SUMS} - {lacking}:
        (tmp_path / name).write_bytes((PACKAGE / name).read_bytes())
    with pytest.raises(ConfigError, match=f"gateway/{lacking} cannot be read: No such file.* — install the package"):
        packaged("glyphs/tones.txt", tmp_path)


def test_a_file_without_a_sum_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / SUMS).write_text("# none\n", encoding="ascii")
    (tmp_path / "more.txt").write_text("好", encoding="utf-8")
    with pytest.raises(ConfigError, match="damaged or incomplete"):
        packaged("more.txt", tmp_path)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    for name in (SUMS, *NAMES):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((PACKAGE / name).read_bytes())
    check_packaged(tmp_path)
    (tmp_path / NAMES[0]).unlink()
    (tmp_path / NAMES[-1]).write_bytes(b"")
    with pytest.raises(ConfigError) as told:
        check_packaged(tmp_path)
    first, last = str(told.value).splitlines()
    assert first.startswith(f"gateway/{NAMES[0]} cannot be read")
    assert last.startswith(f"gateway/{NAMES[-1]} is damaged or incomplete")


CHECK, SERVE = ["check", "今天天气怎么样？"], ["serve", "--port", "0"]


@pytest.mark.parametrize(
    ("command", "name", "damage"),
    [
        (SERVE, "glyphs/simplified.txt", cut),
        (SERVE, "privacy/surrogates.yaml", cut),  # read when something is replaced for the first time
        (SERVE, "answers/words/kinds.txt", None),
        (CHECK, "detectors/injection/weights.json", another_digit),
        (CHECK, "detectors/words/privacy_request.yaml", emptied),
        (CHECK, SUMS, cut),
    ],
)
def test_nothing_is_judged_with_a_damaged_package(
    tmp_path: Path, command: list[str], name: str, damage: Callable[[bytes], bytes] | None
) -> None:
    shutil.copytree(PACKAGE, tmp_path / "gateway", copy_function=os.symlink)
    (tmp_path / "policies").symlink_to(PACKAGE.parent / "policies")
    (tmp_path / "gateway" / name).unlink()
    if damage is not None:
        (tmp_path / "gateway" / name).write_bytes(damage((PACKAGE / name).read_bytes()))
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *command],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    assert f"gateway/{name} " in done.stderr or name == SUMS
    assert "install the package again" in done.stderr
    assert "Traceback" not in done.stderr


def test_only_files_with_a_sum_of_their_own_are_read_elsewhere() -> None:
    by_themselves = {
        "packaged.py",
        "detectors/names/weights.py",  # zlib sums
        "detectors/risk_files.py",  # the notes name the digest of the weights
        "detectors/spelling/table.py",  # a zip file sums its parts
        "meaning/encoder.py",
        "meaning/vectors.py",
        "labels/lettering.py",  # a font
    }
    ways = ("importlib.resources", "from importlib import resources", "Path(__file__)")
    found = {
        file.relative_to(PACKAGE).as_posix()
        for file in PACKAGE.rglob("*.py")
        if any(way in file.read_text("utf-8") for way in ways)
    }
    assert found == by_themselves
