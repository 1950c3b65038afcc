"""Policy tests are run on whole texts and name the rule that fired."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.specs import specs

from gateway.detectors.registry import registry
from gateway.errors import PolicyErrors
from gateway.masking import Span, mask
from gateway.policy.cases import Case, cases_beside, load_cases, run_cases
from gateway.policy.compile import compile_policy
from gateway.policy.load import load_policy
from gateway.policy.plan import Plan
from gateway.text import TextView

POLICY = """\
sluice: 1
name: x
detectors:
  - {id: phone, use: phone}
  - {id: ask, use: judge}
  - {id: code, use: find, options: {pattern: 'P[0-9]+', risk: custom.code}}
  - {id: long, use: find, options: {pattern: '[A-Z0-9]{4,}', risk: custom.long}}
request:
  rules:
    - {id: hide, when: {risk: pii}, then: mask, keep: [3, 4], on_error: refuse}
    - {id: hide-code, when: {risk: custom.code}, then: mask, keep: [1, 0], on_error: refuse}
    - {id: tool-code, when: {risk: custom.long, roles: [tool]}, then: mask, keep: [1, 1], on_error: refuse}
    - {id: rude, when: {risk: abuse}, then: refuse, on_error: refuse}
response:
  rules:
    - {id: answer-hide, when: {risk: pii}, then: refuse, on_error: refuse}
replies: {safe: {zh: 好, en: ok}}
withheld: {zh: 略, en: left out}
"""


def plan(folder: Path, text: str = POLICY) -> Plan:
    path = folder / "x.yaml"
    path.write_text(text, encoding="utf-8")
    return compile_policy(load_policy(path), {**registry(), **specs()})


def cases(folder: Path, text: str) -> tuple[Case, ...]:
    path = folder / "x_test.yaml"
    path.write_text(text, encoding="utf-8")
    return load_cases(path)


@pytest.mark.parametrize(
    ("case", "problems"),
    [
        ("{name: n, side: request, text: 你好, expect: {action: pass, rule: null, risks: []}}", []),
        (
            "{name: n, side: request, text: 电话13800138000请记, expect: {action: mask, rule: hide, risks: "
            "[pii.mobile_number], masked_text: 电话138****8000请记}}",
            [],
        ),
        ("{name: n, side: response, text: call 13800138000, expect: {action: refuse, rule: answer-hide}}", []),
        ("{name: n, side: request, text: a bad word, expect: {action: refuse, rule: rude, risks: [abuse]}}", []),
        ("{name: n, side: response, text: a bad word, expect: {action: pass, rule: null}}", []),
        ("{name: n, side: request, role: tool, text: AB12, expect: {action: mask, masked_text: A**2}}", []),
        ("{name: n, side: request, role: user, text: AB12, expect: {action: pass, masked_text: AB12}}", []),
        ("{name: n, side: request, role: tool, text: xP1234, expect: {action: mask, masked_text: xP****}}", []),
        ("{name: n, side: request, role: tool, text: xABP12, expect: {action: mask, masked_text: 'x*****'}}", []),
        (
            "{name: n, side: request, text: 坏, expect: {action: mask, rule: hide, risks: [], masked_text: 好}}",
            [
                "the action is refuse, not mask",
                "the rule that decides is rude, not hide",
                "the risks are ['abuse'], not []",
                "the text goes on as '坏', not as '好'",
            ],
        ),
        (
            "{name: n, side: request, text: a bad day, expect: {action: refuse, rule: null}}",
            ["the rule that decides is rude, not None"],
        ),
    ],
)
def test_a_case_passes_or_says_what_is_not_as_expected(tmp_path: Path, case: str, problems: list[str]) -> None:
    (result,) = run_cases(plan(tmp_path), cases(tmp_path, f"- {case}\n"))
    assert list(result.problems) == problems
    assert result.passed == (not problems)
    assert result.case.where.line == 1


def test_a_judge_that_fails_makes_the_case_fail(tmp_path: Path) -> None:
    text = POLICY.replace("use: judge}", "use: judge, options: {fail: true}}")
    (result,) = run_cases(
        plan(tmp_path, text), cases(tmp_path, "- {name: n, side: request, text: x, expect: {action: refuse}}\n")
    )
    assert result.verdict.rule == "rude"
    assert result.problems == ("could not judge: ask: DetectorError",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "- {name: n, sid: request, text: x, expect: {action: pass}}",
            "x_test.yaml:1:13: unknown key 'sid' — did you mean 'side'?",
        ),
        ("- {name: n, side: request, text: x, expect: {}}", "x_test.yaml:1:37: the key 'action' is missing"),
        (
            "- {name: n, side: request, text: x, expect: {action: block}}",
            "x_test.yaml:1:46: '[0].expect.action' may not be",
        ),
        (
            "- {name: n, side: response, role: user, text: x, expect: {action: pass}}",
            "x_test.yaml:1:3: '[0]': an answer is in the words of the assistant — remove role",
        ),
        ("name: n", "x_test.yaml:1:1: the document should be a valid list"),
        (
            "- {name: n, side: request, text: x, expect: {action: mask, rule: hid}}",
            "x_test.yaml:1:3: case 'n' expects an unknown rule 'hid' — did you mean 'hide'?",
        ),
        (
            "- {name: n, side: response, text: x, expect: {action: mask, rule: zzz}}",
            "case 'n' expects an unknown rule 'zzz' — the response side has: answer-hide, unjudged",
        ),
    ],
)
def test_a_case_that_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PolicyErrors) as caught:
        run_cases(plan(tmp_path), cases(tmp_path, text + "\n"))
    assert message in str(caught.value)


def test_cases_that_are_not_there_are_an_error(tmp_path: Path) -> None:
    path = cases_beside(tmp_path / "base.yaml")
    assert path.name == "base_test.yaml"
    with pytest.raises(PolicyErrors, match=r"base_test\.yaml: cannot read the policy tests: No such file"):
        load_cases(path)


@given(
    numbers=st.lists(
        st.sampled_from(["13800138000", "P12345", "P1234567890", "ABCD", "甲", " ", "13912345678"]), max_size=8
    ),
)
def test_cases_mask_as_the_path_does(tmp_path_factory: pytest.TempPathFactory, numbers: list[str]) -> None:
    text = "".join(numbers)
    folder = tmp_path_factory.mktemp("cases")
    made = plan(folder)
    found = [
        finding._replace(detector=detector.id)
        for detector in made.request.detectors
        if detector.scan
        for finding in detector.scan(TextView(text)).findings
    ]
    keeps = {"phone": (3, 4), "code": (1, 0), "long": (1, 1)}
    expected = mask(text, [Span(f.start, f.end, keeps[f.detector]) for f in found])
    expect = f"{{action: pass, masked_text: '{expected}'}}"
    case = f"- {{name: n, side: request, role: tool, text: '{text}', expect: {expect}}}\n"
    (result,) = run_cases(made, cases(folder, case))
    assert not [problem for problem in result.problems if "goes on" in problem]


# --- Judges ------------------------------------------------------------------------------------------------

JUDGED = """\
sluice: 1
name: x
detectors:
  - {id: words, use: find, options: {pattern: '骗|cheat', risk: fraud, score: 0.5}}
  - {id: guard, use: llama_guard, options: {model: guard}, ask: {when: {risk: fraud, between: [0.3, 0.8]}}}
request:
  rules:
    - {id: no-crime, when: {risk: a1.h, detectors: [guard], roles: [user]}, then: refuse, on_error: refuse}
response:
  rules:
    - {id: answer-crime, when: {risk: a1.h, detectors: [guard]}, then: refuse, on_error: pass}
replies: {safe: {zh: 好, en: ok}}
withheld: {zh: 略, en: left out}
"""


@pytest.mark.parametrize(
    ("case", "problems"),
    [
        ("{name: n, side: request, text: 天气, expect: {action: pass, rule: null}}", []),
        ("{name: n, side: request, text: '', expect: {action: pass, rule: null}}", []),
        (
            "{name: n, side: request, text: 骗人, judges: {guard: {a1.h: 0.9}}, "
            "expect: {action: refuse, rule: no-crime}}",
            [],
        ),
        ("{name: n, side: request, text: 骗人, judges: {guard: {a1.h: 0.4}}, expect: {action: pass}}", []),
        ("{name: n, side: request, text: 骗人, judges: {guard: {}}, expect: {action: pass, rule: null}}", []),
        ("{name: n, side: request, text: 骗人, judges: {guard: error}, expect: {action: refuse, rule: no-crime}}", []),
        ("{name: n, side: response, text: 骗人, judges: {guard: error}, expect: {action: pass}}", []),
        ("{name: n, side: request, role: tool, text: 骗人, expect: {action: pass, rule: null}}", []),
        ("{name: n, side: request, text: 天气, judges: {guard: {a1.h: 0.9}}, expect: {action: pass}}", []),
        (
            "{name: n, side: request, text: 骗人, expect: {action: pass}}",
            [
                "the judge guard would be asked, and nobody is asked here: say judges: {guard: …}",
                "the action is refuse, not pass",
            ],
        ),
    ],
)
def test_a_case_speaks_for_the_judges(tmp_path: Path, case: str, problems: list[str]) -> None:
    (result,) = run_cases(plan(tmp_path, JUDGED), cases(tmp_path, f"- {case}\n"))
    assert list(result.problems) == problems


@pytest.mark.parametrize(
    ("judges", "message"),
    [
        (
            "{gaurd: {a1.h: 0.9}}",
            "x_test.yaml:1:3: case 'n' speaks for an unknown judge 'gaurd' — did you mean 'guard'",
        ),
        ("{words: {fraud: 0.9}}", "case 'n' speaks for an unknown judge 'words' — the request side has: guard"),
        ("{guard: {a9.h: 0.9}}", "case 'n': judge 'guard' never reports 'a9.h' — did you mean"),
        ("{guard: {a1.h: 1.5}}", "x_test.yaml:1:"),
        ("{guard: fails}", "x_test.yaml:1:"),
    ],
)
def test_a_case_that_speaks_for_a_judge_wrongly_is_told(tmp_path: Path, judges: str, message: str) -> None:
    case = f"- {{name: n, side: request, text: 骗人, judges: {judges}, expect: {{action: pass}}}}\n"
    with pytest.raises(PolicyErrors) as told:
        run_cases(plan(tmp_path, JUDGED), cases(tmp_path, case))
    assert message in str(told.value)
