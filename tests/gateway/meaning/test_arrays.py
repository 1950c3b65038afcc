"""The same arrays are the same bytes, and come back as they were."""

from __future__ import annotations

import io

import numpy as np

from gateway.meaning.arrays import packed


def test_the_same_arrays_are_the_same_bytes_whatever_their_order() -> None:
    arrays = {"b": np.arange(3), "a": np.zeros(2, np.float32)}
    assert packed(arrays) == packed(dict(reversed(arrays.items())))
    assert packed(arrays) != packed({**arrays, "b": np.arange(4)})


def test_they_come_back_as_they_were() -> None:
    arrays = {"rows": np.arange(12, dtype=np.int8).reshape(3, 4).T, "steps": np.array([0.5], np.float16)}
    kept = np.load(io.BytesIO(packed(arrays)), allow_pickle=False)
    assert sorted(kept.files) == ["rows", "steps"]
    for name, array in arrays.items():
        assert kept[name].dtype == array.dtype
        assert np.array_equal(kept[name], array)
