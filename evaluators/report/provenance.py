"""What a run rests on: digests of suite and data, plan, models, judges, seed and versions."""

from __future__ import annotations

from html import escape

from evaluators.report.words import Labels
from evaluators.run import Run
from evaluators.summary import Summary


def provenance(run: Run, summary: Summary, words: Labels) -> str:
    """List the facts; none of them is a secret."""
    manifest = run.manifest
    policies = ", ".join(f"{name} × {count}" for name, count in summary.policies.items())
    models = ", ".join(f"{name} × {count}" for name, count in summary.models.items())
    versions = {**manifest.versions, **summary.versions}
    facts: list[tuple[str, str]] = [
        (words("run"), escape(manifest.id)),
        (words("suite"), escape(manifest.suite)),
        (words("suite_digest"), escape(manifest.suite_digest)),
        (words("data_digest"), escape(manifest.data_digest)),
        (words("policy"), escape(policies) or words("no_policy")),
        (words("model"), escape(models) or "–"),
        (words("parameters"), escape(", ".join(f"{k}={v}" for k, v in manifest.asked.parameters.items())) or "–"),
        (words("seed"), str(manifest.seed)),
        (words("repetitions"), str(manifest.repetitions)),
    ]
    if manifest.limit is not None:
        facts.append((words("limit"), str(manifest.limit)))
    for name, address in (("judge", manifest.judge), ("embedding", manifest.embedding)):
        if address is not None:
            facts.append((words(name), escape(f"{address.model} @ {address.base_url}")))
    facts.append((words("version"), escape(", ".join(f"{name} {word}" for name, word in versions.items()))))
    body = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    return f'<dl class="facts wide">{body}</dl>'
