"""Refuse settings and policies that do not go together, before the port opens."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.errors import LabelError, SettingsError
from gateway.labels.metadata import fault_of_producer
from gateway.policy.plan import Plan
from gateway.privacy.keys import CURRENT
from gateway.settings import Settings
from gateway.wiring.counting import ALONE, SHARED, counters_of


def check(settings: Settings, plan: Plan, environment: Mapping[str, str]) -> None:
    """Refuse settings and policies that do not go together, before the port opens (law 8)."""
    if plan.record.text == "encrypted" and not environment.get("SLUICE_SEAL_KEY"):
        message = f"policy {plan.name!r} records encrypted text, but SLUICE_SEAL_KEY is not set"
        raise SettingsError(message, hint="set it, or say `record: {text: masked}`")
    keyed = [rule.id for side in (plan.request, plan.response) for rule in side.rules if rule.how and rule.how.keyed]
    if keyed and not environment.get(CURRENT):
        message = f"policy {plan.name!r}: rule {keyed[0]!r} needs a key, but {CURRENT} is not set"
        raise SettingsError(message, hint=f"set {CURRENT} to what `openssl rand -base64 32` prints")
    if plan.ground is not None and settings.knowledge is None:
        message = f"policy {plan.name!r} grounds answers, but the settings have no knowledge base"
        raise SettingsError(message, hint="write knowledge: {database: sqlite:///var/knowledge.db} in sluice.yaml")
    check_handoff(settings, plan, environment)
    if plan.misuse is not None and settings.listen.workers > 1 and counters_of(settings, environment) == "memory":
        raise SettingsError(f"policy {plan.name!r} suspends users (misuse), but {ALONE}", hint=SHARED)
    check_label(plan)
    check_unguarded(settings)
    if settings.producer is not None and (fault := fault_of_producer(settings.producer)):
        raise SettingsError(f"the producer {fault}", hint="GB 45438-2025 Annex E j); set SLUICE_PRODUCER")


def check_handoff(settings: Settings, plan: Plan, environment: Mapping[str, str]) -> None:
    """Refuse a policy that promises a ticket where none is made, or shows people words that cannot be sealed."""
    from gateway.pipeline.handoff import HOLE  # noqa: PLC0415

    rules = [rule for side in (plan.request, plan.response) for rule in side.rules if rule.then == "handoff"]
    words = [plan.replies[rule.reply] for rule in rules]
    if plan.answers and plan.answers.waiting:
        words.append(plan.answers.waiting)
    if settings.handoff is None and any(HOLE in one.zh + one.en for one in words):
        message = f"policy {plan.name!r} tells people their ticket, but the settings say nobody whom to tell of it"
        raise SettingsError(message, hint="write handoff: {url: …, secret_env: …} in sluice.yaml")
    if settings.handoff is not None and plan.handoff.question == "raw" and not environment.get("SLUICE_SEAL_KEY"):
        message = f"policy {plan.name!r} hands questions over as they came, but SLUICE_SEAL_KEY is not set"
        raise SettingsError(message, hint="set it: they are sealed while they wait; or say question: masked")


def check_unguarded(settings: Settings) -> None:
    """Refuse to hand on, unguarded, what a dialect judges (a way around it), or what Sluice itself answers."""
    if not settings.unguarded:
        return
    from gateway.server.openapi import document  # noqa: PLC0415
    from gateway.wire.served import MODERATIONS, SERVED  # noqa: PLC0415

    judged = {MODERATIONS, *(served.url for served in SERVED)}
    own = sorted({path.partition("/{")[0] for path in document()["paths"]} - judged)
    for under in settings.unguarded:
        for url in sorted(judged):
            if _below(url, under) or _below(under, url):
                hint = f"{url} is judged; list paths beside it, such as /v1/files"
                raise SettingsError(f"unguarded: {under} would be a way around {url}", hint=hint)
        for url in own:
            if _below(url, under) or _below(under, url):
                hint = f"{url} is answered by Sluice itself; list paths beside it, such as /v1/files"
                raise SettingsError(f"unguarded: {under} would take the place of {url}", hint=hint)


def _below(path: str, above: str) -> bool:
    """Whether a path is the other one, or lies below it; however it is written."""
    return f"{path}/".lower().startswith(f"{above}/".lower())


def check_label(plan: Plan) -> None:
    """Refuse a policy whose labels this machine cannot make: no font, no voice, no ffmpeg, a clip that is none."""
    label = plan.label
    if label.pictures is None and label.sounds is None and label.videos is None:
        return
    from gateway.labels import films, sounds, voice  # noqa: PLC0415
    from gateway.labels.lettering import font_file  # noqa: PLC0415

    try:
        if label.words is not None and (label.pictures is not None or label.videos is not None):
            font_file(label.words.zh + label.words.en)
        if label.sounds is not None and label.sounds.clip is not None:
            sounds.parse(label.sounds.clip)
    except LabelError as error:
        raise SettingsError(f"policy {plan.name!r}: {error}") from None
    speaks = label.sounds is not None and label.sounds.form == "spoken" and label.sounds.clip is None
    if speaks and not voice.installed():
        hint = "install espeak-ng, name a clip (sounds: {clip: …}), or write form: rhythm"
        raise SettingsError(f"policy {plan.name!r} has labels spoken, but espeak-ng is not installed", hint=hint)
    if label.videos is not None and not films.installed():
        hint = "install ffmpeg (Debian: apt-get install ffmpeg), or remove label: {videos: …}"
        raise SettingsError(f"policy {plan.name!r} labels videos, but ffmpeg is not installed", hint=hint)
