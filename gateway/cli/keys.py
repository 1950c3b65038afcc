"""``sluice keys``: make the keys that clients show, and take them back."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click
import orjson

from gateway.errors import RecordError, SettingsError

if TYPE_CHECKING:
    from gateway.exchange import Quota
    from gateway.ports import ClientKey
    from gateway.settings import Settings
    from gateway.stores.keys import Keys

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_COUNT: Final = click.IntRange(min=1)
_CONFIG: Final = click.option("--config", type=click.Path(path_type=Path), help="Settings; as for serve.")
_STYLE: Final = click.option(
    "--format", "style", type=click.Choice(["human", "json"]), default="human", show_default=True
)


class _Duration(click.ParamType[float]):
    """A time such as ``90s``, ``30m``, ``24h``, ``7d``, or ``0``."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return it in seconds."""
        if isinstance(value, (int, float)):
            return float(value)
        match = re.fullmatch(r"(\d{1,9})([smhd]?)", str(value).strip())
        if match is None or (not match[2] and int(match[1])):
            self.fail(f"{value!r} is no time; write it like 30m, 24h or 7d, or 0", param, ctx)
        return float(int(match[1]) * _UNITS.get(match[2], 1))


@click.group()
def keys() -> None:
    """Make, list, rotate and revoke the keys that clients show.

    \b
    Examples:
      sluice keys create --tenant acme --name 'front desk'
      sluice keys create --tenant acme --model qwen --requests-per-minute 60 --tokens-per-day 2000000
      sluice keys list
      sluice keys rotate abcdefghij --grace 24h
      sluice keys revoke abcdefghij

    As soon as one key was made, the gateway asks everybody for one. A running gateway knows of a change
    within a second or two. Only digests are kept.
    """


@keys.command("create")
@click.option("--tenant", required=True, help="Whose it is: records, quotas and surrogates go by it.")
@click.option("--name", default="", help="What you call it.")
@click.option("--policy", default="", help="Judges its exchanges: one of `policies:` in the settings.")
@click.option("--model", "models", multiple=True, metavar="NAME", help="May ask this model only. Repeatable.")
@click.option("--requests-per-minute", type=_COUNT, help="Requests in any 60 seconds.")
@click.option("--tokens-per-minute", type=_COUNT, help="Tokens, asked and answered, in any 60 seconds.")
@click.option("--tokens-per-day", type=_COUNT, help="Tokens in a day.")
@click.option("--money-per-day", type=click.FloatRange(min=0, min_open=True), help="In the currency of the settings.")
@click.option("--service", default="", metavar="XXXXX", help="Last five characters of the producer code in labels.")
@click.option("--agreement", default="", help="Lets it ask for answers without a visible label (Measures, art. 9).")
@click.option("--agreement-date", type=click.DateTime(["%Y-%m-%d"]), help="Since when that is in force.")
@click.option("--label", "access", multiple=True, help="May see what `kb add --access` keeps for it. Repeatable.")
@click.option("--days", type=click.FloatRange(min=0, min_open=True), help="Expires after so many days.")
@_STYLE
@_CONFIG
def create_command(
    *,
    tenant: str,
    name: str,
    policy: str,
    models: Sequence[str],
    requests_per_minute: int | None,
    tokens_per_minute: int | None,
    tokens_per_day: int | None,
    money_per_day: float | None,
    service: str,
    agreement: str,
    agreement_date: datetime | None,
    access: Sequence[str],
    days: float | None,
    style: Literal["human", "json"],
    config: Path | None,
) -> None:
    """Make a key. It is shown this once; what is kept is a digest.

    \b
    Examples:
      sluice keys create --tenant acme
      KEY=$(sluice keys create --tenant acme --requests-per-minute 60)
      sluice keys create --tenant acme --policy strict --model qwen --money-per-day 50
      sluice keys create --tenant acme --agreement A-2026-017 --agreement-date 2026-10-01
      sluice keys create --tenant acme --label hr --label board
    """
    from gateway.exchange import Agreement, Grant, Quota  # noqa: PLC0415
    from gateway.limits.keys import make_key  # noqa: PLC0415
    from gateway.settings import load_settings  # noqa: PLC0415

    if bool(agreement) != (agreement_date is not None):
        raise click.UsageError("an agreement needs both --agreement and --agreement-date")
    micros = None if money_per_day is None else max(round(money_per_day * 1_000_000), 1)
    quota = Quota(requests_per_minute, tokens_per_minute, tokens_per_day, micros)
    settings = load_settings(config, os.environ)
    _check(settings, policy, models, service)
    _check_counters(settings, quota)
    since = agreement_date.date().isoformat() if agreement_date else date.min.isoformat()
    if not all(label.strip() for label in access):
        raise click.UsageError("a label needs a name, such as --label hr")
    grant = Grant(
        policy=policy,
        models=tuple(dict.fromkeys(models)),
        quota=quota,
        service=service,
        agreement=Agreement(agreement, since) if agreement else None,
        access=tuple(dict.fromkeys(access)),
    )
    with _kept(settings) as kept:
        while True:
            now = time.time()
            until = None if days is None else now + days * 86_400
            key, secret = make_key(secrets.token_bytes, now, name=name, tenant=tenant, grant=grant, until=until)
            if kept.add(key):
                break
    _tell(key, secret, style, "已创建 · made")
    for doubt in (*_doubts(settings, quota), *_unseen(settings, access)):
        click.echo(doubt, err=True)


@keys.command("list")
@click.option("--tenant", help="Only those of this tenant.")
@click.option("--all", "every", is_flag=True, help="Also those that are revoked or expired.")
@_STYLE
@_CONFIG
def list_command(*, tenant: str | None, every: bool, style: Literal["human", "json"], config: Path | None) -> None:
    """List keys: what each may do, never its secret."""
    from gateway.settings import load_settings  # noqa: PLC0415

    now = time.time()
    settings = load_settings(config, os.environ)
    with _kept(settings) as kept:
        found = [key for key in kept.all() if tenant in (None, key.tenant)]
    shown = [key for key in found if every or _state(key, now) in ("valid", "rotating")]
    if style == "json":
        click.echo(orjson.dumps([_plain(key, now) for key in shown], option=orjson.OPT_INDENT_2))
        return
    if not shown:
        more = f"；{len(found)} 个已失效（--all 显示） · {len(found)} more with --all" if found else ""
        click.echo(f"没有可用的密钥 · no key is valid{more}", err=True)
        return
    rows = [("ID", "TENANT", "NAME", "STATE", "QUOTA", "MAY", "MADE")]
    for key in shown:
        may = ", ".join(
            [
                *key.grant.models,
                *([f"policy {key.grant.policy}"] if key.grant.policy else []),
                *([f"service {key.grant.service}"] if key.grant.service else []),
                *([f"unlabelled ({key.grant.agreement.id})"] if key.grant.agreement else []),
                *(f"label {label}" for label in key.grant.access),
            ]
        )
        quota = _quota(key.grant.quota, settings.currency)
        rows.append((key.id, key.tenant, key.name, _state(key, now), quota, may or "all models", _day(key.created)))
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())


@keys.command("rotate")
@click.argument("id")
@click.option("--grace", type=_Duration(), default="24h", show_default=True, help="How long the old one is taken too.")
@_STYLE
@_CONFIG
def rotate_command(*, id: str, grace: float, style: Literal["human", "json"], config: Path | None) -> None:
    """Give a key a new secret. The one before it is taken for a while, one before that is not.

    \b
    Examples:
      sluice keys rotate abcdefghij
      sluice keys rotate abcdefghij --grace 0
    """
    from gateway.limits.keys import rotated  # noqa: PLC0415
    from gateway.settings import load_settings  # noqa: PLC0415

    with _kept(load_settings(config, os.environ)) as kept:
        key = _valid(kept, id)
        key, secret = rotated(key, secrets.token_bytes, time.time(), grace)
        kept.change(key)
    until = datetime.fromtimestamp(key.previous_until, UTC).isoformat(timespec="seconds") if key.previous_until else ""
    said = f"旧密钥有效至 {until} · the old one is taken until then" if until else "旧密钥已失效 · the old one is not"
    _tell(key, secret, style, f"已轮换 · rotated; {said}")


@keys.command("revoke")
@click.argument("ids", nargs=-1, required=True)
@_CONFIG
def revoke_command(*, ids: Sequence[str], config: Path | None) -> None:
    """Revoke keys for good.

    Exit code: 0 all were revoked, 3 at least one is none that could be.
    """
    from gateway.settings import load_settings  # noqa: PLC0415

    with _kept(load_settings(config, os.environ)) as kept:
        for id in ids:
            _valid(kept, id)
        for id in ids:
            kept.revoke(id)
            click.echo(f"{id} 已吊销 · revoked")


@contextlib.contextmanager
def _kept(settings: Settings) -> Iterator[Keys]:
    """Open the keys of the settings' database; what it says is told as such."""
    from gateway.stores.keys import Keys  # noqa: PLC0415
    from gateway.stores.sql import SqlStore  # noqa: PLC0415

    kept = Keys(SqlStore(settings.database, time.time), time.time)
    try:
        yield kept
    except RecordError as error:
        raise SettingsError(str(error), hint="see database: in sluice.yaml, or SLUICE_DATABASE_URL") from None
    finally:
        kept.close()


def _valid(kept: Keys, id: str) -> ClientKey:
    """Return a key that can still be changed; raises ``SettingsError`` for any other."""
    from gateway.document import suggest  # noqa: PLC0415

    known = {key.id: key for key in kept.all()}
    if id not in known:
        hint = suggest(id, known) or "`sluice keys list` says which there are"
        raise SettingsError(f"there is no key {id!r}", hint=hint)
    if known[id].revoked is not None:
        raise SettingsError(f"the key {id!r} is revoked", hint="make a new one with `sluice keys create`")
    return known[id]


def _check(settings: Settings, policy: str, models: Sequence[str], service: str) -> None:
    """Refuse what a key could never use, now and not at its first request."""
    from gateway.document import suggest  # noqa: PLC0415
    from gateway.labels.producer import LENGTH, fault_of_code  # noqa: PLC0415

    if policy and policy not in settings.policies:
        known = ", ".join(settings.policies)
        hint = suggest(policy, settings.policies) or (f"there are {known}" if known else "write policies: {NAME: FILE}")
        raise SettingsError(f"policies: in sluice.yaml has no {policy!r}", hint=hint)
    names = settings.names
    for model in models:
        if model not in names and "*" not in names and settings.default_model is None:
            hint = suggest(model, names) or f"there are {', '.join(names)}"
            raise SettingsError(f"models: in sluice.yaml has no {model!r}", hint=hint)
    if service:
        producer = settings.producer or ""
        if len(producer) != LENGTH:
            hint = "set producer: (or SLUICE_PRODUCER) to the 27-character code first"
            raise SettingsError("a service needs a producer code, and none is configured", hint=hint)
        if len(service) != 5 or (fault := fault_of_code(producer[:-5] + service, "12")):
            said = fault if len(service) == 5 else "it needs five characters"
            raise SettingsError(f"the service {service!r}: the code {said}", hint="TC260-PG-20252A, positions 23-27")


def _check_counters(settings: Settings, quota: Quota) -> None:
    """Refuse a quota that several workers would each count alone: they do not serve such a key."""
    from gateway.exchange import UNLIMITED  # noqa: PLC0415

    said = settings.keys
    if quota != UNLIMITED and settings.listen.workers > 1 and said.counters == "memory" and said.counters_env is None:
        hint = "write keys: {counters: redis://host:6379/0} in sluice.yaml, or start one worker"
        raise SettingsError("a quota needs counters that all workers share, and there are none", hint=hint)


def _doubts(settings: Settings, quota: Quota) -> Iterator[str]:
    """Yield what about a quota will surprise."""
    if quota.day_micros is not None and (unpriced := settings.unpriced):
        yield f"这些模型没有价格，此密钥不能使用 · no price, so not for this key: {', '.join(unpriced)}"


def _unseen(settings: Settings, access: Sequence[str]) -> Iterator[str]:
    """Yield what about labels will surprise."""
    if access and settings.knowledge is None:
        yield "设置中没有知识库，标签暂无作用 · no knowledge base is configured: the labels open nothing yet"


def _tell(key: ClientKey, secret: str, style: Literal["human", "json"], what: str) -> None:
    if style == "json":
        said = {**_plain(key, time.time()), "key": secret}
        click.echo(orjson.dumps(said, option=orjson.OPT_INDENT_2))
        return
    click.echo(f"{key.id} {what}. 密钥只显示这一次 · the key is shown this once:", err=True)
    click.echo(secret)


def _plain(key: ClientKey, now: float) -> dict[str, Any]:
    """Return a key as JSON has it, without its digests."""
    times = {name: getattr(key, name) for name in ("created", "until", "revoked", "previous_until")}
    shown = {name: at and datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds") for name, at in times.items()}
    head = {"id": key.id, "name": key.name, "tenant": key.tenant, "state": _state(key, now)}
    return {**head, **asdict(key.grant), **shown}


def _state(key: ClientKey, now: float) -> str:
    if key.revoked is not None:
        return "revoked"
    if key.until is not None and key.until <= now:
        return "expired"
    return "rotating" if key.previous_until is not None and now < key.previous_until else "valid"


def _quota(quota: Quota, currency: str) -> str:
    parts = [
        f"{quota.requests:,} req/min" if quota.requests is not None else "",
        f"{quota.tokens:,} tok/min" if quota.tokens is not None else "",
        f"{quota.day_tokens:,} tok/day" if quota.day_tokens is not None else "",
        f"{quota.day_micros / 1e6:g} {currency}/day" if quota.day_micros is not None else "",
    ]
    return ", ".join(filter(None, parts)) or "none"


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def _width(text: str) -> int:
    """Return how many columns a terminal shows a text in: two for a Chinese character."""
    return len(text) + sum(ord(character) >= 0x2E80 for character in text)
