"""The words of the page and of workbooks, each in Chinese and English, from one file."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources

from evaluators.review.rubric import Both
from gateway.document import read_document

Words = Mapping[str, Both]


def load_words() -> Words:
    """Read the words that ship."""
    content = resources.files("evaluators.review").joinpath("words.yaml").read_bytes()
    words: Words = read_document(content, "words.yaml").value
    return words
