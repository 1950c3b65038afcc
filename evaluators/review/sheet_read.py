"""Reads a reviewer's workbook back: every fault at its sheet, row and column; what is half filled in stays open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from evaluators.review.assign import Assignment, known
from evaluators.review.decisions import MOST_NOTE, Decision
from evaluators.review.folder import Review
from evaluators.review.item import Item
from evaluators.review.places import Place, fault, read_place
from evaluators.review.sheet import FORMAT, HIDDEN, REVIEW, columns, core, named_values, two, written
from evaluators.review.wording import Words
from gateway.document import suggest
from gateway.document.sheets import sheet
from gateway.errors import ConfigError, ConfigErrors, Where

MOST_PROBLEMS: Final = 50
_WHY: Final = {
    "doubled": ("the place {place} is given twice", "for a tie write {place}= at both, else give each its own"),
    "alone": ("{place}= is shared with nobody", "write {place}, or {place}= at the other too"),
    "missing": ("a place before {place} is left out", "places go 1, 2, 3 …"),
}


class _Row(NamedTuple):
    """A line of the sheet: its number, and its cells by the name of the column."""

    number: int
    cells: Mapping[str, str]


@dataclass(slots=True)
class _Reading:
    """What has been read of a workbook, and what is wrong with it."""

    file: str
    review: Review
    words: Words
    order: Sequence[str] = ()
    problems: list[ConfigError] = field(default_factory=list)

    def wrong(self, row: int, column: str, what: str, hint: str) -> None:
        """Note a fault at a cell."""
        at = self.order.index(column) + 1 if column in self.order else None
        cell = f"{_letter(at)}{row}" if at else f"row {row}"
        where = Where(f"{self.file} [{REVIEW}]", row, at)
        self.problems.append(ConfigError(f"{cell}: {what}", where, hint))


def _letter(column: int) -> str:
    return (chr(64 + (column - 1) // 26) if column > 26 else "") + chr(65 + (column - 1) % 26)


def read_sheet(
    content: bytes, name: str, review: Review, assignment: Assignment, words: Words, *, at: str
) -> list[Decision]:
    """Return what a workbook says, one decision for each item in which anything is filled in.

    Args:
        content: The workbook.
        name: Its name, for messages.
        review: The review that it must belong to.
        assignment: Who judges what.
        words: The words that its headers are in.
        at: The time to write down.

    Raises:
        ConfigErrors: It belongs to another review, or cells are wrong. Then nothing of it is taken.
    """
    reviewer = _whose(content, name, review, assignment)
    reading = _Reading(name, review, words)
    groups = _rows(content, name, reading, set(assignment.of(reviewer)))
    decisions = [_decision(review.item(id), rows, reading, reviewer, at) for id, rows in groups.items()]
    if reading.problems:
        raise ConfigErrors(reading.problems[:MOST_PROBLEMS])
    return [decision for decision in decisions if decision is not None and (decision.begun or decision.note)]


def _whose(content: bytes, name: str, review: Review, assignment: Assignment) -> str:
    """Return whose workbook it is, if it is one of this review."""
    facts = {row[0]: row[1] for _, row in sheet(content, name, HIDDEN) if len(row) > 1 and row[0]}
    where = Where(name)
    if facts.get("format") != FORMAT:
        raise ConfigError("this is no workbook of a review", where, "write one: sluice eval review sheets REVIEW")
    if facts.get("review") != review.facts.id or facts.get("digest") != review.digest:
        what = f"the workbook belongs to the review {facts.get('review')!r}, not to {review.facts.id!r}"
        if facts.get("review") == review.facts.id:
            what = "the workbook belongs to another state of this review (its digest differs)"
        raise ConfigError(what, where, "take it back into the review that it was written from")
    return known(facts.get("reviewer", ""), assignment, where)


def _rows(content: bytes, name: str, reading: _Reading, mine: set[str]) -> dict[str, dict[str, _Row]]:
    """Return the rows of each item by answer, as far as they can be told apart."""
    lines = sheet(content, name, REVIEW)
    heads = columns(reading.review, reading.words)
    first = [cell.strip() for cell in next(lines, (1, ()))[1]]
    places = {column: first.index(text) for column, text in heads.items() if text in first}
    for column, text in heads.items():
        if column not in places and column not in ("item", "question", "context", "letter", "note"):
            hint = suggest(text, first) or "leave the headers as they were written"
            reading.wrong(1, "", f"the first row has no column {text!r}", hint)
    reading.order = tuple(
        next((column for column, at in places.items() if at == number), "") for number in range(len(first))
    )
    groups: dict[str, dict[str, _Row]] = {}
    if reading.problems:
        return groups
    for number, cells in lines:
        said = {column: cells[at].strip() if at < len(cells) else "" for column, at in places.items()}
        if any(said.values()):
            _take(_Row(number, said), groups, reading, mine)
    return groups


def _take(row: _Row, groups: dict[str, dict[str, _Row]], reading: _Reading, mine: set[str]) -> None:
    """Put a row where it belongs, if its ids are what was written."""
    item = reading.review.item(row.cells["item_id"])
    if item is None:
        hint = "ids are not to be edited; write the workbook anew"
        reading.wrong(row.number, "item_id", f"this review has no item {row.cells['item_id']!r}", hint)
        return
    if item.id not in mine:
        hint = "only items of one's own are taken"
        reading.wrong(row.number, "item_id", "this item was not given to this reviewer", hint)
        return
    answer = item.answer(row.cells["answer_id"])
    if answer is None:
        hint = "ids are not to be edited; write the workbook anew"
        reading.wrong(row.number, "answer_id", f"the item has no answer {row.cells['answer_id']!r}", hint)
        return
    shown = written(answer.text or two(reading.words["empty"]), reading.words)
    if core(row.cells["answer"]) != core(shown):
        hint = "ids and answers were moved against each other, or edited: undo that, or write the workbook anew"
        reading.wrong(row.number, "answer", "this is not the text of the answer with this id", hint)
        return
    earlier = groups.setdefault(item.id, {}).get(answer.id)
    if earlier is not None:
        reading.wrong(row.number, "answer_id", f"row {earlier.number} has this answer already", "delete one of the two")
        return
    groups[item.id][answer.id] = row


def _decision(
    item: Item | None, rows: Mapping[str, _Row], reading: _Reading, reviewer: str, at: str
) -> Decision | None:
    if item is None:
        return None
    verdicts = {answer: verdict for answer, row in rows.items() if (verdict := _verdict(row, reading))}
    notes = [row.cells["note"] for row in rows.values() if row.cells.get("note")]
    for row in rows.values():
        if len(row.cells.get("note", "")) > MOST_NOTE:
            reading.wrong(row.number, "note", f"the note has more than {MOST_NOTE} characters", "shorten it")
    places = _places(item, rows, reading) if reading.review.rubric.places(len(item.answers)) else {}
    return Decision(item.id, reviewer, at, "xlsx", verdicts, places, "\n".join(notes)[:MOST_NOTE])


def _verdict(row: _Row, reading: _Reading) -> dict[str, str]:
    verdict: dict[str, str] = {}
    for judged in reading.review.rubric.fields:
        said = row.cells[f"field:{judged.id}"]
        names = named_values(judged)
        if not said:
            continue
        if said.casefold() not in names:
            hint = suggest(said, names) or "choose one of: " + ", ".join(two(value.text) for value in judged.values)
            reading.wrong(row.number, f"field:{judged.id}", f"{said!r} is no value of {two(judged.label)!r}", hint)
            continue
        verdict[judged.id] = names[said.casefold()].id
    return verdict


def _places(item: Item, rows: Mapping[str, _Row], reading: _Reading) -> dict[str, int]:
    most, found = len(item.answers), dict[str, Place]()
    for answer, row in rows.items():
        said = row.cells["place"]
        if not said:
            continue
        place = read_place(said)
        if place is None or not 1 <= place.number <= most:
            hint = f"write a number from 1 to {most}, for a tie with =, such as 2="
            reading.wrong(row.number, "place", f"{said!r} is no place", hint)
            return {}
        found[answer] = place
    wrong = fault(found)
    if wrong is not None and (wrong[1] == "doubled" or len(found) == most):
        place = found[wrong[0]]
        what, hint = (text.format(place=place.number) for text in _WHY[wrong[1]])
        reading.wrong(rows[wrong[0]].number, "place", what, hint)
        return {}
    return {answer: place.number for answer, place in found.items()}
