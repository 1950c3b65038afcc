"""``sluice eval review``: people judge answers, blinded; what they say becomes labels, bank rows and training files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from evaluators.cli.ending import telling
from evaluators.cli.lines import padded
from evaluators.cli.opening import Opened, opened
from evaluators.cli.review_people import serve, sheets, take
from evaluators.cli.review_use import export, merge
from evaluators.cli.reviewed import FOLDER, REVIEW, minutes, now

if TYPE_CHECKING:
    from evaluators.review.draw import Standard


@click.group()
def review() -> None:
    """Let people judge answers, and use what they say.

    \b
    sluice eval review draw runs/direct-… runs/gateway-… --out reviews/first --size 40
    sluice eval review assign reviews/first --reviewer 王芳 --reviewer 李强 --reviewer Ann --overlap 0.5
    sluice eval review serve reviews/first                 # a page for each of them, or workbooks:
    sluice eval review sheets reviews/first --out sheets
    sluice eval review take reviews/first sheets/*.xlsx
    sluice eval review status reviews/first
    sluice eval review export reviews/first --to dpo --out preferences.jsonl
    sluice eval review merge runs/direct-… reviews/first   # into the run's report
    """


@review.command()
@click.argument("runs", metavar="[NAME=]RUN…", nargs=-1, required=True)
@click.option("--out", "folder", type=FOLDER, required=True, help="The review's new folder.")
@click.option("--size", type=click.IntRange(1, 100_000), default=40, show_default=True, help="How many questions.")
@click.option("--seed", type=click.IntRange(0), default=20_260_101, show_default=True)
@click.option(
    "--uncertain", type=click.FloatRange(0, 1), default=0.5, show_default=True,
    help="Share for what the machine is least sure of; the rest is drawn by chance, by risk, language and outcome.",
)  # fmt: skip
@click.option(
    "--answers", type=click.IntRange(2, 26), default=6, show_default=True, help="Answers to a question at most."
)
@click.option("--rubric", default="safety", show_default=True, help="safety, grounding, or a YAML file.")
@click.option("--bank", type=FOLDER, help="An answer bank: its approved answers stand for what is right.")
@click.option("--raw", is_flag=True, help="Leave personal data in the texts; else it is hidden.")
def draw(
    *,
    runs: tuple[str, ...],
    folder: Path,
    size: int,
    seed: int,
    uncertain: float,
    answers: int,
    rubric: str,
    bank: Path | None,
    raw: bool,
) -> None:
    """Draw a sample of questions with the answers of one or more RUNs, blinded, the least certain first.

    \b
    sluice eval review draw runs/risk-starter-… --out reviews/first
    sluice eval review draw direct=runs/a gateway=runs/b --out reviews/both --bank faq.yaml --size 100
    """
    import secrets  # noqa: PLC0415 - the help must be fast
    import sys  # noqa: PLC0415
    from dataclasses import replace  # noqa: PLC0415

    from tqdm import tqdm  # noqa: PLC0415

    from evaluators.review.blind import hidden, hider  # noqa: PLC0415
    from evaluators.review.draw import draw as sample  # noqa: PLC0415
    from evaluators.review.folder import Drawn, Facts, make  # noqa: PLC0415
    from evaluators.review.rubric import load_rubric  # noqa: PLC0415

    with telling():
        asked = load_rubric(rubric)
        drawn_from = _named(runs)
        summaries = {name: one.summary().rows for name, one in drawn_from.items()}
        sampled = sample(
            summaries, asked, size=size, seed=seed, uncertain=uncertain, most=answers, bank=_standards(bank)
        )
        if not sampled.items:
            raise click.UsageError("these runs hold no answer that anybody could judge")
        if not raw:
            hide = hider()
            bar = tqdm(sampled.items, unit="item", delay=2, disable=None, file=sys.stderr)
            sampled = replace(sampled, items=tuple(hidden(item, hide) for item in bar))
        facts = Facts(
            id=f"{asked.name}-{now()[:10]}-{secrets.token_hex(3)}",
            made=now(),
            seed=seed,
            raw=raw,
            runs=tuple(
                Drawn(name, run.manifest.id, run.manifest.suite, run.manifest.suite_digest, run.manifest.data_digest)
                for name, run in ((name, one.run) for name, one in drawn_from.items())
            ),
            strata=tuple((*stratum, *counts) for stratum, counts in sorted(sampled.strata.items())),
            unanswered=sampled.unanswered,
        )
        made = make(folder, facts, asked, sampled)
    unsure = sum(behind.drawn == "uncertain" for behind in sampled.behind)
    shown = sum(len(item.answers) for item in made.items)
    click.echo(f"review {made.path}: {len(made.items)} questions, {shown} answers")
    click.echo(f"{unsure} because the machine is not sure, {len(made.items) - unsure} by chance")
    click.echo(f"{'risk':16} {'lang':6} {'outcome':9} {'drawn':>6} {'of':>6}")
    for risk, lang, outcome, pool, drawn in facts.strata:
        if drawn:
            click.echo(f"{risk or '–':16} {lang:6} {outcome:9} {drawn:>6} {pool:>6}")
    missed = [pool for *_, pool, drawn in facts.strata if not drawn]
    if missed:
        click.echo(f"{len(missed)} further strata with {sum(missed)} questions, of which none was drawn")
    if sampled.unanswered:
        click.echo(f"{sampled.unanswered} questions have no answer and were left out")
    click.echo(f"next: sluice eval review assign {made.path} --reviewer NAME --reviewer NAME")


def _named(runs: tuple[str, ...]) -> dict[str, Opened]:
    from evaluators.review.item import STANDARD  # noqa: PLC0415
    from gateway.errors import ConfigError  # noqa: PLC0415

    found: dict[str, Opened] = {}
    for said in runs:
        name, sign, place = said.partition("=")
        if not sign or Path(said).exists():
            name, place = "", said
        one = opened(Path(place))
        run = one.run
        name = name or run.manifest.id
        if name in found or name == STANDARD or run.manifest.id in [known.run.manifest.id for known in found.values()]:
            hint = "name each run once, and none 'standard': NAME=RUN"
            raise ConfigError(f"{name!r} cannot be the name of this run here, or the run is here twice", hint=hint)
        found[name] = one
    return found


def _standards(bank: Path | None) -> Standard | None:
    """Return what finds approved answers in a bank, valid today."""
    if bank is None:
        return None
    from evaluators.sample import Sample  # noqa: PLC0415
    from gateway.answers.match import Matcher  # noqa: PLC0415
    from gateway.answers.read import read_bank  # noqa: PLC0415
    from gateway.errors import ConfigError, Where  # noqa: PLC0415

    try:
        matcher = Matcher(read_bank(bank.read_bytes(), str(bank)))
    except OSError as error:
        raise ConfigError(f"cannot read the bank: {error.strerror}", Where(str(bank)), "check the path") from None
    day = now()[:10]

    def find(sample: Sample) -> tuple[str, str] | None:
        question = sample.plain or sample.question
        match = matcher.find(question, day=day, before=sample.turns)
        if match.decision != "answer" or match.entry is None:
            return None
        text = match.entry.answer(question)
        return (text, match.entry.name) if text else None

    return find


@review.command()
@REVIEW
@click.option("--reviewer", "names", multiple=True, required=True, help="A person's name; several times.")
@click.option("--overlap", type=click.FloatRange(0, 1), default=0.3, show_default=True, help="Share judged by several.")
@click.option("--each", type=click.IntRange(2, 20), default=2, show_default=True, help="By how many, where by several.")
@click.option("--adjudicator", default="", help="Who settles differences; a third reviewer if nobody is named.")
@click.option("--seed", type=click.IntRange(0), help="Who gets what; the review's own if not given.")
def assign(
    *, folder: Path, names: tuple[str, ...], overlap: float, each: int, adjudicator: str, seed: int | None
) -> None:
    """Share the items of REVIEW out to people; what somebody has judged already stays with them.

    \b
    sluice eval review assign reviews/first --reviewer 王芳 --reviewer 李强
    sluice eval review assign reviews/first --reviewer A --reviewer B --reviewer C --overlap 1 --each 3
    """
    from evaluators.review import assign as sharing  # noqa: PLC0415
    from evaluators.review.folder import locked  # noqa: PLC0415

    with telling():
        said = minutes(folder)
        people = sharing.names_of(names)
        judge = sharing.names_of([adjudicator])[0] if adjudicator else ""
        if judge in people:
            raise click.UsageError(f"{judge} reviews: who settles differences must be somebody else, or nobody")
        judged = said.review
        third = tuple(pair for pair in said.assignment.third if pair in said.decisions)
        done = sorted(pair for pair in said.decisions if pair not in third)
        first = sharing.assign(
            [item.id for item in judged.items], people, overlap=overlap, each=each,
            seed=judged.facts.seed if seed is None else seed, done=done,
        )  # fmt: skip
        made = sharing.Assignment(people, judge, first, third)
        with locked(judged.path):
            sharing.save(judged, made)
    for person in people:
        click.echo(f"{padded(person, 20)} {len(made.of(person)):>5} items")
    click.echo(f"judged by several: {sum(len(names) > 1 for _, names in first)} of {len(first)}")
    if len(people) < 2:
        click.echo("one person alone: agreement cannot be measured, and nothing will count as agreed", err=True)


@review.command()
@REVIEW
@click.option("--format", "form", type=click.Choice(["human", "json"]), default="human", show_default=True)
def status(*, folder: Path, form: Literal["human", "json"]) -> None:
    """Say how far people are, how far they agree, and how they rank the sources of answers.

    \b
    sluice eval review status reviews/first
    """
    import json  # noqa: PLC0415

    from evaluators.cli.reviewed import figures, told  # noqa: PLC0415

    with telling():
        found = figures(minutes(folder))
    click.echo(json.dumps(found, ensure_ascii=False, indent=1) if form == "json" else told(found), nl=form == "json")


@review.command()
@REVIEW
@click.option("--assign", "hand", is_flag=True, help="Hand each to a third person, or to the adjudicator.")
def queue(*, folder: Path, hand: bool) -> None:
    """List the items on which people differ, or could not tell, and who settles each.

    \b
    sluice eval review queue reviews/first
    sluice eval review queue reviews/first --assign
    """
    from evaluators.review.consensus import consensus, refer  # noqa: PLC0415
    from evaluators.review.consensus import queue as disputed  # noqa: PLC0415

    with telling():
        said = minutes(folder)
        assignment = refer(said.review, said.decisions) if hand else said.assignment
    waiting = disputed(said.review, consensus(said.review, assignment, said.decisions))
    for one in waiting:
        behind = said.review.behind[one.item]
        about = ", ".join(sorted({field for _, field in one.disputed}))
        who = assignment.settler(one.item) or "nobody yet"
        click.echo(f"{one.item}  row {behind.row:24} {one.people} people, on {about:24} settles: {who}")
    click.echo(f"{len(waiting)} of {len(said.review.items)} items wait for somebody to settle them")
    left = sum(not assignment.settler(one.item) for one in waiting)
    if left and hand:
        click.echo(f"{left} have nobody left who has not judged them: assign an --adjudicator", err=True)


for _command in (sheets, take, serve, export, merge):
    review.add_command(_command)
