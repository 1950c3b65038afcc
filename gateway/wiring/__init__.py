"""The only place where ports meet adapters: settings in, a running application out."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from gateway.wiring.answers import banks_of, embedder_of, model_of
    from gateway.wiring.checks import check, check_handoff, check_label, check_unguarded
    from gateway.wiring.counting import ALONE, SHARED, check_counting, conduct_of, counters_of, quotas_of, user_digests
    from gateway.wiring.ids import UniqueIds
    from gateway.wiring.keeping import (
        book_of,
        check_waivers,
        client_keys,
        fetch_of,
        handoff_secret,
        outbox_of,
        question_of,
        seal,
        shelf_at,
        turns_of,
        vault_of,
    )
    from gateway.wiring.knowledge import embed_of, endpoint_of, knowledge_of, library_of, passage_screen
    from gateway.wiring.outside import World, checking
    from gateway.wiring.plans import (
        chooser,
        doubts,
        embedded,
        load_plan,
        policy_file,
        shipped_policies,
        stamp,
        standards_of,
        stricter_plans,
    )
    from gateway.wiring.process import Parts, parts
    from gateway.wiring.resolving import in_chat, in_completions, in_messages, in_responses
    from gateway.wiring.site import application, assemble, from_environment
    from gateway.wiring.upstreams import ANTHROPIC_VERSION, NO_KEY, provider_of, routes_of

_PLACES: Final = {
    name: place
    for place, names in {
        "answers": "banks_of embedder_of model_of",
        "checks": "check check_handoff check_label check_unguarded",
        "counting": "ALONE SHARED check_counting conduct_of counters_of quotas_of user_digests",
        "ids": "UniqueIds",
        "keeping": "book_of check_waivers client_keys fetch_of handoff_secret outbox_of question_of seal shelf_at "
        "turns_of vault_of",
        "knowledge": "embed_of endpoint_of knowledge_of library_of passage_screen",
        "outside": "World checking",
        "plans": "chooser doubts embedded load_plan policy_file shipped_policies stamp standards_of stricter_plans",
        "process": "Parts parts",
        "resolving": "in_chat in_completions in_messages in_responses",
        "site": "application assemble from_environment",
        "upstreams": "ANTHROPIC_VERSION NO_KEY provider_of routes_of",
    }.items()
    for name in names.split()
}
"""Where each name is: what a command does not ask for is not imported."""


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
    return found


__all__ = [
    "ALONE",
    "ANTHROPIC_VERSION",
    "NO_KEY",
    "SHARED",
    "Parts",
    "UniqueIds",
    "World",
    "application",
    "assemble",
    "banks_of",
    "book_of",
    "check",
    "check_counting",
    "check_handoff",
    "check_label",
    "check_unguarded",
    "check_waivers",
    "checking",
    "chooser",
    "client_keys",
    "conduct_of",
    "counters_of",
    "doubts",
    "embed_of",
    "embedded",
    "embedder_of",
    "endpoint_of",
    "fetch_of",
    "from_environment",
    "handoff_secret",
    "in_chat",
    "in_completions",
    "in_messages",
    "in_responses",
    "knowledge_of",
    "library_of",
    "load_plan",
    "model_of",
    "outbox_of",
    "parts",
    "passage_screen",
    "policy_file",
    "provider_of",
    "question_of",
    "quotas_of",
    "routes_of",
    "seal",
    "shelf_at",
    "shipped_policies",
    "stamp",
    "standards_of",
    "stricter_plans",
    "turns_of",
    "user_digests",
    "vault_of",
]
