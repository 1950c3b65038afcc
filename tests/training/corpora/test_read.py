"""All sets together: each text once, as it was read first, and a set that is missing is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from training.corpora import attacks, calls, comments, ordinary_en, ordinary_zh, read, requests
from training.corpora.files import DataError
from training.corpora.read import READERS, read_all
from training.corpora.rows import Maker, Row


def test_a_set_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*jade.*give the folder"):
        read_all(tmp_path)


def test_every_reader_is_asked() -> None:
    written = {
        each
        for module in (attacks, calls, comments, ordinary_en, ordinary_zh, requests)
        for each in vars(module).values()
        if getattr(each, "__module__", "") == module.__name__
    }
    assert written == set(READERS)
    assert len(READERS) == len(written)


def test_each_text_is_kept_once_as_it_was_read_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def one(folder: Path) -> Iterator[Row]:
        yield Maker(folder.name, "en").refuse("Rob  it.")
        yield Maker(folder.name, "en").answer("Who?", "Nobody.", False)

    def other(folder: Path) -> Iterator[Row]:
        yield from Maker(folder.name, "en").benign(["Rob it.", "Nobody."])
        yield Maker(folder.name, "en").answer("Why?", "Nobody.", False)
        yield Maker(folder.name, "en").attack(" ")

    monkeypatch.setattr(read, "READERS", (one, other))
    assert [(row.kind, row.question, row.text) for row in read_all(tmp_path)] == [
        ("must_refuse", "", "Rob  it."),
        ("answer", "Who?", "Nobody."),
        ("benign", "", "Nobody."),
        ("answer", "Why?", "Nobody."),
    ]
