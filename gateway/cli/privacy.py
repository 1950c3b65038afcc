"""``sluice privacy``: how well personal data was made unrecognisable, and whose records are kept."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
import orjson

from gateway.errors import SettingsError

if TYPE_CHECKING:
    from gateway.ports import Detector
    from gateway.privacy.assess import Assessment
    from gateway.privacy.columns import Role
    from gateway.privacy.risk import Sharing
    from gateway.stores.rights import Rights

_CERTAIN = 0.6
"""Findings below it are hints that need a context; a table gives none."""


@click.group()
def privacy() -> None:
    """Assess de-identification (GB/T 42460-2023); answer for what is kept about people.

    \b
    Examples:
      sluice privacy assess customers.csv
      sluice privacy assess customers.xlsx --sharing controlled --html report.html
      echo 13812345678 | sluice privacy export -
      echo 13812345678 | sluice privacy erase - --reason 'request 2026-17' --operator li.na
      sluice privacy persons --year 2026
      sluice privacy purge
    """


@privacy.command("assess")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--sharing",
    type=click.Choice(["public", "controlled", "enclave"]),
    default="public",
    show_default=True,
    help="How the data is to be shared; decides the threshold: 1/20, 1/5 or 1/3.",
)
@click.option("--attempt", type=click.FloatRange(0, 1), default=1.0, help="T1: probability of a deliberate attempt.")
@click.option("--acquaintance", type=click.FloatRange(0, 1), default=1.0, help="T2: … that somebody is recognised.")
@click.option("--breach", type=click.FloatRange(0, 1), default=1.0, help="T3: … of a leak. Not used for public data.")
@click.option("--direct", multiple=True, metavar="COLUMN", help="This column is a direct identifier. Repeatable.")
@click.option("--quasi", multiple=True, metavar="COLUMN", help="This column is a quasi-identifier. Repeatable.")
@click.option("--sensitive", multiple=True, metavar="COLUMN", help="This column is a sensitive attribute. Repeatable.")
@click.option("--ignore", multiple=True, metavar="COLUMN", help="This column is none of these. Repeatable.")
@click.option("--format", "style", type=click.Choice(["human", "json"]), default="human", show_default=True)
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write the report as a page.")
def assess_command(
    file: Path,
    *,
    sharing: Sharing,
    attempt: float,
    acquaintance: float,
    breach: float,
    direct: Sequence[str],
    quasi: Sequence[str],
    sensitive: Sequence[str],
    ignore: Sequence[str],
    style: Literal["human", "json"],
    html: Path | None,
) -> None:
    """Say how well FILE is de-identified: level 1 (not at all) to 4 (nobody is in it).

    FILE is a table (.csv .tsv .xlsx .parquet, or .jsonl of flat objects) or a .jsonl of texts (rows with
    "text", "question"/"answer" or "messages"), which is graded by analogy.

    \b
    Examples:
      sluice privacy assess customers.csv
      sluice privacy assess customers.csv --sharing enclave --quasi branch --html report.html
      sluice privacy assess conversations.jsonl --format json

    Exit code: 0 level 3 or 4, 1 level 1 or 2, 2 usage, 3 the file cannot be read.
    """
    from gateway.privacy.assess import Context, as_json, assess  # noqa: PLC0415
    from gateway.privacy.table import read_table  # noqa: PLC0415

    table = read_table(file)
    told: dict[str, Role] = {}
    for role, names in _told(direct, quasi, sensitive, ignore):
        for name in names:
            if name not in table.names:
                raise click.UsageError(f"there is no column {name!r}; there are: {', '.join(table.names)}")
            if name in told and told[name] != role:
                raise click.UsageError(f"column {name!r} is named twice, as {told[name]} and as {role}")
            told[name] = role
    detectors = _detectors()
    assessment = assess(
        table,
        Context(sharing, attempt, acquaintance, breach),
        scan=lambda value: _shares(detectors, value),
        find=lambda text: _found(detectors, text),
        roles=_roles(),
        told=told,
        watch=_watch,
    )
    if html:
        from gateway.privacy.report.page import page  # noqa: PLC0415

        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        made = time.strftime("%Y-%m-%d %H:%M %z")
        html.write_text(page(assessment, file.name, digest, made), "utf-8")
    if style == "json":
        click.echo(orjson.dumps(as_json(assessment, str(file))))
    else:
        click.echo(_human(assessment, html))
    sys.exit(0 if assessment.level >= 3 else 1)


def _told(
    direct: Sequence[str], quasi: Sequence[str], sensitive: Sequence[str], ignore: Sequence[str]
) -> tuple[tuple[Role, Sequence[str]], ...]:
    return ("direct", direct), ("quasi", quasi), ("sensitive", sensitive), ("other", ignore)


def _detectors() -> tuple[Detector, ...]:
    """Return detectors of all kinds of personal data, none of which finds only what another finds too."""
    from gateway.detectors.registry import registry  # noqa: PLC0415

    kinds = sorted(registry().values(), key=lambda spec: -len(spec.risks))
    covered: set[str] = set()
    built = []
    for spec in kinds:
        if spec.risks <= covered or not all(risk.startswith(("pii.", "secret.")) for risk in spec.risks):
            continue
        if spec.options.get("required"):
            continue
        covered |= spec.risks
        if (scan := spec.build({}, _no_files).scan) is not None:
            built.append(scan)
    return tuple(built)


def _no_files(name: str) -> bytes:
    raise FileNotFoundError(name)


def _shares(detectors: Sequence[Detector], value: str) -> Iterable[tuple[str, float]]:
    """Yield what stands in a cell, and which share of it that is."""
    from gateway.text import TextView  # noqa: PLC0415

    view = TextView(value)
    for detector in detectors:
        for finding in detector(view).findings:
            if finding.score >= _CERTAIN:
                yield finding.risk, (finding.end - finding.start) / len(value)


def _found(detectors: Sequence[Detector], text: str) -> Iterable[tuple[str, str]]:
    """Yield what stands in a text: kind and words."""
    from gateway.text import TextView  # noqa: PLC0415

    view = TextView(text)
    for detector in detectors:
        for finding in detector(view).findings:
            if finding.score >= _CERTAIN:
                yield finding.risk, text[finding.start : finding.end]


def _roles() -> Mapping[str, Role]:
    """Return what each kind of personal data means for re-identification."""
    from gateway.privacy.classes import CLASSES  # noqa: PLC0415

    return {risk: "other" if one.identifier == "none" else one.identifier for risk, one in CLASSES.items()}


def _watch(items: Sequence[str], title: str) -> Iterable[str]:
    from tqdm import tqdm  # noqa: PLC0415

    return tqdm(items, desc=title, delay=2, disable=None, file=sys.stderr)


@privacy.command("export")
@click.argument("identifier")
@click.option("--tenant", default="default", show_default=True, help="Whose records.")
@click.option("--config", type=click.Path(path_type=Path), help="Settings; as for serve.")
def export_command(identifier: str, tenant: str, config: Path | None) -> None:
    """Print every record in which IDENTIFIER (a number, an address, a name) stood, a line of JSON each.

    With - the identifier is read from standard input, where no shell keeps it. Exit code: 0, or 1 if there is none.
    """
    from gateway.stores.plain import dumps  # noqa: PLC0415

    with _rights(config) as (rights, digests):
        records = rights.export(digests(tenant, _given(identifier)))
    for record in records:
        click.echo(dumps(record))
    click.echo(f"{len(records)} 条记录 · records", err=True)
    sys.exit(0 if records else 1)


@privacy.command("erase")
@click.argument("identifier")
@click.option("--reason", required=True, help="Why; stands in the tombstone.")
@click.option("--operator", required=True, help="Who does it; stands in the tombstone.")
@click.option("--tenant", default="default", show_default=True, help="Whose records.")
@click.option("--config", type=click.Path(path_type=Path), help="Settings; as for serve.")
def erase_command(identifier: str, *, reason: str, operator: str, tenant: str, config: Path | None) -> None:
    """Take the person with IDENTIFIER out of every record and leave a tombstone that proves it.

    With - the identifier is read from standard input. Exit code: 0, or 1 if there was nothing to erase.
    """
    with _rights(config) as (rights, digests):
        wanted = digests(tenant, _given(identifier))
        left = rights.erase(wanted, reason, operator)
        proofs = rights.tombstones(wanted)
    for one in proofs:
        click.echo(orjson.dumps(one._asdict()))
    click.echo(f"{sum(one.exchanges for one in left)} 条往来已抹去 · exchanges erased", err=True)
    sys.exit(0 if left else 1)


@privacy.command("persons")
@click.option(
    "--year", type=click.IntRange(2000, 9999), default=lambda: time.gmtime().tm_year, help="Default: this year."
)
@click.option("--config", type=click.Path(path_type=Path), help="Settings; as for serve.")
@click.option("--format", "style", type=click.Choice(["human", "json"]), default="human", show_default=True)
def persons_command(year: int, config: Path | None, style: Literal["human", "json"]) -> None:
    """Count the people whose identifiers went to models, by region and year, as they stood.

    Exports of personal data have thresholds by the number of people since 1 January (provisions of 2024-03-22):
    100,000 and 1,000,000 people, 10,000 with sensitive data. Different identifiers are counted, so one
    person with a name and a number counts twice: an upper bound.
    """
    from gateway.privacy.classes import groups  # noqa: PLC0415

    with _rights(config) as (rights, _):
        counted = rights.persons(year, groups()["pipl28"])
    for one in counted:
        if style == "json":
            click.echo(orjson.dumps({"year": year, **one._asdict()}))
        else:
            region = one.region or "（未注明 · not said）"
            click.echo(f"{year} {region}: {one.persons:,} 人 · people, {one.sensitive:,} 敏感 · sensitive")
    if not counted and style == "human":
        click.echo(f"{year}: 没有个人信息原样离开 · no personal data left as it stood")


@privacy.command("purge")
@click.option("--config", type=click.Path(path_type=Path), help="Settings; as for serve.")
def purge_command(config: Path | None) -> None:
    """Forget what has been kept long enough, as `retention:` in the settings says; run it daily.

    \b
    retention:
      text_days: 90            # texts of records
      record_days: 400         # records altogether; at least 184, six months
      classes: {pipl28: 30}    # texts with personal data of a class
    """
    from gateway.privacy.classes import groups  # noqa: PLC0415
    from gateway.settings import load_settings  # noqa: PLC0415

    retention = load_settings(config, os.environ).retention
    named = groups()
    for name in retention.classes:
        if name not in named:
            raise SettingsError(f"retention: unknown class {name!r}", hint=f"there are {', '.join(sorted(named))}")
    with _rights(config) as (rights, _):
        purged = rights.purge(
            texts=retention.text_days,
            records=retention.record_days,
            classes=retention.classes,
            risks=named.__getitem__,
        )
    click.echo(f"{purged.texts:,} 条记录的文本、{purged.records:,} 条记录已清除 · texts and records purged")


@contextlib.contextmanager
def _rights(config: Path | None) -> Iterator[tuple[Rights, Callable[[str, str], Sequence[str]]]]:
    """Open the store of the settings; give it with the digests of identifiers."""
    from gateway.privacy.keys import CURRENT, read_keyring, subject_digests  # noqa: PLC0415
    from gateway.settings import load_settings  # noqa: PLC0415
    from gateway.stores.rights import Rights  # noqa: PLC0415
    from gateway.stores.sql import SqlStore  # noqa: PLC0415

    settings = load_settings(config, os.environ)
    ring = read_keyring(os.environ)

    def digests(tenant: str, identifier: str) -> Sequence[str]:
        if ring is None:
            hint = "the digests of people are made with it; without it none were noted"
            raise SettingsError(f"{CURRENT} is not set", hint=hint)
        return subject_digests(ring, tenant, identifier)

    store = SqlStore(settings.database, time.time)
    store.open()
    try:
        yield Rights(store, time.time), digests
    finally:
        store.close()


def _given(identifier: str) -> str:
    said = sys.stdin.readline().strip() if identifier == "-" else identifier.strip()
    if not said:
        raise click.UsageError("the identifier is empty")
    return said


_LEVELS = {
    1: ("含有直接标识符", "direct identifiers are there"),
    2: ("重标识风险达到或超过阈值", "only quasi-identifiers, risk at or above the threshold"),
    3: ("重标识风险低于阈值", "only quasi-identifiers, risk below the threshold"),
    4: ("没有发现标识符", "no identifier found"),
}


def _human(assessment: Assessment, html: Path | None) -> str:
    """Say it for a person, in both languages."""
    chinese, english = _LEVELS[assessment.level]
    lines = [f"{assessment.level} 级：{chinese} · level {assessment.level}: {english}  ({assessment.rows:,} records)"]
    if assessment.by_analogy:
        lines.append("文本按类推评级 · texts are graded by analogy; the standard covers structured data")
    for role in ("direct", "quasi", "sensitive"):
        columns = assessment.of(role)
        if columns:
            lines.append(f"  {role:<9} {', '.join(f'{column.name} ({column.kind})' for column in columns)}")
    groups, risk = assessment.groups, assessment.risk
    if groups is not None and risk is not None:
        lines.append(
            f"  risk      overall {risk.overall:.4g} (must be < 0.05), k {int(groups.sizes.min())}, "
            f"{len(groups.sizes):,} classes, {risk.records_above:.2%} of the records above 1/{1 / risk.threshold:.0f}"
        )
    for name, one in assessment.diversity.items():
        lines.append(
            f"  {name}: l {one.distinct}, t {one.closeness:.3g}, certain for {one.disclosed:.2%} of the records"
        )
    if assessment.level < 4:
        lines += ["下一级需要 · for the next level:", *_advice(assessment)]
    if html:
        lines.append(f"报告 · report: {html}")
    return "\n".join(lines)


def _advice(assessment: Assessment) -> Iterable[str]:
    direct = [column.name for column in assessment.of("direct")]
    if direct:
        yield f"  - 删除或假名化 · remove or pseudonymise: {', '.join(direct)}"
    if assessment.level == 3:
        quasi = ", ".join(column.name for column in assessment.of("quasi"))
        yield f"  - 只发布统计结果 · publish statistics only, without: {quasi}"
    if way := assessment.way:
        if way.risk is None:
            yield "  - 泛化无法降到阈值以下 · generalising is not enough: share fewer columns, or in a closer model"
            return
        for step in way.steps:
            left = f"{step.loss:.0%} of its information lost, {step.records_above:.2%} of the records still above"
            yield f"  - {step.column}: {step.technique} ({left})"
        if way.suppress:
            yield f"  - 抑制记录 · leave out {way.suppress:,} records"
        yield f"  = 届时总体风险 · overall risk then: {way.risk.overall:.4g}"
