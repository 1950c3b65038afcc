"""Make what counts quotas and strikes, and refuse several workers that would each count alone."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from functools import partial
from typing import Final

from gateway.errors import RecordError, SettingsError
from gateway.limits.conduct import UserConduct
from gateway.limits.memory import MemoryQuotas
from gateway.limits.redis import RedisQuotas, connect
from gateway.limits.strikes import MemoryStrikes, RedisStrikes
from gateway.limits.unshared import UnsharedQuotas
from gateway.ports import Counters
from gateway.privacy.keys import Keyring, subject_digests
from gateway.settings import Settings
from gateway.wiring.keeping import book_of

ALONE: Final = "each of several workers would count alone"
SHARED: Final = "write keys: {counters: redis://host:6379/0} in sluice.yaml, or start one worker"


def counters_of(settings: Settings, environment: Mapping[str, str]) -> str:
    """Return where quotas are counted: ``memory``, or the address of a Redis."""
    said = settings.keys
    at = environment.get(said.counters_env, "") if said.counters_env else said.counters
    if not at:
        raise SettingsError(f"keys: the environment variable {said.counters_env} is not set")
    return at


def quotas_of(settings: Settings, environment: Mapping[str, str]) -> MemoryQuotas | RedisQuotas | UnsharedQuotas:
    """Return what counts quotas; connects to nothing yet. Raises ``SettingsError``."""
    at, said = counters_of(settings, environment), settings.keys
    offset = int(said.utc_offset * 3600)
    if at == "memory" and settings.listen.workers > 1:
        return UnsharedQuotas(assumed=said.assumed_output, on_lost=said.on_lost)
    if at == "memory":
        return MemoryQuotas(time.time, offset=offset, assumed=said.assumed_output)
    return RedisQuotas(at, offset=offset, assumed=said.assumed_output, on_lost=said.on_lost)


def conduct_of(
    settings: Settings, environment: Mapping[str, str], ring: Keyring | None, counters: Counters
) -> UserConduct:
    """Return what suspends users; opens nothing yet."""
    from gateway.stores.sql import SqlStore  # noqa: PLC0415
    from gateway.stores.suspensions import Suspensions  # noqa: PLC0415

    at = counters_of(settings, environment)
    kept = Suspensions(SqlStore(settings.database, time.time), time.time)
    return UserConduct(
        MemoryStrikes() if at == "memory" else RedisStrikes(connect(at)),
        partial(user_digests, ring),
        read=kept.active,
        keep=kept.suspend,
        close=kept.close,
        clock=time.time,
        counters=counters,
        offset=int(settings.keys.utc_offset * 3600),
    )


def user_digests(ring: Keyring | None, tenant: str, user: str) -> tuple[str, ...]:
    """Return what stands for a tenant's user: keyed digests, the present key's first; without a key a plain one."""
    if ring is not None:
        return subject_digests(ring, tenant, f"user:{user}")
    return (hashlib.sha256(f"{len(tenant)}:{tenant}:{user}".encode("utf-8", "replace")).hexdigest()[:32],)


def check_counting(settings: Settings, environment: Mapping[str, str]) -> None:
    """Refuse to start several workers that would each count what keys with a quota use.

    Reads the keys that there are now; one that is made later is not served by such workers. A database that does
    not answer says nothing here: the workers cannot start without it.

    Raises:
        SettingsError: A key in use has a quota, and nothing is there to count in together.
    """
    if settings.listen.workers == 1 or counters_of(settings, environment) != "memory":
        return
    book = book_of(settings)
    try:
        book.load()
    except RecordError:
        return
    finally:
        book.close()
    if book.limited:
        raise SettingsError(f"keys have quotas, but {ALONE}", hint=SHARED)
