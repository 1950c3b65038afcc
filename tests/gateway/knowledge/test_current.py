"""Very many passages are read beside those who ask: what was there answers until then, without what is gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gateway.errors import KnowledgeError
from gateway.knowledge import current as module
from gateway.knowledge.current import Current
from gateway.knowledge.kept import KeptDocument, KeptPassage, Meaning
from gateway.knowledge.store import KnowledgeStore

EVERYBODY: frozenset[str] = frozenset()
STAFF = frozenset(["staff"])


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Base:
    """A knowledge base that is looked at again with each question."""

    def __init__(self, folder: Path) -> None:
        self.ticker, self.clock = Time(), Time()
        self.file = folder / "k.db"
        self.store = KnowledgeStore(f"sqlite:///{self.file}", self.clock)
        self.current = Current(self.store, self.ticker)

    def put(self, name: str, *texts: str, access: frozenset[str] = EVERYBODY, meaning: Meaning | None = None) -> None:
        self.clock.now += 1
        kept = [
            KeptPassage(f"{name}#{at}", name, name, "", text, (), "", access, (), np.array([1, 0], np.float32))
            for at, text in enumerate(texts, 1)
        ]
        listed = KeptDocument(name, name, "", "".join(texts), len(kept), 0, access, 0)
        self.store.put("a", listed, kept, meaning)

    def found(self, question: str, labels: frozenset[str] = EVERYBODY) -> list[str]:
        self.ticker.now += module.LOOK_AGAIN + 0.1
        seen, nothing = self.current.searchable("a", labels), np.zeros(2, np.float32)
        return [one.passage.id for one in seen.index.search(question, nothing, 9, labels, seen.gone)]

    def settled(self) -> None:
        until = time.monotonic() + 20
        while (reading := self.current._tenants["a"].reading) is not None:
            reading.join(20)
            assert time.monotonic() < until


class Gate:
    """Holds those who read all passages beside those who ask, until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open, self.read, self.fails = threading.Event(), 0, False
        original, asking = KnowledgeStore.passages, threading.current_thread()

        def passages(store: KnowledgeStore, tenant: str) -> Iterator[KeptPassage]:
            self.read += 1
            if threading.current_thread() is not asking:
                assert self.open.wait(20)
                if self.fails:
                    raise KnowledgeError("the disk is gone")
            yield from original(store, tenant)

        monkeypatch.setattr(KnowledgeStore, "passages", passages)


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Base]:
    monkeypatch.setattr(module, "AT_ONCE", 1)
    made = Base(tmp_path)
    made.put("退货.md", "退货说明。", "退货细则。")
    made.put("内部.md", "退货内部规定。", access=STAFF)
    assert made.found("退货") == ["退货.md#1", "退货.md#2"]
    yield made
    made.store.close()


def test_until_a_change_is_read_the_old_index_answers_without_what_is_gone(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    base.put("新.md", "退货新规。")
    assert base.found("退货") == ["退货.md#1", "退货.md#2"]
    base.store.remove("a", "退货.md")
    assert base.found("退货") == []
    gate.open.set()
    base.settled()
    assert gate.read == 1  # by one alone
    assert base.found("退货") == ["新.md#1"]  # also what changed while others were read
    base.settled()
    assert base.found("退货") == ["新.md#1"]


@pytest.mark.parametrize("change", ["text", "access"])
def test_what_was_changed_is_not_found_as_it_was(base: Base, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    gate = Gate(monkeypatch)
    if change == "text":
        base.put("退货.md", "退货另行通知。")
    else:
        base.put("退货.md", "退货说明。", "退货细则。", access=STAFF)
    assert base.found("退货") == []
    gate.open.set()
    base.settled()
    assert base.found("退货") == (["退货.md#1"] if change == "text" else [])
    assert len(base.found("退货", STAFF)) == (2 if change == "text" else 3)


def test_what_callers_with_labels_see_is_made_beside_them_too(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    assert base.found("内部", STAFF) == ["内部.md#1"]
    gate = Gate(monkeypatch)
    gate.open.set()
    base.put("内部二.md", "内部通讯。", access=STAFF)
    assert base.found("内部", STAFF) == ["内部.md#1"]
    base.settled()
    made: list[int] = []
    monkeypatch.setattr(module, "Index", lambda *_: made.append(1))
    assert set(base.found("内部", STAFF)) == {"内部.md#1", "内部二.md#1"}
    assert base.found("退货", EVERYBODY) == ["退货.md#1", "退货.md#2"]
    assert made == []


def test_what_cannot_be_read_is_told_to_who_asks_next(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)
    gate.fails = True
    gate.open.set()
    base.put("新.md", "退货新规。")
    assert base.found("退货")
    base.settled()
    with monkeypatch.context() as broken:
        broken.setattr(KnowledgeStore, "passages", lambda *_: (_ for _ in ()).throw(KnowledgeError("the disk is gone")))
        with pytest.raises(KnowledgeError, match="disk"):
            base.found("退货")
    assert "新.md#1" in base.found("退货")


def test_vectors_of_another_model_are_waited_for(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)
    passages = list(base.store.passages("a"))
    base.store.embed("a", passages, Meaning("other", 2))
    base.ticker.now += module.LOOK_AGAIN + 0.1
    assert base.current.searchable("a", EVERYBODY).meaning == Meaning("other", 2)
    assert gate.read == 2


def test_what_first_questions_would_wait_for_is_read_before_them(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)
    later = Current(base.store, base.ticker)
    assert later.prepared
    later.prepare()
    assert not later.prepared
    gate.open.set()
    assert later._preparing is not None
    later._preparing.join(20)
    assert later.prepared
    assert gate.read == 1
    assert later.searchable("a", EVERYBODY).index.passages
    assert gate.read == 1


def test_preparing_makes_no_knowledge_base_and_waits_for_none(tmp_path: Path) -> None:
    made = Base(tmp_path)
    made.current.prepare()
    assert made.current._preparing is not None
    made.current._preparing.join(20)
    assert made.current.prepared
    assert not made.file.exists()
