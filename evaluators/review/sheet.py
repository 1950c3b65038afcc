"""A workbook for one reviewer: instructions, a row for each answer, drop-downs; blinded, and made to be read back."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from evaluators.review.blind import in_order
from evaluators.review.decisions import Decision
from evaluators.review.folder import Review
from evaluators.review.item import Item
from evaluators.review.rubric import Both, Judged, Value
from evaluators.review.wording import Words

REVIEW, ABOUT, HIDDEN = "评审 Review", "说明 Instructions", "_sluice"
"""The titles of the sheets."""
FORMAT: Final = "1"
LONGEST: Final = 32_000
"""A cell holds 32,767 characters; a longer answer is cut, and says so."""
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_UNWRITABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ESCAPED: Final = re.compile(r"_x[0-9A-Fa-f]{4}_")
_WIDTHS: Final = {"item": 6, "question": 44, "context": 36, "letter": 6, "answer": 72, "place": 9, "note": 30}


def two(both: Both) -> str:
    """Write a text in both languages, as headers and drop-downs have it."""
    return f"{both['zh']} {both['en']}"


def written(text: str, words: Words) -> str:
    """Return a text as a cell can hold it."""
    clean = _UNWRITABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return clean if len(clean) <= LONGEST else clean[:LONGEST] + "\n" + two(words["cut"])


def core(text: str) -> str:
    """Return what no program that opens and saves a workbook changes about a text: its letters and digits."""
    plain = unicodedata.normalize("NFC", _ESCAPED.sub("", text))
    return "".join(character for character in plain if character.isalnum())


def columns(review: Review, words: Words) -> dict[str, str]:
    """Return the header of each column, in order."""
    named = {name: two(words[name]) for name in ("item", "question", "context", "letter", "answer")}
    named.update({f"field:{field.id}": two(field.label) for field in review.rubric.fields})
    if review.rubric.rank is not None:
        named["place"] = two(words["place"])
    return {**named, "note": two(words["note"]), "item_id": two(words["item_id"]), "answer_id": two(words["answer_id"])}


def place_list(most: int) -> list[int | str]:
    """Return the places that a drop-down offers, each alone and shared."""
    return [place for number in range(1, most + 1) for place in (number, f"{number}=")]


@dataclass(frozen=True, slots=True)
class Copy:
    """What a reviewer's workbook is made from: the review, whose it is, and what they have said so far, by item."""

    review: Review
    reviewer: str
    items: Sequence[Item]
    said: Mapping[str, Decision]
    words: Words


def write_sheet(path: Path, copy: Copy) -> None:
    """Write a reviewer's workbook, whole or not at all."""
    from openpyxl import Workbook  # noqa: PLC0415 - only who wants a workbook waits for it

    book = Workbook()
    book.remove(book.active)
    _about(book.create_sheet(ABOUT), copy)
    sheet, hidden = book.create_sheet(REVIEW), book.create_sheet(HIDDEN)
    heads = columns(copy.review, copy.words)
    last = _rows(sheet, heads, copy)
    _keep(hidden, copy)
    _choices(sheet, heads, copy, last)
    book.active = 1
    path.parent.mkdir(parents=True, exist_ok=True)
    making = path.with_name(f".{path.name}.new")
    book.save(making)
    making.replace(path)


def _put(sheet: Any, row: int, column: int, value: str | int, **style: Any) -> Any:
    cell = sheet.cell(row, column)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"  # what begins with = is a text, not a formula
    for name, one in style.items():
        setattr(cell, name, one)
    return cell


def _about(sheet: Any, copy: Copy) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415

    wrap = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 62, 62
    rubric, words = copy.review.rubric, copy.words
    lines: list[tuple[str, str, bool]] = [(rubric.title["zh"], rubric.title["en"], True)]
    lines += [(words["how_sheet"]["zh"], words["how_sheet"]["en"], False)]
    lines += [(rubric.guide["zh"].strip(), rubric.guide["en"].strip(), False)]
    if rubric.rank is not None:
        lines.append((rubric.rank["zh"], rubric.rank["en"], False))
    for field in rubric.fields:
        lines.append((field.label["zh"], field.label["en"], True))
        lines += [(value.text["zh"], value.text["en"], False) for value in field.values]
    for number, (zh, en, head) in enumerate(lines, 1):
        for column, text in ((1, zh), (2, en)):
            cell = _put(
                sheet, number, column, text, alignment=wrap, font=Font(bold=head, size=14 if number == 1 else 11)
            )
            if head and number > 1:
                cell.fill = PatternFill("solid", fgColor="E8EEF3")
        sheet.row_dimensions[number].height = max(_height(zh, 62), _height(en, 62)) + (6 if head else 2)
    sheet.sheet_view.showGridLines = False
    sheet.protection.sheet = True


def _rows(sheet: Any, heads: Mapping[str, str], copy: Copy) -> int:
    """Write a row for each answer, and return the number of the last."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side  # noqa: PLC0415

    top, open_ = Alignment(wrap_text=True, vertical="top"), Protection(locked=False)
    for column, (_, text) in enumerate(heads.items(), 1):
        _put(sheet, 1, column, text, font=Font(bold=True, color="FFFFFF"), fill=PatternFill("solid", fgColor="0B6E99"),
             alignment=Alignment(wrap_text=True, vertical="center"))  # fmt: skip
    sheet.row_dimensions[1].height = 32
    line, words = 1, copy.words
    for number, item in enumerate(copy.items, 1):
        decision = copy.said.get(item.id)
        for at, answer in enumerate(in_order(item, copy.reviewer, copy.review.facts.seed)):
            line += 1
            texts: dict[str, str | int] = {
                "item": number,
                "question": written(item.question, words) if at == 0 else "",
                "context": written(background(item, words), words) if at == 0 else "",
                "letter": LETTERS[at],
                "answer": written(answer.text or two(words["empty"]), words),
                "note": written(decision.note, words) if decision and at == 0 else "",
                "item_id": item.id,
                "answer_id": answer.id,
            }
            if decision is not None:
                texts.update(_said(decision, answer.id, copy.review))
            tone = "F3F6F8" if number % 2 else "FFFFFF"
            for column, name in enumerate(heads, 1):
                mine = name.startswith("field:") or name in ("place", "note")
                cell = _put(sheet, line, column, texts.get(name, ""), alignment=top)
                cell.fill = PatternFill("solid", fgColor="FFFBE6" if mine else tone)
                cell.border = Border(top=Side("medium" if at == 0 else "hair", color="8896A5"))
                if mine:
                    cell.protection = open_
                if name.endswith("_id"):
                    cell.font = Font(color="9AA7B6", size=8)
            high = max(_height(str(texts[name]), _WIDTHS[name]) for name in ("question", "context", "answer"))
            sheet.row_dimensions[line].height = min(400, max(20, high))
    _look(sheet, heads)
    return line


def _said(decision: Decision, answer: str, review: Review) -> dict[str, str | int]:
    told: dict[str, str | int] = {}
    for name, id in decision.verdicts.get(answer, {}).items():
        field = review.rubric.field(name)
        value = field.value(id) if field else None
        if value is not None:
            told[f"field:{name}"] = two(value.text)
    place = decision.places.get(answer)
    if place is not None:
        told["place"] = f"{place}=" if list(decision.places.values()).count(place) > 1 else place
    return told


def background(item: Item, words: Words) -> str:
    """Return what belongs to a question besides itself, with headings in both languages."""
    parts = [(two(words["plain"]), [item.plain] if item.plain else [])]
    parts += [(two(words["turns"]), list(item.turns)), (two(words["system"]), [item.system] if item.system else [])]
    parts += [(two(words["tool"]), [item.tool] if item.tool else [])]
    parts += [(two(words["passages"]), [f"[{at}] {text}" for at, text in enumerate(item.contexts, 1)])]
    return "\n".join("\n".join([f"【{head}】", *texts]) for head, texts in parts if texts)


def _look(sheet: Any, heads: Mapping[str, str]) -> None:
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    for column, name in enumerate(heads, 1):
        width = _WIDTHS.get(name, 18 if name.startswith("field:") else 15)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = sheet.cell(2, list(heads).index("letter") + 1)
    sheet.protection.sheet = True
    for allowed in ("formatCells", "formatColumns", "formatRows", "autoFilter", "sort"):
        setattr(sheet.protection, allowed, False)  # False means that it is not forbidden


def _keep(hidden: Any, copy: Copy) -> None:
    """Write down what the workbook belongs to, and the lists that its drop-downs offer."""
    facts = [("format", FORMAT), ("review", copy.review.facts.id), ("digest", copy.review.digest)]
    for row, (name, text) in enumerate([*facts, ("reviewer", copy.reviewer)], 1):
        _put(hidden, row, 1, name)
        _put(hidden, row, 2, text)
    for at, (_, choices) in enumerate(_lists(copy), 3):
        for row, choice in enumerate(choices, 1):
            _put(hidden, row, at, choice)
    hidden.sheet_state = "hidden"
    hidden.protection.sheet = True


def _lists(copy: Copy) -> list[tuple[str, Sequence[str | int]]]:
    """Return what may stand in each column that is filled in, by the column's name."""
    fields = copy.review.rubric.fields
    most = max((len(item.answers) for item in copy.items), default=1)
    return [
        ("place", place_list(most)),
        *((f"field:{field.id}", [two(value.text) for value in field.values]) for field in fields),
    ]


def _choices(sheet: Any, heads: Mapping[str, str], copy: Copy, last: int) -> None:
    from openpyxl.utils import get_column_letter  # noqa: PLC0415
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415

    names = list(heads)
    for at, (name, choices) in enumerate(_lists(copy), 3):
        if name not in names or last < 2:
            continue
        column, letter = get_column_letter(at), get_column_letter(names.index(name) + 1)
        rule = DataValidation(type="list", formula1=f"={HIDDEN}!${column}$1:${column}${len(choices)}", allow_blank=True)
        rule.errorTitle, rule.error = "Sluice", two(copy.words["choose"])
        rule.showErrorMessage = True
        sheet.add_data_validation(rule)
        rule.add(f"{letter}2:{letter}{last}")


def _height(text: str, width: int) -> float:
    """Return about how high a cell must be for a text, in points; a Chinese character is two wide."""
    lines = 0
    for line in text.split("\n"):
        wide = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line[:4000])
        lines += max(1, math.ceil(wide / max(1, width - 1)))
    return 15.0 * lines


def named_values(field: Judged) -> dict[str, Value]:
    """Return the values of a field by every way of writing them: both languages, either, or the id."""
    names: dict[str, Value] = {}
    for value in field.values:
        for name in (two(value.text), value.text["zh"], value.text["en"], value.id):
            names.setdefault(name.strip().casefold(), value)
    return names
