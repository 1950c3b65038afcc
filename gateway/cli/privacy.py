"""``sluice privacy``: how well personal data was made unrecognisable, and whose records are kept."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
import orjson

if TYPE_CHECKING:
    from gateway.ports import Detector
    from gateway.privacy.assess import Assessment
    from gateway.privacy.columns import Role
    from gateway.privacy.risk import Sharing

_CERTAIN = 0.6
"""Findings below it are hints that need a context; a table gives none."""


@click.group()
def privacy() -> None:
    """Assess de-identification (GB/T 42460-2023).

    \b
    Examples:
      sluice privacy assess customers.csv
      sluice privacy assess customers.xlsx --sharing controlled --html report.html
      sluice privacy assess conversations.jsonl --format json
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
