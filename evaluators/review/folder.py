"""A review on disk: what people see, what stands behind it, and by whom it is judged; whole or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from evaluators.journal import read
from evaluators.review.draw import Sampled
from evaluators.review.item import Behind, Item, Origin, Shown
from evaluators.review.rubric import Rubric, read_rubric
from gateway.errors import ConfigError, Where

FORMAT: Final = 1
_FILES: Final = ("items.jsonl", "behind.jsonl", "rubric.yaml")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A run that answers were drawn from: the name it has in the review, and what identifies it."""

    name: str
    id: str
    suite: str
    suite_digest: str
    data_digest: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a review is.

    Attributes:
        id: Unique.
        made: When, ISO 8601 with offset.
        seed: For orders and ids.
        raw: Whether texts are as they were; else personal data in them is hidden.
        runs: What was drawn from.
        strata: Risk, language, outcome, how many questions there are, how many were drawn.
        unanswered: Questions that nobody answered, and nobody can judge.
    """

    id: str
    made: str
    seed: int
    raw: bool
    runs: tuple[Drawn, ...]
    strata: tuple[tuple[str, str, str, int, int], ...]
    unanswered: int


@dataclass(frozen=True, slots=True)
class Review:
    """A review that was opened.

    Attributes:
        path: Its folder.
        facts: What it is.
        rubric: What people are asked.
        items: What they see, in the order in which it is judged.
        behind: What they do not see, by item.
        digest: ``sha256`` over all of this, 64 hex digits: workbooks belong to one state.
        by_id: The items by id.
    """

    path: Path
    facts: Facts
    rubric: Rubric
    items: tuple[Item, ...]
    behind: Mapping[str, Behind]
    digest: str
    by_id: Mapping[str, Item]

    def item(self, id: str) -> Item | None:
        """Return an item by its id; None if there is none."""
        return self.by_id.get(id)


def make(folder: Path, facts: Facts, rubric: Rubric, sampled: Sampled) -> Review:
    """Write a review into a new folder, whole or not at all.

    Raises:
        ConfigError: There is something at this place already, or it cannot be written.
    """
    if folder.exists():
        raise ConfigError("there is something here already", Where(str(folder)), "name a new folder with --out")
    making = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    try:
        making.mkdir(parents=True)
        (making / "items.jsonl").write_text(_lines(map(asdict, sampled.items)), "utf-8", "backslashreplace")
        (making / "behind.jsonl").write_text(_lines(map(asdict, sampled.behind)), "utf-8", "backslashreplace")
        (making / "rubric.yaml").write_bytes(rubric.text)
        digests = {name: _digest(making / name) for name in _FILES}
        written = {"format": FORMAT, **asdict(facts), "digests": digests}
        (making / "review.json").write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", "utf-8")
        making.rename(folder)
    except OSError as error:
        raise ConfigError(f"cannot write the review: {error.strerror}", Where(str(folder))) from None
    return open_review(folder)


def open_review(folder: Path) -> Review:
    """Open a review.

    Raises:
        ConfigError: There is none, or what people judge was changed after they were asked.
    """
    place = folder / "review.json"
    try:
        written = json.loads(place.read_text("utf-8"))
        if written.pop("format") != FORMAT:
            raise ConfigError(f"this review has not the format {FORMAT}", Where(str(place)), "use the version it is of")
        digests = written.pop("digests")
        written["runs"] = tuple(Drawn(**run) for run in written["runs"])
        written["strata"] = tuple(map(tuple, written["strata"]))
        facts = Facts(**written)
        for name in _FILES:
            if _digest(folder / name) != digests[name]:
                hint = "decisions belong to the words that people saw: draw a new review"
                raise ConfigError("the file was changed after the review was drawn", Where(str(folder / name)), hint)
        items = tuple(map(_item, read(folder / "items.jsonl")))
        behind = {one.item: one for one in map(_behind, read(folder / "behind.jsonl"))}
    except OSError:
        hint = "name a folder that `sluice eval review draw RUN --out FOLDER` has made"
        raise ConfigError("there is no review here", Where(str(folder)), hint) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfigError("this is no review of ours", Where(str(place)), "draw a new one") from None
    rubric = read_rubric((folder / "rubric.yaml").read_bytes(), str(folder / "rubric.yaml"))
    digest = hashlib.sha256(place.read_bytes()).hexdigest()
    return Review(folder, facts, rubric, items, behind, digest, {item.id: item for item in items})


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes from writing to a review for a moment; waits for them to end theirs."""
    file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def replace_file(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    making = path.with_name(f".{path.name}.new")
    making.write_text(text, "utf-8", "backslashreplace")
    making.replace(path)


def _lines(rows: Iterator[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _item(row: dict[str, Any]) -> Item:
    answers = tuple(Shown(**answer) for answer in row.pop("answers"))
    turns, contexts = tuple(row.pop("turns")), tuple(row.pop("contexts"))
    return Item(**row, answers=answers, turns=turns, contexts=contexts)


def _behind(row: dict[str, Any]) -> Behind:
    answers = {id: tuple(Origin(**origin) for origin in origins) for id, origins in row.pop("answers").items()}
    risk, lang, outcome = row.pop("stratum")
    why = tuple(row.pop("why"))
    return Behind(**row, why=why, stratum=(risk, lang, outcome), answers=answers)
