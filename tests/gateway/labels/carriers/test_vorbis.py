"""Vorbis comments get one more and keep the others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.specimens import LABEL, OTHER, comments

from gateway.labels.carriers import vorbis


@given(st.lists(st.text().filter(lambda one: "AIGC" not in one.upper())))
def test_all_comments_stay_in_order(items: list[str]) -> None:
    after = vorbis.parse(vorbis.write(vorbis.parse(comments(*items) + b"\1"), LABEL))
    assert [one.decode() for one in after.items] == [*items, f"AIGC={LABEL.dump()}"]
    assert (after.vendor, after.rest) == (b"vendor", b"\1")


@pytest.mark.parametrize("name", ["AIGC", "aigc", "Aigc", "NOTE"])
def test_a_label_under_any_name_is_found_and_replaced(name: str) -> None:
    old = vorbis.parse(comments(f"{name}={LABEL.dump()}"))
    (field,) = vorbis.read(old)[0]
    assert (field.name, field.usual) == (name.upper(), name != "NOTE")
    assert vorbis.parse(vorbis.write(old, OTHER)).items == (f"AIGC={OTHER.dump()}".encode(),)


@given(st.binary(max_size=80))
def test_whatever_the_block_is_there_is_an_answer(data: bytes) -> None:
    try:
        vorbis.read(vorbis.parse(data))
    except ValueError as error:
        assert "comments" in str(error)  # noqa: PT017
