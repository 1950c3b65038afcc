from __future__ import annotations

import re
import sys
import threading

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from gateway.telemetry import names
from gateway.telemetry.metrics import MOST, Histogram, Metrics, safe

LINE = re.compile(
    r'[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z_][a-zA-Z0-9_]*="[^"\\\n]*"(,[a-zA-Z_][a-zA-Z0-9_]*="[^"\\\n]*")*\})? \S+'
)


def test_counts_are_kept_for_each_set_of_attributes() -> None:
    metrics = Metrics()
    metrics.add(names.EXCHANGES, outcome="answered", policy="a")
    metrics.add(names.EXCHANGES, policy="a", outcome="answered")
    metrics.add(names.EXCHANGES, 5, outcome="replied", policy="a")
    assert metrics.value(names.EXCHANGES) == 7
    assert metrics.value(names.EXCHANGES, outcome="answered") == 2
    assert metrics.value(names.EXCHANGES, outcome="nothing") == 0
    assert metrics.value("never heard of") == 0


def test_the_exposition_is_prometheus_text() -> None:
    metrics = Metrics()
    assert metrics.prometheus() == ""
    metrics.add(names.EXCHANGES, 2, policy="b", outcome="answered")
    metrics.add(names.EXCHANGES, 1, policy="a", outcome="answered")
    metrics.add("sluice.new-thing")
    metrics.observe(names.TOKEN_USAGE, 5, type="input")
    metrics.observe(names.TOKEN_USAGE, 4, type="input")
    metrics.watch(names.RECORDS_WAITING, lambda: 3)
    assert metrics.prometheus().splitlines() == [
        "# HELP sluice_exchanges_total Exchanges by how they ended.",
        "# TYPE sluice_exchanges_total counter",
        'sluice_exchanges_total{outcome="answered",policy="a"} 1',
        'sluice_exchanges_total{outcome="answered",policy="b"} 2',
        "# HELP sluice_new_thing_total Not described.",
        "# TYPE sluice_new_thing_total counter",
        "sluice_new_thing_total 1",
        "# HELP gen_ai_client_token_usage Tokens of an exchange, by type.",
        "# TYPE gen_ai_client_token_usage histogram",
        'gen_ai_client_token_usage_bucket{type="input",le="1"} 0',
        'gen_ai_client_token_usage_bucket{type="input",le="4"} 1',
        *(f'gen_ai_client_token_usage_bucket{{type="input",le="{bound}"}} 2' for bound in names.TOKENS[2:]),
        'gen_ai_client_token_usage_bucket{type="input",le="+Inf"} 2',
        'gen_ai_client_token_usage_sum{type="input"} 9',
        'gen_ai_client_token_usage_count{type="input"} 2',
        "# HELP sluice_records_waiting Records admitted but not yet in the store.",
        "# TYPE sluice_records_waiting gauge",
        "sluice_records_waiting 3",
    ]
    assert metrics.prometheus().endswith("\n")


def test_times_are_named_in_seconds_and_their_buckets_rise() -> None:
    metrics = Metrics()
    for value in (0.0, 0.0001, 0.00011, 1000.0):
        metrics.observe(names.OVERHEAD, value)
    text = metrics.prometheus()
    assert 'sluice_overhead_seconds_bucket{le="0.0001"} 2' in text
    assert 'sluice_overhead_seconds_bucket{le="80"} 3' in text
    assert 'sluice_overhead_seconds_bucket{le="+Inf"} 4' in text
    assert "sluice_overhead_seconds_sum 1000.00021" in text
    assert list(names.SECONDS) == sorted(set(names.SECONDS))
    assert list(names.TOKENS) == sorted(set(names.TOKENS))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("no-drugs", "no-drugs"),
        ("openai/gpt-4o@v1:x.y_Z", "openai/gpt-4o@v1:x.y_Z"),
        ("", ""),
        ("a" * 64, "a" * 64),
        ("a" * 65, "other"),
        ("two words", "other"),
        ("我的电话", "other"),
        ("a电话", "other"),
        ('quote"', "other"),
        ("back\\slash", "other"),
        ("line\n", "other"),
        ("１２３", "other"),
    ],
)
def test_only_what_looks_like_an_id_is_shown(value: str, shown: str) -> None:
    assert safe(value) == shown
    metrics = Metrics()
    for _ in range(2):
        metrics.add(names.ACTIONS, rule=value)
        metrics.observe(names.OVERHEAD, 1, rule=value)
    text = metrics.prometheus()
    assert f'sluice_actions_total{{rule="{shown}"}} 2' in text
    assert f'sluice_overhead_seconds_count{{rule="{shown}"}} 2' in text
    assert all(LINE.fullmatch(line) for line in text.splitlines() if not line.startswith("#"))
    assert value == shown or value not in text


def test_what_is_not_an_id_is_not_even_remembered() -> None:
    metrics = Metrics()
    for n in range(1000):
        metrics.add(names.EXCHANGES, policy=f"第{n}")
        metrics.observe(names.OVERHEAD, 1, policy=f"第{n}")
    assert metrics._known == {}
    assert metrics._measured == {}


def test_a_client_that_invents_names_fills_no_memory() -> None:
    metrics = Metrics()
    for n in range(MOST + 500):
        metrics.add(names.EXCHANGES, policy=f"p{n}")
        metrics.add(names.EXCHANGES, policy=f"p{n}")
    assert metrics.value(names.EXCHANGES) == 2 * (MOST + 500)
    assert metrics.value(names.EXCHANGES, policy="other") == 2 * 500
    assert metrics.value(names.EXCHANGES, policy="p0") == 2
    assert metrics.prometheus().count("sluice_exchanges_total{") == MOST + 1
    assert len(metrics._known) == MOST


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_a_number_is_not_counted(value: float) -> None:
    metrics = Metrics()
    metrics.observe(names.OVERHEAD, value)
    metrics.observe(names.OVERHEAD, 0.5)
    assert metrics.histogram(names.OVERHEAD).count == 1
    assert metrics.histogram(names.OVERHEAD).total == 0.5


def test_adding_to_a_histogram_notes_a_value() -> None:
    metrics = Metrics()
    metrics.add(names.TOKEN_USAGE, 100, type="input")
    metrics.observe(names.TOKEN_USAGE, 50, type="output")
    assert metrics.histogram(names.TOKEN_USAGE).count == 2
    assert metrics.histogram(names.TOKEN_USAGE, type="input").total == 100


def test_a_value_on_a_bound_belongs_below_it() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 2.0, 2.5):
        histogram.note(value)
    assert histogram.counts == [2, 2, 1]


def test_threads_lose_no_count() -> None:
    metrics, rounds = Metrics(), 20_000
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)

    def work(thread: int) -> None:
        for _ in range(rounds):
            metrics.add(names.EXCHANGES, policy="shared")
            metrics.observe(names.OVERHEAD, 1.0)
            metrics.add(names.ACTIONS, rule=f"r{thread}")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert metrics.value(names.EXCHANGES) == 4 * rounds
    assert metrics.value(names.ACTIONS) == 4 * rounds
    assert metrics.histogram(names.OVERHEAD).count == 4 * rounds


def exported(metrics: Metrics) -> dict[str, list[tuple[dict[str, object], float]]]:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], shutdown_on_exit=False)
    metrics.observe_with(provider.get_meter("sluice"))
    data = reader.get_metrics_data()
    provider.shutdown()
    assert data is not None
    return {
        metric.name: [(dict(point.attributes or {}), point.value) for point in metric.data.data_points]
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }


def test_opentelemetry_sees_the_same_numbers_under_its_own_names() -> None:
    metrics = Metrics()
    metrics.add(names.EXCHANGES, 3, outcome="answered", policy="a")
    metrics.add(names.EXCHANGES, 1, outcome="replied", policy="我的")
    metrics.observe(names.TOKEN_USAGE, 5, type="input")
    metrics.observe(names.TOKEN_USAGE, 7, type="input")
    metrics.watch(names.RECORDS_FAILING, lambda: 1)
    shown = exported(metrics)
    assert shown == {
        "sluice.exchanges": [
            ({"sluice.outcome": "answered", "sluice.policy": "a"}, 3),
            ({"sluice.outcome": "replied", "sluice.policy": "other"}, 1),
        ],
        "gen_ai.client.token.usage.count": [({"gen_ai.token.type": "input"}, 2)],
        "gen_ai.client.token.usage.sum": [({"gen_ai.token.type": "input"}, 12)],
        "sluice.records.failing": [({}, 1)],
    }
