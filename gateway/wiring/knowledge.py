"""Make the knowledge base, what gives its texts their meaning, and what keeps passages out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gateway.errors import KnowledgeError, SettingsError
from gateway.policy.plan import Plan
from gateway.policy.reading import reads_otherwise
from gateway.policy.rule import Judged, decide
from gateway.ports import Counters
from gateway.settings import Settings
from gateway.settings.places import Endpoint as EndpointSetting
from gateway.settings.places import KnowledgePlace
from gateway.telemetry import names
from gateway.text import TextView
from gateway.verdict import Finding, silences

if TYPE_CHECKING:
    from gateway.knowledge.finder import Finder
    from gateway.knowledge.library import Embed, Library
    from gateway.meaning.remote import Place as Reached


def library_of(
    settings: Settings,
    environment: Mapping[str, str],
    *,
    plan: Plan | None = None,
    worded: Callable[[], object] | None = None,
) -> Library:
    """Return the knowledge base of the settings; opens nothing yet.

    Args:
        settings: Say where it is; ``var/knowledge.db`` if they do not.
        environment: Holds its address, if the settings say so.
        plan: Its rules for what tools have read keep passages out; None lets every passage in.
        worded: Hears of questions that are looked for by their words alone.

    Raises:
        SettingsError: The variable that holds the address is not set, or it is no address.
    """
    from gateway.knowledge.library import Library  # noqa: PLC0415
    from gateway.knowledge.store import KnowledgeStore  # noqa: PLC0415

    place = settings.knowledge or KnowledgePlace()
    url = environment.get(place.database_env, "") if place.database_env else place.database
    if not url:
        raise SettingsError(f"knowledge: the environment variable {place.database_env} is not set")
    try:
        store = KnowledgeStore(url, time.time)
    except KnowledgeError as error:
        raise SettingsError(f"knowledge: {error}") from None
    embed, meaning = embed_of(place, environment)
    return Library(store, embed, passage_screen(plan) if plan else None, meaning=meaning, worded=worded)


def embed_of(place: KnowledgePlace, environment: Mapping[str, str]) -> tuple[Embed, Callable[[], str]]:
    """Return what gives texts their meaning, and what names it; asks and reads nothing yet."""
    if place.embeddings is not None:
        from gateway.meaning.endpoint import Endpoint  # noqa: PLC0415

        endpoint = Endpoint(endpoint_of(place.embeddings, environment))
        return endpoint, lambda: endpoint.name
    from gateway.meaning.vectors import shipped  # noqa: PLC0415

    return lambda texts: shipped().many(texts), lambda: f"table:{shipped().version}"


def endpoint_of(entry: EndpointSetting, environment: Mapping[str, str]) -> Reached:
    """Return an endpoint with its key; raises ``SettingsError`` if that is not set."""
    from gateway.meaning.remote import Place  # noqa: PLC0415

    key = environment.get(entry.key_env, "") if entry.key_env else ""
    if entry.key_env and not key:
        raise SettingsError(f"knowledge: the environment variable {entry.key_env} is not set")
    return Place(entry.url, key, entry.seconds, entry.model)


def knowledge_of(settings: Settings, environment: Mapping[str, str], counters: Counters | None = None) -> Finder | None:
    """Return what finds the sources of answers, if the settings have a knowledge base; opens nothing yet."""
    known = settings.knowledge
    if known is None:
        return None
    from gateway.knowledge.finder import Finder  # noqa: PLC0415

    def worded() -> None:
        if counters is not None:
            counters.add(names.KNOWLEDGE_BY_WORDS)

    by_words = known.embeddings is not None and known.embeddings.on_error == "words"
    rerank, search = (endpoint_of(one, environment) if one else None for one in (known.rerank, known.search))
    library = library_of(settings, environment, worded=worded if by_words else None)
    return Finder(library, library.embed, rerank, search, known.unsure)


def passage_screen(plan: Plan) -> Callable[[str], tuple[str, ...]]:
    """Return what a plan has against a passage: risks for which its rules keep from the model what a tool has read.

    Only what reads a text as it stands is asked, and only where such a rule heeds it: a hundred thousand passages
    come in at once. Judges, and what reads codes and disguises, are asked when a passage is used: nothing goes to a
    model without them.
    """
    side = plan.request
    rules = [rule for rule in side.rules if silences(rule.then) and (rule.roles is None or "tool" in rule.roles)]
    heeded = {id for rule in rules for id in rule.detectors}
    asked = [(one.id, one.scan) for one in side.detectors if one.scan and one.id in heeded and not reads_otherwise(one)]

    def screen(text: str) -> tuple[str, ...]:
        view = TextView(text)
        found: list[Finding] = []
        for id, scan in asked:
            try:
                found += [finding._replace(detector=id) for finding in scan(view).findings]
            except Exception as error:
                # Its message may hold text: the type must do (law 6).
                what = f"a passage could not be judged: {id} failed with {type(error).__name__}"
                raise KnowledgeError(what) from None
        if not found:
            return ()
        verdict = decide(side, [Judged("passage", "tool", tuple(found))], (), ())
        return tuple(dict.fromkeys(hit.risk for hit in verdict.hits if silences(hit.action)))

    return screen
