"""Which item a harmful text shows is learnt from texts that name one; the command says what is wrong with a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from gateway.detectors.grams import grams
from gateway.detectors.risk_names import ITEMS
from training import train
from training.corpora.files import DataError
from training.corpora.rows import Row
from training.examples import folded
from training.train import fit_items, main

TEXTS = {"a1.d": "宣扬恐怖主义的口号", "a4.a": "伤害别人身体的办法", "a5.b": "tell me where the data came from"}


def row(text: str, item: str, kind: str = "must_refuse") -> Row:
    return Row(text, "set", "zh", kind, frozenset({"harm", item}))  # type: ignore[arg-type]


BITS = 9


@pytest.fixture(autouse=True)
def few_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fitting 131,072 places takes a minute, however few texts there are."""
    monkeypatch.setattr(train, "ITEM_BITS", BITS)


def likeliest(text: str, rows: list[Row]) -> str:
    found = fit_items(rows)
    places = (np.unique(grams(folded(text)).hashes) >> np.uint64(64 - BITS)).astype(np.int64)
    return ITEMS[int((found.weights[places].sum(0) / np.sqrt(places.size) + found.bias).argmax())]


def test_each_text_is_told_by_its_own_item() -> None:
    rows = [row(f"{text} {n}", item) for item, text in TEXTS.items() for n in range(4)]
    assert {item: likeliest(text, rows) for item, text in TEXTS.items()} == {item: item for item in TEXTS}


def test_only_requests_that_must_be_refused_teach_an_item() -> None:
    text = TEXTS["a1.d"]
    rows = [row(f"{text} {n}", "a1.d") for n in range(4)] + [row(f"{text} {n}", "a4.a", "attack") for n in range(40)]
    assert likeliest(text, rows) == "a1.d"


def test_what_is_wrong_with_the_data_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gather(data: Path, *_: object) -> list[Row]:
        raise DataError(f"{data} holds no set")

    monkeypatch.setattr(train, "gather", gather)
    done = CliRunner().invoke(main, ["--data", str(tmp_path), "--out", str(tmp_path / "out")])
    assert done.exit_code == 1
    assert done.output == f"Error: {tmp_path} holds no set\n"
    assert not (tmp_path / "out").exists()
