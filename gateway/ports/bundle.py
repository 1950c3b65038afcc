"""All that the path may touch, in one."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.ports.handoffs import Handoffs
from gateway.ports.knowledge import Knowledge
from gateway.ports.limits import Conduct, Quotas
from gateway.ports.privacy import Keys, Seal, SubjectDigest, Vault
from gateway.ports.providers import Resolve
from gateway.ports.records import Records, Seen
from gateway.ports.surroundings import Clock, Counters, Fetch, Ids, Ticker


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything outside that the path may touch, handed in by ``wiring``."""

    resolve: Resolve
    records: Records
    counters: Counters
    clock: Clock
    ticker: Ticker
    ids: Ids
    seal: Seal | None = None
    seen: Seen | None = None
    producer: str | None = None
    mark_key: bytes = b""
    keys: Keys | None = None
    subject: SubjectDigest | None = None
    vault: Vault | None = None
    fetch: Fetch | None = None
    knowledge: Knowledge | None = None
    quotas: Quotas | None = None
    conduct: Conduct | None = None
    handoffs: Handoffs | None = None
    currency: str = "CNY"
