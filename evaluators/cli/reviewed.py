"""What the commands of ``sluice eval review`` share: opening one, the time, and how one stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from evaluators.cli.lines import padded

if TYPE_CHECKING:
    from evaluators.review.decisions import Minutes

FOLDER: Final = click.Path(path_type=Path)
REVIEW: Final = click.argument("folder", metavar="REVIEW", type=FOLDER)


def now() -> str:
    """Return the time, ISO 8601 with offset."""
    from datetime import UTC, datetime  # noqa: PLC0415 - the help must be fast

    return datetime.now(UTC).isoformat(timespec="seconds")


def minutes(folder: Path) -> Minutes:
    """Open a review with all that was said; raises ``ConfigError`` where there is none."""
    from evaluators.review.decisions import minutes as read  # noqa: PLC0415
    from evaluators.review.folder import open_review  # noqa: PLC0415

    return read(open_review(folder))


def figures(said: Minutes) -> dict[str, Any]:
    """Return the state of a review as JSON values."""
    from evaluators.review.consensus import consensus, queue  # noqa: PLC0415 - the help must be fast
    from evaluators.review.decisions import finished, progress  # noqa: PLC0415
    from evaluators.review.figures import independent, likeness, ranking, reliability  # noqa: PLC0415

    review, assignment, decisions = said.review, said.assignment, said.decisions
    voices = independent(review, assignment, decisions)
    seed = review.facts.seed
    return {
        "review": review.facts.id,
        "items": len(review.items),
        "judged": len({item for item, _ in finished(decisions, review)}),
        "waiting_to_be_settled": len(queue(review, consensus(review, assignment, decisions))),
        "people": [asdict(one) for one in progress(review, assignment, decisions)],
        "agreement": [asdict(one) for one in reliability(voices, review, seed)],
        "ranking": asdict(likeness(voices, seed)),
        "sources": [asdict(one) for one in ranking(voices, review, seed)],
    }


def told(found: Mapping[str, Any]) -> str:
    """Return the state of a review as a table for people."""
    return "".join(f"{line}\n" for line in _lines(found))


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"{found['review']}: {found['judged']} of {found['items']} items judged, "
        f"{found['waiting_to_be_settled']} wait to be settled"
    )
    for one in found["people"]:
        yield f"  {padded(one['person'], 20)} {one['judged']:>4} of {one['items']:>4} judged, {one['begun']} begun"
    yield f"\n{'agreement':14} {'alpha':>6} {'95 % interval':>16} {'Fleiss':>7} {'answers':>8}"
    for one in found["agreement"]:
        yield (
            f"{padded(one['field'], 14)} {_number(one['alpha']):>6} {_span(one['interval']):>16} "
            f"{_number(one['fleiss']):>7} {one['n']:>8}"
        )
        for first, second, n, kappa in one["pairs"]:
            yield f"  {first} – {second}: Cohen's kappa {_number(kappa)} on {n}"
    ranks = found["ranking"]
    yield f"{'ranking (tau)':14} {_number(ranks['tau']):>6} {_span(ranks['interval']):>16} {'':>7} {ranks['items']:>8}"
    if found["sources"]:
        yield f"\n{'source':40} {'strength':>8} {'95 % interval':>16} {'above average':>14} {'won/level/lost':>15}"
    for one in found["sources"]:
        counts = f"{one['wins']}/{one['ties']}/{one['losses']}"
        yield (
            f"{padded(one['source'], 40)} {one['strength']:>+8.2f} {_span(one['interval']):>16} "
            f"{one['above_average']:>14.2f} {counts:>15}"
        )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _span(interval: tuple[float, float] | None) -> str:
    return "–" if interval is None else f"{interval[0]:.2f} – {interval[1]:.2f}"
