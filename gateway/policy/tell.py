"""Tells a person, in words, what was seen in a text, what was decided, and why not otherwise.

Unlike ``explain``, it shows the text itself: it is for whoever gave the text, on their own screen,
and never for a log.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from gateway.policy.explain import ACTIONS, Classed, Language, explain, unclassed
from gateway.policy.plan import Band, Plan, Rule, SidePlan
from gateway.policy.rule import Judged
from gateway.ports import Evidence
from gateway.text import TextView
from gateway.verdict import Finding, Verdict

_MOST_REASONS: Final = 5
_MARKED: Final = 0.3
"""From which score on there are signs under a finding, if no rule fired for it: a shadow of a doubt marks nothing."""
_HARM: Final = "harm"
_KIND: Final = re.compile(r"a[1-5](?:\.[a-i])?")
"""A kind of harm, as GB/T 45654 names them."""
_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "seen": "What was seen, and where:",
        "nothing": "Nothing was seen.",
        "finding": "[{number}] {detector} saw {risk} at {start}–{end}, score {score:.2f}",
        "reason": "      because of {quote}{what} ({weight:+.2f})",
        "kind": "      for the reasons of [{whole}]: this only says which kind of harm it is",
        "dumb": "      (why cannot be said: {error})",
        "rules": "Why each rule fired or did not:",
        "fired": "✓ {rule}: {risk} at {score:.2f} ≥ {needed:.2f} ({detector}) → {action}",
        "failed": "✗ {rule}: {detector} could not judge; on_error: {on_error}",
        "below": "· {rule}: {risk} at {score:.2f} < {needed:.2f}",
        "role": "· {rule}: only in the words of {roles}",
        "quiet": "· nothing of their kind was seen: {rules}",
        "unasked": "· {judge} was not asked: {low:.2f} ≤ score < {high:.2f} of cheaper detectors does not hold",
        "goes": "The text goes on as:",
        "stays": "The text does not go on; the reply is:",
        "same": "The text goes on as it is.",
        "blind": "Not judged: {what}",
        "all": "Every detector judged.",
    },
    "zh": {
        "seen": "看到了什么、在哪里：",
        "nothing": "没有发现。",
        "finding": "[{number}] {detector} 在 {start}–{end} 发现 {risk}，得分 {score:.2f}",
        "reason": "      依据：{quote}{what}（{weight:+.2f}）",
        "kind": "      依据同 [{whole}]：这里说的是它属于哪一类",
        "dumb": "      （说不出依据：{error}）",
        "rules": "各条规则为何命中或没有命中：",
        "fired": "✓ {rule}：{risk} 得分 {score:.2f} ≥ {needed:.2f}（{detector}）→ {action}",
        "failed": "✗ {rule}：{detector} 无法判断；on_error: {on_error}",
        "below": "· {rule}：{risk} 得分 {score:.2f} < {needed:.2f}",
        "role": "· {rule}：只看 {roles} 的话",
        "quiet": "· 没有发现这些规则所管的内容：{rules}",
        "unasked": "· 没有问 {judge}：较快的检测器得分不在 {low:.2f} ≤ 得分 < {high:.2f} 之内",
        "goes": "文本将这样发出：",
        "stays": "文本不会发出，代之以：",
        "same": "文本原样发出。",
        "blind": "未判断：{what}",
        "all": "所有检测器都作出了判断。",
    },
}

_KINDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {"question": "the question"},
    "zh": {"as a sentence": "整句来读", "read apart": "单独来读", "question": "所答的问题"},
}
"""What detectors call reasons that are no stretch of the text."""


def tell(
    plan: Plan,
    side: SidePlan,
    view: TextView,
    judged: Judged,
    *,
    verdict: Verdict,
    language: Language,
    classed: Classed = unclassed,
) -> str:
    """Return the whole story of one text.

    Args:
        plan: The plan that decided.
        side: Its side.
        view: The text, and the question if it is an answer.
        judged: What was found in it.
        verdict: What was decided.
        language: ``zh`` or ``en``.
        classed: Says of a risk what stands behind its finding.
    """
    words = _WORDS[language]
    lines = [explain(plan, verdict, language).partition("\n")[0], ""]
    if judged.findings:
        fired = {hit.risk for hit in verdict.hits}
        plain = [one for one in judged.findings if one.score >= _MARKED or one.risk in fired]
        lines += [words["seen"], *_marked(view.text, plain)]
        for at, one in enumerate(judged.findings, 1):
            first, *reasons = _finding(side, view, at, one, language)
            whole = 0 if reasons else _whole(judged.findings, one)
            lines += [first + classed(one.risk), *reasons, *([words["kind"].format(whole=whole)] if whole else [])]
    else:
        lines.append(words["nothing"])
    lines += ["", words["rules"], *_rules(side, judged, verdict, language)]
    return "\n".join([*lines, "", *_left(verdict, words)])


def goes_on(text: str, changed: str, reply: str | None, language: Language) -> str:
    """Return what becomes of a text: it goes on, changed or not, or a reply takes its place."""
    words = _WORDS[language]
    if reply is not None:
        return f"{words['stays']}\n  {_shown(reply)}"
    return words["same"] if changed == text else f"{words['goes']}\n  {_shown(changed)}"


def _marked(text: str, findings: Sequence[Finding]) -> Iterator[str]:
    """Yield each line of the text in which something was found, with signs under what it is."""
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        inside = [finding for finding in findings if finding.start < max(end, start + 1) and finding.end > start]
        if inside:
            hit = {at for one in inside for at in range(max(one.start, start), min(one.end, end))}
            under = "".join(("^" if start + at in hit else " ") * _width(c) for at, c in enumerate(line))
            yield f"  {_shown(line)}"
            yield f"  {under.rstrip()}"
        start = end + 1


def _finding(side: SidePlan, view: TextView, number: int, finding: Finding, language: Language) -> Iterator[str]:
    words, kinds = _WORDS[language], _KINDS[language]
    yield words["finding"].format(number=number, **finding._asdict())
    explaining = next((d.explain for d in side.detectors if d.id == finding.detector), None)
    if explaining is None:
        return
    try:
        reasons: Sequence[Evidence] = explaining(view, finding)[:_MOST_REASONS]
    except Exception as error:  # a person waits for the rest of the story
        yield words["dumb"].format(error=type(error).__name__)
        return
    for reason in reasons:
        quote = _shown(view.text[reason.start : reason.end])
        what = "" if reason.what == quote else kinds.get(reason.what, reason.what)
        yield words["reason"].format(quote=f"“{quote}” " if quote else "", what=_shown(what), weight=reason.weight)


def _whole(findings: Sequence[Finding], kind: Finding) -> int:
    """Return the number of the harm that a finding is a kind of, as the same detector saw it there; 0 for none."""
    if not _KIND.fullmatch(kind.risk):
        return 0
    wanted = kind._replace(risk=_HARM, score=0.0)
    return next((at for at, one in enumerate(findings, 1) if one._replace(score=0.0) == wanted), 0)


def _rules(side: SidePlan, judged: Judged, verdict: Verdict, language: Language) -> Iterator[str]:
    words = _WORDS[language]
    quiet = []
    for rule in side.rules:
        hits = [hit for hit in verdict.hits if hit.rule == rule.id]
        failed = [error.partition(":")[0] for error in verdict.errors if error.partition(":")[0] in rule.detectors]
        best = max((f for f in judged.findings if _concerns(rule, f)), key=lambda f: f.score, default=None)
        top = max((hit for hit in hits if hit.slot), key=lambda hit: hit.score, default=None)
        if top is not None:
            action = rule.then if language == "en" else ACTIONS["zh"][rule.then]
            yield words["fired"].format(
                rule=rule.id, risk=top.risk, score=top.score, needed=rule.score, detector=top.detector, action=action
            )
        for name in failed:
            yield words["failed"].format(rule=rule.id, detector=name, on_error=rule.on_error)
        if top is not None or failed:
            continue
        if best is None:
            quiet.append(rule.id)
        elif best.score < rule.score:
            yield words["below"].format(rule=rule.id, risk=best.risk, score=best.score, needed=rule.score)
        else:
            yield words["role"].format(rule=rule.id, roles=", ".join(sorted(rule.roles or ())))
    if quiet:
        yield words["quiet"].format(rules=", ".join(quiet))
    heard = {finding.detector for finding in judged.findings} | {error.partition(":")[0] for error in verdict.errors}
    for detector in side.detectors:
        band = detector.ask
        if band is not None and detector.id not in heard and not _in_band(band, judged):
            yield words["unasked"].format(judge=detector.id, low=band.low, high=band.high)


def _in_band(band: Band, judged: Judged) -> bool:
    scores = [f.score for f in judged.findings if f.risk in band.risks and f.detector in band.detectors]
    return band.low <= max(scores, default=0.0) < band.high


def _concerns(rule: Rule, finding: Finding) -> bool:
    return finding.risk in rule.risks and finding.detector in rule.detectors


def _left(verdict: Verdict, words: Mapping[str, str]) -> Iterator[str]:
    left = [*verdict.errors, *verdict.unjudged]
    if not left:
        yield words["all"]
    for what in left:
        yield words["blind"].format(what=what)


def _width(character: str) -> int:
    """How many columns a character takes on a screen; the same for what is shown in its place."""
    if not character.isprintable():
        return 1
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _shown(text: str) -> str:
    """Put a dot in place of what a screen would obey instead of showing it."""
    return "".join(character if character.isprintable() or character == "\n" else "·" for character in text)
