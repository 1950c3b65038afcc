from __future__ import annotations

import re

import pytest
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.semconv._incubating.metrics import gen_ai_metrics

from gateway.telemetry import names

CONSTANTS = {key: value for key, value in vars(names).items() if key.isupper() and isinstance(value, str)}


def test_every_name_is_ours_or_of_a_convention() -> None:
    for name in CONSTANTS.values():
        assert re.fullmatch(r"(sluice|gen_ai|http|error)\.[a-z0-9_.]+", name), name


def test_no_two_names_are_the_same() -> None:
    assert len(set(CONSTANTS.values())) == len(CONSTANTS)


def test_every_metric_is_described() -> None:
    for name, metric in names.METRICS.items():
        assert name in CONSTANTS.values()
        assert metric.help.endswith(".")
        assert (metric.instrument == "histogram") == bool(metric.bounds)


@pytest.mark.parametrize(
    "name",
    [
        names.OPERATION,
        names.PROVIDER,
        names.REQUEST_MODEL,
        names.REQUEST_STREAM,
        names.INPUT_TOKENS,
        names.OUTPUT_TOKENS,
        names.TOKEN_TYPE,
        names.EVALUATION_NAME,
        names.EVALUATION_SCORE,
        names.EVALUATION_LABEL,
        names.EVALUATION_EXPLANATION,
    ],
)
def test_attributes_of_the_convention_are_spelled_as_it_spells_them(name: str) -> None:
    assert name in vars(gen_ai_attributes).values()


@pytest.mark.parametrize("name", [names.OPERATION_DURATION, names.TOKEN_USAGE, names.TIME_TO_FIRST_TOKEN])
def test_metrics_of_the_convention_are_spelled_as_it_spells_them(name: str) -> None:
    assert name in vars(gen_ai_metrics).values()
