"""The table of spellings is counted from texts: the same ones make the same bytes."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from gateway.detectors.spelling.table import read_table
from training.spelling import Counts, main


def counted(*texts: str) -> Counts:
    counts = Counts()
    for text in texts:
        counts.add(text)
    return counts


def test_what_comes_often_is_likelier() -> None:
    content = counted(*["今天天气很好，the weather is fine"] * 9, *["天空很蓝"] * 3).content()
    at = {one: number for number, one in enumerate(content.characters)}
    pairs = dict(zip(content.keys.tolist(), content.pairs.tolist(), strict=True))
    size = len(content.characters)
    assert pairs[at["天"] * size + at["气"]] < pairs[at["天"] * size + at["空"]]
    assert set(content.words) == {"the", "weather", "is", "fine"}
    assert content.keys.tolist() == sorted(content.keys.tolist())


def test_what_comes_rarely_is_left_out() -> None:
    content = counted("罕", *["今天天气很好"] * 3, "rare word").content()
    assert "罕" not in content.characters
    assert content.words == ("",) or "rare" not in content.words


def test_the_command_writes_the_table_and_its_card(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "talk"
    folder.mkdir(parents=True)
    (folder / "SOURCE").write_text("repo: github:somebody/talk\nlicence: MIT\n", encoding="utf-8")
    (folder / "talk.txt").write_text("今天天气怎么样？\nWhat is the weather like today?\n", encoding="utf-8")
    out = tmp_path / "out"
    args = ["--data", str(tmp_path / "data"), "--out", str(out)]
    assert CliRunner().invoke(main, args, catch_exceptions=False).exit_code == 0
    first = (out / "weights.npz").read_bytes()
    assert "气" in read_table(first).characters
    assert "| talk | somebody/talk | MIT |" in (out / "CARD.md").read_text("utf-8")
    assert CliRunner().invoke(main, args, catch_exceptions=False).exit_code == 0
    assert (out / "weights.npz").read_bytes() == first
