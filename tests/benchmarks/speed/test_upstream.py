"""The upstream says what it is to say, in pieces."""

from benchmarks.speed.texts import DELTAS
from benchmarks.speed.upstream import Upstream, pieces_of


def test_a_paced_stream_has_its_deltas():
    said = b"".join(Upstream.paced).count(b'"content":')
    assert said == DELTAS
    assert pieces_of("一二三四五", 2) == ["一二", "三四", "五"]
