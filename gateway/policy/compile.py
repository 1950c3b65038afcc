"""Compiles a policy to a plan, or says everything that is wrong with it.

What compiles can run: every detector is built, every rule can fire, every reply has words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import ConfigError, PolicyError, PolicyErrors
from gateway.policy.bound import Built, build_all, for_roles, let_read, with_bands
from gateway.policy.check import (
    SIDES,
    check_answers,
    check_bands,
    check_ground,
    check_handoff,
    check_misuse,
    check_pairs,
    check_risks,
    check_rules,
    check_techniques,
    check_whole,
    finds_persons,
    in_group,
)
from gateway.policy.digest import policy_digest
from gateway.policy.groups import with_classes
from gateway.policy.load import Policy, policy_loader
from gateway.policy.plan import (
    AnswersPlan,
    BoundDetector,
    GroundJudge,
    GroundPlan,
    HandoffPlan,
    LabelPlan,
    MisusePlan,
    PicturePlan,
    Plan,
    RecordPlan,
    Rule,
    SidePlan,
    SoundPlan,
    VideoPlan,
    Words,
)
from gateway.policy.schema import (
    AnswersEntry,
    GroundEntry,
    HandoffEntry,
    LabelEntry,
    MisuseEntry,
    RuleEntry,
    SideEntry,
    WordsEntry,
)
from gateway.ports import (
    BuildStandards,
    BuildWeigh,
    BuiltStandards,
    DetectorSpec,
    TechniqueSpec,
    Terms,
    Weigh,
)
from gateway.verdict import Side


def compile_policy(
    policy: Policy,
    registry: Mapping[str, DetectorSpec],
    techniques: Mapping[str, TechniqueSpec] | None = None,
    classes: Mapping[str, frozenset[str]] | None = None,
    standards: BuildStandards | None = None,
    *,
    weigh: BuildWeigh | None = None,
) -> Plan:
    """Build a policy's detectors and rules.

    Args:
        policy: What was read.
        registry: The kinds of detectors that ``use`` may name.
        techniques: The techniques that ``how`` may name.
        classes: The classes of personal data that ``risk: class.NAME`` may name, and the risks of each.
        standards: Builds the answer banks that ``answers`` may name.
        weigh: Builds the judge of citations that ``ground`` may name.

    Raises:
        PolicyErrors: Everything that is wrong, with file, line and a suggestion each.
    """
    techniques = techniques or {}
    problems: list[ConfigError] = list(check_techniques(policy, techniques))
    techniques = {} if problems else techniques  # none is built from options that are wrong
    problems.extend(check_whole(policy))
    built = let_read(build_all(policy, registry, problems))
    known = {name: detector.bound.risks for name, detector in built.items()}
    policy = with_classes(policy, classes or {}, frozenset().union(*known.values()), problems)
    judges = frozenset(name for name, detector in built.items() if detector.bound.judge is not None)
    offered = {kind: spec.risks for kind, spec in registry.items()}
    problems.extend(check_bands(policy, known, judges))
    sides: dict[Side, tuple[Rule, ...]] = {}
    for side in SIDES:
        problems.extend(check_rules(policy, side))
        problems.extend(check_risks(policy, side, known, offered))
        entries: SideEntry = getattr(policy.content, side)
        sides[side] = tuple(_rule(entry, known, techniques) for entry in entries.rules)
        problems.extend(check_pairs(policy, side, [rule for rule in sides[side] if rule.risks]))
    problems.extend(check_misuse(policy))
    content = policy.content
    clip = _clip(policy, problems)
    problems.extend(check_ground(policy))
    problems.extend(check_answers(policy))
    problems.extend(check_handoff(policy, sides["request"]))
    banks = _banks(policy, standards, problems)
    weighs = _weigh(policy, weigh, problems)
    if problems or content.withheld is None:
        raise PolicyErrors(problems)
    label, record = content.label, content.record
    detectors = with_bands(content.detectors, built)
    return Plan(
        name=policy.name,
        digest=policy_digest(policy, built, clip.content, banks.built.version if banks.built else None),
        request=_side(content.request, sides["request"], detectors),
        response=_side(content.response, sides["response"], detectors),
        block=content.block or "safe_reply",
        replies={name: _words(words) for name, words in content.replies.items()},
        withheld=_words(content.withheld),
        label=_label(label, clip.content) if label else LabelPlan(),
        record=RecordPlan(
            text=(record.text if record else None) or "none",
            on_failure=(record.on_record_failure if record else None) or "refuse",
        ),
        files=(*_files(policy, built), *clip.paths, *banks.paths),
        ground=_ground(content.ground, weighs),
        answers=_answers(content.answers, banks),
        misuse=_misuse(content.misuse),
        handoff=_handoff(content.handoff, sides["request"]),
    )


# --- The label -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Clip:
    """The recorded words of the label of sounds, if the policy names any."""

    content: bytes | None = None
    paths: tuple[str, ...] = ()


def _clip(policy: Policy, problems: list[ConfigError]) -> _Clip:
    label = policy.content.label
    if label is None or label.sounds is None or label.sounds.clip is None or label.sounds.form != "spoken":
        return _Clip()
    where = policy.document.where("label", "sounds", "clip")
    loader = policy_loader(policy, where)
    try:
        return _Clip(loader(label.sounds.clip), tuple(loader.paths.values()))
    except ConfigError as error:
        problems.append(PolicyError(f"the clip of the spoken label: {error.what}", where, error.hint))
        return _Clip()


def _label(entry: LabelEntry, clip: bytes | None) -> LabelPlan:
    pictures, sounds, videos = entry.pictures, entry.sounds, entry.videos
    return LabelPlan(
        position=entry.position or "none",
        words=_words(entry.words) if entry.words else None,
        metadata=bool(entry.metadata),
        text_mark=bool(entry.text_mark),
        pictures=PicturePlan(pictures.corner, pictures.watermark) if pictures else None,
        sounds=SoundPlan(sounds.form, sounds.position, clip) if sounds else None,
        videos=VideoPlan(videos.corner, videos.seconds) if videos else None,
        files=entry.files or "none",
    )


def _misuse(entry: MisuseEntry | None) -> MisusePlan | None:
    if entry is None:
        return None
    terms = Terms(entry.consecutive, entry.daily, None if entry.hours is None else entry.hours * 3600)
    return MisusePlan(frozenset(entry.rules or ()), terms, entry.reply or "")


# --- Standard answers ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Banks:
    """The answer banks of a policy, built, if it names any."""

    built: BuiltStandards | None = None
    paths: tuple[str, ...] = ()


def _banks(policy: Policy, build: BuildStandards | None, problems: list[ConfigError]) -> _Banks:
    entry = policy.content.answers
    if entry is None:
        return _Banks()
    where = policy.document.where("answers", "banks")
    if build is None:
        problems.append(PolicyError("no answer banks can be built here", where, "this is a fault of the caller's code"))
        return _Banks()
    loader = policy_loader(policy, where)
    try:
        built = build(entry.banks, loader)
    except ConfigError as error:
        for single in error.problems:
            inner = f"{single.where}: " if single.where else ""
            problems.append(PolicyError(f"answers: {inner}{single.what}", where, single.hint))
        return _Banks()
    return _Banks(built, tuple(loader.paths.values()))


def _answers(entry: AnswersEntry | None, banks: _Banks) -> AnswersPlan | None:
    if entry is None or banks.built is None:
        return None
    return AnswersPlan(
        find=banks.built.find,
        on_error=entry.on_error,
        ask=_words(entry.ask) if entry.ask else None,
        waiting=_words(entry.waiting) if entry.waiting else None,
    )


def _handoff(entry: HandoffEntry | None, rules: Sequence[Rule]) -> HandoffPlan:
    said = entry.question if entry else None
    unavailable = _words(entry.unavailable) if entry and entry.unavailable else None
    return HandoffPlan(said or ("masked" if finds_persons(rules) else "withheld"), unavailable)


# --- Rules ---------------------------------------------------------------------------------------


def _rule(entry: RuleEntry, known: Mapping[str, frozenset[str]], techniques: Mapping[str, TechniqueSpec]) -> Rule:
    spec = techniques.get(entry.how.use) if entry.how else None
    names = entry.when.detectors or tuple(known)
    risks = frozenset(
        risk
        for name in names
        for risk in known.get(name, ())
        if any(in_group(risk, group) for group in entry.when.risk)
    )
    return Rule(
        id=entry.id,
        risks=risks,
        score=entry.when.score,
        then=entry.then,
        on_error=entry.on_error,
        detectors=frozenset(name for name in names if not risks.isdisjoint(known.get(name, ()))),
        roles=None if entry.when.roles is None else frozenset(entry.when.roles),
        reply=entry.reply or ("safe" if entry.then == "refuse" else ""),
        notice=_words(entry.notice) if entry.notice else None,
        release=entry.release or "hold",
        keep=entry.keep or (0, 0),
        how=spec.build(entry.how.options) if spec and entry.how else None,
        outside=None if entry.when.outside is None else frozenset(entry.when.outside),
    )


def _side(entry: SideEntry, rules: Sequence[Rule], bound: Mapping[str, BoundDetector]) -> SidePlan:
    needed = {name for rule in rules for name in rule.detectors}
    bands = {name for one in bound.values() if one.ask and one.id in needed for name in one.ask.detectors}
    detectors = [
        detector if name in bands else for_roles(detector, rules)
        for name, detector in bound.items()
        if name in needed | bands
    ]
    ordered = tuple(sorted(detectors, key=lambda detector: detector.judge is not None))

    def plan(rules: Sequence[Rule], at_home: Mapping[str, SidePlan]) -> SidePlan:
        by_risk: dict[str, list[Rule]] = {}
        for rule in rules:
            for risk in sorted(rule.risks):
                by_risk.setdefault(risk, []).append(rule)
        found = {risk: tuple(several) for risk, several in by_risk.items()}
        return SidePlan(ordered, tuple(rules), entry.unjudged or "pass", found, at_home)

    regions = sorted({region for rule in rules for region in rule.outside or ()})
    homes = {region: plan([rule for rule in rules if region not in (rule.outside or ())], {}) for region in regions}
    return plan(rules, homes)


def _words(entry: WordsEntry) -> Words:
    return Words(entry.zh, entry.en)


# --- The name of a plan --------------------------------------------------------------------------


def _weigh(policy: Policy, build: BuildWeigh | None, problems: list[ConfigError]) -> Weigh | None:
    """Build the judge of citations, if the policy has one."""
    entry = policy.content.ground.judge if policy.content.ground else None
    if entry is None:
        return None
    where = policy.document.where("ground", "judge")
    if build is None:
        problems.append(PolicyError("no judge can be built here", where, "this is a fault of the caller's code"))
        return None
    try:
        return build(entry.model_dump(exclude={"between", "on_error"}, exclude_none=True))
    except ConfigError as error:
        problems.append(PolicyError(f"ground: judge: {error.what}", where, error.hint))
        return None


def _ground(entry: GroundEntry | None, weigh: Weigh | None) -> GroundPlan | None:
    """Compile how answers are grounded; a template is there, ``check_ground`` has seen to that."""
    if entry is None or entry.template is None:
        return None
    unsourced = entry.unsourced or "pass"
    return GroundPlan(
        template=_words(entry.template),
        passages=entry.passages or 4,
        confidence=0.3 if entry.confidence is None else entry.confidence,
        unsourced=unsourced,
        reply=(entry.reply or "safe") if unsourced == "reply" else "",
        notice=_words(entry.notice) if entry.notice and unsourced == "notice" else None,
        unsupported=_words(entry.unsupported) if entry.unsupported else None,
        heading=_words(entry.heading) if entry.heading else None,
        judge=GroundJudge(weigh, *entry.judge.between, entry.judge.on_error) if entry.judge and weigh else None,
    )


def _files(policy: Policy, built: Mapping[str, Built]) -> tuple[str, ...]:
    named = [path for detector in built.values() for path in detector.loader.paths.values()]
    return tuple(dict.fromkeys([*policy.files, *(str(Path(path)) for path in named)]))
