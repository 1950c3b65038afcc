"""The page on word lists counts the lists that ship, and its table adds up, in both languages."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from gateway.detectors.wordlist import read_list

ROOT = Path(__file__).parents[2]
PAGES = ["lexicon.md", "lexicon.zh.md"]


def table_of(text: str) -> list[list[str]]:
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if re.match(r"\| .*% \|", line)]
    assert len(rows) > 10
    return rows


@pytest.mark.parametrize("page", PAGES)
def test_the_page_counts_the_terms_that_ship(page: str) -> None:
    files = sorted((ROOT / "policies" / "lists").glob("*.csv"))
    terms = {(entry.risk, entry.term) for file in files for entry in read_list(file.read_bytes(), file.name)}
    counts = Counter(risk for risk, _ in terms if re.fullmatch(r"a[12]\.[a-i]", risk))
    least = [min(count for risk, count in counts.items() if risk.startswith(group)) for group in ("a1", "a2")]
    text = (ROOT / "docs" / page).read_text("utf-8")
    for number in (f"{counts.total():,}", *map(str, least)):
        assert re.search(rf"(?<![\d,]){number}(?![\d,])", text), f"docs/{page} does not say {number}"


@pytest.mark.parametrize("page", PAGES)
def test_the_sum_under_the_table_is_that_of_its_rows(page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    rows = table_of(text)
    texts, hit = (sum(int(row[at]) for row in rows) for at in (1, 2))
    assert all(row[3] == f"{int(row[2]) / int(row[1]):.2%}" for row in rows)
    assert f"{texts:,}" in text
    assert f"{hit / texts:.2%}".replace("%", " %") in text
    assert re.search(rf"(?<!\d){hit} (?:of|条，)", text)


def test_both_pages_show_the_same_table() -> None:
    english, chinese = ((ROOT / "docs" / page).read_text("utf-8") for page in PAGES)
    assert table_of(english) == table_of(chinese)
