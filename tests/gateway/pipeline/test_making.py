"""Each piece of content is labelled for somebody, under an id of its own."""

from __future__ import annotations

import pytest

from gateway.labels.metadata import AigcLabel
from gateway.pipeline.making import Labelled, Making, numbered

ID = "01JZ8M3K5QW0123456789ABCDE"


def test_each_piece_of_an_answer_has_an_id_of_its_own() -> None:
    making = Making(AigcLabel.of("sluice-test", ID))
    labels = [numbered(making, number).label for number in range(3)]
    assert [label and label.produce_id for label in labels] == [ID, f"{ID}-2", f"{ID}-3"]
    assert numbered(Making(None), 1) == Making(None)


@pytest.mark.parametrize(
    ("marks", "header"), [((), "none"), (("visible",), "visible"), (("visible", "metadata"), "visible+metadata")]
)
def test_a_client_is_told_what_was_done(marks: tuple[str, ...], header: str) -> None:
    assert Labelled(b"", marks).header == header
