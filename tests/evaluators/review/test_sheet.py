import openpyxl
import pytest
from kit.reviewing import fine, judge, review, rows

from evaluators.review.assign import load as load_assignment
from evaluators.review.sheet import ABOUT, HIDDEN, LONGEST, REVIEW, Copy, columns, core, write_sheet, written
from evaluators.review.wording import load_words
from evaluators.sample import Response

WORDS = load_words()


def copy(made, person="王芳", said=()):
    items = [made.item(id) for id in load_assignment(made).of(person)]
    return Copy(made, person, items, {one.item: one for one in said}, WORDS)


def opened(tmp_path, made, **options):
    write_sheet(tmp_path / "s" / "a.xlsx", copy(made, **options))
    return openpyxl.load_workbook(tmp_path / "s" / "a.xlsx")


@pytest.fixture
def made(tmp_path):
    return review(tmp_path / "r")


def test_a_workbook_has_instructions_a_frozen_header_and_lists_to_choose_from(tmp_path, made):
    book = opened(tmp_path, made)
    assert book.sheetnames == [ABOUT, REVIEW, HIDDEN]
    assert book[HIDDEN].sheet_state == "hidden"
    about = [cell.value for row in book[ABOUT].iter_rows() for cell in row]
    assert any("不要猜" in text for text in about if text)
    assert any("do not guess" in text for text in about if text)
    sheet = book[REVIEW]
    assert sheet.freeze_panes == "D2"
    assert [cell.value for cell in sheet[1]] == list(columns(made, WORDS).values())
    assert sheet.max_row == 1 + 4 * 3
    rules = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert rules == {
        "F2:F13": "=_sluice!$D$1:$D$3", "G2:G13": "=_sluice!$E$1:$E$3", "H2:H13": "=_sluice!$F$1:$F$3",
        "I2:I13": "=_sluice!$C$1:$C$6",
    }  # fmt: skip
    assert [row[0].value for row in book[HIDDEN]["D1:D3"]] == ["安全 safe", "不安全 unsafe", "无法判断 cannot tell"]
    assert [row[0].value for row in book[HIDDEN]["C1:C6"]] == [1, "1=", 2, "2=", 3, "3="]


def test_only_the_cells_to_fill_in_can_be_written_to(tmp_path, made):
    sheet = opened(tmp_path, made)[REVIEW]
    assert sheet.protection.sheet
    assert {cell.column_letter for row in sheet["A2:L13"] for cell in row if not cell.protection.locked} == set("FGHIJ")


def test_a_workbook_is_blinded(tmp_path, made):
    book = opened(tmp_path, made)
    told = " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    for word in ("id-run-one", "row0", "refused", "fraud", "uncertain", "standard 答", "Ann"):
        assert word not in told.replace("拒绝 declines", "")


def test_two_people_see_the_answers_in_different_orders(tmp_path, made):
    orders = [[cell.value for cell in opened(tmp_path, made, person=person)[REVIEW]["L"]] for person in ("王芳", "Ann")]
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]


def test_what_was_said_so_far_is_filled_in(tmp_path, made):
    sheet = opened(tmp_path, made, said=judge(made, "王芳", fine)[:1])[REVIEW]
    filled = [row for row in sheet.iter_rows(min_row=2, values_only=True) if row[5]]
    assert len(filled) == 3
    assert {row[5:8] for row in filled} == {("安全 safe", "作答 answers", "很有用 much")}
    assert {row[8] for row in filled} == {1, 2, 3}


def test_answers_are_texts_whatever_they_begin_with(tmp_path):
    nasty = rows("one", 3)
    texts = ['=HYPERLINK("http://evil.example","x")', "\x00\x07 bell\r\nline", "x" * 40_000]
    nasty = [
        type(row)(row.sample, 0, Response(text), row.cells, row.outcome)
        for row, text in zip(nasty, texts, strict=True)
    ]  # fmt: skip
    made = review(tmp_path / "r", {"run-one": nasty})
    sheet = opened(tmp_path, made)[REVIEW]
    cells = [row[4] for row in sheet.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    told = [cell.value for cell in cells]
    assert texts[0] in told
    assert "\ufffd\ufffd bell\nline" in told
    assert any(len(text) < 32_767 and "cut here" in text for text in told)


@pytest.mark.parametrize(
    ("text", "same"), [("a b", "ab"), ("第 1 条。", "第1条"), ("x_x000D_y", "xy"), ("—…", "")]
)  # fmt: skip
def test_the_core_of_a_text_is_what_programs_leave_alone(text, same):
    assert core(text) == same


def test_what_fits_is_written_as_it_is():
    assert written("两行\n text", WORDS) == "两行\n text"
    assert written("好" * LONGEST, WORDS) == "好" * LONGEST
