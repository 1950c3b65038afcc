"""``sluice traffic``: what people asked and were answered, with personal data masked, for evaluation."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import click
import orjson


@click.command()
@click.option("--limit", type=click.IntRange(1, 100_000), default=1000, show_default=True, help="The latest so many.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only from this day on (UTC).")
@click.option("--tenant", help="Only of this tenant.")
@click.option("--policy", help="Only what this policy judged.")
@click.option("--config", type=click.Path(path_type=Path), help="Settings; as for serve.")
def traffic(*, limit: int, since: datetime | None, tenant: str | None, policy: str | None, config: Path | None) -> None:
    """Print recorded exchanges as lines of JSON, the latest first: only texts that were masked when they were kept.

    \b
    Examples:
      sluice traffic > traffic.jsonl
      sluice traffic --since 2026-11-01 --limit 5000 > traffic.jsonl
      sluice eval import traffic traffic.jsonl --out rows.jsonl

    A policy with `record: {text: masked}` keeps them. What was kept sealed, or not at all, is counted and left out.
    Exit code: 0, or 1 if there is nothing to print.
    """
    from gateway.settings import load_settings  # noqa: PLC0415 - the help must be fast
    from gateway.stores.sql import SqlStore, Wanted  # noqa: PLC0415

    store = SqlStore(load_settings(config, os.environ).database, time.time)
    store.open()
    try:
        day = since.replace(tzinfo=UTC).timestamp() if since else None
        records = store.latest(limit, Wanted(since=day, tenant=tenant, policy=policy))
    finally:
        store.close()
    shown = 0
    for record in records:
        if record.text_mode != "masked" or not record.request_text:
            continue
        line = {
            "id": record.id,
            "policy": record.policy,
            "outcome": record.outcome,
            "request_text": record.request_text,
            "response_text": record.response_text,
        }
        click.echo(orjson.dumps(line))
        shown += 1
    left = len(records) - shown
    click.echo(f"{shown:,} 条往来，{left:,} 条没有脱敏文本 · exchanges, {left:,} without masked text", err=True)
    if not shown:
        raise click.exceptions.Exit(1)
