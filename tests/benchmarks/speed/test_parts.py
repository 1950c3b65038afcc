"""The benchmark of labels and shield measures what it says: surrogates go out and values come back, or it fails."""

from __future__ import annotations

import click
import pytest
from kit.plans import LABEL, plan

from benchmarks.speed import parts
from gateway.policy.plan import LabelPlan, Plan
from gateway.wiring import load_plan


@pytest.fixture(scope="module")
def shielded() -> Plan:
    return load_plan("shielded")


def test_processor_time_is_that_of_the_work_and_the_first_round_does_not_count() -> None:
    rounds: list[int] = []
    spent = parts.cpu(lambda: rounds.append(sum(range(20_000))), 3)
    assert len(rounds) == 4
    assert 0 < spent < 1


async def test_the_answer_quotes_surrogates_and_the_client_reads_values(shielded: Plan) -> None:
    ports = parts._ports()
    heard = await parts._ask(shielded, ports, 1)
    assert b"13812345678" in parts._said(heard.body)
    assert heard.first > 0
    (record,) = ports.records.records  # type: ignore[attr-defined]
    assert (record.outcome, record.stream) == ("answered", True)
    assert not any(subject.left for subject in record.subjects)


async def test_what_is_measured_is_a_promise_with_its_limit(shielded: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PACE", 0.001)
    monkeypatch.setattr(parts, "STREAMS", 2)
    found = [*await parts.restoring(shielded, 1), *await parts.streams(plan(), shielded, 1)]
    found += parts.texts(plan(label=LabelPlan("both", LABEL, metadata=True)), 1)
    assert [one.limit for one in found] == [150, 10, 1.1, 20]
    assert found[2].value > 0


async def test_a_policy_that_replaces_nothing_is_no_measurement() -> None:
    with pytest.raises(click.ClickException, match="replaced nothing"):
        await parts.restoring(plan(), 1)


async def test_a_value_that_does_not_come_back_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PACE", 0.0)
    monkeypatch.setattr(parts, "VALUES", "")
    monkeypatch.setattr(parts, "TEXT", "没有号码的一段话。")
    with pytest.raises(click.ClickException, match="did not come back"):
        await parts.streams(plan(), plan(), 1)
