"""A teacher of names learns from marked sentences and reads others; the network that ships learns from both.

Runs in an environment of its own (``make test-heavy``); elsewhere it is skipped, and says so.

Mutants killed: a neighbour in a batch that counts; sentences that come back in another order; a layer that learns and
must not; a network that learns from nothing but marks; a set of the family that is left out and learnt from.
"""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: make test-heavy has an environment with it")

from kit.tiny_teacher import tiny_teacher  # noqa: E402

from gateway.detectors.names.english import LABELS  # noqa: E402
from gateway.detectors.names.english_net import Tables, table  # noqa: E402
from gateway.detectors.names.weights import read_english, write_english  # noqa: E402
from training import names_en_fit, names_en_teacher  # noqa: E402
from training.names_en import Sentence, guessed  # noqa: E402
from training.names_en_fit import examples, fit, marked  # noqa: E402
from training.names_en_teacher import Cutter, Tagger  # noqa: E402

NOBODY = Tables(table({"ann"}), table({"lee"}), table({"today"}))


def sentence(text: str, label: str = "person") -> Sentence:
    """Words, of which those in capitals are somebody."""
    words = text.split()
    return words, [label if word.isupper() else "none" for word in words]  # type: ignore[list-item]


def test_a_sentence_is_cut_word_for_word_and_each_is_found_again() -> None:
    cutter = Cutter(tiny_teacher())
    cut = cutter(["k", "好", "k"])
    assert len(cut.firsts) == 3
    assert cut.pieces[cut.firsts[0]] == cut.pieces[cut.firsts[2]]
    assert cut.pieces[0] != cut.pieces[-1]
    assert cut.firsts == sorted(set(cut.firsts))
    assert len(cutter(["k"] * 500).firsts) == names_en_teacher._MOST_WORDS


def test_what_is_said_of_a_sentence_does_not_depend_on_its_neighbours() -> None:
    model = tiny_teacher()
    cutter = Cutter(model)
    cuts = [cutter(words) for words in (["k"], ["k", "b", "k", "b", "k"], ["b", "k"])]
    tagger = Tagger(model, cuts, 1)
    together = tagger.read(cuts)
    assert [len(said) for said in together] == [1, 5, 2]
    for cut, said in zip(cuts, together, strict=True):
        assert np.allclose(tagger.read([cut])[0].astype(float), said.astype(float), atol=2e-3)
        assert np.allclose(np.exp(said.astype(float)).sum(1), 1, atol=1e-2)


def test_the_teacher_learns_what_is_marked_and_its_words_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names_en_teacher, "_HELD", 0)
    monkeypatch.setattr(names_en_teacher, "_ROUNDS", 60)
    monkeypatch.setattr(names_en_teacher, "_RATE", 1e-2)
    model = tiny_teacher()
    cutter = Cutter(model)
    taught: list[Sentence] = [(["k", "b"], ["person", "none"]), (["b", "k", "k"], ["none", "person", "person"])]
    cuts = [cutter(words) for words, _ in taught]
    tagger = Tagger(model, cuts, 1)
    before = [part.detach().clone() for part in tagger._large.parameters()]
    tagger.learn(taught, cuts)
    moved = [not torch.equal(one, other) for one, other in zip(before, tagger._large.parameters(), strict=True)]
    assert not moved[0]
    assert any(moved[1:])
    said = tagger.read(cuts)
    assert [[LABELS[label] for label in one.argmax(1)] for one in said] == [labels for _, labels in taught]


def test_the_network_learns_from_marks_and_from_what_the_teacher_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names_en_fit, "_ROUNDS", 20)
    none, _, oslo, _ = np.eye(len(LABELS), dtype=np.float32)
    soft = [(["in", f"Os{end}", "now"], np.stack([none, oslo, none])) for end in ("lo", "by", "to", "ka")] * 40
    told = [*marked([sentence("Ask ANN today"), sentence("then LEE spoke")] * 80), *soft]
    model = read_english(write_english(fit(NOBODY, examples(NOBODY, told), 1)))
    assert guessed(model, ["Ask", "ANN", "today"])[1] == "person"
    assert guessed(model, ["in", "Oslo", "now"])[1] == "place"
    assert write_english(fit(NOBODY, examples(NOBODY, told), 1)) == write_english(model)


def test_what_is_learnt_from_ends_in_words_that_may_be_names() -> None:
    told = examples(NOBODY, list(marked([sentence("ask ANN today I say")])))
    assert told.signs.shape == (1, names_en_fit.NEAR, len(NOBODY.signs("a")))
    assert told.truth.tolist() == [[0, 1, 0, 0]]
