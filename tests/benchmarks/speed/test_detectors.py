"""The benchmark of detectors measures what it says: terms that differ, a gateway that runs, promises with limits."""

from __future__ import annotations

from pathlib import Path

import pytest
from kit.plans import plan

from benchmarks.speed import detectors
from benchmarks.speed.servers import ServerError
from benchmarks.speed.targets import Target
from gateway.wiring import load_plan


@pytest.mark.parametrize("language", ["zh", "en"])
def test_terms_are_as_many_as_asked_for_and_no_two_alike(language: str) -> None:
    made = detectors.terms(language, 500)
    assert len(set(made)) == 500
    assert made == detectors.terms(language, 500)
    assert all(term.isascii() == (language == "en") for term in made)


def test_lists_are_built_for_each_language_as_an_automaton_and_as_a_whole() -> None:
    found = detectors.lists(300, 1)
    assert [one.limit for one in found] == [2, 2, 2, 2]
    assert all(one.kept and one.value > 0 for one in found)
    assert found[0].name == "300 Chinese terms: the automaton"


async def test_every_delta_of_an_answer_is_timed() -> None:
    idle = await detectors.streamed(plan(), 1)
    judged = await detectors.streamed(load_plan("base"), 1)
    assert [one.limit for one in judged] == [150, 150]
    assert judged[1].value > 2 * idle[1].value


def test_a_gateway_is_started_asked_and_weighed(tmp_path: Path) -> None:
    ready, memory = detectors.process(tmp_path)
    assert 0.1 < ready.value < 60
    assert 50 < memory.value < 1_000


def test_a_gateway_that_answers_with_an_error_is_no_measurement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detectors, "_MODEL", "")
    with pytest.raises(ServerError, match=r"answered with 400: .*model"):
        detectors.process(tmp_path)


def test_the_report_says_which_promises_were_missed() -> None:
    said = detectors.report([Target("a", 1, 2, " s"), Target("b", 3, 2, " s")])
    assert "✔ kept" in said
    assert "✘ MISSED" in said
    assert "Load" in said
