"""A policy compiles to a plan that can run, or everything wrong with it is said with its line."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit.small_policies import DETECTORS, LIST, MASK, NEEDED, START, compiled, rules
from kit.specs import specs

from gateway.errors import PolicyErrors
from gateway.policy.compile import compile_policy
from gateway.policy.load import load_policy
from gateway.policy.plan import Band, LabelPlan, MisusePlan, PicturePlan, Plan, RecordPlan, SoundPlan, VideoPlan, Words
from gateway.ports import BuiltDetector, Derived, DetectorSpec, Loader, Piece, Scan, Terms
from gateway.text import TextView

REFUSE = "{id: nope, when: {risk: a1}, then: refuse, on_error: refuse}"


def band(ask: str, detector: str = "second", use: str = "judge") -> str:
    """A policy whose tenth line is a judge with a band."""
    return START + f"  - {{id: {detector}, use: {use}, ask: {ask}}}\n"


WRONG: list[tuple[str, str]] = [
    # the whole
    (
        "sluice: 1\nname: x\nwithheld: {zh: 略, en: x}\n",
        "x.yaml:1:1: there is no reply named 'safe' — write replies: {safe:",
    ),
    (
        "sluice: 1\nname: x\nreplies: {safe: {zh: 好, en: ok}}\n",
        "x.yaml:1:1: the key 'withheld' is missing — write withheld:",
    ),
    (START + "label: {metadata: true}\n", "x.yaml:10:1: the label has no position — write position: start, end,"),
    (
        START + "label: {position: none, pictures: {corner: top}}\n",
        "x.yaml:10:1: the label has no words, and pictures needs them — write words:",
    ),
    (START + "label: {position: none, videos: {}}\n", "the label has no words, and videos needs them"),
    (START + "label: {position: none, files: visible}\n", "the label has no words, and files needs them"),
    (
        START + "label: {position: none, files: metadata}\n",
        "x.yaml:10:25: files: metadata writes metadata, but the label has none — write metadata: true",
    ),
    (START + "label: {position: none, sounds: {form: spoken}}\n", "the label has no words, and sounds needs them"),
    (
        START + "label: {position: none, sounds: {clip: a.wav}}\n",
        "x.yaml:10:34: a clip goes with form: spoken — write form: spoken, or remove clip",
    ),
    (
        START + "label: {position: none, sounds: {form: spoken, clip: none.wav}}\n",
        "x.yaml:10:48: the clip of the spoken label: there is no file",
    ),
    (
        START + "label: {position: none, pictures: {corner: middle}}\n",
        "x.yaml:10:36: 'label.pictures.corner' may not be 'middle'",
    ),
    (
        START + "label: {position: none, videos: {seconds: 1}}\n",
        "x.yaml:10:34: 'label.videos.seconds' should be greater",
    ),
    (START + "label: {position: end}\n", "x.yaml:10:1: the label has no words — write words: {zh: …, en: …}"),
    (
        START + "label: {position: none, words: {zh: 机器生成, en: AI-generated}}\n",
        "x.yaml:10:33: the label's zh words do not name artificial intelligence — GB 45438-2025, 5.1: say 人工",
    ),
    (
        START + "label: {position: end, words: {zh: 由AI合成, en: AI text}}\n",
        "x.yaml:10:43: the label's en words do not say that it was generated — GB 45438-2025, 5.1: say 生成 or 合成;",
    ),
    (
        START + "label: {position: both, words: {zh: AI generated, en: AI-generated}}\n",
        "x.yaml:10:33: the label's zh words do not say that it was generated — GB 45438-2025, 5.1: say 生成 or 合成",
    ),
    (
        START + f"label: {{position: end, words: {{zh: 由AI合成{'，' * 120}, en: AI-generated}}}}\n",
        "x.yaml:10:32: the label's zh words are longer than 120 characters — a label is a line: say it shorter",
    ),
    (
        START + "label: {position: end, words: {zh: 由AI合成, en: synthesised MAIL}}\n",
        "x.yaml:10:43: the label's en words do not name artificial intelligence",
    ),
    # detectors
    (
        START + "  - {id: y, use: lexcon}\n",
        "x.yaml:10:13: unknown kind of detector 'lexcon' — there are: find, judge, mail,",
    ),
    (
        band("{when: {risk: a1, between: [0.3, 1.2]}}"),
        "x.yaml:10:68: 'detectors[4].ask.when.between[1]' should be less than or equal to 1",
    ),
    (
        band("{when: {risk: a1, between: [-0.1, 0.8]}}"),
        "x.yaml:10:63: 'detectors[4].ask.when.between[0]' should be greater than or equal to 0",
    ),
    (
        band("{when: {risk: a1, between: [0.8, 0.3]}}"),
        "x.yaml:10:53: detector 'second' is never asked: nothing lies between 0.8 and 0.3 — write the lower score",
    ),
    (band("{when: {risk: a1, between: [0.5, 0.5]}}"), "x.yaml:10:53: detector 'second' is never asked: nothing lies"),
    (band("{when: {risk: a1}}"), "x.yaml:10:36: the key 'between' is missing — the judge is asked from the first"),
    (
        band("{when: {risk: a1, between: [0.3, 0.8], detector: [list]}}"),
        "x.yaml:10:74: unknown key 'detector' — did you mean 'detectors'",
    ),
    (band("{}"), "x.yaml:10:30: the key 'when' is missing — the uncertain band: when: {risk: a1, between: [0.3, 0.8]}"),
    (
        band("{when: {risk: a1, between: [0.3, 0.8]}}", use="phone"),
        "x.yaml:10:30: detector 'second' is no judge: it looks at every text — remove ask; it is for judges",
    ),
    (
        band("{when: {risk: a3, between: [0.3, 0.8]}}"),
        "x.yaml:10:43: detector 'second' is never asked: no detector of the policy reports 'a3' — what they report: a1",
    ),
    (
        band("{when: {risk: fruad, between: [0.3, 0.8]}}"),
        "x.yaml:10:43: detector 'second' is never asked: no detector of the policy reports 'fruad' — did you mean",
    ),
    (
        band("{when: {risk: abuse, between: [0.3, 0.8]}}"),
        "x.yaml:10:43: detector 'second' is never asked: nothing but a judge reports 'abuse' — what they",
    ),
    (
        band("{when: {risk: a1, between: [0.3, 0.8], detectors: [lst]}}"),
        "x.yaml:10:86: detector 'second' waits for an unknown detector 'lst' — did you mean 'list'",
    ),
    (
        band("{when: {risk: a1, between: [0.3, 0.8], detectors: [ask]}}"),
        "x.yaml:10:86: detector 'second' waits for another judge, 'ask' — name detectors that look at every text",
    ),
    (
        band("{when: {risk: a1, between: [0.3, 0.8], detectors: [phone]}}"),
        "x.yaml:10:43: detector 'second' is never asked: none of its detectors reports 'a1' — 'list' does: add it",
    ),
    (START + "  - {id: y, use: phon}\n", "x.yaml:10:13: unknown kind of detector 'phon' — did you mean 'phone'?"),
    (START + "  - {id: y, use: phone, options: {x: 1}}\n", "x.yaml:10:35: unknown option 'x' — remove it"),
    (
        START + "  - {id: y, use: find, options: {risk: r}}\n",
        "x.yaml:10:24: the option 'pattern' is missing — a regular expression",
    ),
    (
        START + "  - {id: y, use: find, options: {pattern: 5, risk: r}}\n",
        "x.yaml:10:34: the option 'pattern' should be text — a regular expression",
    ),
    (START + "  - {id: y, use: find, options: {pattern: '', risk: r}}\n", "the option 'pattern' is too short"),
    (
        START + "  - {id: y, use: find, options: {pattern: x, risk: r, scroe: 1}}\n",
        "x.yaml:10:55: unknown option 'scroe' — did you mean 'score'?",
    ),
    (
        START + "  - {id: y, use: find, options: {pattern: x, risk: r, score: 0}}\n",
        "x.yaml:10:55: the option 'score' should be greater than 0 — how sure a match is",
    ),
    (
        START + "  - {id: y, use: find, options: {pattern: x, risk: r, score: 1.5}}\n",
        "the option 'score' should be at most 1 — how sure a match is",
    ),
    (
        START + "  - {id: y, use: find, options: {pattern: x, risk: r, flavour: plane}}\n",
        "the option 'flavour' may not be 'plane'; known: 'plain', 'spiced' — did you mean 'plain'?",
    ),
    (
        START + "  - {id: y, use: words, options: {lists: list.csv}}\n",
        "the option 'lists' should be a list — files with words",
    ),
    (
        START + "  - {id: y, use: words, options: {lists: []}}\n",
        "the option 'lists' needs at least 1 — files with words",
    ),
    (START + "  - {id: y, use: words, options: {lists: [1]}}\n", "x.yaml:10:43: the option 'lists' should be text"),
    (START + "  - {id: y, use: judge, options: {fail: 1}}\n", "the option 'fail' should be true or false"),
    (
        START + "  - {id: y, use: find, options: {pattern: '(', risk: r}}\n",
        "x.yaml:10:5: detector 'y': the pattern is not a regular expression: missing ), unterminated subpattern —",
    ),
    (START + "  - {id: y, use: words, options: {lists: [lis.csv]}}\n", "x.yaml:10:5: detector 'y': there is no file"),
    (START + "  - {id: y, use: words, options: {lists: [lis.csv]}}\n", "— did you mean 'list.csv'?"),
    (
        START + "  - {id: y, use: words, options: {lists: [list.csv, x.yaml]}}\n",
        "x.yaml:10:5: detector 'y': x.yaml:1: the line is not term,risk,score — mend the line",
    ),
    # single rules
    (
        rules("{id: a, when: {risk: pii, detectors: [mail, fone]}, then: mask, on_error: pass}"),
        "x.yaml:12:51: rule 'a' names an unknown detector 'fone' — did you mean 'phone'?",
    ),
    (
        rules("{id: a, when: {risk: pii, detectors: [x]}, then: mask, on_error: pass}"),
        "names an unknown detector 'x' — the policy has: phone, mail, list, ask",
    ),
    (
        rules("{id: unjudged, when: {risk: pii}, then: mask, on_error: pass}"),
        "x.yaml:12:8: rule 'unjudged': 'unjudged' is the name of what no detector can read — choose another id",
    ),
    (
        rules("{id: a, when: {risk: pii}, then: refuse, keep: [1, 1], on_error: pass}"),
        "x.yaml:12:48: rule 'a': keep goes with mask, not with refuse — remove keep, or write then: mask",
    ),
    (
        rules("{id: a, when: {risk: pii}, then: mask, notice: {zh: 注, en: n}, on_error: pass}"),
        "x.yaml:12:46: rule 'a': a notice goes with label, not with mask",
    ),
    (
        rules("{id: a, when: {risk: pii}, then: label, on_error: pass}"),
        "x.yaml:12:34: rule 'a': label needs words — write notice: {zh: …, en: …}",
    ),
    (
        rules("{id: a, when: {risk: pii}, then: mask, reply: safe, on_error: pass}"),
        "x.yaml:12:46: rule 'a': a reply goes with refuse, answer or handoff, not with mask — remove it",
    ),
    (
        rules("{id: a, when: {risk: pii}, then: answer, on_error: pass}"),
        "x.yaml:12:34: rule 'a': answer needs a reply — write reply: with one of safe, care",
    ),
    (
        rules("{id: a, when: {risk: pii}, then: handoff, on_error: pass}"),
        "rule 'a': handoff needs a reply",
    ),
    (
        rules("{id: a, when: {risk: pii}, then: refuse, reply: crae, on_error: pass}"),
        "x.yaml:12:48: rule 'a': there is no reply named 'crae' — did you mean 'care'?",
    ),
    (
        rules("{id: a, when: {risk: pii}, then: refuse, reply: x, on_error: pass}"),
        "there is no reply named 'x' — the policy has: safe, care",
    ),
    (
        rules("{id: a, when: {risk: pii}, then: refuse, release: hold, on_error: pass}"),
        "x.yaml:12:48: rule 'a': release is for answers — remove it, or move the rule to response",
    ),
    (
        rules("{id: a, when: {risk: pii}, then: mask, release: follow, on_error: pass}", side="response"),
        "x.yaml:12:46: rule 'a': what has left cannot be masked — write release: hold, or then: refuse",
    ),
    (
        "block: error\n"
        + rules("{id: a, when: {risk: pii}, then: refuse, release: follow, on_error: pass}", side="response"),
        "x.yaml:13:48: rule 'a': an answer that has begun cannot become an error — write release: hold or buffer",
    ),
    (
        rules("{id: a, when: {risk: pii, roles: [user]}, then: mask, on_error: pass}", side="response"),
        "x.yaml:12:33: rule 'a': an answer is in the words of the assistant only — remove roles",
    ),
    # risks
    (
        rules("{id: a, when: {risk: pii.mobil_number}, then: mask, on_error: pass}"),
        "x.yaml:12:22: rule 'a' can never fire: no detector of the policy reports 'pii.mobil_number'"
        " — did you mean 'pii.mobile_number'?",
    ),
    (
        rules("{id: a, when: {risk: [pii, a1x]}, then: mask, on_error: pass}"),
        "x.yaml:12:22: rule 'a' can never fire: no detector of the policy reports 'a1x' — did you mean 'a1'?",
    ),
    (
        rules("{id: a, when: {risk: a1.d, detectors: [mail, ask]}, then: mask, on_error: pass}"),
        "rule 'a' can never fire: none of its detectors reports 'a1.d' — 'list' does: add it to the detectors",
    ),
    (
        rules("{id: a, when: {risk: pi}, then: mask, on_error: pass}"),
        "reports 'pi' — did you mean 'pii'?",
    ),
    (
        f"sluice: 1\nname: x\n{NEEDED}request: {{rules: [{MASK}]}}\n",
        "x.yaml:5:34: rule 'a' can never fire: no detector of the policy reports 'pii' — add a detector: {id: mail,",
    ),
    (
        f"sluice: 1\nname: x\n{NEEDED}request: {{rules: [{MASK.replace('pii', 'zzzz')}]}}\n",
        "reports 'zzzz' — see the risks that `use` can find",
    ),
    # the suspension of users
    (rules(MASK) + "misuse: {rules: [a], reply: care}\n", "x.yaml:13:18: misuse counts 'a', which is no rule of the"),
    (rules(REFUSE) + "misuse: {rules: [nob], reply: care}\n", "x.yaml:13:18: misuse counts 'nob', which is no rule of"),
    (rules(REFUSE) + "misuse: {reply: care}\n", "x.yaml:13:1: misuse counts no rule — write rules: [ID, …]"),
    (
        rules(REFUSE) + "misuse: {rules: [nope]}\n",
        "x.yaml:13:1: misuse names no reply — a suspended user is told one of",
    ),
    (
        rules(REFUSE) + "misuse: {rules: [nope], reply: cure}\n",
        "x.yaml:13:25: there is no reply named 'cure' — a suspended user is told one of the replies; there are: safe,",
    ),
    # handing over
    (
        rules(REFUSE) + "handoff: {question: masked}\n",
        "x.yaml:13:11: no rule for questions looks for personal data, so none can be masked — add a rule with risk:",
    ),
    (rules(MASK) + "handoff: {question: all}\n", "x.yaml:13:11: "),
    # pairs of rules
    (
        rules(MASK, "{id: b, when: {risk: [pii.email, pii.mobile_number]}, then: refuse, on_error: refuse}"),
        "x.yaml:13:61: rule 'b' fires on the same as rule 'a' (",
    ),
    (
        rules(MASK, "{id: b, when: {risk: [pii.email, pii.mobile_number]}, then: refuse, on_error: refuse}"),
        "x.yaml:12:7) and says refuse where that says mask — keep one of them; to change an inherited rule, give",
    ),
    (rules(MASK, MASK.replace("id: a", "id: b")), "and says the same — keep one of them"),
    (
        rules(
            "{id: b, when: {risk: pii.email, score: 0.8}, then: mask, on_error: pass}", MASK.replace("mask", "refuse")
        ),
        "x.yaml:12:7: rule 'b' never decides: rule 'a' (",
    ),
    (
        rules(
            "{id: b, when: {risk: pii.email, score: 0.8}, then: mask, on_error: pass}", MASK.replace("mask", "refuse")
        ),
        "x.yaml:13:7) says refuse wherever it fires — lower its score, or narrow the other rule; to change",
    ),
    (
        rules(MASK) + "response:\n  rules:\n    - {id: a, when: {risk: abuse}, then: refuse, on_error: pass}\n",
        "x.yaml:15:8: the rule id 'a' is in both request and response (",
    ),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_what_cannot_be_meant_is_said_with_its_line_and_a_way_out(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PolicyErrors) as caught:
        compiled(tmp_path, text)
    assert message in str(caught.value)
    assert all(problem.where is not None and problem.where.line for problem in caught.value.problems)


@pytest.mark.parametrize("text", sorted({text for text, _ in WRONG}))
def test_one_mistake_is_one_message(tmp_path: Path, text: str) -> None:
    with pytest.raises(PolicyErrors) as caught:
        compiled(tmp_path, text)
    assert len(caught.value.problems) == 1, str(caught.value)


def test_all_mistakes_are_said_at_once(tmp_path: Path) -> None:
    text = (
        rules("{id: a, when: {risk: pii}, then: answer, keep: [1, 1], on_error: pass}") + "  - {id: z, use: nothing}\n"
    )
    text = text.replace(DETECTORS, DETECTORS + "  - {id: z, use: nothing}\n").rsplit("  - {id: z", 1)[0]
    with pytest.raises(PolicyErrors) as caught:
        compiled(tmp_path, text)
    assert [problem.where.line for problem in caught.value.problems if problem.where] == [10, 13, 13]


RIGHT = {
    "narrower and weaker, but at a lower score": rules(
        "{id: a, when: {risk: pii, score: 0.8}, then: refuse, on_error: pass}",
        "{id: b, when: {risk: pii, score: 0.4}, then: mask, on_error: pass}",
    ),
    "weaker, but for more roles": rules(
        "{id: a, when: {risk: pii, roles: [user]}, then: refuse, on_error: pass}",
        "{id: b, when: {risk: pii}, then: mask, on_error: pass}",
    ),
    "weaker, but for more risks": rules(
        "{id: a, when: {risk: pii.email}, then: refuse, on_error: pass}",
        "{id: b, when: {risk: pii}, then: mask, on_error: pass}",
    ),
    "weaker, but for more risks of one detector": rules(
        "{id: a, when: {risk: a1}, then: refuse, on_error: pass}",
        "{id: b, when: {risk: [a1, fraud]}, then: mask, on_error: pass}",
    ),
    "weaker, but for what more detectors report": rules(
        "{id: a, when: {risk: pii.mobile_number, detectors: [phone]}, then: refuse, on_error: pass}",
        "{id: b, when: {risk: pii.mobile_number}, then: mask, on_error: pass}",
    ).replace("detectors:\n", "detectors:\n  - {id: other, use: phone}\n"),
    "a mask under a rule that follows": rules(
        "{id: a, when: {risk: pii}, then: refuse, release: follow, on_error: pass}",
        "{id: b, when: {risk: pii, score: 0.8}, then: mask, on_error: pass}",
        side="response",
    ),
    "a refusal for an answer in the words of the assistant": rules(
        "{id: a, when: {risk: pii, roles: [assistant]}, then: refuse, release: buffer, on_error: pass}", side="response"
    ),
    "the same rule on both sides": rules(MASK)
    + "response: {rules: [{id: b, when: {risk: pii}, then: refuse, on_error: refuse}]}\n",
    "handing over": rules(MASK) + "handoff: {question: masked}\n",
    "handing over without words": rules(REFUSE) + "handoff: {question: withheld}\n",
    "the suspension of users": rules(REFUSE) + "misuse: {rules: [nope], reply: care}\n",
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT.keys())
def test_what_can_be_meant_compiles(tmp_path: Path, text: str) -> None:
    assert compiled(tmp_path, text).name == "x"


def test_a_plan_is_what_the_policy_says(tmp_path: Path) -> None:
    text = rules(
        "{id: a, when: {risk: pii, score: 0.8, roles: [user, tool]}, then: mask, keep: [3, 4], on_error: refuse}",
        "{id: b, when: {risk: [a1, abuse]}, then: refuse, reply: care, on_error: pass}",
        "{id: c, when: {risk: a1.d, score: 0.4, detectors: [list]}, then: label, notice: {zh: 注, en: n},"
        " on_error: pass}",
    )
    text += "response:\n  unjudged: refuse\n  rules:\n"
    text += "    - {id: d, when: {risk: pii.email}, then: refuse, release: buffer, on_error: pass}\n"
    text += "label: {position: start, words: {zh: 人工智能生成, en: AI-generated}, metadata: true}\n"
    text += "record: {text: encrypted, on_record_failure: pass}\nblock: error\n"
    plan = compiled(tmp_path, text)
    a, b, c = plan.request.rules
    assert (a.risks, a.score, a.keep, a.roles) == ({"pii.email", "pii.mobile_number"}, 0.8, (3, 4), {"user", "tool"})
    assert (a.detectors, a.on_error, a.reply, a.notice) == ({"phone", "mail"}, "refuse", "", None)
    assert (b.risks, b.detectors, b.reply, b.roles) == ({"a1.d", "a1.f", "abuse"}, {"list", "ask"}, "care", None)
    assert (c.risks, c.detectors, c.notice) == ({"a1.d"}, {"list"}, Words("注", "n"))
    assert [detector.id for detector in plan.request.detectors] == ["phone", "mail", "list", "ask"]
    assert [detector.scope for detector in plan.request.detectors] == ["span", "span", "span", "sentence"]
    assert {risk: [rule.id for rule in found] for risk, found in plan.request.by_risk.items()} == {
        "pii.email": ["a"],
        "pii.mobile_number": ["a"],
        "a1.d": ["b", "c"],
        "a1.f": ["b"],
        "abuse": ["b"],
    }
    assert [detector.id for detector in plan.response.detectors] == ["mail"]
    assert (plan.response.rules[0].release, plan.response.rules[0].reply) == ("buffer", "safe")
    assert (plan.request.unjudged, plan.response.unjudged, plan.block) == ("pass", "refuse", "error")
    assert plan.label == LabelPlan("start", Words("人工智能生成", "AI-generated"), True)
    assert plan.record == RecordPlan("encrypted", "pass")
    assert plan.replies["care"] == Words("关怀", "care")
    assert plan.withheld == Words("略", "left out")
    assert plan.files == (str(tmp_path / "x.yaml"), str(tmp_path / "list.csv"))


def test_the_suspension_of_users_is_compiled(tmp_path: Path) -> None:
    said = rules(REFUSE) + "misuse: {rules: [nope], daily: 7, hours: 1.5, reply: care}\n"
    assert compiled(tmp_path, said).misuse == MisusePlan(frozenset({"nope"}), Terms(3, 7, 5400.0), "care")
    assert compiled(tmp_path, rules(REFUSE)).misuse is None
    child = "sluice: 1\nname: y\nextends: x.yaml\nmisuse: {rules: [nope], consecutive: 2, reply: safe}\n"
    assert compiled(tmp_path, said).digest != compiled(tmp_path, rules(REFUSE)).digest
    compiled(tmp_path, said)
    assert compiled(tmp_path, child, "y.yaml").misuse == MisusePlan(frozenset({"nope"}), Terms(2, 7, 5400.0), "safe")


@pytest.mark.parametrize(
    ("said", "question"),
    [
        (rules(MASK), "masked"),
        (rules(REFUSE), "withheld"),
        (rules(MASK, side="response"), "withheld"),
        (rules(MASK) + "handoff: {question: raw}\n", "raw"),
        (rules(MASK) + "handoff: {question: withheld}\n", "withheld"),
        (rules(MASK) + "handoff: {unavailable: {zh: 无人, en: nobody}}\n", "masked"),
    ],
)
def test_people_see_a_question_without_persons_or_not_at_all_unless_the_policy_says_so(
    tmp_path: Path, said: str, question: str
) -> None:
    plan = compiled(tmp_path, said).handoff
    assert plan.question == question
    assert (plan.unavailable == Words("无人", "nobody")) == ("unavailable" in said)


def test_labels_of_media_are_compiled_and_a_clip_is_part_of_the_plan(tmp_path: Path) -> None:
    (tmp_path / "clip.wav").write_bytes(b"one")
    media = (
        "label: {position: none, words: {zh: 人工智能生成, en: AI生成}, pictures: {corner: top, watermark: true},"
        " sounds: {form: spoken, position: both, clip: clip.wav}, videos: {seconds: 4}, files: both, metadata: true}\n"
    )
    plan = compiled(tmp_path, START + media)
    assert plan.label.pictures == PicturePlan("top", watermark=True)
    assert plan.label.sounds == SoundPlan("spoken", "both", b"one")
    assert plan.label.videos == VideoPlan("bottom-right", 4.0)
    assert plan.label.files == "both"
    assert str(tmp_path / "clip.wav") in plan.files
    (tmp_path / "other.wav").write_bytes(b"one")
    assert compiled(tmp_path, START + media.replace("clip.wav", "other.wav")).digest == plan.digest
    (tmp_path / "clip.wav").write_bytes(b"two")
    assert compiled(tmp_path, START + media).digest != plan.digest


def test_a_detector_is_built_once_and_shared_by_both_sides(tmp_path: Path) -> None:
    plan = compiled(
        tmp_path, rules(MASK) + "response: {rules: [{id: b, when: {risk: pii}, then: mask, on_error: pass}]}\n"
    )
    assert plan.request.detectors == plan.response.detectors
    assert all(a is b for a, b in zip(plan.request.detectors, plan.response.detectors, strict=True))


def test_judges_run_after_the_pure_detectors(tmp_path: Path) -> None:
    text = rules("{id: a, when: {risk: [abuse, pii]}, then: mask, on_error: pass}")
    text = text.replace("  - {id: ask, use: judge}\n", "").replace(
        "detectors:\n", "detectors:\n  - {id: ask, use: judge}\n"
    )
    assert [detector.id for detector in compiled(tmp_path, text).request.detectors] == ["phone", "mail", "ask"]


def test_a_kind_that_neither_scans_nor_judges_is_refused(tmp_path: Path) -> None:
    idle = DetectorSpec("idle", "", frozenset(), "span", lambda _o, _l: BuiltDetector(frozenset(), "1"))
    path = tmp_path / "x.yaml"
    path.write_text(f"sluice: 1\nname: x\n{NEEDED}detectors: [{{id: y, use: idle}}]\n", encoding="utf-8")
    with pytest.raises(PolicyErrors, match="detector 'y': the kind 'idle' is neither a detector nor a judge"):
        compile_policy(load_policy(path), {"idle": idle})


# --- The digest ----------------------------------------------------------------------------------

FULL = (
    rules(
        "{id: a, when: {risk: pii, score: 0.8, roles: [user, tool]}, then: mask, keep: [3, 4], on_error: refuse}",
        "{id: b, when: {risk: [a1, fraud], detectors: [list]}, then: refuse, reply: care, on_error: pass}",
        "{id: c, when: {risk: abuse}, then: label, notice: {zh: 注, en: n}, on_error: pass}",
    )
    + """\
response:
  unjudged: refuse
  rules:
    - {id: d, when: {risk: pii.email, score: 0.6}, then: refuse, release: buffer, on_error: pass}
    - {id: e, when: {risk: abuse, score: 0.6}, then: refuse, on_error: pass}
label: {position: start, words: {zh: 人工智能生成, en: AI-generated}, metadata: true}
record: {text: masked, on_record_failure: pass}
block: safe_reply
misuse: {rules: [b], consecutive: 3, daily: 5, hours: 24, reply: care}
handoff: {question: masked, unavailable: {zh: 无人, en: nobody}}
"""
)


def shuffled(value: Any, dice: random.Random) -> Any:
    """The same document with the keys of every mapping in another order."""
    if isinstance(value, dict):
        keys = list(value)
        dice.shuffle(keys)
        return {key: shuffled(value[key], dice) for key in keys}
    return [shuffled(item, dice) for item in value] if isinstance(value, list) else value


@given(seed=st.integers(0, 10_000), flow=st.sampled_from([True, False, None]), indent=st.integers(2, 6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
def test_the_order_of_keys_and_comments_and_layout_do_not_change_the_digest(
    tmp_path: Path, seed: int, flow: bool | None, indent: int
) -> None:
    value = shuffled(yaml.safe_load(FULL), random.Random(seed))
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, default_flow_style=flow, indent=indent)
    text = "# 注释\n" + text.replace("\n", "  # comment\n" if flow is False else "\n")
    assert compiled(tmp_path, text).digest == compiled(tmp_path, FULL).digest


def test_another_path_another_list_name_and_defaults_written_out_do_not_change_the_digest(tmp_path: Path) -> None:
    digest = compiled(tmp_path, FULL).digest
    there = tmp_path / "over" / "there"
    (there / "lists").mkdir(parents=True)
    (there / "lists" / "other.csv").write_text(LIST, encoding="utf-8")
    text = FULL.replace("list.csv", "lists/other.csv").replace("[a1, fraud]", "[fraud, a1]")
    text = text.replace("0.6}, then: refuse, on", "0.6}, then: refuse, release: hold, reply: safe, on").replace(
        "risk: abuse}", "risk: [abuse], score: 0.5}"
    )
    assert compiled(there, text, "y.yaml").digest == digest
    assert compiled(there, "extends: y.yaml\nsluice: 1\nname: x\n", "z.yaml").digest == digest


def changes(value: Any, place: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    """Every single value of the document, changed so that it still compiles."""
    if isinstance(value, dict):
        return [change for key, item in value.items() for change in changes(item, (*place, key))]
    if isinstance(value, list) and place[-1] not in ("keep", "risk", "roles", "detectors", "lists"):
        return [change for index, item in enumerate(value) for change in changes(item, (*place, index))]
    key = place[-1]
    other: dict[Any, Any] = {
        "name": "z",
        "score": 0.77,
        "keep": [3, 5],
        "risk": {"pii": "pii.email", "pii.email": "pii", "abuse": "pii.mobile_number"}.get(str(value), "a1"),
        "roles": ["user"],
        "on_error": {"pass": "refuse", "refuse": "pass"}.get(str(value)),
        "unjudged": "pass",
        "release": "hold",
        "position": "end",
        "metadata": False,
        "text": "none",
        "on_record_failure": "refuse",
        "block": "error",
        "reply": "safe",
        "consecutive": 4,
        "question": "withheld",
        "daily": 6,
        "hours": 25,
        "zh": f"{value}改",
        "en": f"{value} changed",
    }
    return [(place, other[key])] if key in other else []


CHANGES = changes(yaml.safe_load(FULL))


def test_there_is_a_change_for_all_that_matters() -> None:
    assert len(CHANGES) >= 32


@pytest.mark.parametrize(("place", "new"), CHANGES, ids=[".".join(map(str, place)) for place, _ in CHANGES])
def test_any_change_of_meaning_changes_the_digest(tmp_path: Path, place: tuple[str | int, ...], new: Any) -> None:
    value = copy.deepcopy(yaml.safe_load(FULL))
    inner = value
    for part in place[:-1]:
        inner = inner[part]
    assert inner[place[-1]] != new
    inner[place[-1]] = new
    text = yaml.safe_dump(value, allow_unicode=True)
    assert compiled(tmp_path, text).digest != compiled(tmp_path, FULL).digest


def test_another_word_in_a_list_changes_the_digest(tmp_path: Path) -> None:
    digest = compiled(tmp_path, FULL).digest
    (tmp_path / "list.csv").write_text(LIST.replace("0.7", "0.6"), encoding="utf-8")
    assert compile_policy(load_policy(tmp_path / "x.yaml"), specs()).digest != digest


def test_another_version_of_a_detector_changes_the_digest(tmp_path: Path) -> None:
    digest = compiled(tmp_path, FULL).digest
    registry = specs()
    old = registry["phone"]
    built = old.build({}, lambda _: b"")
    new = BuiltDetector(built.risks, "2", built.scan)
    registry["phone"] = DetectorSpec(old.name, old.summary, old.risks, old.scope, lambda _o, _l: new)
    assert compile_policy(load_policy(tmp_path / "x.yaml"), registry).digest != digest


def test_a_file_that_no_option_names_changes_the_digest(tmp_path: Path) -> None:
    def build(_options: object, load: Loader) -> BuiltDetector:
        load("extra.bin")
        return BuiltDetector(frozenset({"r"}), "1", lambda view: Scan((), len(view.text)))

    path = tmp_path / "x.yaml"
    path.write_text(f"sluice: 1\nname: x\n{NEEDED}detectors: [{{id: y, use: hidden}}]\n", encoding="utf-8")
    kinds = {"hidden": DetectorSpec("hidden", "", frozenset(), "span", build)}
    digests = set()
    for content in (b"1", b"2"):
        (tmp_path / "extra.bin").write_bytes(content)
        digests.add(compile_policy(load_policy(path), kinds).digest)
    assert len(digests) == 2


def test_another_version_of_the_package_changes_the_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = compiled(tmp_path, FULL).digest
    monkeypatch.setattr("gateway.policy.compile.__version__", "99")
    assert compiled(tmp_path, FULL).digest != digest


def test_the_order_of_rules_changes_the_digest(tmp_path: Path) -> None:
    value = yaml.safe_load(FULL)
    value["request"]["rules"].reverse()
    assert compiled(tmp_path, yaml.safe_dump(value, allow_unicode=True)).digest != compiled(tmp_path, FULL).digest


def test_a_digest_is_a_sha256_in_hex(tmp_path: Path) -> None:
    digest = compiled(tmp_path, FULL).digest
    assert len(digest) == 64
    assert int(digest, 16) > 0


# --- Judges and their bands -------------------------------------------------------------------------------

ABUSE = "{id: r, when: {risk: abuse}, then: refuse, on_error: refuse}"


def judged(folder: Path, ask: str, *lines: str, side: str = "request") -> Plan:
    rules_of = "".join(f"    - {line}\n" for line in lines or (ABUSE,))
    return compiled(folder, band(ask) + f"{side}:\n  rules:\n{rules_of}")


def test_a_band_names_exact_risks_and_the_detectors_that_report_them(tmp_path: Path) -> None:
    plan = judged(tmp_path, "{when: {risk: [a1, fraud], between: [0.3, 0.8]}}")
    bound = {detector.id: detector for detector in plan.request.detectors}
    assert bound["second"].ask == Band(frozenset(["a1.d", "a1.f", "fraud"]), 0.3, 0.8, frozenset(["list"]))
    assert bound["ask"].ask is None


def test_a_detector_that_only_a_band_needs_runs_on_that_side(tmp_path: Path) -> None:
    only_second = "{id: r, when: {risk: abuse, detectors: [second]}, then: refuse, on_error: refuse}"
    plan = judged(tmp_path, "{when: {risk: a1, between: [0.3, 0.8]}}", only_second)
    assert [detector.id for detector in plan.request.detectors] == ["list", "second"]
    assert plan.response.detectors == ()


def test_a_band_that_reaches_down_to_nothing_asks_unless_it_is_clear(tmp_path: Path) -> None:
    plan = judged(tmp_path, "{when: {risk: a1, between: [0, 1]}}")
    assert [d.ask and (d.ask.low, d.ask.high) for d in plan.request.detectors if d.id == "second"] == [(0.0, 1.0)]


def test_a_band_is_part_of_the_digest(tmp_path: Path) -> None:
    asks = ["{when: {risk: a1, between: [0.3, 0.8]}}", "{when: {risk: a1, between: [0.3, 0.7]}}"]
    asks += ["{when: {risk: fraud, between: [0.3, 0.8]}}", "{when: {risk: a1, between: [0.3, 0.8], detectors: [list]}}"]
    assert len({judged(tmp_path, ask).digest for ask in asks}) == len(asks)


@pytest.mark.parametrize(
    ("lines", "roles"),
    [
        ((ABUSE,), None),
        (("{id: r, when: {risk: abuse, roles: [user]}, then: refuse, on_error: pass}",), {"user"}),
        (
            (
                "{id: r, when: {risk: abuse, roles: [user]}, then: refuse, on_error: pass}",
                "{id: s, when: {risk: abuse, roles: [tool], score: 0.7}, then: refuse, on_error: pass}",
            ),
            {"user", "tool"},
        ),
        (
            ("{id: r, when: {risk: abuse, roles: [user]}, then: refuse, on_error: pass}", ABUSE.replace("r,", "s,")),
            None,
        ),
    ],
)
def test_a_judge_is_asked_only_in_the_words_of_those_for_whom_a_rule_heeds_it(
    tmp_path: Path, lines: tuple[str, ...], roles: set[str] | None
) -> None:
    plan = judged(tmp_path, "{when: {risk: a1, between: [0.3, 0.8]}}", *lines)
    bound = {detector.id: detector for detector in plan.request.detectors}
    assert bound["second"].roles == roles
    assert bound["list"].roles is None


@pytest.mark.parametrize(
    ("lines", "roles"),
    [
        (("{id: r, when: {risk: a1, roles: [tool]}, then: refuse, on_error: pass}",), {"tool"}),
        (
            (
                "{id: r, when: {risk: a1, roles: [tool]}, then: refuse, on_error: pass}",
                "{id: s, when: {risk: a1, score: 0.7}, then: mask, on_error: pass}",
            ),
            None,
        ),
    ],
)
def test_a_detector_too_looks_only_at_the_words_of_those_for_whom_a_rule_heeds_it(
    tmp_path: Path, lines: tuple[str, ...], roles: set[str] | None
) -> None:
    bound = {detector.id: detector for detector in compiled(tmp_path, rules(*lines)).request.detectors}
    assert bound["list"].roles == roles


def test_what_was_read_out_of_a_text_is_handed_to_those_that_look_at_such_texts(tmp_path: Path) -> None:
    seen: list[str] = []

    def spec(name: str, *, derived: bool) -> DetectorSpec:
        def scan(view: TextView) -> Scan:
            seen.append(f"{name}: {view.text}")
            return Scan((), len(view.text))

        risks = frozenset({"a1.d"})
        return DetectorSpec(
            name, "", risks, "span", lambda options, load: BuiltDetector(risks, "1", scan, derived=derived)
        )

    def read(view: TextView) -> Derived:
        return Derived((Piece(0, 3, "inside", "how"),), len(view.text))

    reads = frozenset({"attack.encoding"})
    reader = DetectorSpec("reader", "", reads, "span", lambda options, load: BuiltDetector(reads, "1", derive=read))
    registry = {"all": spec("all", derived=True), "own": spec("own", derived=False), "reader": reader}
    path = tmp_path / "x.yaml"
    used = "".join(f"  - {{id: {name}, use: {name}}}\n" for name in registry)
    rule = "{id: r, when: {risk: a1}, then: mask, on_error: pass}"
    path.write_text(f"sluice: 1\nname: x\n{NEEDED}detectors:\n{used}request:\n  rules:\n    - {rule}\n", "utf-8")
    plan = compile_policy(load_policy(path), registry)
    scan = next(detector.scan for detector in plan.request.detectors if detector.id == "reader")
    assert scan is not None
    scan(TextView("abc"))
    assert set(seen) == {"all: inside"}
