"""Whom a run asks is written into its file without a key, and read as it was."""

import json
from dataclasses import asdict

import pytest

from evaluators.pace import Limits, Price
from evaluators.targets.asked import Asked

DIRECT = Asked(False, "http://m/v1", "m", "DIRECT_KEY", {}, 60.0, 4)
ASKED = Asked(
    False, "http://g/v1", "g", "EVAL_KEY", {"temperature": 0}, 60.0, 4, kind="pair",
    limits={"requests": 30.0}, price={"input": 2.0, "output": 8.0, "currency": "CNY"}, direct=DIRECT,
)  # fmt: skip


@pytest.mark.parametrize("asked", [ASKED, DIRECT], ids=["pair", "alone"])
def test_what_is_written_is_read_as_it_was(asked):
    assert Asked.read(json.loads(json.dumps(asdict(asked)))) == asked


@pytest.mark.parametrize("written", [{}, {**asdict(DIRECT), "key": "sk-secret"}, {"direct": {"model": "m"}}])
def test_what_is_none_is_told_and_no_key_has_a_place(written):
    with pytest.raises(TypeError):
        Asked.read(written)


def test_each_way_has_a_name_where_there_are_two():
    assert DIRECT.ways == {"": DIRECT}
    assert ASKED.ways == {"direct": DIRECT, "gateway": ASKED}


def test_limits_and_prices_are_what_was_written_or_none():
    assert ASKED.pace == Limits(requests=30.0)
    assert ASKED.cost == Price(2.0, 8.0, "CNY")
    assert (DIRECT.pace, DIRECT.cost) == (Limits(), None)
