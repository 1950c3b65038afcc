"""A judge's passport: who it is, by the hash of all that its judgement depends on, and how it fared against people."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from evaluators.agreement import Agreement
from gateway.errors import ConfigError, Where

FORMAT: Final = 1


def identity(model: str, parameters: Mapping[str, Any], prompt: str, schema: Any) -> str:
    """Return who a judge is, 64 hex digits: another model, parameter, word or shape is another judge."""
    said = [model, dict(parameters), prompt, schema]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Passport:
    """A judge that was measured against people.

    Attributes:
        id: Who it is; see ``identity``.
        scorer: The scorer that it judges for.
        metric: The metric that was held against the labels.
        model: Its model's name; empty for a scorer without one.
        measured: The day, ISO 8601.
        labels: ``sha256`` of the labelled file.
        agreement: How it fared; "yes" is a value of one half or more.
        unscored: Labelled answers that it could not judge; they are not in ``agreement``.
    """

    id: str
    scorer: str
    metric: str
    model: str
    measured: str
    labels: str
    agreement: Agreement
    unscored: int


def save(passport: Passport, folder: Path) -> Path:
    """Write a passport, whole or not at all; a newer one of the same judge and metric replaces the older."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{passport.metric.replace('/', '_')}-{passport.id[:16]}.json"
    making = path.with_name(f".{path.name}.new")
    kappa = passport.agreement.kappa
    figures = {
        "kappa": kappa,
        "kappa_interval": list(passport.agreement.kappa_interval),
        "sensitivity": passport.agreement.sensitivity,
        "specificity": passport.agreement.specificity,
    }
    written = {"format": FORMAT, **asdict(passport), "figures": figures}
    making.write_text(json.dumps(written, ensure_ascii=False, indent=2, allow_nan=False) + "\n", "utf-8")
    making.replace(path)
    return path


def load(folder: Path) -> dict[tuple[str, str], Passport]:
    """Return the passports in a folder by judge and metric; none where there is no folder.

    Raises:
        ConfigError: A file is no passport.
    """
    found: dict[tuple[str, str], Passport] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            written = json.loads(path.read_text("utf-8"))
            if written.pop("format") != FORMAT:
                raise ValueError("format")
            written.pop("figures")
            passport = Passport(**{**written, "agreement": Agreement(**written["agreement"])})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            hint = "take it out of the folder, and measure the judge again: sluice eval calibrate"
            raise ConfigError("this is no passport of a judge", Where(str(path)), hint) from None
        found[passport.id, passport.metric] = passport
    return found
