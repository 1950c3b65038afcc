"""``sluice answers stats``: what the entries of answer banks did, from the records, and which did nothing."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click
import orjson

from gateway.errors import RecordError, SettingsError

if TYPE_CHECKING:
    from gateway.settings import Settings
    from gateway.stores.hits import Hit, Hits

_DAY: Final = 86_400.0
_WIDTH: Final = 30
_PATH: Final = click.Path(path_type=Path)


@click.command("stats")
@click.option("--bank", "files", multiple=True, type=_PATH, help="Banks of which entries never used are listed.")
@click.option("--days", type=click.FloatRange(min=0), help="Only the last so many days.  [default: all that is kept]")
@click.option("--tenant", help="Only of this tenant's callers.")
@click.option("--format", "style", type=click.Choice(["human", "json"]), default="human", show_default=True)
@click.option("--config", type=_PATH, help="Settings; as for serve.")
def stats(
    *,
    files: tuple[Path, ...],
    days: float | None,
    tenant: str | None,
    style: Literal["human", "json"],
    config: Path | None,
) -> None:
    """Show how often each entry answered, was asked back with or handed over, and when last; never any text.

    \b
    Examples:
      sluice answers stats
      sluice answers stats --days 30 --tenant acme
      sluice answers stats --bank faq.yaml --format json

    Without --bank the banks of the policies in sluice.yaml are looked at. Questions in which no entry had a part are
    counted together: records do not say which entry was nearest to them.

    Exit code: 0, or 3 when the records or a bank cannot be read.
    """
    from gateway.settings import load_settings  # noqa: PLC0415
    from gateway.stores.hits import hits  # noqa: PLC0415
    from gateway.stores.sql import SqlStore  # noqa: PLC0415

    settings = load_settings(config, os.environ)
    known = _ids(files or _banks(settings))
    store = SqlStore(settings.database, time.time)
    try:
        store.open()
        found = hits(store, None if days is None else time.time() - days * _DAY, tenant)
    except RecordError as error:
        raise SettingsError(str(error), hint="see database: in sluice.yaml, or SLUICE_DATABASE_URL") from None
    finally:
        store.close()
    never = found.never(known)
    click.echo(_json(found, never) if style == "json" else _human(found, never))


def _json(found: Hits, never: list[str]) -> str:
    rows = [
        {
            "entry": one.entry,
            "version": one.version,
            "answered": one.answered,
            "asked_back": one.asked,
            "handed_over": one.handed,
            "last": _time(one.last),
        }
        for one in found.entries
    ]
    whole = {"exchanges": found.exchanges, "passed": found.passed, "entries": rows, "never": never}
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2).decode()


def _human(found: Hits, never: list[str]) -> str:
    lines = [f"{found.exchanges} exchanges, {found.passed} passed on without an entry"]
    most = max((one.all for one in found.entries), default=0)
    width = max((len(f"{one.entry}@{one.version}") for one in found.entries), default=0)
    lines += [
        f"{f'{one.entry}@{one.version}':{width}}  {_bar(one, most):{_WIDTH}}  {_counts(one)}" for one in found.entries
    ]
    if found.entries:
        lines.append("█ answered 已答  ▒ asked back 反问  ░ handed over 转人工")
    if never:
        lines.append(f"never used 从未命中 ({len(never)}): {', '.join(never)}")
    return "\n".join(lines)


def _bar(one: Hit, most: int) -> str:
    """Return a bar as long as the entry is busy; what happened at all shows."""
    cells = []
    for mark, count in (("█", one.answered), ("▒", one.asked), ("░", one.handed)):
        cells.append(mark * (max(1, round(count / most * _WIDTH)) if count else 0))
    return "".join(cells)[:_WIDTH]


def _counts(one: Hit) -> str:
    return f"{one.answered} / {one.asked} / {one.handed}, last {_time(one.last)}"


def _ids(files: tuple[Path, ...]) -> list[str]:
    """Return the ids of the approved entries of banks; raises ``ConfigError``."""
    from gateway.answers.read import read_file  # noqa: PLC0415

    return [entry.id for file in files for entry in read_file(file).entries if entry.state == "approved"]


def _banks(settings: Settings) -> tuple[Path, ...]:
    """Return the banks that the policies of the settings name, each once."""
    from gateway.policy.load import load_policy  # noqa: PLC0415
    from gateway.wiring import policy_file, shipped_policies  # noqa: PLC0415

    found: dict[Path, None] = {}
    for name in (settings.policy, *settings.policies.values()):
        policy = load_policy(policy_file(name), shipped_policies())
        if policy.content.answers:
            folder = Path(policy.document.where("answers", "banks").file).parent
            found |= dict.fromkeys(Path(os.path.normpath(folder / bank)) for bank in policy.content.answers.banks)
    return tuple(found)


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
