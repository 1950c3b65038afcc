"""A teacher learns labels of words from marked sentences, and reads others.

Runs in an environment of its own (``make test-heavy``); elsewhere it is skipped, and says so.

Mutants killed: a neighbour in a batch that counts; sentences that come back in another order; a layer that learns and
must not; a label that is not known and learnt from.
"""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: make test-heavy has an environment with it")

from kit.tiny_teacher import tiny_teacher  # noqa: E402

from training.tagger import MOST_WORDS, Cutter, Schooling, Tagger  # noqa: E402


def test_a_sentence_is_cut_word_for_word_and_each_is_found_again() -> None:
    cutter = Cutter(tiny_teacher())
    cut = cutter(["k", "好", "k"])
    assert len(cut.firsts) == 3
    assert cut.pieces[cut.firsts[0]] == cut.pieces[cut.firsts[2]]
    assert cut.pieces[0] != cut.pieces[-1]
    assert cut.firsts == sorted(set(cut.firsts))
    assert len(cutter(["k"] * 500).firsts) == MOST_WORDS
    assert len(cutter(["好好好好"]).pieces) > len(Cutter(tiny_teacher(), 1)(["好好好好"]).pieces)


def test_what_is_said_of_a_sentence_does_not_depend_on_its_neighbours() -> None:
    model = tiny_teacher()
    cutter = Cutter(model)
    cuts = [cutter(words) for words in (["k"], ["k", "b", "k", "b", "k"], ["b", "k"])]
    tagger = Tagger(model, cuts, 4, 1)
    together = tagger.read(cuts)
    assert [len(said) for said in together] == [1, 5, 2]
    for cut, said in zip(cuts, together, strict=True):
        assert np.allclose(tagger.read([cut])[0].astype(float), said.astype(float), atol=2e-3)
        assert np.allclose(np.exp(said.astype(float)).sum(1), 1, atol=1e-2)


def test_the_teacher_learns_what_is_marked_and_its_words_stay() -> None:
    model = tiny_teacher()
    cutter = Cutter(model)
    cuts, labels = [cutter(words) for words in (["k", "b"], ["b", "k", "k"])], [[1, 0], [0, 1, 1]]
    tagger = Tagger(model, cuts, 4, 1, Schooling(held=0, rounds=60, rate=1e-2))
    before = [part.detach().clone() for part in tagger._large.parameters()]
    tagger.learn(cuts, labels)
    moved = [not torch.equal(one, other) for one, other in zip(before, tagger._large.parameters(), strict=True)]
    assert not moved[0]
    assert any(moved[1:])
    assert [said.argmax(1).tolist() for said in tagger.read(cuts)] == labels


def test_of_a_word_whose_label_is_not_known_nothing_is_learnt() -> None:
    model = tiny_teacher()
    cuts = [Cutter(model)(["k", "b"])]
    tagger = Tagger(model, cuts, 4, 1, Schooling(held=0, rounds=40, rate=1e-2))
    tagger.learn(cuts * 2, [[1, -100], [1, -100]])
    (said,) = tagger.read(cuts)
    assert said[0].argmax() == 1
    assert tagger._end.tolist()[1] == max(tagger._end.tolist())
