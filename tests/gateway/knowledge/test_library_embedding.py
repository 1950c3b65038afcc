"""Where an embedding endpoint changes or fails, what is kept stays as it was, and nothing is silently something else.

Mutants killed: vectors of another model let in; another length let in; a failure that is silently a search by words;
a rebuild that ends half-way.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gateway.errors import KnowledgeError
from gateway.knowledge.document import Document, Section
from gateway.knowledge.kept import Meaning
from gateway.knowledge.library import Library
from gateway.knowledge.store import KnowledgeStore

DOCUMENT = Document("a.md", "手册", (Section("退款在三天内到账。", ("退款",)), Section("年假有十天。", ("年假",))))


class Embedding:
    """An endpoint in the hand of the test."""

    def __init__(self) -> None:
        self.width, self.name, self.broken, self.asked = 2, "one", False, 0

    def __call__(self, texts: Sequence[str]) -> Any:
        self.asked += 1
        if self.broken:
            raise KnowledgeError("the endpoint is away")
        rows = np.zeros((len(texts), self.width), np.float32)
        for at, text in enumerate(texts):
            rows[at, 0 if "退款" in text else 1] = 1
        return rows


def library(url: str, embed: Embedding, **more: Any) -> Library:
    return Library(KnowledgeStore(url, lambda: 1.0), embed, meaning=lambda: embed.name, **more)


@pytest.mark.parametrize("change", ["width", "name", "broken"])
def test_an_endpoint_that_changes_or_fails_leaves_what_is_kept_as_it_was(tmp_path: Path, change: str) -> None:
    url, embed = f"sqlite:///{tmp_path}/k.db", Embedding()
    first = library(url, embed)
    first.add("a", DOCUMENT)
    before = [(one.id, one.vector.tolist()) for one in KnowledgeStore(url, lambda: 1.0).passages("a")]
    setattr(embed, change, {"width": 3, "name": "two", "broken": True}[change])
    what = "away" if change == "broken" else r"embedded by one \(2 numbers\), and now .* sluice kb rebuild"
    for look in (lambda: first.find("a", "退款几天", 1), lambda: library(url, embed).find("a", "退款几天", 1)):
        with pytest.raises(KnowledgeError, match=what):
            look()
    other = Document("b.md", "别的", (Section("报销十五天内。", ()),))
    with pytest.raises(KnowledgeError, match=what):
        first.add("a", other)
    assert [(one.id, one.vector.tolist()) for one in KnowledgeStore(url, lambda: 1.0).passages("a")] == before
    embed.width, embed.name, embed.broken = 2, "one", False
    assert library(url, embed).find("a", "退款几天", 1)[0].passage.id == "a.md#1"


@pytest.mark.parametrize("change", ["width", "name", "broken"])
def test_where_words_may_do_they_do_and_it_is_counted(tmp_path: Path, change: str) -> None:
    url, embed, counted = f"sqlite:///{tmp_path}/k.db", Embedding(), []
    made = library(url, embed, worded=lambda: counted.append(1))
    made.add("a", DOCUMENT)
    assert made.find("a", "年假有几天", 1)[0].near == 1
    assert counted == []
    setattr(embed, change, {"width": 3, "name": "two", "broken": True}[change])
    (found,) = made.find("a", "年假有几天", 1)
    assert (found.passage.id, found.near, counted) == ("a.md#2", 0.0, [1])
    assert bool(made.embed(["x"]).any()) != (change == "broken")


def test_rebuilding_embeds_all_or_nothing(tmp_path: Path) -> None:
    url, embed = f"sqlite:///{tmp_path}/k.db", Embedding()
    library(url, embed).add("a", DOCUMENT)
    embed.width, embed.name, embed.broken = 5, "two", True
    store = KnowledgeStore(url, lambda: 1.0)
    with pytest.raises(KnowledgeError, match="away"):
        library(url, embed).rebuild("a")
    assert store.meaning("a") == Meaning("one", 2)
    embed.broken = False
    told: list[int] = []
    assert library(url, embed).rebuild("a", told.append) == 2
    assert (store.meaning("a"), sum(told)) == (Meaning("two", 5), 2)
    assert {len(one.vector) for one in store.passages("a")} == {5}
    assert library(url, embed).find("a", "退款几天", 1)[0].passage.id == "a.md#1"
    assert library(url, embed).rebuild("nobody") == 0


def test_a_base_of_before_whose_vectors_have_another_length_is_told(tmp_path: Path) -> None:
    url, embed = f"sqlite:///{tmp_path}/k.db", Embedding()
    Library(KnowledgeStore(url, lambda: 1.0), embed).add("a", DOCUMENT)
    embed.width = 3
    with pytest.raises(KnowledgeError, match=r"something else .2 numbers., and now one .3 numbers."):
        library(url, embed).find("a", "退款几天", 1)
