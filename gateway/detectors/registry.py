"""Every kind of detector that a policy can use, by name: one line each."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.detectors import classifier, email, keys, lexicon, orders, patterns, presidio, privacy_request
from gateway.detectors.encoding import detector as encoding
from gateway.detectors.injection import detector as injection
from gateway.detectors.judges import (
    aliyun_moderation,
    detoxify,
    json_judge,
    llama_guard,
    openai_moderation,
    qwen3guard,
    shieldgemma,
)
from gateway.detectors.judges.nobody import NOBODY
from gateway.detectors.names import spec as names
from gateway.detectors.personal import kinds
from gateway.detectors.spelling import detector as spelling
from gateway.ports import DetectorSpec, Outside


def registry(outside: Outside = NOBODY) -> Mapping[str, DetectorSpec]:
    """Return the kinds of detectors, by the word that policies use for them.

    Args:
        outside: What judges may reach; without it they are checked, but ask nobody.
    """
    specs = (
        lexicon.SPEC,
        patterns.SPEC,
        kinds.SPEC,
        *kinds.ALONE,
        email.SPEC,
        keys.SPEC,
        names.SPEC,
        presidio.SPEC,
        injection.SPEC,
        encoding.SPEC,
        spelling.SPEC,
        json_judge.spec(outside),
        llama_guard.spec(outside),
        qwen3guard.spec(outside),
        shieldgemma.spec(outside),
        privacy_request.SPEC,
        openai_moderation.spec(outside),
        aliyun_moderation.spec(outside),
        detoxify.spec(outside),
        classifier.SPEC,
        orders.SPEC,
    )
    return {spec.name: spec for spec in specs}


def personal_specs() -> tuple[DetectorSpec, ...]:
    """Return the kinds that find personal data and secrets, none of which needs options."""
    return kinds.SPEC, names.SPEC, email.SPEC, keys.SPEC
