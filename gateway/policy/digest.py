"""Names a policy by all that can change a verdict of it: the digest that verdicts and records carry."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from gateway import __version__
from gateway.policy.bound import Built
from gateway.policy.check import SIDES
from gateway.policy.load import Policy
from gateway.policy.schema import AskEntry


def policy_digest(policy: Policy, built: Mapping[str, Built], clip: bytes | None, banks: str | None) -> str:
    """Name everything that can change a verdict, and nothing else: not paths, comments, key order.

    Args:
        policy: What was read.
        built: Its detectors.
        clip: The recorded words of the label of sounds, if it names any.
        banks: The version of its answer banks, if it names any.

    Returns:
        A SHA-256 in hexadecimal digits.
    """
    content = policy.content.model_dump(mode="json", exclude={"extends", "detectors"})
    for side in SIDES:
        content[side]["unjudged"] = content[side]["unjudged"] or "pass"
        for rule in content[side]["rules"]:
            rule["release"] = rule["release"] or "hold"
            rule["reply"] = rule["reply"] or ("safe" if rule["then"] == "refuse" else None)
            for several in ("risk", "roles", "detectors"):
                rule["when"][several] = rule["when"][several] and sorted(rule["when"][several])
    if content["ground"] is None:
        del content["ground"]
    elif content["ground"]["judge"] is None:
        del content["ground"]["judge"]
    if content["answers"] is None or banks is None:
        del content["answers"]
    else:
        content["answers"]["banks"] = banks
    if content["handoff"] is None:
        del content["handoff"]
    content["block"] = content["block"] or "safe_reply"
    content["record"] = {"text": "none", "on_record_failure": "refuse"} | _said(content["record"])
    if misuse := content["misuse"]:
        misuse["rules"] = sorted(misuse["rules"])
    content["label"] = {"position": "none", "words": None, "metadata": False} | _said(content["label"])
    if clip is not None:
        content["label"]["sounds"]["clip"] = f"sha256:{hashlib.sha256(clip).hexdigest()}"
    content["detectors"] = [
        {
            "id": entry.id,
            "use": entry.use,
            "version": built[entry.id].version,
            "options": _by_content(entry.options, built[entry.id].loader.read),
            "files": sorted(built[entry.id].loader.read.values()),
            **({"ask": _band(entry.ask)} if entry.ask else {}),
        }
        for entry in policy.content.detectors
    ]
    content["package"] = __version__
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _band(entry: AskEntry) -> dict[str, Any]:
    when = entry.when
    return {
        "risk": sorted(when.risk),
        "between": list(when.between),
        "detectors": when.detectors and sorted(when.detectors),
    }


def _said(section: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in (section or {}).items() if value is not None}


def _by_content(options: Any, read: Mapping[str, str]) -> Any:
    """Put what a file holds in place of its name: a list that moved is the same list."""
    if isinstance(options, dict):
        return {key: _by_content(value, read) for key, value in options.items()}
    if isinstance(options, list):
        return [_by_content(value, read) for value in options]
    return f"sha256:{read[options]}" if isinstance(options, str) and options in read else options
