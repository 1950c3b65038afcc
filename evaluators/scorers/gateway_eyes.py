"""Lends scorers the gateway's own detectors, so that offline and online see the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.document import suggest
from gateway.errors import ConfigError, PolicyError
from gateway.text import TextView
from gateway.verdict import Finding

Look = Callable[[str, str], Sequence[Finding]]
"""``look(answer, question)``: what a detector finds in an answer, as it is judged on its way out."""


def eyes(names: Sequence[str], scorer: str) -> dict[str, Look]:
    """Return detectors by name, with their default options.

    Args:
        names: Names of the gateway's detectors.
        scorer: Who asks, for messages.

    Raises:
        ConfigError: A detector is unknown, asks a model, or needs options or files of its own.
    """
    from gateway.detectors.registry import registry  # noqa: PLC0415 - only runs that look need it

    known = registry()
    found: dict[str, Look] = {}
    for name in names:
        if name not in known:
            raise ConfigError(
                f"no detector is called {name!r}", hint=suggest(name, known) or f"known: {', '.join(known)}"
            )
        if known[name].options.get("required"):
            raise ConfigError(f"the detector {name!r} needs options of its own", hint="name detectors that need none")
        found[name] = _look(name, scorer)
    return found


def _look(detector: str, scorer: str) -> Look:
    from gateway.detectors.registry import registry  # noqa: PLC0415

    def no_files(name: str) -> bytes:
        raise PolicyError(f"the scorer {scorer!r} gives detectors no file, not {name!r}")

    scan = registry()[detector].build({}, no_files).scan
    if scan is None:
        raise ConfigError(f"{detector!r} is a judge, not a detector", hint="name detectors that need no I/O")

    def look(answer: str, question: str) -> Sequence[Finding]:
        return scan(TextView(answer, question=question, answer=True)).findings

    return look
