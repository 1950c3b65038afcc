"""The words of reports, in Chinese and English: a page holds both and shows one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import resources
from typing import Any

from gateway.document import read_document


@dataclass(frozen=True, slots=True)
class Labels:
    """The words by key, as HTML."""

    words: Mapping[str, Any]

    def __call__(self, key: str) -> str:
        """Say a word in both languages."""
        return both(self.words[key])

    def reason(self, code: str) -> str:
        """Say a reason in words; a code that has none is shown as it is."""
        known = self.words["reasons"].get(code)
        return both(known) if known else f"<code>{escape(code)}</code>"

    def meaning(self, metric: str) -> str:
        """Say what a metric measures; empty if nobody wrote it down."""
        known = self.words["meanings"].get(re.sub("(?<=/).*|[@:].*", "", metric))
        return f"{both(known)} · " if known else ""

    def plain(self, key: str) -> str:
        """Both forms in one string, for places that hold no markup."""
        word = self.words[key]
        return escape(f"{word['zh']} · {word['en']}")


@cache
def labels() -> Labels:
    """Read the words of reports; costs some 50 milliseconds the first time."""
    text = resources.files("evaluators.report").joinpath("words.yaml").read_text("utf-8")
    return Labels(read_document(text, "words.yaml").value)


def both(word: Mapping[str, str]) -> str:
    """Return a word in both languages; the style shows one of them."""
    return f'<span class="w" lang="zh">{escape(word["zh"])}</span><span class="w" lang="en">{escape(word["en"])}</span>'


def percent(value: float | None) -> str:
    """Write a share."""
    return "–" if value is None else f"{100 * value:.1f} %"


def points(value: float | None) -> str:
    """Write a difference of shares, with its sign."""
    return "–" if value is None else f"{100 * value:+.1f}"
