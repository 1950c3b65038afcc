"""``sluice traffic``: only what was masked is shown, and it becomes rows that can be evaluated."""

from __future__ import annotations

import time
from pathlib import Path

import orjson
import pytest
from kit.records import plain

from gateway.stores.sql import SqlStore

from .conftest import Sluice


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "sluice.yaml"
    file.write_text(f"database: sqlite:///{tmp_path}/s.db\n", encoding="utf-8")
    store = SqlStore(f"sqlite:///{tmp_path}/s.db", time.time)
    store.open()
    masked = {"text_mode": "masked", "response_text": "好的，***。"}
    store.write(
        [
            plain(1, request_text="system: 你是客服\nuser: 我的电话是***\n请记下", **masked),
            plain(2, request_text="user: 一\nassistant: 二\nuser: 三", tenant="acme", **masked),
            plain(3, text_mode="encrypted", request_text="sealed:v1:abc", response_text="sealed:v1:def"),
            plain(4),
        ]
    )
    store.close()
    return file


def test_only_masked_texts_are_shown_and_the_others_are_counted(sluice: Sluice, config: Path) -> None:
    said = sluice("traffic", "--config", config)
    rows = [orjson.loads(line) for line in said.out.splitlines()]
    assert said.code == 0
    assert [row["request_text"][:6] for row in rows] == ["user: ", "system"]
    assert "sealed" not in said.out
    assert "2 without masked text" in said.err


@pytest.mark.parametrize(
    ("by", "shown"), [(["--tenant", "acme"], 1), (["--limit", "1"], 0), (["--since", "2030-01-01"], 0)]
)
def test_it_can_be_narrowed_and_nothing_to_show_is_told(
    sluice: Sluice, config: Path, by: list[str], shown: int
) -> None:
    said = sluice("traffic", "--config", config, *by)
    assert (len(said.out.splitlines()), said.code) == (shown, 0 if shown else 1)


def test_traffic_becomes_rows(sluice: Sluice, config: Path, tmp_path: Path) -> None:
    from evaluators.importers.read import import_file

    file = tmp_path / "traffic.jsonl"
    file.write_text(sluice("traffic", "--config", config).out, encoding="utf-8")
    rows = import_file(file, "traffic").rows
    assert [(row["question"], row.get("system"), row["answer"]) for row in rows] == [
        ("三", None, "好的，***。"),
        ("我的电话是***\n请记下", "你是客服", "好的，***。"),
    ]
