"""Make what keeps things: sealed texts, surrogates, answers, tickets, and the keys of clients."""

from __future__ import annotations

import hashlib
import random
import secrets
import time
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from gateway.errors import SettingsError
from gateway.limits.keys import Book
from gateway.ports import Counters, Fetch, Seal, Shelf, Ticket
from gateway.privacy.keys import CURRENT, Keyring
from gateway.privacy.turns import SealedTurns
from gateway.privacy.vault import SealedVault
from gateway.settings import Settings

if TYPE_CHECKING:
    from gateway.handoff.outbox import Outbox


def seal(environment: Mapping[str, str]) -> Seal | None:
    """Return what seals recorded text, if a key is set."""
    secret = environment.get("SLUICE_SEAL_KEY")
    if not secret:
        return None
    from gateway.stores.sealing import read_key, sealer  # noqa: PLC0415

    return sealer(read_key(secret), secrets.token_bytes)


def client_keys(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys that clients must show; none if the variable is unset or empty.

    Raises:
        SettingsError: It is set, but holds no key: an open door that was meant to be shut.
    """
    said = environment.get("SLUICE_CLIENT_KEYS", "")
    keys = tuple(key for part in said.split(",") if (key := part.strip()))
    if said and not keys:
        raise SettingsError("SLUICE_CLIENT_KEYS is set but holds no key", hint="write KEY,KEY,… or unset it")
    return keys


def check_waivers(settings: Settings, keys: Iterable[str]) -> None:
    """Refuse agreements of keys that no client can show: a slip that would be noticed by a customer only."""
    digests = [hashlib.sha256(key.encode()).hexdigest() for key in keys]
    for entry in settings.unlabelled:
        if not any(digest.startswith(entry.key) for digest in digests):
            hint = "write the first 16 hex digits of what `printf %s KEY | sha256sum` prints"
            raise SettingsError(f"unlabelled: no client key has the digest {entry.key} ({entry.agreement})", hint=hint)


def book_of(settings: Settings) -> Book:
    """Return the keys that were made for clients; reads nothing yet."""
    from gateway.stores.keys import Keys  # noqa: PLC0415
    from gateway.stores.sql import SqlStore  # noqa: PLC0415

    kept = Keys(SqlStore(settings.database, time.time), time.time)
    return Book(kept.all, time.time, close=kept.close)


def vault_of(settings: Settings, environment: Mapping[str, str], ring: Keyring | None) -> SealedVault | None:
    """Return the vault that the settings ask for, if any; opens nothing yet.

    Raises:
        SettingsError: There is no key to seal it with, or several processes would each have their own.
    """
    place = settings.vault
    if place is None:
        return None
    if ring is None:
        raise SettingsError(f"a vault needs a key, but {CURRENT} is not set", hint="openssl rand -base64 32")
    at = environment.get(place.at_env, "") if place.at_env else place.at
    if not at:
        raise SettingsError(f"vault: the environment variable {place.at_env} is not set")
    if at == "memory" and settings.listen.workers > 1:
        raise SettingsError("a vault in memory is one worker's alone", hint="write vault: {at: database}")
    shelf = shelf_at(at, settings)
    return SealedVault(shelf, ring, time.time, secrets.token_bytes, seconds=place.seconds)


def shelf_at(at: str, settings: Settings, megabytes: float | None = None) -> Shelf:
    """Return the shelf at an address; opens nothing yet."""
    if at == "memory":
        from gateway.stores.shelves.memory import MemoryShelf  # noqa: PLC0415

        return MemoryShelf(time.time, most_bytes=int(megabytes * 1_000_000) if megabytes else None)
    if at == "database":
        from gateway.stores.shelves.sql import SqlShelf  # noqa: PLC0415
        from gateway.stores.sql import SqlStore  # noqa: PLC0415

        return SqlShelf(SqlStore(settings.database, time.time), time.time)
    from gateway.stores.shelves.redis import RedisShelf  # noqa: PLC0415

    return RedisShelf(at, time.time)


def turns_of(settings: Settings, environment: Mapping[str, str], ring: Keyring | None) -> SealedTurns | None:
    """Return what keeps answers for ``previous_response_id``; None where nothing is kept.

    In memory they are sealed under a key that dies with the process, if there is no other; with several workers
    nothing is kept there, for each would know only its own.

    Raises:
        SettingsError: There is no key to seal them with.
    """
    place = settings.responses
    at = environment.get(place.at_env, "") if place.at_env else place.at
    if not at:
        raise SettingsError(f"responses: the environment variable {place.at_env} is not set")
    if at == "nowhere" or (at == "memory" and settings.listen.workers > 1):
        return None
    if ring is None and at != "memory":
        what = f"answers are kept in a store, which needs a key, but {CURRENT} is not set"
        raise SettingsError(what, hint="openssl rand -base64 32; or write responses: {at: memory}")
    shelf = shelf_at(at, settings, place.megabytes)
    sealing = ring or Keyring(secrets.token_bytes(32))
    return SealedTurns(SealedVault(shelf, sealing, time.time, secrets.token_bytes, seconds=place.seconds))


def fetch_of(settings: Settings) -> Fetch | None:
    """Return what fetches pictures behind URLs for their labels, if the settings allow it."""
    if settings.fetch is None:
        return None
    from gateway.providers.fetch import Fetcher  # noqa: PLC0415

    allowed = settings.fetch
    return Fetcher(allowed.hosts, seconds=allowed.seconds, most=allowed.bytes, private=allowed.private)


def handoff_secret(settings: Settings, environment: Mapping[str, str]) -> bytes:
    """Return the secret that signs what people are told; empty where nobody is told. Raises ``SettingsError``."""
    from gateway.handoff.signature import read_secret  # noqa: PLC0415

    if settings.handoff is None:
        return b""
    variable = settings.handoff.secret_env
    said = environment.get(variable)
    if not said:
        hint = "put what `openssl rand -base64 32` prints there"
        raise SettingsError(f"handoff: the environment variable {variable} is not set", hint=hint)
    return read_secret(said, variable)


def outbox_of(settings: Settings, environment: Mapping[str, str], counters: Counters) -> Outbox | None:
    """Return what tells people of questions that are handed over, if the settings say whom; opens nothing yet."""
    place = settings.handoff
    if place is None:
        return None
    from gateway.handoff.outbox import Outbox, Tries  # noqa: PLC0415
    from gateway.handoff.webhook import Webhook  # noqa: PLC0415
    from gateway.stores.handoffs import KeptHandoffs  # noqa: PLC0415
    from gateway.stores.sql import SqlStore  # noqa: PLC0415

    return Outbox(
        KeptHandoffs(SqlStore(settings.database, time.time), time.time),
        Webhook(place.url, handoff_secret(settings, environment), place.seconds, time.time).tell,
        Tries(place.tries, place.base, place.longest, place.seconds),
        opened=partial(question_of, environment),
        clock=time.time,
        random=random.random,
        counters=counters,
    )


def question_of(environment: Mapping[str, str], ticket: Ticket) -> str | None:
    """Return the question of a ticket as people may see it; raises ``RecordError`` if it cannot be unsealed."""
    if ticket.form != "raw" or ticket.question is None:
        return ticket.question
    from gateway.stores.sealing import read_key, unsealer  # noqa: PLC0415

    secret = environment.get("SLUICE_SEAL_KEY", "")
    return unsealer([read_key(secret)] if secret else [])(ticket.question, ticket.exchange)
