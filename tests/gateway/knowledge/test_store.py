"""Documents are kept whole or not at all, each tenant apart; the same in SQLite and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from kit.postgres import Postgres

from gateway.errors import KnowledgeError
from gateway.knowledge.kept import KeptDocument, KeptPassage, Mark, Meaning
from gateway.knowledge.store import KnowledgeStore


@pytest.fixture(scope="module")
def postgres(server: Postgres) -> str:
    return server.database()


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path, postgres: str) -> Iterator[KnowledgeStore]:
    url = f"sqlite:///{tmp_path / 'deep' / 'k.db'}" if request.param == "sqlite" else postgres
    made = KnowledgeStore(url, lambda: 1_700_000_000.0)
    for tenant in ("a", "b"):
        for one in made.documents(tenant):
            made.remove(tenant, one.name)
    yield made
    made.close()


def document(name: str = "手册.md", access=()) -> KeptDocument:
    return KeptDocument(name, "售后手册", "https://example.com/h", "d" * 64, 2, 0, frozenset(access), 0)


def passages(name: str = "手册.md", *texts: str, access=(), flagged=()) -> list[KeptPassage]:
    return [
        KeptPassage(
            f"{name}#{at}", name, "售后手册", "https://example.com/h", text, ("退货", "运费"), f"p. {at}",
            frozenset(access), tuple(flagged), np.array([1, 0] if at % 2 else [0.6, 0.8], np.float32),
        )
        for at, text in enumerate(texts or ("七天内可退。", "运费由买家承担。"), 1)
    ]  # fmt: skip


def test_what_is_put_comes_back_as_it_was(store: KnowledgeStore) -> None:
    store.put("a", document(access=["hr"]), passages(access=["hr"], flagged=["attack.indirect"]))
    (listed,) = store.documents("a")
    assert (listed.name, listed.title, listed.passages, listed.flagged) == ("手册.md", "售后手册", 2, 2)
    assert (listed.access, listed.added, listed.digest) == (frozenset(["hr"]), 1_700_000_000.0, "d" * 64)
    assert store.document("a", "手册.md") == listed
    assert store.document("a", "另一份.md") is None
    assert store.document("b", "手册.md") is None
    back = list(store.passages("a"))
    assert [(one.id, one.text, one.headings, one.place) for one in back] == [
        ("手册.md#1", "七天内可退。", ("退货", "运费"), "p. 1"),
        ("手册.md#2", "运费由买家承担。", ("退货", "运费"), "p. 2"),
    ]
    assert (back[0].access, back[0].flagged) == (frozenset(["hr"]), ("attack.indirect",))
    assert np.allclose(back[1].vector, [0.6, 0.8], atol=1e-3)


def test_documents_have_marks_and_tenants_are_known_by_how_much_they_have(store: KnowledgeStore) -> None:
    store.put("a", document(access=["hr"]), passages(access=["hr"]))
    store.put("b", document(), passages())
    assert store.marks("a") == {"手册.md": Mark("d" * 64, frozenset(["hr"]), 1_700_000_000.0)}
    assert store.marks("nobody") == {}
    assert (store.tenants(1), store.tenants(2)) == (["a", "b"], [])


def test_vectors_of_two_models_are_never_kept_together(store: KnowledgeStore) -> None:
    one, two = Meaning("one", 2), Meaning("two", 2)
    store.put("a", document(), passages(), one)
    assert store.meaning("a") == one
    assert store.meaning("nobody") is None
    with pytest.raises(KnowledgeError, match=r"embedded by one \(2 numbers\), and now two .* sluice kb rebuild"):
        store.put("a", document("b.md"), passages("b.md"), two)
    assert [one.name for one in store.documents("a")] == ["手册.md"]
    store.put("a", document(), passages(), two)  # the only document, anew: nothing is mixed
    assert store.meaning("a") == two
    turned = [replace(each, vector=np.array([0, 1, 0], np.float32)) for each in store.passages("a")]
    before = store.version("a")
    store.embed("a", turned, Meaning("three", 3))
    assert store.version("a") == before + 1
    assert store.meaning("a") == Meaning("three", 3)
    assert [each.vector.tolist() for each in store.passages("a")] == [[0, 1, 0], [0, 1, 0]]
    if store.searches:
        assert len(store.nearest("a", np.array([0, 1, 0], np.float32), 5)) == 2
        assert store.nearest("a", np.array([0, 1], np.float32), 5) == []


def test_a_document_takes_the_place_of_the_one_before(store: KnowledgeStore) -> None:
    before = store.version("a")
    store.put("a", document(), passages())
    store.put("a", document(), passages("手册.md", "只有一段。"))
    assert [one.text for one in store.passages("a")] == ["只有一段。"]
    assert store.version("a") == before + 2


def test_tenants_do_not_see_each_other(store: KnowledgeStore) -> None:
    store.put("a", document(), passages())
    store.put("b", document(), passages("手册.md", "乙的。"))
    assert [one.text for one in store.passages("b")] == ["乙的。"]
    assert not store.remove("c", "手册.md")
    assert store.remove("a", "手册.md")
    assert not store.remove("a", "手册.md")
    assert (list(store.passages("a")), len(list(store.passages("b")))) == ([], 1)


def test_the_database_searches_vectors_where_it_can(store: KnowledgeStore) -> None:
    store.put("a", document(), passages())
    store.put("b", document(), passages("手册.md", "乙的。"))
    if not store.searches:
        pytest.skip("SQLite's are searched in memory")
    found = store.nearest("a", np.array([0, 1], np.float32), 5)
    assert [(id, round(near, 2)) for id, near in found] == [("手册.md#2", 0.8), ("手册.md#1", 0.0)]
    assert store.nearest("a", np.array([0, 1, 0], np.float32), 5) == []


def test_a_failure_keeps_what_was_there(store: KnowledgeStore) -> None:
    store.put("a", document(), passages())
    twice = passages("手册.md", "新的。")
    bad = [*twice, KeptPassage(**{name: getattr(twice[0], name) for name in KeptPassage.__slots__} | {"text": None})]
    with pytest.raises(KnowledgeError, match="does not work") as told:
        store.put("a", document(), bad)
    assert "新的" not in str(told.value)
    assert [one.text for one in store.passages("a")] == ["七天内可退。", "运费由买家承担。"]


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://x/y", "http://example.com"])
def test_an_address_of_no_database_is_named(url: str) -> None:
    with pytest.raises(KnowledgeError, match="sqlite:///"):
        KnowledgeStore(url, lambda: 0.0)


def test_a_database_that_does_not_answer_is_named_without_its_password() -> None:
    made = KnowledgeStore("postgresql://me:hunter2@127.0.0.1:1/db", lambda: 0.0)
    with pytest.raises(KnowledgeError) as told:
        made.documents("a")
    assert "hunter2" not in str(told.value)
    assert "127.0.0.1" in str(told.value)
