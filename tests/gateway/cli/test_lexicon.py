"""``sluice lexicon``: lists come in, are checked, measured and expanded; what is wrong ends with 3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

LISTS = Path(__file__).parents[3] / "policies" / "lists"
HEADER = "term,risk,weight,source,date\n"
ROW = "贩卖毒品,a1.h,0.9,mine,2026-11-25\n"


@pytest.fixture
def words(tmp_path: Path) -> Path:
    file = tmp_path / "words.csv"
    file.write_text(HEADER + ROW, encoding="utf-8")
    return file


def test_a_list_is_imported_and_reads_as_one(sluice: Any, tmp_path: Path) -> None:
    file = tmp_path / "词.txt"
    file.write_bytes("骗保\n骗保\n杀猪盘\n".encode("gb18030"))
    ran = sluice("lexicon", "import", file, "--risk", "fraud", "--weight", "0.5", "--date", "2026-11-25")
    assert ran.code == 0
    assert ran.out == f"{HEADER}杀猪盘,fraud,0.5,,2026-11-25\n骗保,fraud,0.5,,2026-11-25\n"
    assert "2 terms, 1 repeated, 0 wrong (gb18030)" in ran.err


def test_a_wrong_line_keeps_the_list_back_unless_it_may_be_skipped(sluice: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("词,风险,权重\n骗保,fraud,0.5\n坏,BAD,0.5\n", encoding="utf-8")
    ran = sluice("lexicon", "import", file)
    assert (ran.code, ran.out) == (3, "")
    assert f"{file}:3:2: 'BAD' is not a risk id" in ran.err
    ran = sluice("lexicon", "import", file, "--skip-bad")
    assert ran.code == 3
    assert ran.out.count("\n") == 2


@pytest.mark.parametrize("command", ["import", "lint", "expand"])
def test_a_file_that_is_not_there_is_told(sluice: Any, tmp_path: Path, command: str) -> None:
    ran = sluice("lexicon", command, tmp_path / "no.csv")
    assert ran.code == 3
    assert "no.csv: cannot read the file" in ran.err
    assert "Traceback" not in ran.err


def test_the_shipped_lists_are_enough_for_a_filing(sluice: Any) -> None:
    ran = sluice("lexicon", "lint", "--filing", *sorted(LISTS.glob("*.csv")))
    assert ran.code == 0
    assert "in all" in ran.out
    assert "✗" not in ran.out


def test_a_short_list_is_not(sluice: Any, words: Path) -> None:
    ran = sluice("lexicon", "lint", "--filing", words)
    assert ran.code == 1
    assert "✗ 1 terms of a1.h; a filing needs 200" in ran.out
    assert sluice("lexicon", "lint", words).code == 0


def test_a_wrong_list_is_told_with_its_line(sluice: Any, words: Path) -> None:
    words.write_text(HEADER + ROW + "x,a1.h,7,mine,2026-11-25\n", encoding="utf-8")
    ran = sluice("lexicon", "lint", words)
    assert ran.code == 3
    assert f"{words}:3: the weight '7' is not in (0, 1]" in ran.err


def test_what_a_list_hits_is_counted_and_no_text_is_shown(sluice: Any, words: Path, tmp_path: Path) -> None:
    texts = tmp_path / "texts.jsonl"
    texts.write_text('{"q": "他贩-卖-毒-品被抓了"}\n{"q": "今天天气好"}\n\n', encoding="utf-8")
    ran = sluice("lexicon", "measure", words, "--on", texts, "--field", "q")
    assert ran.code == 0
    assert "50.00% of 2 texts hit from weight 0.8" in ran.out
    assert "被抓" not in ran.out
    ran = sluice("lexicon", "measure", words, "--on", texts)
    assert ran.code == 3
    assert f"{texts}:1: the row has no text 'text'" in ran.err


@pytest.mark.parametrize("inside", ["\u2028", "\u2029", "\x85"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_row_of_json_may_hold_what_ends_lines_elsewhere(
    sluice: Any, words: Path, tmp_path: Path, inside: str, end: str
) -> None:
    texts = tmp_path / "texts.jsonl"
    rows = [f'{{"text": "他说{inside}贩卖毒品"}}', '{"text": "今天天气好"}']
    texts.write_bytes("".join(row + end for row in rows).encode())
    ran = sluice("lexicon", "measure", words, "--on", texts)
    assert (ran.code, ran.err) == (0, "")
    assert "50.00% of 2 texts hit" in ran.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["expand", "--most", "0"], "--most"),
        (["expand", "--most", "-1"], "--most"),
        (["expand", "--shortest", "0"], "--shortest"),
        (["expand", "--from-weight", "7"], "--from-weight"),
        (["measure", "--on", "words.csv", "--from-weight", "7"], "--from-weight"),
        (["measure", "--on", "words.csv", "--from-weight", "-0.1"], "--from-weight"),
        (["measure", "--on", "words.csv", "--from-weight", "nan"], "--from-weight"),
        (["measure", "--on", "words.csv", "--worst", "-1"], "--worst"),
    ],
)
def test_a_number_that_means_nothing_is_refused_by_the_option_it_was_given_to(
    sluice: Any, words: Path, arguments: list[str], says: str
) -> None:
    command, *options = arguments
    ran = sluice("lexicon", command, words, *options)
    assert (ran.code, ran.out) == (2, "")
    assert f"Invalid value for '{says}'" in ran.err
    assert "is not in the range" in ran.err


def test_variants_are_written_as_a_list(sluice: Any, words: Path) -> None:
    ran = sluice("lexicon", "expand", words, "--way", "traditional")
    assert ran.code == 0
    assert ran.out == f"{HEADER[:-1]},view\n販賣毒品,a1.h,0.9,mine (traditional),2026-11-25,exact\n"
    assert "unknown way 'morse'" in sluice("lexicon", "expand", words, "--way", "morse").err
