"""Ogg: mutagen finds the label; pages keep their sound and times, and their check sums are right."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.specimens import LABEL, opus
from mutagen.ogg import OggPage
from mutagen.oggopus import OggOpus

from gateway.errors import LabelError
from gateway.labels.carriers.ogg import Ogg, check
from gateway.labels.files import write_bytes


def pages(data: bytes) -> list[OggPage]:
    source, found = io.BytesIO(data), []
    while source.tell() < len(data):
        found.append(OggPage(source))
    return found


@pytest.mark.parametrize("before", [opus(), opus("TITLE=题"), opus("TITLE=题", padding=65_000), opus(padding=200_000)])
def test_mutagen_reads_the_label_and_the_sound_is_the_same(before: bytes) -> None:
    after = write_bytes(before, LABEL)
    assert OggOpus(io.BytesIO(after)).tags["aigc"] == [LABEL.dump()]
    assert OggOpus(io.BytesIO(after)).tags.get("title") == OggOpus(io.BytesIO(before)).tags.get("title")
    old, new = pages(before), pages(after)
    assert [(one.packets, one.position, one.last) for one in new[-2:]] == [
        (one.packets, one.position, one.last) for one in old[-2:]
    ]
    assert [one.sequence for one in new] == list(range(len(new)))
    assert after == b"".join(page.write() for page in new)  # mutagen computes every check sum anew


def test_other_page_counts_move_the_numbers_of_those_that_follow() -> None:
    before = opus(padding=64_900)
    after = pages(write_bytes(before, LABEL))
    assert len(after) != len(pages(before))
    assert [one.sequence for one in after] == list(range(len(after)))


@given(st.binary())
def test_the_check_sum_is_the_one_of_the_format(data: bytes) -> None:
    register = 0
    for byte in data:
        register ^= byte << 24
        for _ in range(8):
            register = (register << 1 ^ (0x04C11DB7 if register & 0x80000000 else 0)) & 0xFFFFFFFF
    assert check(data) == register


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (opus()[:-1], "cut off"),
        (opus()[:40], "cut off"),
        (opus().replace(b"OpusHead", b"TheoHead"), "not known"),
        (opus().replace(b"OpusTags", b"OpusXxxx"), "no comment"),
        (opus() + b"junk" * 9, "makes no sense"),
    ],
)
def test_what_cannot_be_read_is_told_and_not_written(data: bytes, fault: str) -> None:
    assert fault in "; ".join(Ogg().read(io.BytesIO(data)).faults)
    with pytest.raises(LabelError, match=fault):
        write_bytes(data, LABEL)
