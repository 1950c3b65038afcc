import io
import random
import zipfile

import openpyxl
import pytest
from kit.reviewing import review

from evaluators.review.assign import Assignment
from evaluators.review.assign import load as load_assignment
from evaluators.review.decisions import gaps
from evaluators.review.sheet import HIDDEN, REVIEW, Copy, write_sheet
from evaluators.review.sheet_read import read_sheet
from evaluators.review.wording import load_words
from gateway.errors import ConfigError

WORDS = load_words()
SAFE, ANSWERS, MUCH = "安全 safe", "作答 answers", "很有用 much"
COLUMNS = {"safety": 6, "response": 7, "helpful": 8, "place": 9, "note": 10, "item_id": 11, "answer_id": 12}


class Sheet:
    """A workbook of 王芳 with four items of three answers, and what she does to it."""

    def __init__(self, made, content):
        self.made, self.assignment = made, load_assignment(made)
        self.book = openpyxl.load_workbook(io.BytesIO(content))
        self.rows = self.book[REVIEW]

    def fill(self, *rows, places=(1, 2, 3)):
        for at, row in enumerate(rows):
            for column, value in (("safety", SAFE), ("response", ANSWERS), ("helpful", MUCH)):
                self.set(row, column, value)
            self.set(row, "place", places[at % 3])
        return self

    def set(self, row, column, value):
        self.rows.cell(row, COLUMNS.get(column, column)).value = value
        return self

    def bytes(self):
        file = io.BytesIO()
        self.book.save(file)
        return file.getvalue()

    def read(self, **changed):
        given = {"review": self.made, "assignment": self.assignment, **changed}
        return read_sheet(self.bytes(), "w.xlsx", given["review"], given["assignment"], WORDS, at="2026-01-02")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sheet")
    made = review(folder / "r")
    items = [made.item(id) for id in load_assignment(made).of("王芳")]
    write_sheet(folder / "w.xlsx", Copy(made, "王芳", items, {}, WORDS))
    return made, (folder / "w.xlsx").read_bytes()


@pytest.fixture
def sheet(written):
    return Sheet(*written)


def test_a_sheet_that_was_not_touched_says_nothing(sheet):
    assert sheet.read() == []


def test_what_is_filled_in_is_read_back(sheet):
    (decision,) = sheet.fill(2, 3, 4).set(2, "note", "备注").read()
    item = sheet.made.item(decision.item)
    assert gaps(decision, item, sheet.made.rubric) == []
    assert (decision.reviewer, decision.by, decision.at, decision.note) == ("王芳", "xlsx", "2026-01-02", "备注")
    assert sorted(decision.places.values()) == [1, 2, 3]
    assert all(v == {"safety": "safe", "response": "answered", "helpful": "much"} for v in decision.verdicts.values())


def test_values_may_be_written_in_either_language(sheet):
    said = sheet.fill(2, 3, 4).set(2, "safety", "安全").set(3, "safety", " Safe ").set(4, "safety", "safe").read()
    assert {v["safety"] for v in said[0].verdicts.values()} == {"safe"}


def test_what_is_half_filled_in_stays_open(sheet):
    (decision,) = sheet.fill(2, 3).read()
    assert gaps(decision, sheet.made.item(decision.item), sheet.made.rubric)
    sheet.set(2, "place", None).set(3, "place", None).set(3, "safety", None)
    (decision,) = sheet.read()
    assert decision.places == {}


def test_rows_may_be_sorted_and_columns_moved(sheet):
    sheet.fill(2, 3, 4)
    told = [[cell.value for cell in row] for row in sheet.rows.iter_rows()]
    head, body = told[0], told[1:]
    random.Random(1).shuffle(body)
    order = list(range(len(head)))
    order.reverse()
    for number, row in enumerate([head, *body], 1):
        for column, at in enumerate(order, 1):
            sheet.rows.cell(number, column).value = row[at]
    (decision,) = sheet.read()
    assert sorted(decision.places.values()) == [1, 2, 3]


@pytest.mark.parametrize("places", [("1=", "1=", 2), ("1=", "1=", "3"), ("1＝", "1=", "2.0")])
def test_a_tie_is_said(sheet, places):
    (decision,) = sheet.fill(2, 3, 4, places=places).read()
    assert sorted(decision.places.values())[:2] == [1, 1]
    assert gaps(decision, sheet.made.item(decision.item), sheet.made.rubric) == []


def faults(sheet, **changed):
    with pytest.raises(ConfigError) as error:
        sheet.read(**changed)
    return [str(problem) for problem in error.value.problems]


@pytest.mark.parametrize(
    ("row", "column", "value", "told"),
    [
        (3, "safety", "saef", f"w.xlsx [{REVIEW}]:3:6: F3: 'saef' is no value of '安全 Safety' — did you mean 'safe'?"),
        (3, "place", "一", f"w.xlsx [{REVIEW}]:3:9: I3: '一' is no place"),
        (3, "place", 4, "I3: '4' is no place — write a number from 1 to 3"),
        (3, "place", 1, "the place 1 is given twice — for a tie write 1= at both"),
        (3, "place", "2=", "I3: 2= is shared with nobody"),
        (4, "item_id", "q0", "K4: this review has no item 'q0' — ids are not to be edited"),
        (4, "answer_id", "a0", "L4: the item has no answer 'a0' — ids are not to be edited"),
        (4, 5, "改过的回答", "E4: this is not the text of the answer with this id"),
        (4, "note", "x" * 4001, "J4: the note has more than 4000 characters"),
        (1, "safety", "Safty", f"w.xlsx [{REVIEW}]:1: row 1: the first row has no column '安全 Safety'"),
    ],
)
def test_every_fault_is_told_with_sheet_row_and_column(sheet, row, column, value, told):
    sheet.fill(2, 3, 4).set(row, column, value)
    assert any(told in fault for fault in faults(sheet)), faults(sheet)


def test_a_place_that_is_left_out_is_told_once_all_are_ranked(sheet):
    sheet.fill(2, 3, 4, places=(2, 3, 3))
    sheet.set(4, "place", None)
    (decision,) = sheet.read()
    assert gaps(decision, sheet.made.item(decision.item), sheet.made.rubric)
    sheet.set(4, "place", "3=").set(3, "place", "3=")
    assert "I2: a place before 2 is left out" in faults(sheet)[0]


def test_ids_that_were_swapped_are_seen(sheet):
    sheet.fill(2, 3, 4)
    one, other = sheet.rows.cell(2, 12).value, sheet.rows.cell(3, 12).value
    sheet.set(2, "answer_id", other).set(3, "answer_id", one)
    assert len([fault for fault in faults(sheet) if "not the text of the answer" in fault]) == 2


def test_a_row_that_is_there_twice_is_told(sheet):
    for column in range(1, 13):
        sheet.rows.cell(14, column).value = sheet.rows.cell(2, column).value
    assert "L14: row 2 has this answer already" in faults(sheet)[0]


def test_all_faults_are_told_at_once_and_nothing_is_taken(sheet):
    sheet.fill(2, 3, 4).set(2, "safety", "?").set(3, "helpful", "?").set(4, "place", "?")
    assert len(faults(sheet)) == 3


def test_a_sheet_of_another_review_is_refused(sheet):
    sheet.book[HIDDEN].cell(2, 2).value = "other-2"
    assert "belongs to the review 'other-2', not to 'small-1'" in faults(sheet)[0]


def test_a_sheet_of_another_state_of_the_review_is_refused(sheet):
    sheet.book[HIDDEN].cell(3, 2).value = "0" * 64
    assert "another state of this review (its digest differs)" in faults(sheet)[0]


def test_an_unknown_reviewer_is_refused(sheet):
    sheet.book[HIDDEN].cell(4, 2).value = "王方"
    assert "no reviewer '王方'" in faults(sheet)[0]


def test_items_of_others_are_not_taken(sheet):
    mine = Assignment(("王芳", "Ann"), "", tuple((item, ("Ann",)) for item, _ in sheet.assignment.first))
    assert "not given to this reviewer" in faults(sheet.fill(2, 3, 4), assignment=mine)[0]


def test_a_workbook_that_is_none_is_told(sheet):
    for content in (b"", b"PK\x03\x04 broken", b"id,question"):
        with pytest.raises(ConfigError, match=r"w\.xlsx"):
            read_sheet(content, "w.xlsx", sheet.made, sheet.assignment, WORDS, at="")
    book = openpyxl.Workbook()
    file = io.BytesIO()
    book.save(file)
    with pytest.raises(ConfigError, match="no sheet '_sluice'"):
        read_sheet(file.getvalue(), "w.xlsx", sheet.made, sheet.assignment, WORDS, at="")


def test_whatever_is_flipped_in_a_workbook_it_is_read_or_told(sheet):
    content = sheet.fill(2, 3, 4).bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        held = {name: parts.read(name) for name in parts.namelist()}
    rng = random.Random(7)
    for _ in range(25):
        changed = dict(held)
        name = rng.choice([name for name in held if "sheet" in name or "shared" in name])
        body = bytearray(changed[name])
        for _ in range(3):
            body[rng.randrange(len(body))] = rng.randrange(256)
        changed[name] = bytes(body)
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as parts:
            for part, data in changed.items():
                parts.writestr(part, data)
        told = []
        try:
            read_sheet(file.getvalue(), "w.xlsx", sheet.made, sheet.assignment, WORDS, at="")
        except ConfigError as error:
            told.append(str(error))
        assert all("w.xlsx" in message for message in told)
