"""The measurement of speed measures the work, and its judge knows both routes."""

import pytest

from benchmarks.conformance.started import free_port
from benchmarks.evaluation.servers import Server, python, running
from benchmarks.evaluation.speed import ours, rate, rows

ANSWER = "七天内可以退货。运费由买家承担。"


def test_every_row_that_is_timed_gets_a_value_or_nothing_is_told(tmp_path):
    server = Server("judge", python("benchmarks.evaluation.judge", "--port", str(port := free_port())), port, {})
    with running([server], tmp_path):
        assert rate(ours, server.url, rows(30))[0] > 0
        bad = [*rows(11), *(row.__class__(f"e{row.id}", "?", "", ("c",), ("0",)) for row in rows(2))]
        with pytest.raises(RuntimeError, match="2 rows got no value"):
            rate(ours, server.url, bad)
