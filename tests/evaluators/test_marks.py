"""What a run's judgements came to holds no word of text, and what keeps two runs from being compared is named."""

from dataclasses import replace

import pytest
from kit.endpoint import ScriptedEndpoint
from kit.runs import answer, go, new_run

from evaluators.marks import BASIS, basis, differing, marks
from evaluators.score import Score
from evaluators.scorers.spec import Surroundings
from evaluators.suite import build_scorers
from evaluators.summary import summarise


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    with ScriptedEndpoint(answer) as endpoint:
        made = new_run(tmp_path_factory.mktemp("marks"), endpoint.url, rows=3)
        state, _ = go(made)
    return made, summarise(made, state, build_scorers(made.suite, Surroundings()))


@pytest.mark.parametrize("name", BASIS)
def test_what_keeps_runs_from_being_compared_is_named(run, name):
    now = basis(run[0])
    assert tuple(now) == BASIS
    assert differing(now, now) == []
    (said,) = differing(now, {**now, name: "f" * 64})
    assert said.startswith(f"{name}: ffffffffffff in the baseline, {now[name][:12] or 'none'}")


@pytest.mark.parametrize(
    ("change", "differs"),
    [({"gate": []}, []), ({"scorers": [{"use": "leak"}]}, ["scorers"]), ({"attacks": ["base64"]}, ["prompts"])],
)
def test_a_mark_may_be_moved_and_what_is_asked_or_judged_may_not(run, change, differs):
    made, _ = run
    document = made.suite.document
    other = replace(made.suite, document=replace(document, value={**document.value, **change}))
    found = differing(basis(replace(made, suite=other)), basis(made))
    assert [one.partition(":")[0] for one in found] == differs


def test_every_cell_is_there_with_its_value_or_its_reason_and_no_text(run):
    made, summary = run
    found = marks(*run)
    assert len(found.rows) == len(summary.rows) == 3
    for row, marked in zip(summary.rows, found.rows.values(), strict=True):
        assert marked.cells.keys() == row.cells.keys()
        for name, cell in row.cells.items():
            mark = marked.cells[name]
            assert mark.value == (cell.value if isinstance(cell, Score) else None)
            assert bool(mark.reason) is not isinstance(cell, Score)
    assert "个问题" not in str(found)
    assert (found.id, found.target) == (made.manifest.id, f"m @ {made.manifest.asked.base_url}")
