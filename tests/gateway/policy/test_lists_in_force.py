"""A word list that is edited comes into force like the policy that names it; a wrong edit changes nothing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gateway import wiring
from gateway.policy.current import CurrentPlan
from gateway.policy.plan import Plan
from gateway.text import TextView

POLICY = """\
sluice: 1
name: mine
detectors:
  - {id: words, use: lexicon, options: {lists: [words.csv]}}
request:
  unjudged: pass
  rules:
    - {id: r, when: {risk: word, score: 0.5}, then: refuse, on_error: refuse}
response: {unjudged: pass, rules: []}
replies: {safe: {zh: 不, en: 'no'}}
withheld: {zh: 略, en: omitted}
"""
HEADER = "term,risk,weight,source,date\n"


def finds(plan: Plan, text: str) -> bool:
    return any(d.scan is not None and d.scan(TextView(text)).findings for d in plan.request.detectors)


@pytest.mark.parametrize("bad", ["贩毒,word,7,mine,2026-11-25\n", "贩毒,word\n", '"\n', ""])
def test_an_edited_list_is_swapped_in_and_a_wrong_one_is_not(tmp_path: Path, bad: str) -> None:
    words = tmp_path / "words.csv"

    def edit(text: str) -> None:
        words.with_suffix(".new").write_text(HEADER + text, encoding="utf-8")
        words.with_suffix(".new").rename(words)

    def load() -> Plan:
        return wiring.load_plan(str(tmp_path / "mine.yaml"))

    (tmp_path / "mine.yaml").write_text(POLICY, encoding="utf-8")
    edit("赌博,word,0.9,mine,2026-11-25\n")
    current = CurrentPlan(load(), load, wiring.stamp, lambda: time.time() + 1_000)
    assert (finds(current(), "赌-博"), finds(current(), "贩毒")) == (True, False)

    edit("贩毒,word,0.9,mine,2026-11-25\n")
    current.poll()
    assert (finds(current(), "赌-博"), finds(current(), "贩毒")) == (False, True)

    edit(bad)
    current.poll()
    assert (finds(current(), "赌-博"), finds(current(), "贩毒")) == (False, True)
    assert "words" in current.fault

    edit("赌博,word,0.9,mine,2026-11-25\n")
    current.poll()
    assert current.fault == ""
    assert finds(current(), "赌博")
