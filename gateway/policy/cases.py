"""Policy tests: texts, what must become of them, and which rule must say so.

They live beside the policy: ``base.yaml`` has ``base_test.yaml``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, RootModel, model_validator

from gateway.document import read_document, suggest, validate
from gateway.errors import ConfigError, DetectorError, JudgeUnasked, PolicyError, PolicyErrors, Where
from gateway.exchange import Role
from gateway.masking import Span, mask
from gateway.policy.bands import Stretch, uncertain
from gateway.policy.plan import BoundDetector, Plan, Rule, SidePlan
from gateway.policy.rule import UNJUDGED, Judged, decide, rules_for
from gateway.policy.schema import Entry
from gateway.ports import About
from gateway.text import TextView
from gateway.verdict import Action, Finding, Side, Verdict


class ExpectEntry(Entry):
    """What must become of the text; what is left out is not looked at."""

    action: Action = Field(description="pass, label, mask, refuse, answer or handoff")
    rule: str | None = Field(default=None, description="the rule that decides; rule: null says that none fires")
    risks: tuple[str, ...] | None = Field(default=None, description="the risks of all rules that fire")
    masked_text: str | None = Field(default=None, description="the text as it goes on")


Said = dict[str, Annotated[float, Field(gt=0, le=1)]] | Literal["error"]
"""What a judge says in a case: the score of each risk that it sees, none, or that it cannot judge."""


class CaseEntry(Entry):
    """One text and what must become of it."""

    name: str = Field(min_length=1, description="a sentence that says what is tested")
    side: Side = Field(description="request or response")
    text: str = Field(description="the text that is judged")
    role: Role | None = Field(default=None, description="who speaks; user for a request, assistant for a response")
    judges: dict[str, Said] = Field(
        default_factory=dict,
        description="what judges say if they are asked: judges: {second-look: {a1.d: 0.9}}, {} for nothing, or error",
    )
    expect: ExpectEntry = Field(description="what must become of it")

    @model_validator(mode="after")
    def _answers_come_from_the_assistant(self) -> CaseEntry:
        if self.side == "response" and self.role not in (None, "assistant"):
            raise ValueError("an answer is in the words of the assistant — remove role")
        return self


class CaseFile(RootModel[tuple[CaseEntry, ...]]):
    """A list of cases."""


@dataclass(frozen=True, slots=True)
class Case:
    """A policy test, and where it is written."""

    entry: CaseEntry
    where: Where


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of a case.

    Attributes:
        case: The test.
        verdict: What the policy decided.
        problems: In words, what is not as expected; empty if the case passed.
    """

    case: Case
    verdict: Verdict
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether everything is as expected."""
        return not self.problems


def cases_beside(policy: Path) -> Path:
    """Return where the tests of a policy file are: ``NAME_test.yaml`` beside ``NAME.yaml``."""
    return policy.with_name(f"{policy.stem}_test{policy.suffix}")


def load_cases(path: Path) -> tuple[Case, ...]:
    """Read a file of policy tests; raises ``PolicyErrors``."""
    try:
        document = read_document(path.read_bytes(), str(path))
        entries = validate(document, CaseFile).root
    except OSError as error:
        problem = PolicyError(f"cannot read the policy tests: {error.strerror}", Where(str(path)), "write some")
        raise PolicyErrors([problem]) from None
    except ConfigError as error:
        raise PolicyErrors(error.problems) from None
    return tuple(Case(entry, document.where(index)) for index, entry in enumerate(entries))


def run_cases(plan: Plan, cases: Sequence[Case]) -> tuple[CaseResult, ...]:
    """Judge every case with the detectors and rules of a plan.

    Raises:
        PolicyErrors: A case names a rule that the plan does not have.
    """
    _check_names(plan, cases)
    return asyncio.run(_run(plan, cases))


def _check_names(plan: Plan, cases: Sequence[Case]) -> None:
    problems: list[ConfigError] = []
    for case in cases:
        side = _side(plan, case.entry.side)
        rules = [*(rule.id for rule in side.rules), UNJUDGED]
        asked = {detector.id: detector.risks for detector in side.detectors if detector.judge is not None}
        problems.extend(_check_judges(case, asked))
        name = case.entry.expect.rule
        if name is not None and name not in rules:
            what = f"case {case.entry.name!r} expects an unknown rule {name!r}"
            hint = suggest(name, rules) or f"the {case.entry.side} side has: {', '.join(rules)}"
            problems.append(PolicyError(what, case.where, hint))
    if problems:
        raise PolicyErrors(problems)


def _check_judges(case: Case, asked: Mapping[str, frozenset[str]]) -> Iterator[ConfigError]:
    for name, said in case.entry.judges.items():
        if name not in asked:
            what = f"case {case.entry.name!r} speaks for an unknown judge {name!r}"
            hint = suggest(name, asked) or f"the {case.entry.side} side has: {', '.join(asked) or 'none'}"
            yield PolicyError(what, case.where, hint)
            continue
        for risk in () if said == "error" else said:
            if risk not in asked[name]:
                what = f"case {case.entry.name!r}: judge {name!r} never reports {risk!r}"
                hint = suggest(risk, asked[name]) or f"it reports: {', '.join(sorted(asked[name]))}"
                yield PolicyError(what, case.where, hint)


async def _run(plan: Plan, cases: Sequence[Case]) -> tuple[CaseResult, ...]:
    return tuple([await _judge(plan, case) for case in cases])


async def _judge(plan: Plan, case: Case) -> CaseResult:
    entry, side = case.entry, _side(plan, case.entry.side)
    role: Role = entry.role or ("user" if entry.side == "request" else "assistant")
    view = TextView(entry.text, answer=entry.side == "response")
    findings: list[Finding] = []
    errors: list[tuple[str, str]] = []
    for detector in side.detectors:
        if detector.roles is not None and role not in detector.roles:
            continue
        try:
            findings += await _look(detector, entry, view, findings, frozenset(id for id, _ in errors))
        except DetectorError as error:
            errors.append((detector.id, type(error).__name__))
    slot = Judged("text", role, tuple(sorted(findings)))
    verdict = decide(side, [slot], errors)
    return CaseResult(case, verdict, tuple(_differences(side, case, slot, verdict)))


async def _look(
    detector: BoundDetector, entry: CaseEntry, view: TextView, found: Sequence[Finding], failed: frozenset[str]
) -> list[Finding]:
    """Return what a detector finds; a judge is asked where its band says so, and says what the case says."""
    if detector.scan is not None:
        seen = detector.scan(view).findings
    elif detector.judge is None or not uncertain(detector, _all_of(view), found, failed):
        return []
    elif (said := entry.judges.get(detector.id)) is None:
        seen = (await detector.judge(view)).findings
    elif isinstance(said, str):
        raise DetectorError("the case says so")
    else:  # a policy is tested, not the model behind a judge
        seen = tuple(Finding(0, len(view.text), risk, score, detector.id) for risk, score in said.items())
    return [finding._replace(detector=detector.id) for finding in seen]


def _all_of(view: TextView) -> list[Stretch]:
    return [Stretch(0, len(view.text))] if view.text else []


def _differences(side: SidePlan, case: Case, slot: Judged, verdict: Verdict) -> list[str]:
    expect, problems = case.entry.expect, list(_errors(case, verdict))
    if verdict.action != expect.action:
        problems.append(f"the action is {verdict.action}, not {expect.action}")
    if "rule" in expect.model_fields_set and verdict.rule != expect.rule:
        problems.append(f"the rule that decides is {verdict.rule}, not {expect.rule}")
    risks = sorted({hit.risk for hit in verdict.hits})
    if expect.risks is not None and risks != sorted(set(expect.risks)):
        problems.append(f"the risks are {risks}, not {sorted(set(expect.risks))}")
    if expect.masked_text is not None:
        text = rewritten(case.entry.text, side, slot)
        if text != expect.masked_text:
            problems.append(f"the text goes on as {text!r}, not as {expect.masked_text!r}")
    return problems


def _errors(case: Case, verdict: Verdict) -> Iterator[str]:
    """Yield the failures that the case did not ask for."""
    for error in verdict.errors:
        name, _, reason = error.partition(": ")
        if reason == JudgeUnasked.__name__:
            yield f"the judge {name} would be asked, and nobody is asked here: say judges: {{{name}: …}}"
        elif case.entry.judges.get(name) != "error":
            yield f"could not judge: {error}"


def rewritten(text: str, side: SidePlan, slot: Judged) -> str:
    """Return a text as the path would rewrite it; what takes values' places depends on a key, and differs there."""
    rules = ((finding, rules_for(side, finding, slot.role)) for finding in slot.findings)
    return mask(text, [_span(text, f, rule) for f, rule in rules if rule and rule.then == "mask"])


def _span(text: str, finding: Finding, rule: Rule) -> Span:
    # Keyed techniques choose with a key of zeros here, so that what a case expects can be written down.
    about = About(finding.risk, bytes(32))
    instead = rule.how.apply(text[finding.start : finding.end], about) if rule.how else None
    return Span(finding.start, finding.end, rule.keep, instead)


def _side(plan: Plan, side: Side) -> SidePlan:
    return plan.request if side == "request" else plan.response
