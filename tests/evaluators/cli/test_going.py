import pytest

from evaluators.cli.going import asked_of, cluster_of
from evaluators.pace import Caps
from evaluators.suite_file import TargetFile
from gateway.errors import ConfigError

NOTHING = dict.fromkeys(("base_url", "model", "key_env", "direct_base_url", "direct_model", "direct_key_env"))


def asked(target=None, recorded=False, **said):
    return asked_of(TargetFile(**(target or {})), {**NOTHING, **said}, recorded=recorded)


def test_the_command_line_changes_the_suites_target():
    plain = asked({"base_url": "http://a/v1/", "model": "m"}, model="n")
    assert (plain.kind, plain.base_url, plain.model, plain.direct) == ("chat", "http://a/v1", "n", None)


def test_an_address_past_the_gateway_makes_a_pair_of_any_suite():
    pair = asked({"parameters": {"temperature": 0}}, direct_base_url="http://b/v1", direct_model="raw")
    assert (pair.kind, list(pair.ways)) == ("pair", ["direct", "gateway"])
    direct = pair.ways["direct"]
    assert (direct.kind, direct.base_url, direct.model, direct.key_env, direct.parameters) == (
        "chat", "http://b/v1", "raw", "SLUICE_DIRECT_KEY", {"temperature": 0}
    )  # fmt: skip


def test_the_suites_own_pair_may_be_moved_elsewhere():
    target = {"kind": "pair", "model": "m", "direct": {"base_url": "http://b/v1", "parameters": {"seed": 1}}}
    assert asked(target).direct.base_url == "http://b/v1"
    moved = asked(target, direct_base_url="http://c/v1").direct
    assert (moved.base_url, moved.model, moved.parameters) == ("http://c/v1", "m", {"seed": 1})


@pytest.mark.parametrize(("target", "recorded"), [({"kind": "recorded"}, False), ({}, True)])
def test_recorded_answers_ask_nobody(target, recorded):
    assert (asked(target, recorded).recorded, asked(target, recorded).base_url) == (True, "")


def test_limits_and_prices_go_along():
    limited = asked({"limits": {"requests_per_minute": 6}, "price": {"input": 1, "output": 2}})
    assert (limited.pace.requests, limited.pace.patience) == (6, 900)
    assert limited.cost.of(1_000_000, 500_000) == pytest.approx(2)


def test_litellm_needs_no_address():
    assert asked({"kind": "litellm", "model": "gemini/x"}).base_url == ""
    assert asked({"kind": "litellm", "model": "gemini/x", "base_url": "http://a"}).base_url == "http://a"


def test_a_cluster_is_named_by_its_scheduler():
    assert cluster_of("local", Caps(calls=1)) is None
    assert cluster_of("dask://127.0.0.1:8786", Caps()) == "tcp://127.0.0.1:8786"


@pytest.mark.parametrize(
    ("executor", "caps", "message"),
    [
        ("ray://a:1", Caps(), "no executor"),
        ("dask://a", Caps(), "no executor"),
        ("dask://a:1", Caps(calls=5), "one machine only"),
    ],
)
def test_what_a_cluster_cannot_do_is_told_before_anything_is_asked(executor, caps, message):
    with pytest.raises(ConfigError, match=message):
        cluster_of(executor, caps)
