"""An explanation says which rule decided and why, in ids and numbers and never in the text."""

from __future__ import annotations

import pytest

from gateway.policy.explain import Language, explain
from gateway.policy.plan import LabelPlan, Plan, RecordPlan, Rule, SidePlan, Words
from gateway.policy.rule import Judged, decide
from gateway.verdict import PASS, Finding, Verdict

RULE = Rule("hide", frozenset({"pii.email"}), 0.8, "mask", "refuse", frozenset({"mail"}))
SIDE = SidePlan(rules=(RULE,), unjudged="refuse", by_risk={"pii.email": (RULE,)})
WORDS = Words("略", "left out")
PLAN = Plan("base", "ab" * 32, SIDE, SidePlan(), "safe_reply", {"safe": WORDS}, WORDS, LabelPlan(), RecordPlan())
SEEN = Finding(12, 18, "pii.email", 0.95, "mail")


@pytest.mark.parametrize(
    ("verdict", "language", "lines"),
    [
        (PASS, "en", ["Passed: no rule of policy base@abababababab fired."]),
        (PASS, "zh", ["放行：方案 base@abababababab 没有规则命中。"]),
        (
            decide(SIDE, [Judged("messages[0].content", "user", (SEEN, SEEN._replace(risk="abuse", score=0.3)))]),
            "en",
            [
                "Passed with parts masked by rule hide of policy base@abababababab.",
                "- hide (mask): mail saw pii.email at 0.95 ≥ 0.80, messages[0].content 12–18",
                "- seen, but no rule fired: abuse at 0.30",
            ],
        ),
        (
            decide(SIDE, [Judged("messages[0].content", "user", (SEEN,))]),
            "zh",
            [
                "部分遮盖后放行：依据方案 base@abababababab 的规则 hide。",
                "- hide（部分遮盖后放行）：mail 发现 pii.email，得分 0.95 ≥ 0.80，messages[0].content 12–18",
            ],
        ),
        (
            decide(SIDE, [], [("mail", "TimeoutError")], ["messages[1].content[0]"]),
            "en",
            [
                "Refused by rule hide of policy base@abababababab.",
                "- hide (refuse): mail could not judge; the rule says on_error: refuse",
                "- unjudged (refuse): no detector can read messages[1].content[0]; the policy says unjudged: refuse",
                "- could not judge: mail: TimeoutError",
            ],
        ),
        (
            decide(SidePlan(), [], [("mail", "TimeoutError")], ["messages[1].content[0]"]),
            "zh",
            [
                "放行：方案 base@abababababab 没有规则命中。",
                "- 无法判断：mail: TimeoutError",
                "- 未判断，没有检测器能读取：messages[1].content[0]",
            ],
        ),
    ],
)
def test_an_explanation_has_a_line_for_every_reason(verdict: Verdict, language: Language, lines: list[str]) -> None:
    assert explain(PLAN, verdict, language).splitlines() == lines
