"""Find, read and compile the policies that are in force, and those that clients may ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import gateway
from gateway.detectors.judges.citations import citation_judge
from gateway.detectors.judges.nobody import NOBODY
from gateway.detectors.registry import registry
from gateway.errors import RequestError, SettingsError
from gateway.policy.check import warnings
from gateway.policy.compile import compile_policy
from gateway.policy.current import CurrentPlan, Stamp
from gateway.policy.load import load_policy
from gateway.policy.plan import Plan
from gateway.policy.stricter import weaker
from gateway.ports import BuildStandards, BuiltStandards, Loader, Outside
from gateway.privacy.classes import groups
from gateway.privacy.techniques import techniques
from gateway.settings import Settings


def embedded(kind: str) -> Path:
    """Return the folder of files that ship with Sluice: ``policies``."""
    package = Path(gateway.__file__).parent
    shipped = package / f"_{kind}"
    return shipped if shipped.is_dir() else package.parent / kind


def shipped_policies() -> dict[str, Path]:
    """Return the policies that ship with Sluice, by name."""
    files = sorted(embedded("policies").glob("*/*.yaml"))
    return {file.stem: file for file in files if not file.stem.endswith("_test")}


def policy_file(name: str) -> Path:
    """Return the file of a policy: a path, or the name of one that ships with Sluice.

    Raises:
        SettingsError: There is no such policy; says which there are.
    """
    if name.endswith((".yaml", ".yml")) or "/" in name:
        return Path(name)
    known = shipped_policies()
    if name not in known:
        hint = f"there are {', '.join(known)}; or give a path"
        raise SettingsError(f"no policy {name!r} ships with Sluice", hint=hint)
    return known[name]


def standards_of(banks: Sequence[str], loader: Loader) -> BuiltStandards:
    """Build the answer banks that a policy names; the matcher is imported only where there are any."""
    from gateway.answers.standards import standards  # noqa: PLC0415

    return standards(banks, loader)


def load_plan(name: str, outside: Outside = NOBODY, standards: BuildStandards = standards_of) -> Plan:
    """Read and compile a policy; raises ``PolicyError`` with everything that is wrong with it.

    Args:
        name: A policy file, or the name of one that ships with Sluice.
        outside: What its judges may reach; without it they are checked, but ask nobody.
        standards: Builds its answer banks; with the table that ships by default.
    """
    policy = load_policy(policy_file(name), shipped_policies())
    return compile_policy(policy, registry(outside), techniques(), groups(), standards, weigh=citation_judge(outside))


def doubts(name: str, plan: Plan) -> tuple[str, ...]:
    """Return what a policy that compiled to ``plan`` may say but hardly means, with file and line."""
    return warnings(load_policy(policy_file(name), shipped_policies()), plan)


def stamp(files: Iterable[str]) -> Stamp:
    """Look at files without reading them; one that is gone counts as changed."""
    seen = []
    for file in files:
        try:
            status = Path(file).stat()
            seen.append((file, max(status.st_ctime, status.st_mtime), status.st_size))
        except OSError:
            seen.append((file, 0.0, -1))
    return tuple(seen)


def chooser(stricter: Mapping[str, Callable[[], Plan]]) -> Callable[[Plan, str], Plan]:
    """Return what finds the plan that a client asks for by name; never one that is weaker than its own."""
    known: dict[tuple[str, str], bool] = {}

    def choose(own: Plan, name: str) -> Plan:
        if name not in stricter:
            there = f"there are: {', '.join(stricter)}" if stricter else "there are none"
            text = f"No such policy can be asked for; {there}."
            raise RequestError(text, code="unknown_policy", param="x-sluice-policy")
        plan = stricter[name]()
        pair = own.digest, plan.digest
        if pair not in known:
            known[pair] = not any(weaker(own, plan))
        if not known[pair]:
            text = "That policy is not at least as strict as the one that holds for you; leave out x-sluice-policy."
            raise RequestError(text, code="policy_not_stricter", param="x-sluice-policy")
        return plan

    return choose


def stricter_plans(
    settings: Settings, own: Iterable[Callable[[], Plan]], watched: Callable[[str], CurrentPlan]
) -> dict[str, CurrentPlan]:
    """Return the policies that clients may ask for; raises ``SettingsError`` for one that nobody may."""
    plans = {name: watched(policy) for name, policy in settings.stricter.items()}
    others = [plan() for plan in own]
    for name, one in plans.items():
        ways = [(plan.name, next(weaker(plan, one()), "")) for plan in others]
        if all(way for _, way in ways):
            hint = "clients may ask only for policies that are at least as strict as theirs"
            raise SettingsError(f"stricter: {name} is weaker than {ways[0][0]!r}: {ways[0][1]}", hint=hint)
    return plans
