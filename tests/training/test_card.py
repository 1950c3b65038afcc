"""A card names what weights were made of, with the licence that each set tells, or that it tells none."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.card import licence_of


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("repo: github:a/b\nlicence: MIT\n", ("a/b", "MIT")),
        ("licence:  CC BY 4.0 \nrepo: https://x/y\nmore: z\n", ("https://x/y", "CC BY 4.0 ")),
        ("repo: github:a/b\n", ("a/b", "not told")),
        ("", ("", "not told")),
        (None, ("", "not told")),
    ],
)
def test_a_licence_is_what_a_set_tells_and_no_guess(tmp_path: Path, said: str | None, found: tuple[str, str]) -> None:
    if said is not None:
        (tmp_path / "some_set").mkdir()
        (tmp_path / "some_set" / "SOURCE").write_text(said, "utf-8")
    assert licence_of(tmp_path, "some_set") == found
