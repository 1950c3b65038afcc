"""Every kind of detector that a policy can use, by name: one line each."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.detectors import email, keys, lexicon, patterns
from gateway.detectors.injection import detector as injection
from gateway.detectors.personal import kinds
from gateway.ports import DetectorSpec


def registry() -> Mapping[str, DetectorSpec]:
    """Return the kinds of detectors, by the word that policies use for them."""
    specs = (
        lexicon.SPEC,
        patterns.SPEC,
        kinds.SPEC,
        *kinds.ALONE,
        email.SPEC,
        keys.SPEC,
        injection.SPEC,
    )
    return {spec.name: spec for spec in specs}
