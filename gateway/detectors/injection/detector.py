"""Finds attacks on the model by the cues that stand close together in a text.

No cue is a verdict. Each speaks for an attack or against one; what stands within a stretch of text
adds up, and the sum is reported as a probability where its last cue stands. So a text that talks
about attacks, or asks for a role, stays below what it takes, and a long document does not add up
to an attack because it is long.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from gateway.detectors.injection.cues import AHEAD, WINDOW, Cues, add_up, counted
from gateway.detectors.injection.sequences import CUES, ENCODING, INDIRECT, INJECTION, JAILBREAK, LEAK
from gateway.detectors.injection.suffix import RISK as SUFFIX
from gateway.detectors.injection.suffix import tails
from gateway.detectors.injection.vocabulary import WORDS
from gateway.errors import ConfigError, Where
from gateway.packaged import packaged
from gateway.ports import BuiltDetector, DetectorSpec, Evidence, Loader, Scan
from gateway.text import CANONICAL, TextView
from gateway.verdict import Finding

NAME: Final = "injection"
RISKS: Final = frozenset({INJECTION, JAILBREAK, LEAK, INDIRECT, ENCODING, SUFFIX})
_WEIGHTS: Final = "detectors/injection/weights.json"
_LEAST: Final = 0.2
"""What is less likely is not reported: a word such as ``act as`` alone is no news."""


class Injection:
    """A detector of attacks.

    Args:
        cues: What to look for.
        weights: For each cue how strongly it speaks, in log-odds.
        bias: The log-odds of an attack in a text without any cue.
    """

    __slots__ = ("_bias", "_cues", "_weights", "behind")

    def __init__(self, cues: Cues, weights: tuple[float, ...], bias: float) -> None:
        self._cues, self._weights, self._bias = cues, weights, bias
        self.behind = WINDOW + cues.reach

    def __call__(self, view: TextView) -> Scan:
        """Scan a view."""
        gone = len(view.before)
        view = _with_before(view)
        seen = view.seen(CANONICAL)
        fired, still_open = self._cues.find(seen.text, final=view.final)
        known = len(seen.text) if view.final else len(seen.text) - AHEAD - 1
        findings: list[Finding] = []
        for start, end, risk, score in add_up(fired, CUES, self._weights, self._bias):
            if end > known:  # an excuse may still come
                still_open = min(still_open, start)
            elif score >= _LEAST and start >= seen.start:
                first, last = seen.span(start, end)
                findings.append(Finding(first - gone, last - gone, risk, round(score, 4), NAME))
        if view.final and not (
            view.answer or view.escaped
        ):  # only who asks has searched for a string that breaks a model
            findings += [Finding(start, end, SUFFIX, round(score, 4), NAME) for start, end, score in tails(view.text)]
        return Scan(tuple(findings), max(0, seen.offset(still_open) - gone))

    def explain(self, view: TextView, finding: Finding) -> list[Evidence]:
        """Return the cues that added up to a finding; none for a string that was searched for."""
        gone = len(view.before)
        seen = _with_before(view).seen(CANONICAL)
        fired, _ = self._cues.find(seen.text, final=view.final)
        place = finding.start + gone, finding.end + gone
        for start, end, risk, _ in add_up(fired, CUES, self._weights, self._bias):
            if risk == finding.risk and seen.span(start, end) == place:
                return [
                    Evidence(
                        max(0, seen.span(one.start, one.end)[0] - gone),
                        max(0, seen.span(one.start, one.end)[1] - gone),
                        self._weights[one.cue],
                        self._cues.name(one.cue),
                    )
                    for one in counted(fired, end, self._weights)
                ]
        return []


def _with_before(view: TextView) -> TextView:
    """Return a view that shows what has left as well: it still counts."""
    if not view.before:
        return view
    start = len(view.before) + view.start
    return TextView(view.before + view.text, start, view.final, escaped=view.escaped, answer=view.answer)


def read_weights(content: bytes, name: str = _WEIGHTS) -> tuple[tuple[float, ...], float]:
    """Read the weights that come with the package: one for each cue, and the bias.

    Raises:
        ConfigError: The file is damaged, or belongs to another vocabulary.
    """
    hint = "install the package again"
    try:
        whole = json.loads(content)
        weights = tuple(float(whole["weights"][cue.name]) for cue in CUES)
        bias = float(whole["bias"])
        surplus = len(whole["weights"]) - len(weights)
    except (ValueError, TypeError, KeyError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the weights of the cues cannot be read: {type(error).__name__}", Where(name), hint
        ) from None
    if surplus or not all(-20 < number < 20 for number in (*weights, bias)):
        raise ConfigError("the weights of the cues are not those of this vocabulary", Where(name), hint)
    return weights, bias


def _build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
    del options, load
    content = packaged(_WEIGHTS)
    weights, bias = read_weights(content)
    detector = Injection(Cues(WORDS, CUES), weights, bias)
    digest = hashlib.sha256(content + repr((WORDS, CUES)).encode()).hexdigest()
    return BuiltDetector(RISKS, f"1-{digest[:16]}", detector, behind=detector.behind, explain=detector.explain)


SPEC: Final = DetectorSpec(
    name=NAME,
    summary="Attacks on the model: override, role play, prompt leak, refusal suppression, orders inside of data.",
    risks=RISKS,
    scope="span",
    build=_build,
)
