"""A policy compiles to a plan that can run, or everything wrong with it is said with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from kit.small_policies import DETECTORS, MASK, NEEDED, START, band, compiled, rules

from gateway.errors import PolicyErrors
from gateway.policy.plan import LabelPlan, MisusePlan, PicturePlan, RecordPlan, SoundPlan, VideoPlan, Words
from gateway.ports import Terms

REFUSE = "{id: nope, when: {risk: a1}, then: refuse, on_error: refuse}"


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


def test_judges_run_after_the_pure_detectors(tmp_path: Path) -> None:
    text = rules("{id: a, when: {risk: [abuse, pii]}, then: mask, on_error: pass}")
    text = text.replace("  - {id: ask, use: judge}\n", "").replace(
        "detectors:\n", "detectors:\n  - {id: ask, use: judge}\n"
    )
    assert [detector.id for detector in compiled(tmp_path, text).request.detectors] == ["phone", "mail", "ask"]
