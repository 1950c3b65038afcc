"""``python -m benchmarks.quality``: measures every detector on data that it has not seen and writes one page."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.disguises import DISGUISES
from benchmarks.quality.others import footprint, personal, scores_of, timings
from benchmarks.quality.page import markdown, page
from benchmarks.quality.tables import as_data, harmless, lines
from gateway.detectors.risk_names import HEADS
from gateway.detectors.spelling.detector import Spellings
from gateway.detectors.spelling.table import shipped
from gateway.policy.plan import Plan
from gateway.text import TextView
from gateway.wiring import load_plan
from training import examples as making
from training.by_set import answers, name_of
from training.corpora.files import DataError
from training.corpora.rows import Row
from training.examples import featurize, gather
from training.fit import fit
from training.heldout import answer_scores, asked_of, calibrate, known_scores, unseen, with_question, with_sentence
from training.material import FOLDS, Material, part_of, prepare

_MOST: Final = 300
_REQUESTS, _HARMLESS = 1500, 1000
_MARK: Final = -0.619  # log-odds of 0.35, where the base policy refuses
Calibration = Mapping[str, Mapping[str, Sequence[float]]]
_WRITTEN: Final = Path(__file__).parents[2] / "training" / "written"


@click.command(epilog="Example:\n\n  python -m benchmarks.quality --data folder --out var/quality")
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("var/quality"), show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(data: Path, out: Path, seed: int) -> None:
    """Measure every detector of the base policy on public data in DATA; write page.html, page.md and page.json."""
    begin = time.monotonic()
    try:
        found = measure(data, seed)
    except DataError as error:
        raise click.ClickException(str(error)) from None
    found["command"] = f"make quality DATA={data.name}"
    out.mkdir(parents=True, exist_ok=True)
    (out / "page.md").write_text(markdown(found), encoding="utf-8")
    (out / "page.html").write_text(page(found), encoding="utf-8")
    plain = {**found, **{part: [*map(as_data, found[part])] for part in ("lines", "harmless", "answers")}}
    (out / "page.json").write_text(json.dumps(plain, indent=1, ensure_ascii=False), encoding="utf-8")
    click.echo(markdown(found))
    click.echo(f"{out}/page.html in {time.monotonic() - begin:.0f} s", err=True)


def measure(data: Path, seed: int) -> dict[str, Any]:
    """Return every figure of the page."""
    plan = load_plan("base")
    material = prepare(gather(data, _WRITTEN, seed))
    click.echo(f"fitting the risk model {FOLDS + 1} times …", err=True)
    seen = unseen(material)
    calibration = calibrate(material, seen)
    second = with_sentence(material, seen, calibration)
    rows = material.texts.rows
    scores = known_scores(material, seen, calibration, second)
    asked = asked_of(material, seen, calibration, scores)
    answered = answer_scores(material, seen, calibration, asked, with_question(material, seen, asked))[:, 0]
    by_risk = {risk: scores[:, HEADS.index(risk)] for risk in ("harm", "attack", "abuse")}
    found = [*lines("risk", rows, by_risk)]
    some = sample(rows, seed)
    for id in [d.id for d in plan.request.detectors if d.id in ("content", "attacks", "injection", "privacy-request")]:
        found += lines(id, some, scores_of(plan, id, some, _wanted))
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "load": f"{os.getloadavg()[0]:.1f}",
        "lines": found,
        "harmless": [*harmless(rows, refused(plan, scores))],
        "answers": [*answers(material.answers.rows, answered, answer_mark(plan))],
        "disguised": disguised(material, calibration),
        "personal": personal(plan, data),
        "timings": timings(plan),
        "footprint": footprint(),
    }


def sample(rows: Sequence[Row], seed: int) -> list[Row]:
    """Return up to ``_MOST`` rows of each set, kind and language, for detectors that learnt from none of them."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((name_of(row), row.kind, row.language), []).append(row)
    chance = random.Random(seed)
    return [row for several in groups.values() for row in chance.sample(several, min(_MOST, len(several)))]


def _wanted(risk: str) -> str:
    """Name a finding's risk as the page does."""
    group = risk.partition(".")[0]
    return {"attack": "attack", "abuse": "abuse"}.get(group, "harm" if group[0] == "a" or group == "fraud" else "")


def refused(plan: Plan, scores: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Say of each text whether the base policy would refuse it for what the risk model says."""
    out = np.zeros(len(scores), np.bool_)
    for rule in plan.request.rules:
        if "risk" in rule.detectors and rule.then == "refuse":
            for column, head in enumerate(HEADS[:-1]):
                if head in rule.risks:
                    out |= scores[:, column] >= rule.score
    return out


def answer_mark(plan: Plan) -> float:
    """Return from which score on the base policy refuses an answer for harm that the risk model sees."""
    rules = [rule for rule in plan.response.rules if "risk" in rule.detectors and "harm" in rule.risks]
    return min(rule.score for rule in rules if rule.then == "refuse")


def disguised(material: Material, calibration: Calibration) -> list[tuple[str, int, int, int, int, int, int]]:
    """Return how many requests each disguise changes, and how many of them are found.

    The first part of the sources is judged by a model of harm that was fitted without it; of what that model finds
    as it stands, it is asked how much it finds disguised.

    Returns:
        For each disguise: how many requests; how many are found with folding and what the spelling stands for, with
        folding, and without either; how many harmless texts; and how many of them are refused with both.
    """
    rows = [row for row in material.texts.rows if part_of(row) == 0]
    examples, (wanted, counts) = material.texts, material.text_targets
    part = np.array([part_of(row) for row in examples.rows])[examples.row]
    models = {}
    for chinese in (True, False):
        kept = np.flatnonzero((part != 0) & (examples.chinese == chinese))
        models[chinese] = fit(examples.features[kept], wanted[kept, :1], counts[kept, :1])

    def found(rows: Sequence[Row], texts: Sequence[str]) -> NDArray[np.bool_]:
        disguised = featurize(rows, texts, quiet=True)
        logits = np.zeros((len(disguised.row), 1), np.float32)
        for chinese, model in models.items():
            mine = np.flatnonzero(disguised.chinese == chinese)
            logits[mine] = model.logits(disguised.features[mine])
        told = np.array([calibration[row.language]["harm"] for row in rows])
        return np.asarray(disguised.best(logits)[:, 0] * told[:, 0] + told[:, 1] >= _MARK)

    spellings = Spellings(*shipped()[:2])

    def read(rows: Sequence[Row], texts: Sequence[str]) -> NDArray[np.bool_]:
        said = ["\n".join(piece.text for piece in spellings(TextView(text)).pieces) for text in texts]
        hit = found(rows, texts)
        known = [number for number, text in enumerate(said) if text]
        if known:
            hit[known] |= found([rows[number] for number in known], [said[number] for number in known])
        return hit

    asked = [row for row in rows if row.kind == "must_refuse"][:_REQUESTS]
    chosen = [row for row, hit in zip(asked, found(asked, [row.text for row in asked]), strict=True) if hit]
    harmless = random.Random(1).sample([row for row in rows if row.kind in ("benign", "look_alike")], _HARMLESS)
    out = []
    for name, change in {"none": str, **DISGUISES}.items():
        mine, plain = ([(row, change(row.text)) for row in several] for several in (chosen, harmless))
        if name != "none":
            mine, plain = ([one for one in several if one[1] != one[0].text] for several in (mine, plain))
        those, texts = [row for row, _ in mine], [text for _, text in mine]
        both, with_folding = int(read(those, texts).sum()), int(found(those, texts).sum())
        refused = int(read([row for row, _ in plain], [text for _, text in plain]).sum())
        folding, making.folded = making.folded, str.lower
        try:
            without = int(found(those, texts).sum())
        finally:
            making.folded = folding
        out.append((name, len(mine), both, with_folding, without, len(plain), refused))
    return out


if __name__ == "__main__":
    main()
