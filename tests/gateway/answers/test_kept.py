"""Vectors are kept by model and digest, never with the text, and what is broken is asked for again.

Mutants killed: vectors of another model given; a row that was cut off given; a text in the file.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from gateway.answers.kept import KeptVectors, digest
from gateway.errors import EndpointError

ROW = np.array([0.6, 0.8], np.float32)


def test_what_was_kept_of_a_model_is_given_back_and_nothing_else(tmp_path: Path) -> None:
    kept = KeptVectors(tmp_path / "new" / "v.db")
    assert kept.get("m", [digest("退款")]) == {}
    kept.put("m", {digest("退款"): ROW, digest("年假"): ROW})
    found = KeptVectors(kept.file).get("m", [digest("退款"), digest("别的")])
    assert list(found) == [digest("退款")]
    assert found[digest("退款")].tolist() == ROW.tolist()
    assert kept.get("other", [digest("退款")]) == {}
    assert "退款".encode() not in kept.file.read_bytes()


def test_many_are_found_at_once(tmp_path: Path) -> None:
    kept = KeptVectors(tmp_path / "v.db")
    kept.put("m", {digest(str(at)): ROW for at in range(1200)})
    assert len(kept.get("m", [digest(str(at)) for at in range(1300)])) == 1200


@pytest.mark.parametrize("numbers", [ROW.tobytes()[:4], np.array([np.nan, 1], np.float32).tobytes()])
def test_a_row_that_is_broken_counts_as_not_there(tmp_path: Path, numbers: bytes) -> None:
    kept = KeptVectors(tmp_path / "v.db")
    kept.put("m", {digest("a"): ROW})
    with sqlite3.connect(kept.file) as opened:
        opened.execute("UPDATE vector SET numbers = ?", (numbers,))
    assert kept.get("m", [digest("a")]) == {}


def test_a_file_that_is_none_is_told_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "v.db"
    file.write_bytes(b"no database at all" * 100)
    for look in (lambda: KeptVectors(file).get("m", [digest("a")]), lambda: KeptVectors(file).put("m", {b"a": ROW})):
        with pytest.raises(EndpointError, match=r"v\.db: vectors cannot be kept there .* must be a file of its own"):
            look()
    (tmp_path / "f").write_text("x")
    with pytest.raises(EndpointError, match="cannot be kept there"):
        KeptVectors(tmp_path / "f" / "v.db").put("m", {b"a": ROW})
