"""Parts of files are read and copied whole, or it is said that they are not."""

from __future__ import annotations

import io

import pytest

from gateway.errors import LabelError
from gateway.labels.carriers.stream import Short, copy, number, size_of, take


def test_exactly_what_was_asked_for_is_read() -> None:
    source = io.BytesIO(b"\1\2\3\4rest")
    assert size_of(source) == 8
    assert number(source, ">H") == 0x0102
    assert take(source, 6) == b"\3\4rest"
    with pytest.raises(Short):
        take(source, 1)
    with pytest.raises(Short):
        number(source, ">I")


def test_a_part_is_copied_and_a_file_that_became_shorter_is_told() -> None:
    source, target = io.BytesIO(bytes(3_000_000)), io.BytesIO()
    copy(source, target, 10, 2_500_000)
    assert len(target.getvalue()) == 2_499_990
    with pytest.raises(LabelError, match="became shorter"):
        copy(source, target, 0, 3_000_001)
