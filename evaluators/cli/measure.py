"""``sluice eval detector``, ``fairness``, ``consistency`` and ``effect``: what rows say together."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evaluators.cli.ending import telling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluators.summary import Summary
    from gateway.verdict import Finding

FILE = click.Path(path_type=Path)
FORM = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.command()
@click.argument("name")
@click.argument("labels", type=FILE)
@click.option("--risk", help="Only findings of this risk, and of what lies below it, count.")
@click.option("--options", "written", default="{}", help="The detector's options as JSON.")
@FORM
def detector(*, name: str, labels: Path, risk: str | None, written: str, form: str) -> None:
    """Measure a detector of the gateway, NAME, on labelled texts.

    LABELS are lines of JSON: text, and either label (true or false; the highest score of a text is held against
    it) or spans (start, end and kind of everything that is to be found).

    \b
    sluice eval detector classifier labelled.jsonl --risk fraud
    sluice eval detector mobile_number spans.jsonl --format json
    """
    from tqdm import tqdm  # noqa: PLC0415 - the help must be fast

    from evaluators.detection import Span, detection, spans  # noqa: PLC0415

    with telling():
        rows = _labelled(labels)
        scan = _detector(name, written)
        seen = [
            [f for f in scan(row["text"]) if risk is None or f.risk == risk or f.risk.startswith(f"{risk}.")]
            for row in tqdm(rows, unit="text", delay=2, disable=None, file=sys.stderr)
        ]
    if "spans" in rows[0]:
        pairs = [
            (
                [Span(s["start"], s["end"], s["kind"]) for s in row["spans"]],
                [Span(f.start, f.end, f.risk) for f in found],
            )
            for row, found in zip(rows, seen, strict=True)
        ]
        by_kind = spans(pairs)
        _print(
            form,
            {
                kind: {**asdict(f), "recall": f.recall, "precision": f.precision, "f1": f.f1}
                for kind, f in by_kind.items()
            },
            [f"{'kind':28} {'recall':>7} {'precision':>10} {'F1':>7} {'exact':>6} {'wanted':>7} {'false':>6}"]
            + [
                f"{kind:28} {_share(f.recall):>7} {_share(f.precision):>10} {_share(f.f1):>7} {f.exact:>6} "
                f"{f.wanted:>7} {f.false:>6}"
                for kind, f in by_kind.items()
            ],
        )
        return
    try:
        scores = [max((finding.score for finding in found), default=0.0) for found in seen]
        made = detection(scores, [bool(row["label"]) for row in rows])
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    low, high = made.auroc_interval
    _print(
        form,
        asdict(made),
        [
            f"risky {made.positives}, harmless {made.negatives}",
            f"AUROC {made.auroc:.3f} ({low:.3f}–{high:.3f}), average precision {made.average_precision:.3f}",
            f"Brier {made.brier:.3f}, calibration error {made.calibration_error:.3f}",
            *(
                f"recall at {100 * p.fpr:g} % false positives: {p.recall:.3f} "
                f"({p.interval.low:.3f}–{p.interval.high:.3f}), from score {p.threshold:.3f} on"
                for p in made.points
            ),
        ],
    )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _print(form: str, value: Any, lines: Sequence[str]) -> None:
    click.echo(json.dumps(_finite(value), ensure_ascii=False, indent=1) if form == "json" else "\n".join(lines))


def _finite(value: Any) -> Any:
    """Return JSON values: named ones as objects, and null for a threshold that nothing reaches."""
    if isinstance(value, float):
        return value if abs(value) != float("inf") else None
    if hasattr(value, "_asdict"):
        return _finite(value._asdict())
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    return [_finite(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def _labelled(path: Path) -> list[dict[str, Any]]:
    from gateway.errors import ConfigError, Where  # noqa: PLC0415

    hint = 'write {"text": …, "label": true} or {"text": …, "spans": [{"start": 0, "end": 3, "kind": "pii.name"}]}'
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError):
        raise ConfigError("cannot read the labels as UTF-8", Where(str(path)), hint) from None
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            spans = row.get("spans")
            good = isinstance(row["text"], str) and (
                row.get("label") in (True, False)
                if spans is None
                else all(0 <= int(s["start"]) < int(s["end"]) <= len(row["text"]) and str(s["kind"]) for s in spans)
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            good = False
        if not good or (rows and ("spans" in row) != ("spans" in rows[0])):
            raise ConfigError(
                "this is no labelled text, or not of the kind of the first", Where(str(path), number), hint
            )
        rows.append(row)
    if not rows:
        raise ConfigError("there is no labelled text", Where(str(path)), hint)
    return rows


def _detector(name: str, written: str) -> Any:
    from gateway.detectors.registry import registry  # noqa: PLC0415
    from gateway.document import suggest  # noqa: PLC0415
    from gateway.errors import ConfigError, PolicyError  # noqa: PLC0415
    from gateway.text import TextView  # noqa: PLC0415

    known = registry()
    if name not in known:
        raise ConfigError(f"no detector is called {name!r}", hint=suggest(name, known) or f"known: {', '.join(known)}")

    def read(name: str) -> bytes:
        try:
            return Path(name).read_bytes()
        except OSError as error:
            raise PolicyError(f"cannot read {name!r}: {error.strerror}") from None

    try:
        options = json.loads(written)
    except ValueError:
        raise ConfigError("--options is not JSON") from None
    scan = known[name].build(options, read).scan
    if scan is None:
        raise ConfigError(
            f"{name!r} is no detector that scans text", hint="judges are measured by: sluice eval calibrate"
        )

    def look(text: str) -> Sequence[Finding]:
        return scan(TextView(text)).findings

    return look


@click.command()
@click.argument("run", type=FILE)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@FORM
def fairness(run: Path, seed: int, form: str) -> None:
    """Compare the answers of a RUN between rows that differ in nothing but a group of people.

    Rows of one set have the same group; their kind says DIMENSION:VARIANT, such as gender:女.

    \b
    sluice eval fairness runs/fairness-…
    """
    from evaluators.paired import gaps  # noqa: PLC0415

    with telling():
        summary = _summary(run)
    found = gaps(summary.rows, seed)
    if not found:
        raise click.UsageError("no set of rows in this run has two variants (kind: DIMENSION:VARIANT, same group)")
    _print(
        form,
        [{**asdict(gap), "unfair": gap.unfair} for gap in found],
        [f"{'dimension':10} {'variant':12} {'metric':24} {'difference':>10}  {'95 % interval':>17} {'sets':>5}"]
        + [
            f"{g.dimension:10} {g.variant:12} {g.metric:24} {g.mean:>+10.3f}  {g.interval.low:>+8.3f} "
            f"{g.interval.high:>+8.3f} {g.sets:>5}{'  differs' if g.unfair else ''}"
            for g in found
            if g.mean
        ]
        + [f"{len(found)} comparisons, {sum(not g.mean for g in found)} without any difference, which are left out"],
    )


@click.command()
@click.argument("run", type=FILE)
@FORM
def consistency(run: Path, form: str) -> None:
    """Say how far the repetitions of each row of a RUN agree, least agreeing rows first.

    \b
    sluice eval run SUITE --repetitions 3
    sluice eval consistency runs/SUITE-…
    """
    from evaluators.paired import consistency as compare  # noqa: PLC0415
    from evaluators.scorers.words import load_words  # noqa: PLC0415

    with telling():
        summary = _summary(run)
    found = sorted(compare(summary.rows, load_words()), key=lambda one: one.likeness)
    if not found:
        raise click.UsageError("no row of this run was answered twice; run it with --repetitions")
    mean = sum(one.likeness for one in found) / len(found)
    _print(
        form,
        [asdict(one) for one in found],
        [f"mean likeness {mean:.3f} over {len(found)} rows"]
        + [
            f"{one.likeness:.3f}  {one.row:24} {one.answers} answers  "
            + ", ".join(f"{name} {share:.2f}" for name, share in one.same.items() if share < 1)
            for one in found[:20]
        ],
    )


@click.command()
@click.argument("run", type=FILE)
@FORM
def effect(run: Path, form: str) -> None:
    """Grade how well the answers of a RUN are de-identified: level 1 to 4 of GB/T 42460, by analogy.

    \b
    sluice eval effect runs/privacy-…
    """
    from evaluators.effect import effect as grade  # noqa: PLC0415
    from evaluators.effect import finder  # noqa: PLC0415
    from evaluators.sample import Response  # noqa: PLC0415

    with telling():
        summary = _summary(run)
    texts = [row.answer.text for row in summary.rows if isinstance(row.answer, Response) and row.answer.text.strip()]
    if not texts:
        raise click.UsageError("this run has no answer")
    made = grade(texts, finder())
    risk = "" if made.risk is None else f", risk of re-identification {made.risk:.3f}"
    found = ", ".join(f"{kind} × {count}" for kind, count in sorted(made.found.items())) or "nothing"
    _print(form, asdict(made), [f"level {made.level} of 4 on {made.texts} answers{risk}", f"found: {found}"])


def _summary(path: Path) -> Summary:
    from evaluators.cli.opening import opened  # noqa: PLC0415

    return opened(path).summary()
