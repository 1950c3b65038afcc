"""What the training of the encoder found out is kept without a text, and belongs to one encoder."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from gateway.detectors.risk_names import HEADS, WINDOW
from gateway.errors import ConfigError
from gateway.meaning.encoder import WIDTH, shipped
from training import sentence
from training.sentence import Net, Told, digest, kept_for, pack_told, read_told

TEXTS = ["怎么做蛋糕", "how do i bake a cake", "帮我write一个plan", "最后一行"]
BETWEEN, WIDE = 4, len(HEADS) - 1


def told(texts: list[str] = TEXTS, encoder: str = "e" * 64) -> Told:
    chance = np.random.default_rng(1)
    net = Net(
        chance.normal(0, 1, (WIDTH + 1, BETWEEN)).astype(np.float32),
        chance.normal(0, 1, (BETWEEN + 1, WIDE)).astype(np.float32),
    )
    lines = np.arange(len(texts) * WIDE, dtype=np.float16).reshape(-1, WIDE)
    return Told(net, np.array([digest(text) for text in texts], np.uint64), lines, encoder)


def test_each_text_finds_its_own_line_and_a_later_one_none() -> None:
    kept = read_told(pack_told(told()))
    found = kept.of([TEXTS[2], "this came later", TEXTS[0], "还没见过", TEXTS[3]])
    assert found[[0, 2, 4], 0].tolist() == [2 * WIDE, 0, 3 * WIDE]
    assert np.isnan(found[[1, 3]]).all()


def test_who_knows_no_text_knows_nothing_of_any() -> None:
    assert np.isnan(read_told(pack_told(told([]))).of(TEXTS)).all()


def test_a_text_is_known_by_what_is_read_of_it() -> None:
    long = "很长的文字" * WINDOW
    assert digest(long) == digest(long[:WINDOW] + "tail") != digest(long[: WINDOW - 1])
    assert 0 <= digest("") < 2**64


def test_no_text_is_in_the_file() -> None:
    content = pack_told(told())
    assert not any(text.encode() in content for text in TEXTS)


def test_the_file_is_the_same_for_the_same_content_in_any_order() -> None:
    one = told()
    turned = one._replace(texts=one.texts[::-1], unseen=one.unseen[::-1])
    assert pack_told(one) == pack_told(turned)


def test_the_network_reads_a_vector_through_what_is_between() -> None:
    net = told().net
    vector = np.zeros((1, WIDTH), np.float32)
    between = np.maximum(net.inward[-1], 0)
    assert net.logits(vector)[0] == pytest.approx(between @ net.outward[:-1] + net.outward[-1], abs=1e-5)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda kept: b"no archive", "is broken"),
        (lambda kept: kept[: len(kept) // 2], "is broken"),
        (lambda kept: pack_told(told()._replace(unseen=np.zeros((len(TEXTS), 3), np.float16))), "another shape"),
        (lambda kept: pack_told(told()._replace(net=Net(np.zeros((5, 4)), np.zeros((5, WIDE))))), "another shape"),
    ],
)
def test_a_broken_file_says_so_and_what_to_do(change: object, said: str) -> None:
    with pytest.raises(ConfigError, match=f"{said}.* — make it anew: make train-encoder"):
        read_told(change(pack_told(told())))  # type: ignore[operator]


def test_the_file_beside_it_is_of_the_encoder_that_ships() -> None:
    kept = kept_for(shipped().digest)
    assert kept.encoder == shipped().digest
    assert len(kept.texts) > 100_000
    assert (np.diff(kept.texts.astype(float)) >= 0).all()


def test_another_encoder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="another encoder"):
        kept_for(hashlib.sha256(b"another").hexdigest())
    monkeypatch.setattr(sentence, "KEPT", tmp_path / "sentences.npz")
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        kept_for(shipped().digest)
