"""What the words around a value say about it.

Mutants killed: a label announces however far away; a unit behind a number is not looked at; a unit that the end of
a text cuts off is no unit; the last label of a row of headings announces the first cell of the next row; English
labels are found only with blanks.
"""

from __future__ import annotations

import pytest
from kit.personal import all_kinds, found
from kit.streaming import stream_scan, ways_to_cut, whole_scan

from gateway.detectors.personal.kind import Kind, when_announced
from gateway.detectors.personal.words import Labels, Words
from gateway.detectors.registry import registry
from gateway.text import TextView, fold

LABELS = Labels([Kind("pii.x", "0-9", (), when_announced(), ("电话", "电话号码", "phone number"), ("[0-9]{6}",))])
X = frozenset({"pii.x"})


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("电话：", (X, "own")),
        ("电话号码", (X, "own")),
        ("电话（家里）是", (X, "own")),
        ("电话（工作日）：", (X, "own")),
        ("电话忘了写，它是", (X, "own")),
        ('{"phoneNumber": "', (X, "own")),
        ("phone_number=", (X, "own")),
        ("my phone number is ", (X, "own")),
        ("<td>电话</td><td>", (X, "beside")),
        ("电话Secret：", (X, "far")),
        ("电话：67080561、", (X, "own")),
        ("电话 ", (X, "beside")),
        ("打我电话吧", (X, "beside")),
        ("电话会议 ", (X, "far")),
        ("电话数量：", (X, "far")),
        ("电话不是", (X, "far")),
        ("电话忘了。", (frozenset(), "")),
        ("订单号：", (frozenset(), "other")),
        ("受理编号 ", (frozenset(), "other")),
        ("user_id=", (frozenset(), "other")),
        ("telephone number ", (frozenset(), "")),
        ("电话" + "就" * 31, (frozenset(), "")),
    ],
)
def test_how_near_a_label_stands(before: str, said: tuple[frozenset[str], str]) -> None:
    assert Words(LABELS, fold(before + "123456")).said(len(before)) == said


@pytest.mark.parametrize(
    ("before", "announced"),
    [
        ("电话：\n", True),
        ("电话\n", True),
        ("编号,电话\n", False),
        ("编号,电话\n1,", True),
        ("编号\t电话\t备注\n", False),
        ("编号\t电话\t备注\n1\t", True),
        ("| 电话 | 编号 |\n| ", True),
        ("| 编号 | 电话 |\n| ", False),
        ("编号 数量 电话\n", False),
        ("编号 数量 电话\n1 2 ", True),
        ("请 打 电话：\n", True),
        ("编号,电话：\n", True),
    ],
)
def test_in_a_table_a_label_announces_its_column(before: str, announced: bool) -> None:
    assert (Words(LABELS, fold(before + "123456")).said(len(before))[0] == X) is announced


def test_of_a_row_whose_beginning_is_out_of_sight_nothing_is_said() -> None:
    row = "一,二,三,四,五,六,七,八,九,十,一,二,三,四,五,六,"
    assert Words(LABELS, f"{row}电话\n123456").said(len(row) + 3) == (frozenset(), "")


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("123456元", True),
        ("123456 元", True),
        ("123456元旦", False),
        ("123456.90", True),
        ("123456.90.1", False),
        ("123456.10点", False),
        ("123456 bytes", True),
        ("123456 bytesize", False),
        ("123456股，", True),
        ("123456股东", False),
        ("123456 张", False),
        ("123456", False),
    ],
)
def test_sums_and_measures_are_told_by_what_follows(text: str, counts: bool) -> None:
    assert Words(LABELS, text).counts(0, 6, "", free=True) is counts


@pytest.mark.parametrize("before", ["￥", "$ ", "注册资本：", "余额为", "播放量 ", "revenue of "])
def test_sums_are_told_by_what_stands_before(before: str) -> None:
    assert found(before + "13812345678") == []


def test_beside_a_label_less_is_a_number_than_tied_to_it() -> None:
    words = Words(LABELS, "123456 台")
    assert words.counts(0, 6, "beside", free=False) is True
    assert words.counts(0, 6, "own", free=False) is False
    assert words.counts(0, 6, "", free=True) is False


@pytest.mark.parametrize(
    "text", ["123456", "123456 ", "123456元", "123456.9", "123456 byte", "123456 b", "123456 (mob"]
)
def test_until_what_follows_is_known_nothing_is(text: str) -> None:
    assert Words(LABELS, text, final=False).counts(0, 6, "", free=True) is None
    assert Words(LABELS, text).counts(0, 6, "", free=True) is not None


@pytest.mark.parametrize(
    "text",
    [
        "付了13812345678.90元，打13812345678.10点前",
        "13812345678 bytes and 13812345678 by hand",
        "编号,电话\n20240603001,62345678\n2,62345678",
        "手机13812345678QQ12345678和vx15912345678",
        "电话 62345678 台，电话：62345678 台",
        "lines 415 555 2671 (mobile), 415 555 2671 (more)",
        "全新Y9000P，新A12345；WJ鲁12345",
    ],
)
def test_however_it_is_cut_the_same_is_found(text: str) -> None:
    for pieces in ways_to_cut(text):
        assert stream_scan(all_kinds(), pieces, behind=64) == whole_scan(all_kinds(), text), pieces


def test_words_of_programs_are_labels_however_they_are_written() -> None:
    for text in ("phone number", "phone_number", "phonenumber", "phone-number"):
        assert [label.risks for label in LABELS.find(text)] == [X]
    assert LABELS.find("xphone number") == LABELS.find("phone numbers") == []
    assert LABELS.risks == {X}


@pytest.mark.parametrize(
    ("text", "value", "risk"),
    [
        ("電話：27654321", "27654321", "pii.phone_number"),
        ("聯絡電話: 2765 4321", "2765 4321", "pii.phone_number"),
        ("護照號碼：K12345678", "K12345678", "pii.passport"),
        ("銀行賬號：012345678901", "012345678901", "pii.bank_account"),
        ("訂單編號：27654321", "", ""),
    ],
)
def test_labels_are_found_as_hong_kong_and_taiwan_write_them(text: str, value: str, risk: str) -> None:
    built = registry()["personal_data"].build({}, lambda name: b"")
    assert built.scan is not None
    found = [(text[one.start : one.end], one.risk) for one in built.scan(TextView(text)).findings]
    assert found == ([(value, risk)] if value else [])
