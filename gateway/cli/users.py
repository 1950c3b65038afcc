"""``sluice users``: who is suspended for asking too often what is not allowed, and let them in again."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click
import orjson

from gateway.errors import RecordError, SettingsError

if TYPE_CHECKING:
    from gateway.settings import Settings
    from gateway.stores.suspensions import Suspensions

_CONFIG: Final = click.option("--config", type=click.Path(path_type=Path), help="Settings; as for serve.")


@click.group()
def users() -> None:
    """Suspended users (TC260-003 §7): list them, let them in again.

    \b
    Examples:
      sluice users suspended
      sluice users release 5f0c…  --tenant acme --operator li.na
      sluice users release --user u-42 --tenant acme --operator li.na

    When a user is suspended is said in the policy (misuse:). Users are known by digests of the ids that
    clients name.
    """


@users.command("suspended")
@click.option("--tenant", help="Only those of this tenant.")
@click.option("--format", "style", type=click.Choice(["human", "json"]), default="human", show_default=True)
@_CONFIG
def suspended_command(*, tenant: str | None, style: Literal["human", "json"], config: Path | None) -> None:
    """List who is suspended now, the latest first."""
    from gateway.settings import load_settings  # noqa: PLC0415

    with _kept(load_settings(config, os.environ)) as kept:
        found = [one for one in kept.active() if tenant in (None, one.tenant)]
    if style == "json":
        rows = [{**asdict(one), "since": _time(one.since), "until": one.until and _time(one.until)} for one in found]
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
        return
    for one in found:
        until = f"至 until {_time(one.until)}" if one.until is not None else "待解除 until released"
        click.echo(
            f"{one.digest}  {one.tenant}  {_time(one.since)}  {until}  "
            f"policy {one.policy}, {one.consecutive} in a row, {one.daily} that day"
        )
    if not found:
        click.echo("没有被暂停的用户 · nobody is suspended", err=True)


@users.command("release")
@click.argument("digest", required=False)
@click.option("--user", help="The user's id, as clients name it, instead of DIGEST.")
@click.option("--tenant", required=True, help="Whose user.")
@click.option("--operator", required=True, help="Who releases them; it is kept.")
@_CONFIG
def release_command(*, digest: str | None, user: str | None, tenant: str, operator: str, config: Path | None) -> None:
    """Let a user in again; a running gateway knows within a second or two.

    Exit code: 0 released, 3 nobody like that is suspended.
    """
    from gateway.privacy.keys import read_keyring  # noqa: PLC0415
    from gateway.settings import load_settings  # noqa: PLC0415
    from gateway.wiring import user_digests  # noqa: PLC0415

    if (digest is None) == (user is None):
        raise click.UsageError("name either DIGEST or --user")
    digests = (digest or "",) if user is None else user_digests(read_keyring(os.environ), tenant, user)
    with _kept(load_settings(config, os.environ)) as kept:
        released = sum(kept.release(tenant, one, operator) for one in digests)
    if not released:
        raise SettingsError("nobody like that is suspended", hint="`sluice users suspended` says who is")
    click.echo(f"{digests[0]} 已解除 · released")


@contextlib.contextmanager
def _kept(settings: Settings) -> Iterator[Suspensions]:
    from gateway.stores.sql import SqlStore  # noqa: PLC0415
    from gateway.stores.suspensions import Suspensions  # noqa: PLC0415

    kept = Suspensions(SqlStore(settings.database, time.time), time.time)
    try:
        yield kept
    except RecordError as error:
        raise SettingsError(str(error), hint="see database: in sluice.yaml, or SLUICE_DATABASE_URL") from None
    finally:
        kept.close()


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
