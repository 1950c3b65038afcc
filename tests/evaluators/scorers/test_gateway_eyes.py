"""Scorers see what the gateway sees, and are told where a detector lends them no eyes."""

import pytest

from evaluators.scorers.gateway_eyes import eyes
from gateway.errors import ConfigError


@pytest.mark.parametrize(
    ("answer", "found"),
    [("电话13812345678。", ["13812345678"]), ("call 13812345678 now", ["13812345678"]), ("没有号码 none", [])],
)
def test_an_answer_is_looked_at_with_the_gateways_own_detectors(answer, found):
    look = eyes(["mobile_number"], "leak")["mobile_number"]
    assert [answer[one.start : one.end] for one in look(answer, "问")] == found


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("mobile_nmber", "no detector is called 'mobile_nmber' — did you mean 'mobile_number'?"),
        ("暴力", "no detector is called '暴力' — known: "),
        ("pattern", "the detector 'pattern' needs options of its own"),
        ("encoding", "'encoding' is a judge, not a detector"),
    ],
)
def test_what_lends_no_eyes_is_told(name, told):
    with pytest.raises(ConfigError) as caught:
        eyes([name], "leak")
    assert told in str(caught.value)
