"""Builds the detectors that a policy names, and binds each to the band and the roles in which it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.document import suggest
from gateway.errors import ConfigError, PolicyError
from gateway.policy.check import in_group
from gateway.policy.load import FileLoader, Policy, policy_loader
from gateway.policy.options import check_options
from gateway.policy.plan import Band, BoundDetector, Rule
from gateway.policy.reading import reading
from gateway.policy.schema import DetectorEntry
from gateway.ports import BuiltDetector, Derive, DetectorSpec


@dataclass(frozen=True, slots=True)
class Built:
    """A detector of the policy, built.

    Attributes:
        bound: What the rules ask.
        version: Of the detector, which the policy's digest names.
        loader: Which files it read.
        derive: What it reads out of a text, for others to judge, if it is a reader.
        derived: Whether it looks at what readers read out of a text.
    """

    bound: BoundDetector
    version: str
    loader: FileLoader
    derive: Derive | None = None
    derived: bool = True


def build_all(policy: Policy, registry: Mapping[str, DetectorSpec], problems: list[ConfigError]) -> dict[str, Built]:
    """Build every detector of a policy, in its order.

    Args:
        policy: What was read.
        registry: The kinds of detectors that ``use`` may name.
        problems: What is wrong with a detector is added to it; that detector is left out.
    """
    built: dict[str, Built] = {}
    for index, entry in enumerate(policy.content.detectors):
        place = ("detectors", index)
        spec = registry.get(entry.use)
        if spec is None:
            hint = suggest(entry.use, registry) or f"there are: {', '.join(sorted(registry))}"
            where = policy.document.where(*place, "use")
            problems.append(PolicyError(f"unknown kind of detector {entry.use!r}", where, hint))
            continue
        wrong = list(check_options(spec.options, entry.options, policy.document, (*place, "options")))
        problems.extend(wrong)
        if wrong:
            continue
        try:
            built[entry.id] = _build(policy, entry, spec, index)
        except ConfigError as error:
            problems.extend(_at_detector(policy, index, single) for single in error.problems)
    return built


def _build(policy: Policy, entry: DetectorEntry, spec: DetectorSpec, index: int) -> Built:
    loader = policy_loader(policy, policy.document.where("detectors", index))
    detector: BuiltDetector = spec.build(entry.options, loader)
    if [detector.scan, detector.judge, detector.derive].count(None) != 2:
        what = f"the kind {entry.use!r} is neither a detector nor a judge nor a reader"
        raise PolicyError(what, None, "this is a fault of its code")
    bound = BoundDetector(
        entry.id,
        spec.scope,
        detector.risks,
        detector.scan,
        detector.judge,
        behind=detector.behind,
        explain=detector.explain,
        prepare=detector.prepare,
    )
    return Built(bound, detector.version, loader, detector.derive, detector.derived)


def let_read(built: Mapping[str, Built]) -> dict[str, Built]:
    """Let those that read other texts out of a text have them judged by all the others that look at such texts."""
    others = [one.bound for one in built.values() if one.bound.scan is not None and one.derived]
    return {
        name: one if one.derive is None else replace(one, bound=reading(one.bound, one.derive, others))
        for name, one in built.items()
    }


def _at_detector(policy: Policy, index: int, error: ConfigError) -> ConfigError:
    """Say a detector's own error at the policy's line; where it points into a list, say that too."""
    entry = policy.content.detectors[index]
    inner = f"{error.where}: " if error.where else ""
    where = policy.document.where("detectors", index)
    return PolicyError(f"detector {entry.id!r}: {inner}{error.what}", where, error.hint)


def with_bands(entries: Sequence[DetectorEntry], built: Mapping[str, Built]) -> dict[str, BoundDetector]:
    """Return the detectors, each judge with the band in which it is asked."""
    cheap = {name: one.bound.risks for name, one in built.items() if one.bound.judge is None}
    bound = {name: one.bound for name, one in built.items()}
    for entry in entries:
        if entry.ask is None:
            continue
        when = entry.ask.when
        risks = frozenset(
            risk
            for name in when.detectors or cheap
            for risk in cheap[name]
            if any(in_group(risk, group) for group in when.risk)
        )
        able = frozenset(name for name in when.detectors or cheap if not risks.isdisjoint(cheap[name]))
        bound[entry.id] = replace(bound[entry.id], ask=Band(risks, *when.between, able))
    return bound


def for_roles(detector: BoundDetector, rules: Sequence[Rule]) -> BoundDetector:
    """Ask a detector only in the words of those for whom a rule heeds it."""
    roles = [rule.roles for rule in rules if detector.id in rule.detectors]
    if any(heeded is None for heeded in roles):
        return detector
    return replace(detector, roles=frozenset(role for heeded in roles for role in heeded or ()))
