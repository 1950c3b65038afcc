"""Finds what a policy says that cannot be meant: rules that contradict, words that miss, names unknown.

Everything here looks at the whole policy, inherited parts included, and reports the line in the
file that says it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from gateway.document import Place, suggest
from gateway.errors import ConfigError, PolicyError, Where
from gateway.policy.load import Policy
from gateway.policy.options import check_options
from gateway.policy.plan import Plan, Rule
from gateway.policy.rule import UNJUDGED
from gateway.policy.schema import LabelEntry, RuleEntry, WordsEntry
from gateway.ports import TechniqueSpec
from gateway.verdict import Side, rank, silences
from gateway.wording import Language, fault_of_words, lacks_chinese

SIDES: Final[tuple[Side, ...]] = ("request", "response")
_NEEDS_REPLY: Final = ("answer", "handoff")
_NAMED: Final = 8
_REPLACE: Final = "to change an inherited rule, give yours its id"


def in_group(risk: str, group: str) -> bool:
    """Whether ``risk`` is ``group`` itself or one of its kinds: ``pii.email`` is in ``pii``."""
    return risk == group or risk.startswith(f"{group}.")


def check_whole(policy: Policy) -> Iterator[ConfigError]:
    """Yield what a policy lacks or says wrongly outside of its rules."""
    content, document = policy.content, policy.document
    if "safe" not in content.replies:
        yield PolicyError(
            "there is no reply named 'safe'",
            document.where("replies"),
            "write replies: {safe: {zh: …, en: …}}: refusals and failures use it",
        )
    if content.withheld is None:
        hint = "write withheld: {zh: …, en: …}: it stands in place of an earlier turn that may not reach the model"
        yield PolicyError("the key 'withheld' is missing", document.where(), hint)
    asked = {rule.id: index for index, rule in enumerate(content.request.rules)}
    for index, rule in enumerate(content.response.rules):
        if rule.id in asked:
            other = document.where("request", "rules", asked[rule.id])
            what = f"the rule id {rule.id!r} is in both request and response ({other})"
            yield PolicyError(what, document.where("response", "rules", index, "id"), "records name rules: rename one")
    label = content.label
    if label is None:
        return
    if label.position is None:
        hint = "write position: start, end, both, interface or none"
        yield PolicyError("the label has no position", document.where("label"), hint)
    elif label.words is None and (shown := _shown(label)):
        what = "the label has no words" + ("" if shown == "position" else f", and {shown} needs them")
        yield PolicyError(what, document.where("label"), "write words: {zh: …, en: …}")
    if label.sounds is not None and label.sounds.clip is not None and label.sounds.form != "spoken":
        where = document.where("label", "sounds", "clip")
        yield PolicyError("a clip goes with form: spoken", where, "write form: spoken, or remove clip")
    if label.files in ("metadata", "both") and not label.metadata:
        what = f"files: {label.files} writes metadata, but the label has none"
        yield PolicyError(what, document.where("label", "files"), "write metadata: true")
    if label.words is not None:
        yield from _check_label(policy, label.words)


def _shown(label: LabelEntry) -> str:
    """Return the first key of a label that shows its words; empty if none does."""
    if label.position != "none":
        return "position"
    if label.pictures is not None:
        return "pictures"
    if label.sounds is not None and label.sounds.form == "spoken" and label.sounds.clip is None:
        return "sounds"
    if label.videos is not None:
        return "videos"
    return "files" if label.files in ("visible", "both") else ""


def _check_label(policy: Policy, words: WordsEntry) -> Iterator[ConfigError]:
    both: tuple[tuple[Language, str], ...] = (("zh", words.zh), ("en", words.en))
    for language, text in both:
        if fault := fault_of_words(text, language):
            what, hint = fault
            where = policy.document.where("label", "words", language)
            yield PolicyError(f"the label's {language} words {what}", where, hint)


def check_ground(policy: Policy) -> Iterator[ConfigError]:
    """Yield what is wrong with how answers are grounded."""
    entry, document, replies = policy.content.ground, policy.document, policy.content.replies
    if entry is None:
        return
    if entry.template is None:
        hint = "write template: {zh: …, en: …} with {passages} and {question}"
        yield PolicyError("ground has no template", document.where("ground"), hint)
    else:
        for language in ("zh", "en"):
            words: str = getattr(entry.template, language)
            missing = [name for name in ("{passages}", "{question}") if words.count(name) != 1]
            if missing:
                where = document.where("ground", "template", language)
                yield PolicyError(f"the template has not one {missing[0]}", where, "write it once: text goes there")
    if entry.unsourced == "notice" and entry.notice is None:
        where = document.where("ground", "unsourced")
        yield PolicyError("unsourced: notice needs words", where, "write notice: {zh: …, en: …}")
    if entry.reply is not None and entry.reply not in replies:
        hint = suggest(entry.reply, replies) or f"the policy has: {', '.join(replies) or 'none'}"
        yield PolicyError(f"there is no reply named {entry.reply!r}", document.where("ground", "reply"), hint)
    if entry.judge is not None and entry.judge.between[0] >= entry.judge.between[1]:
        where = document.where("ground", "judge", "between")
        yield PolicyError("the judge would never be asked", where, "let the first number be below the second")


def check_answers(policy: Policy) -> Iterator[ConfigError]:
    """Yield what is wrong with the words of standard answers."""
    entry, document = policy.content.answers, policy.document
    if entry is None or entry.ask is None:
        return
    for language in ("zh", "en"):
        words: str = getattr(entry.ask, language)
        if words.count("{questions}") != 1:
            where = document.where("answers", "ask", language)
            yield PolicyError("ask has not one {questions}", where, "write it once: what may be meant goes there")


def check_handoff(policy: Policy, rules: Sequence[Rule]) -> Iterator[ConfigError]:
    """Yield what is wrong with what people are told: a question cannot be masked where nobody looks for persons."""
    entry = policy.content.handoff
    if entry is not None and entry.question == "masked" and not finds_persons(rules):
        what = "no rule for questions looks for personal data, so none can be masked"
        where = policy.document.where("handoff", "question")
        yield PolicyError(what, where, "add a rule with risk: pii, or write question: withheld")


def finds_persons(rules: Sequence[Rule]) -> bool:
    """Whether rules need detectors that find personal data."""
    return any(risk.startswith("pii.") for rule in rules for risk in rule.risks)


def check_misuse(policy: Policy) -> Iterator[ConfigError]:
    """Yield what is wrong with the suspension of users: rules that refuse nothing, words that are not there."""
    misuse, document = policy.content.misuse, policy.document
    if misuse is None:
        return
    refusals = {rule.id for rule in policy.content.request.rules if silences(rule.then)}
    if not misuse.rules:
        yield PolicyError(
            "misuse counts no rule", document.where("misuse"), "write rules: [ID, …]: whose refusals count"
        )
    for position, name in enumerate(misuse.rules or ()):
        if name not in refusals:
            hint = suggest(name, refusals) or f"they are: {', '.join(sorted(refusals)) or 'none'}"
            what = f"misuse counts {name!r}, which is no rule of the request that refuses"
            yield PolicyError(what, document.where("misuse", "rules", position), hint)
    if misuse.reply is None or misuse.reply not in policy.content.replies:
        what = f"there is no reply named {misuse.reply!r}" if misuse.reply else "misuse names no reply"
        where = document.where("misuse", "reply") if misuse.reply else document.where("misuse")
        replies = ", ".join(policy.content.replies) or "none"
        hint = f"a suspended user is told one of the replies; there are: {replies}"
        yield PolicyError(what, where, hint)


def check_bands(policy: Policy, known: Mapping[str, frozenset[str]], judges: frozenset[str]) -> Iterator[ConfigError]:
    """Yield what is wrong with the bands in which judges are asked.

    Args:
        policy: The policy.
        known: For each detector of the policy what it can report; only those that could be built.
        judges: Those of them that are judges.
    """
    entries, document = policy.content.detectors, policy.document
    ids = [entry.id for entry in entries]
    cheap = {name: risks for name, risks in known.items() if name not in judges}
    for index, entry in enumerate(entries):
        if entry.ask is None or entry.id not in known:
            continue
        place: Place = ("detectors", index, "ask")
        when = entry.ask.when
        if entry.id not in judges:
            what = f"detector {entry.id!r} is no judge: it looks at every text"
            yield PolicyError(what, document.where(*place), "remove ask; it is for judges")
            continue
        low, high = when.between
        if low >= high:
            where, hint = document.where(*place, "when", "between"), "write the lower score first, such as [0.3, 0.8]"
            yield PolicyError(
                f"detector {entry.id!r} is never asked: nothing lies between {low} and {high}", where, hint
            )
        for position, name in enumerate(when.detectors or ()):
            where = document.where(*place, "when", "detectors", position)
            if name in judges:
                hint = "name detectors that look at every text"
                yield PolicyError(f"detector {entry.id!r} waits for another judge, {name!r}", where, hint)
            elif name not in ids:
                hint = suggest(name, ids) or f"the policy has: {', '.join(ids)}"
                yield PolicyError(f"detector {entry.id!r} waits for an unknown detector {name!r}", where, hint)
        names = when.detectors or tuple(name for name in ids if name not in judges)
        if any(name not in cheap for name in names):
            continue  # one of them is wrong itself: what it would report is not known
        reachable = {risk for name in names for risk in cheap[name]}
        for group in when.risk:
            if not any(in_group(risk, group) for risk in reachable):
                others = {name: risks for name, risks in cheap.items() if name not in names}
                hint = _other_detector(group, others) or _nearest_risk(group, reachable) or _some(reachable)
                what = f"detector {entry.id!r} is never asked: nothing but a judge reports {group!r}"
                if not any(in_group(risk, group) for name in judges for risk in known[name]):
                    whose = "none of its detectors" if when.detectors else "no detector of the policy"
                    what = f"detector {entry.id!r} is never asked: {whose} reports {group!r}"
                yield PolicyError(what, document.where(*place, "when", "risk"), hint)


def check_rules(policy: Policy, side: Side) -> Iterator[ConfigError]:
    """Yield what is wrong with single rules of one side, whatever the detectors find."""
    content, document = policy.content, policy.document
    detectors = [detector.id for detector in content.detectors]
    for index, rule in enumerate(getattr(content, side).rules):
        place: Place = (side, "rules", index)
        for position, name in enumerate(rule.when.detectors or ()):
            if name not in detectors:
                where = document.where(*place, "when", "detectors", position)
                hint = suggest(name, detectors) or f"the policy has: {', '.join(detectors) or 'none'}"
                yield PolicyError(f"rule {rule.id!r} names an unknown detector {name!r}", where, hint)
        for key, what, hint in _misfits(policy, side, rule):
            yield PolicyError(f"rule {rule.id!r}: {what}", document.where(*place, *key), hint)


def check_techniques(policy: Policy, techniques: Mapping[str, TechniqueSpec]) -> Iterator[ConfigError]:
    """Yield rules whose technique is unknown, or does not take its options."""
    document = policy.document
    for side in SIDES:
        for index, rule in enumerate(getattr(policy.content, side).rules):
            if rule.how is None:
                continue
            place: Place = (side, "rules", index, "how")
            spec = techniques.get(rule.how.use)
            if spec is None:
                hint = suggest(rule.how.use, techniques) or f"there are: {', '.join(sorted(techniques))}"
                what = f"rule {rule.id!r}: unknown technique {rule.how.use!r}"
                yield PolicyError(what, document.where(*place, "use"), hint)
            else:
                yield from check_options(spec.options, rule.how.options, document, (*place, "options"))


def _misfits(policy: Policy, side: Side, rule: RuleEntry) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield ``(key, what, hint)`` for keys that do not go with the action or the side."""
    replies = policy.content.replies
    if rule.id == UNJUDGED:
        yield ("id",), "'unjudged' is the name of what no detector can read", "choose another id"
    yield from _mask_misfits(rule)
    if rule.notice is not None and rule.then != "label":
        yield ("notice",), f"a notice goes with label, not with {rule.then}", "remove it, or write then: label"
    if rule.notice is None and rule.then == "label":
        yield ("then",), "label needs words", "write notice: {zh: …, en: …}"
    if rule.reply is not None and not silences(rule.then):
        yield ("reply",), f"a reply goes with refuse, answer or handoff, not with {rule.then}", "remove it"
    elif rule.reply is None and rule.then in _NEEDS_REPLY:
        yield ("then",), f"{rule.then} needs a reply", f"write reply: with one of {', '.join(replies) or '…'}"
    elif rule.reply is not None and rule.reply not in replies:
        hint = suggest(rule.reply, replies) or f"the policy has: {', '.join(replies) or 'none'}"
        yield ("reply",), f"there is no reply named {rule.reply!r}", hint
    if side == "request":
        if rule.release is not None:
            yield ("release",), "release is for answers", "remove it, or move the rule to response"
        return
    if rule.release == "follow" and rule.then == "mask":
        yield ("release",), "what has left cannot be masked", "write release: hold, or then: refuse"
    if rule.release == "follow" and policy.content.block == "error":
        yield ("release",), "an answer that has begun cannot become an error", "write release: hold or buffer"
    if rule.when.outside is not None:
        yield ("when", "outside"), "what a model has answered has left its region", "move the rule to request"
    if rule.when.roles is not None and "assistant" not in rule.when.roles:
        yield ("when", "roles"), "an answer is in the words of the assistant only", "remove roles"


def _mask_misfits(rule: RuleEntry) -> Iterator[tuple[tuple[str, ...], str, str]]:
    for key, said in (("keep", rule.keep), ("how", rule.how)):
        if said is not None and rule.then != "mask":
            yield (key,), f"{key} goes with mask, not with {rule.then}", f"remove {key}, or write then: mask"
    if rule.how is not None and rule.keep is not None:
        yield ("keep",), "keep and how exclude each other", "write how: {use: mask, options: {keep: …}}, or only keep"


def check_risks(
    policy: Policy, side: Side, known: Mapping[str, frozenset[str]], offered: Mapping[str, frozenset[str]]
) -> Iterator[ConfigError]:
    """Yield the risks of rules that none of their detectors can report.

    Args:
        policy: The policy.
        side: Which side.
        known: For each detector of the policy what it can report; only those that could be built.
        offered: For each kind of detector what it can report, for suggestions.
    """
    everything = {risk for risks in known.values() for risk in risks}
    for index, rule in enumerate(getattr(policy.content, side).rules):
        names = rule.when.detectors or tuple(detector.id for detector in policy.content.detectors)
        if any(name not in known for name in names):
            continue  # a detector is wrong itself: what it would report is not known
        reachable = {risk for name in names for risk in known[name]}
        for group in rule.when.risk:
            if any(in_group(risk, group) for risk in reachable):
                continue
            hint = _other_detector(group, known) or _nearest_risk(group, everything) or _other_kind(group, offered)
            whose = "none of its detectors reports" if rule.when.detectors else "no detector of the policy reports"
            where = policy.document.where(side, "rules", index, "when", "risk")
            yield PolicyError(f"rule {rule.id!r} can never fire: {whose} {group!r}", where, hint)


def _other_detector(group: str, known: Mapping[str, frozenset[str]]) -> str:
    able = [name for name, risks in known.items() if any(in_group(risk, group) for risk in risks)]
    return f"{able[0]!r} does: add it to the detectors" if able else ""


def _some(risks: set[str]) -> str:
    named = sorted(risks)
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return f"what they report: {', '.join(named[:_NAMED]) or 'nothing'}{more}"


def _nearest_risk(group: str, risks: set[str]) -> str:
    groups = {risk.rsplit(".", cut)[0] for risk in risks for cut in range(risk.count(".") + 1)}
    return suggest(group, risks | groups)


def _other_kind(group: str, offered: Mapping[str, frozenset[str]]) -> str:
    kinds = sorted(kind for kind, risks in offered.items() if any(in_group(risk, group) for risk in risks))
    if kinds:
        return f"add a detector: {{id: {kinds[0].replace('_', '-')}, use: {kinds[0]}}}"
    near = suggest(group, {risk for risks in offered.values() for risk in risks})
    return near or "see the risks that `use` can find"


def check_pairs(policy: Policy, side: Side, rules: Sequence[Rule]) -> Iterator[ConfigError]:
    """Yield rules that contradict each other, and rules that another one always overrules."""
    places = {entry.id: index for index, entry in enumerate(getattr(policy.content, side).rules)}

    def where(rule: Rule, *key: str) -> Where:
        return policy.document.where(side, "rules", places[rule.id], *key)

    for index, rule in enumerate(rules):
        twin = next((other for other in rules[:index] if _trigger(other) == _trigger(rule)), None)
        if twin is not None:
            says = "says the same" if twin.then == rule.then else f"says {rule.then} where that says {twin.then}"
            what = f"rule {rule.id!r} fires on the same as rule {twin.id!r} ({where(twin)}) and {says}"
            yield PolicyError(what, where(rule, "then"), f"keep one of them; {_REPLACE}")
        ruler = next((other for other in rules if _overrules(other, rule)), None)
        if ruler is not None:
            always = f"rule {ruler.id!r} ({where(ruler)}) says {ruler.then} wherever it fires"
            hint = f"lower its score, or narrow the other rule; {_REPLACE}"
            yield PolicyError(f"rule {rule.id!r} never decides: {always}", where(rule), hint)


def _trigger(rule: Rule) -> tuple[object, ...]:
    return rule.risks, rule.score, rule.roles, rule.detectors, rule.outside


def _overrules(strong: Rule, weak: Rule) -> bool:
    """Whether ``strong`` fires, and silences, wherever ``weak`` would do less."""
    return (
        silences(strong.then)
        and rank(strong.then) > rank(weak.then)
        and strong.release != "follow"
        and strong.risks >= weak.risks
        and strong.detectors >= weak.detectors
        and strong.score <= weak.score
        and (strong.outside is None or strong.outside == weak.outside)
        and (strong.roles is None or (weak.roles is not None and strong.roles >= weak.roles))
        and _trigger(strong) != _trigger(weak)
    )


def warnings(policy: Policy, plan: Plan) -> tuple[str, ...]:
    """Return what a policy may say but hardly means: for people, no error."""
    needed = {detector.id for side in (plan.request, plan.response) for detector in side.detectors}
    found = [
        f"{policy.document.where('detectors', index)}: no rule uses the detector {entry.id!r} — it is left out"
        for index, entry in enumerate(policy.content.detectors)
        if entry.id not in needed
    ]
    label = policy.content.label
    if label is not None and label.words is not None and lacks_chinese(label.words.en):
        where = policy.document.where("label", "words", "en")
        hint = "GB 45438-2025, 5.1 wants 生成 or 合成: for users in mainland China keep it beside the English words"
        found.append(f"{where}: the label's en words have no Chinese form — {hint}")
    return (*found, *_spoken_for(policy, plan))


def _spoken_for(policy: Policy, plan: Plan) -> Iterator[str]:
    """Yield rules that let pass what a judge cannot judge, where another rule heeds the judge too and refuses then."""
    for side, planned in (("request", plan.request), ("response", plan.response)):
        judges = {detector.id for detector in planned.detectors if detector.judge is not None}
        entries = getattr(policy.content, side).rules
        for index, (entry, rule) in enumerate(zip(entries, planned.rules, strict=True)):
            mine = judges & rule.detectors
            if rule.on_error != "pass" or not entry.when.detectors or not mine:
                continue
            others = [o.id for o in planned.rules if o.on_error == "refuse" and mine & o.detectors]
            if others:
                where = policy.document.where(side, "rules", index, "on_error")
                more = f" and {len(others) - 1} more" if len(others) > 1 else ""
                yield (
                    f"{where}: rule {entry.id!r} says on_error: pass, but rule {others[0]!r}{more} heeds the judge"
                    f" {min(mine)!r} too and refuses when it fails — give that rule detectors: without the judge,"
                    " or say on_error: refuse here"
                )
