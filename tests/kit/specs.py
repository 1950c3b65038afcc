"""Small but real kinds of detectors, so that policies can be tested without the shipped ones."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from gateway.errors import ConfigError, DetectorError, Where
from gateway.ports import BuiltDetector, DetectorSpec, Loader, Scan
from gateway.text import TextView
from gateway.verdict import Finding


def _spans(pattern: re.Pattern[str], risk: str, kind: str, score: float = 0.9) -> BuiltDetector:
    def scan(view: TextView) -> Scan:
        matches = pattern.finditer(view.text, view.start)
        return Scan(tuple(Finding(m.start(), m.end(), risk, score, kind) for m in matches), len(view.text))

    return BuiltDetector(frozenset({risk}), "1", scan=scan)


def _phone(_options: Mapping[str, Any], _load: Loader) -> BuiltDetector:
    return _spans(re.compile(r"(?<![0-9])1[0-9]{10}(?![0-9])"), "pii.mobile_number", "phone")


def _mail(_options: Mapping[str, Any], _load: Loader) -> BuiltDetector:
    return _spans(re.compile(r"[a-z]{1,20}@[a-z]{1,20}\.com"), "pii.email", "mail")


def _find(options: Mapping[str, Any], _load: Loader) -> BuiltDetector:
    try:
        pattern = re.compile(options["pattern"])
    except re.error as error:
        raise ConfigError(f"the pattern is not a regular expression: {error.msg}", None, "mend it") from None
    return _spans(pattern, options["risk"], "find", options.get("score", 0.9))


def _words(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
    """Words from ``term,risk,score`` lines."""
    terms: list[tuple[str, str, float]] = []
    digests: list[str] = []
    for name in options["lists"]:
        content = load(name)
        digests.append(hashlib.sha256(content).hexdigest())
        for number, line in enumerate(content.decode().splitlines(), 1):
            try:
                term, risk, score = line.split(",")
                terms.append((term, risk, float(score)))
            except ValueError:
                raise ConfigError("the line is not term,risk,score", Where(name, number), "mend the line") from None

    def scan(view: TextView) -> Scan:
        found = [
            Finding(match.start(), match.end(), risk, score, "words")
            for term, risk, score in terms
            for match in re.finditer(re.escape(term), view.text)
        ]
        return Scan(tuple(sorted(found)), len(view.text))

    return BuiltDetector(frozenset(risk for _, risk, _ in terms), ",".join(digests), scan=scan)


def _judge(options: Mapping[str, Any], _load: Loader) -> BuiltDetector:
    """Asks nobody: finds the whole text if it holds ``坏`` or ``bad``; ``fail`` makes it fail."""

    async def judge(view: TextView) -> Scan:
        if options.get("fail"):
            raise DetectorError("the judge is away")
        bad = "坏" in view.text or "bad" in view.text
        found = (Finding(0, len(view.text), "abuse", 0.8, "judge"),) if bad else ()
        return Scan(found, len(view.text))

    return BuiltDetector(frozenset({"abuse"}), "1", judge=judge)


_FIND_OPTIONS = {
    "type": "object",
    "properties": {
        "pattern": {"type": "string", "minLength": 1, "description": "a regular expression"},
        "risk": {"type": "string", "description": "the risk that a match has"},
        "score": {"type": "number", "exclusiveMinimum": 0, "maximum": 1, "description": "how sure a match is"},
        "flavour": {"enum": ["plain", "spiced"]},
    },
    "required": ["pattern", "risk"],
}
_WORDS_OPTIONS = {
    "type": "object",
    "properties": {
        "lists": {"type": "array", "items": {"type": "string"}, "minItems": 1, "description": "files with words"}
    },
    "required": ["lists"],
}
_JUDGE_OPTIONS = {"type": "object", "properties": {"fail": {"type": "boolean"}}}


def specs() -> dict[str, DetectorSpec]:
    """Return the registry of the kinds in this file."""
    found = (
        DetectorSpec("phone", "mobile numbers", frozenset({"pii.mobile_number"}), "span", _phone),
        DetectorSpec("mail", "e-mail addresses", frozenset({"pii.email"}), "span", _mail),
        DetectorSpec("find", "a pattern", frozenset(), "span", _find, _FIND_OPTIONS),
        DetectorSpec("words", "lists of words", frozenset(), "span", _words, _WORDS_OPTIONS),
        DetectorSpec("judge", "a model that judges", frozenset({"abuse"}), "sentence", _judge, _JUDGE_OPTIONS),
    )
    return {spec.name: spec for spec in found}
