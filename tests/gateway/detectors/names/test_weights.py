"""The files of weights: read back as written, refused when damaged, small."""

from __future__ import annotations

import pytest

from gateway.detectors.names.weights import EN, ZH, read_chinese, read_english, write_chinese, write_english
from gateway.errors import ConfigError


def test_what_is_written_is_read_back() -> None:
    assert write_chinese(read_chinese(ZH.read_bytes())) == ZH.read_bytes()
    assert write_english(read_english(EN.read_bytes())) == EN.read_bytes()


@pytest.mark.parametrize("damage", [b"", b"XXXXX", b"SLZH1", b"SLEN2", b"SLZH1garbage", b"SLEN2garbage"])
def test_a_damaged_file_is_told_with_what_to_do(damage: bytes) -> None:
    for read in (read_chinese, read_english):
        with pytest.raises(ConfigError) as error:
            read(damage)
        assert "damaged" in error.value.what
        assert "train them" in error.value.hint


@pytest.mark.parametrize("cut", [10, 1000, -1])
def test_a_file_that_breaks_off_is_refused(cut: int) -> None:
    with pytest.raises(ConfigError):
        read_chinese(ZH.read_bytes()[:cut])
    with pytest.raises(ConfigError):
        read_english(EN.read_bytes()[:cut])


def test_they_are_small() -> None:
    assert ZH.stat().st_size + EN.stat().st_size < 3_000_000
